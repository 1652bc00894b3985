import { currentCompletions } from '@codemirror/autocomplete';
import { waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { called, code, openWindow } from '../../test-window';
import { documents } from '../documents';
import { knowsCrypto, type } from './test-language';

test('the key that wants the server brings a list like any other one', async () => {
  const { core } = await openWindow((core) => {
    core.add('hello');
    core.language = knowsCrypto;
  });
  expect(called(core, 'ask_language')).toHaveLength(0);
  type('c');
  await documents.loadLanguage();
  await waitFor(() => expect(currentCompletions(code().state)).toHaveLength(1));
});
