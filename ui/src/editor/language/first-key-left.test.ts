import { currentCompletions } from '@codemirror/autocomplete';
import { waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { runCommand } from '../../commands';
import { code, openWindow } from '../../test-window';
import { documents } from '../documents';
import { knowsCrypto, passing, type } from './test-language';

test('a key that was typed before somebody went elsewhere brings no list over the code', async () => {
  await openWindow((core) => {
    core.add('hello', '');
    core.language = knowsCrypto;
  });
  code().focus();
  type('c');
  runCommand('go-to-function');
  await waitFor(() => expect(code().hasFocus).toBe(false));
  await documents.loadLanguage();
  await passing(200);
  expect(currentCompletions(code().state)).toHaveLength(0);
});
