import { waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { store } from '../../state.svelte';
import { code } from '../../test-window';
import { renameSymbol } from './rename';
import { open } from './test-language';

const CODE = `interface Sum { total: number }
const total = 1
const sum: Sum = { total, more: [total] }
const { total: other } = sum
const { total: _, more = 2 } = read()
export default { fetch: () => Response.json({ more, total: sum.total }) }
`;

/** Renames what the caret stands on, with a server that renames every `total` that it is told of, counted from 0. */
async function renamed(caret: number, places: number[], name: string, to: string): Promise<string[]> {
  const lines = CODE.split('\n');
  const all = lines.flatMap((text, line) =>
    [...text.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].map(({ index }) => ({
      start: { line, character: index },
      end: { line, character: index + name.length },
    })),
  );
  const edits = places.map((place) => ({ range: all[place], newText: to }));
  const elsewhere = { 'file:///lib.dom.d.ts': [{ range: all[0], newText: to }] };
  const { user } = await open(
    {
      'textDocument/prepareRename': () => ({ range: all[caret], placeholder: name }),
      'textDocument/definition': () => [],
      'textDocument/rename': () => ({
        changes: { [`file:///functions/${store.openId}/index.ts`]: edits, ...(caret === 2 ? elsewhere : {}) },
      }),
    },
    CODE,
  );
  const at = all[caret]?.start ?? { line: 0, character: 0 };
  code().dispatch({ selection: { anchor: code().state.doc.line(at.line + 1).from + at.character } });
  code().focus();
  await renameSymbol(code());
  await user.keyboard(`${to}{Enter}`);
  await waitFor(() => expect(code().state.doc.toString()).not.toBe(CODE));
  const now = code().state.doc.toString().split('\n');
  return now.filter((line, at) => line !== lines[at]);
}

test('a variable that stands for a property of its name is renamed, and the property keeps its own', async () => {
  expect(await renamed(1, [1, 2, 3], 'total', 'amount')).toEqual([
    'const amount = 1',
    'const sum: Sum = { total: amount, more: [amount] }',
  ]);
});

test('where both are one word, the variable is meant, and what the property is elsewhere is left alone', async () => {
  expect(await renamed(2, [0, 1, 2, 3, 4, 7], 'total', 'amount')).toEqual([
    'const amount = 1',
    'const sum: Sum = { total: amount, more: [amount] }',
  ]);
});

test('a property is renamed, and the variable that stands for it keeps its name', async () => {
  expect(await renamed(0, [0, 2, 4, 7], 'total', 'amount')).toEqual([
    'interface Sum { amount: number }',
    'const sum: Sum = { amount: total, more: [total] }',
    'const { amount: other } = sum',
    'export default { fetch: () => Response.json({ more, total: sum.amount }) }',
  ]);
});

test('what is taken out of an object under its own name is still taken out', async () => {
  expect(await renamed(1, [1, 2], 'more', 'rest')).toEqual([
    'const { total: _, more: rest = 2 } = read()',
    'export default { fetch: () => Response.json({ more: rest, total: sum.total }) }',
  ]);
});
