import { expect, test } from 'vitest';
import { shared } from './sharing';

test('what says the same is the same object as before, and what does not is as it is now', () => {
  const before = {
    names: [
      { name: 'A', lines: [1, 2] },
      { name: 'B', lines: [] },
    ],
    held: [],
    failure: null,
  };
  expect(shared(before, structuredClone(before))).toBe(before);
  const now = { ...structuredClone(before), failure: { code: 'x' } };
  const made = shared(before, now);
  expect(made).toEqual(now);
  expect(made.names).toBe(before.names);
});

test('of a list, the items that say the same are kept', () => {
  const before = [
    { name: 'A', lines: [1] },
    { name: 'B', lines: [2] },
  ];
  const [first, second, third] = shared(before, [
    { name: 'A', lines: [1] },
    { name: 'B', lines: [3] },
    { name: 'C', lines: [] },
  ]);
  expect(first).toBe(before[0]);
  expect(second).toEqual({ name: 'B', lines: [3] });
  expect(third).toEqual({ name: 'C', lines: [] });
  expect(shared(before, [{ name: 'A', lines: [1] }])).toEqual([{ name: 'A', lines: [1] }]);
});

test('a list and an object, null and nothing are not the same', () => {
  expect(shared([], {})).toEqual({});
  expect(shared({}, [])).toEqual([]);
  expect(shared({ a: undefined }, {})).toStrictEqual({});
  expect(shared({}, { a: undefined })).toHaveProperty('a');
  expect(shared({ a: null }, { a: {} })).toEqual({ a: {} });
  expect(shared({ a: {} }, { a: null })).toEqual({ a: null });
  expect(shared(undefined, 1)).toBe(1);
});
