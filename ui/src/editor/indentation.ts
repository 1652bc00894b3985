// How far the code indents its lines, and with what: as its first line that is indented says.

import type { Text } from '@codemirror/state';

/** Further down is not looked. */
const LINES = 200;

/** What one step is; two spaces where nothing says otherwise. */
export function indentation(text: Text): string {
  for (const line of text.iterLines(1, Math.min(text.lines, LINES) + 1)) {
    const found = /^(?:\t| {2,}(?=\S))/.exec(line)?.[0];
    if (found?.startsWith('\t')) return '\t';
    if (found) return found.length % 4 === 0 ? '    ' : '  ';
  }
  return '  ';
}
