// The search in a file, in a chunk that comes once the editor takes keys.

import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { type Extension, Prec } from '@codemirror/state';
import { keymap } from '@codemirror/view';
import { findCount } from './find-count';
import { findLimit } from './find-limit';

/** Its keys stand before those of the editor: Escape closes the search first, and then lets several carets be one. */
export const find: Extension = [
  search({ top: true }),
  highlightSelectionMatches(),
  findCount,
  findLimit,
  Prec.high(keymap.of(searchKeymap)),
];
