// What an editor is given once it takes keys, in a chunk of its own: no first key has to wait for any of it.

import type { Extension } from '@codemirror/state';
import { pasteGuard } from '../credentials/paste';
import { marks } from '../problems/marks';
import { findCount } from './find-count';
import { findLimit } from './find-limit';
import { brackets, typescript } from './grammar';
import { leaving } from './leaving';

export { draw, explain } from '../problems/marks';

export const reading: Extension = [typescript, brackets, marks, pasteGuard, findCount, findLimit, leaving];
