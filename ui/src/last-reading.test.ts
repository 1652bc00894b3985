import { expect, test } from 'vitest';
import type { Line } from './bindings/Line';
import { withLastReading } from './last-reading';
import { secret } from './mocks';
import type { OpenFunction } from './state.svelte';

const line = (file: string, line: number): Line => ({ file, line, column: 5, end: 9 });

function known(more: Partial<OpenFunction>, unread: string[] = []): OpenFunction {
  const references = { missing: [], foreign: [], dynamic: [], held: [], ...more.references, unread };
  const rest = {
    files: ['index.ts', 'a.ts'],
    secrets: [],
    variables: [],
    credentials: [],
    packages: [],
    problem: null,
    unscheduled: false,
    unknown: unread,
  };
  return { ...rest, ...more, references };
}
const bound = (name: string, lines: Line[]) => ({ ...secret(name), lines });
const lacking = (missing: { name: string; lines: Line[] }[], dynamic: Line[] = []) => ({
  references: { missing, foreign: [], dynamic, held: [], unread: [] },
});

test('what can be read is as it is now', () => {
  const now = known({ secrets: [bound('A', [])] });
  expect(withLastReading(known({ secrets: [bound('A', [line('index.ts', 1)])] }), now)).toBe(now);
  const first = known({}, ['index.ts']);
  expect(withLastReading(undefined, first)).toBe(first);
});

test('of a file that can not be read, what it used stands, and of the others what they use now', () => {
  const before = known({
    secrets: [bound('A', [line('index.ts', 1), line('a.ts', 2)]), bound('B', [line('index.ts', 3)])],
    ...lacking(
      [
        { name: 'C', lines: [line('a.ts', 4)] },
        { name: 'D', lines: [line('index.ts', 5)] },
      ],
      [line('a.ts', 6)],
    ),
  });
  const now = known(
    {
      secrets: [bound('A', [line('index.ts', 7)]), bound('B', [])],
      ...lacking([{ name: 'E', lines: [line('index.ts', 8)] }]),
    },
    ['a.ts'],
  );
  const { secrets, references } = withLastReading(before, now);
  expect(secrets.map(({ lines }) => lines)).toEqual([[line('index.ts', 7), line('a.ts', 2)], []]);
  expect(references.missing).toEqual([
    { name: 'C', lines: [line('a.ts', 4)] },
    { name: 'E', lines: [line('index.ts', 8)] },
  ]);
  expect(references.dynamic).toEqual([line('a.ts', 6)]);
});

test('a name that is bound meanwhile is missing no longer, and keeps its lines; a new one keeps those it came with', () => {
  const before = known(lacking([{ name: 'A', lines: [line('a.ts', 1)] }]));
  const now = known({ secrets: [bound('A', []), bound('NEW', [line('index.ts', 2)])] }, ['a.ts']);
  const { secrets, references } = withLastReading(before, now);
  expect(secrets.map(({ lines }) => lines)).toEqual([[line('a.ts', 1)], [line('index.ts', 2)]]);
  expect(references.missing).toEqual([]);
});

test('a name that is bound no longer is missing, once, unless what it is declared as is known', () => {
  const lines = [line('a.ts', 1)];
  const own = { ...bound('A', lines), scope: { target: 1 } };
  const before = known({ secrets: [bound('A', lines), own, bound('CACHE', lines), bound('B', [line('index.ts', 2)])] });
  const foreign = [{ name: 'CACHE', lines: [line('index.ts', 3)], declared: 'KVNamespace', targets: [] }];
  const now = known({ references: { missing: [], foreign, dynamic: [], held: [], unread: [] } }, ['a.ts']);
  const { references } = withLastReading(before, now);
  expect(references.missing).toEqual([{ name: 'A', lines }]);
  expect(references.foreign.map(({ name }) => name)).toEqual(['CACHE']);
});

test('a name that no secret can have stands as well', () => {
  const none = { missing: [], dynamic: [], held: [], unread: [] };
  const foreign = [{ name: 'DB', lines: [line('a.ts', 1)], declared: null, targets: [] }];
  const { references } = withLastReading(known({ references: { ...none, foreign } }), known({}, ['a.ts']));
  expect(references.foreign).toEqual(foreign);
});

test('a file is unknown until it was read once, and not again when it can not be read later', () => {
  const first = known({}, ['index.ts', 'a.ts']);
  expect(withLastReading(undefined, first).unknown).toEqual(['index.ts', 'a.ts']);
  const one = withLastReading(first, known({}, ['a.ts']));
  expect(one.unknown).toEqual(['a.ts']);
  expect(withLastReading(one, known({}, ['index.ts', 'a.ts'])).unknown).toEqual(['a.ts']);
  expect(withLastReading(one, known({})).unknown).toEqual([]);
});

test('what a file said of itself now is not joined by what it said before', () => {
  const before = known({ secrets: [bound('A', [line('a.ts', 1)])] });
  const now = known({ secrets: [bound('A', [line('a.ts', 2)])] }, ['index.ts', 'a.ts']);
  expect(withLastReading(before, now).secrets[0]?.lines).toEqual([line('a.ts', 2)]);
});
