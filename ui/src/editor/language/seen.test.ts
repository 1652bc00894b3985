import { expect, test } from 'vitest';
import { type Added, inward, outward } from './seen';

const URI = 'file:///functions/7/index.ts';
// `};` with ten characters between the two.
const added: Added = { uri: URI, at: { line: 4, character: 1 }, length: 10 };
const at = (line: number, from: number, to = from) => ({
  start: { line, character: from },
  end: { line, character: to },
});

test('what stands behind is asked about where the server has it, and what stands before is where it was', () => {
  const asked = (range: unknown) => outward({ range }, URI, added).range;
  expect(asked(at(4, 0, 1))).toEqual(at(4, 0, 1));
  expect(asked(at(4, 1, 2))).toEqual(at(4, 1, 12));
  expect(asked(at(3, 40))).toEqual(at(3, 40));
  expect(asked(at(5, 40))).toEqual(at(5, 40));
});

test('an answer is about the text that the user sees', () => {
  const answered = (range: unknown) => inward([{ range, newText: '\n' }], URI, added)[0]?.range;
  expect(answered(at(4, 0, 1))).toEqual(at(4, 0, 1));
  expect(answered(at(4, 1))).toEqual(at(4, 1));
  expect(answered(at(4, 11, 12))).toEqual(at(4, 1, 2));
  expect(answered(at(4, 11))).toEqual(at(4, 1));
  expect(answered(at(4, 0, 12))).toEqual(at(4, 0, 2));
  expect(answered(at(4, 6, 12))).toEqual(at(4, 1, 2));
  expect(answered(at(5, 11, 12))).toEqual(at(5, 11, 12));
});

test('what is wholly inside is left out, whatever it is', () => {
  expect(inward({ items: [{ range: at(4, 2, 11) }, { range: at(4, 3) }, { range: at(4, 0, 1) }] }, URI, added)).toEqual(
    {
      items: [{ range: at(4, 0, 1) }],
    },
  );
  const other = 'file:///functions/7/lib%2Fother.ts';
  const renamed = { [URI.replace('7', '%37')]: [{ range: at(4, 3, 6) }], [other]: [{ range: at(4, 3, 6) }] };
  expect(inward({ changes: renamed }, other, added).changes).toEqual({ ...renamed, [URI.replace('7', '%37')]: [] });
  const places = [URI, other].map((uri) => ({ uri, range: at(4, 3, 6) }));
  expect(inward(places, other, added)).toEqual([{ uri: other, range: at(4, 3, 6) }]);
});

test('a link from one file to another is read in both', () => {
  const link = { originSelectionRange: at(4, 11, 12), targetUri: 'file:///other.ts', targetRange: at(4, 11, 12) };
  expect(inward([link], URI, added)).toEqual([{ ...link, originSelectionRange: at(4, 1, 2) }]);
});

test('where nothing is added, nothing is touched', () => {
  const message = { position: { line: 4, character: 9 } };
  expect(outward(message, URI, null)).toBe(message);
  expect(inward(message, URI, null)).toBe(message);
});
