// Places and edits between the two ways of counting: the editor's offsets, and the server's lines and UTF-16 columns.

import type { ChangeSpec, Text } from '@codemirror/state';
import type { Position, Range, TextEdit } from './protocol';

export function positionOf(text: Text, offset: number): Position {
  const line = text.lineAt(offset);
  return { line: line.number - 1, character: offset - line.from };
}

/** Kept inside the text. */
export function offsetOf(text: Text, { line, character }: Position): number {
  if (line >= text.lines) return text.length;
  const at = text.line(line + 1);
  return Math.min(at.from + character, at.to);
}

export function rangeOf(text: Text, from: number, to: number): Range {
  return { start: positionOf(text, from), end: positionOf(text, to) };
}

export function spanOf(text: Text, { start, end }: Range): { from: number; to: number } {
  return { from: offsetOf(text, start), to: offsetOf(text, end) };
}

/** The server ends each import that it writes with a semicolon. Where the code ends its lines without, so do its imports. */
export function changesOf(text: Text, edits: TextEdit[]): ChangeSpec[] {
  const bare = edits.some(({ newText }) => newText.search(ENDED_IMPORTS) >= 0) && !usesSemicolons(text.toString());
  return edits.map(({ range, newText }) => ({
    ...spanOf(text, range),
    insert: bare ? newText.replace(ENDED_IMPORTS, '$1') : newText,
  }));
}

const ENDED_IMPORTS = /^((?:import\b|\} from\b).*['"}]);$/gm;

/** Imports say it; where there are none, any line. */
function usesSemicolons(code: string): boolean {
  const end = /^(?:import\b|\} from\b).*['"}](;?)[ \t]*$/m.exec(code)?.[1];
  return end === undefined ? /;[ \t]*$/m.test(code) : end !== '';
}
