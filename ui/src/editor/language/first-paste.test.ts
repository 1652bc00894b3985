import { currentCompletions } from '@codemirror/autocomplete';
import { expect, test } from 'vitest';
import { code, openWindow } from '../../test-window';
import { documents } from '../documents';
import { knowsCrypto, passing } from './test-language';

test('what was pasted before TypeScript was there brings no list', async () => {
  await openWindow((core) => {
    core.add('hello', '');
    core.language = knowsCrypto;
  });
  code().focus();
  code().dispatch({ changes: { from: 0, insert: 'crypt' }, selection: { anchor: 5 }, userEvent: 'input.paste' });
  await documents.loadLanguage();
  await passing(200);
  expect(currentCompletions(code().state)).toHaveLength(0);
});
