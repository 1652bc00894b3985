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

export function changesOf(text: Text, edits: TextEdit[]): ChangeSpec[] {
  return edits.map(({ range, newText }) => ({ ...spanOf(text, range), insert: newText }));
}
