// What an editor is given once it takes keys, in a chunk of its own: no first key has to wait for any of it.

import type { Extension } from '@codemirror/state';
import { pasteGuard } from '../credentials/paste';
import { marks } from '../problems/marks';
import { find } from './find';
import { brackets, typescript } from './grammar';
import { leaving } from './leaving';

export { gotoLine, openSearchPanel } from '@codemirror/search';
export { draw, explain } from '../problems/marks';

export const reading: Extension = [typescript, brackets, marks, pasteGuard, find, leaving];
