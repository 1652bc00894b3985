// How far the code indents its lines, and with what: as most of its lines do that go in by a step.

import type { Text } from '@codemirror/state';

/** Further down is not looked. */
const LINES = 200;

const UNITS = ['  ', '    ', '\t'];

/** What one step is; two spaces where nothing says otherwise. */
export function indentation(text: Text): string {
  const steps = new Map<string, number>();
  let before = '';
  for (const line of text.iterLines(1, Math.min(text.lines, LINES) + 1)) {
    if (line.trim() === '') continue;
    const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
    if (indent.startsWith(before)) {
      const step = indent.slice(before.length);
      if (UNITS.includes(step)) steps.set(step, (steps.get(step) ?? 0) + 1);
    }
    before = indent;
  }
  const [most] = [...steps].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? '  ';
}
