import { expect, test } from 'vitest';
import { compareFiles, entryOf, pathProblem, withEnding } from './paths';

test('the entry comes first, whatever it is called', () => {
  expect(['b.ts', 'index.ts', 'a.ts'].sort(compareFiles)).toEqual(['index.ts', 'a.ts', 'b.ts']);
  expect(['B.ts', 'a.ts', 'index.js'].sort(compareFiles)).toEqual(['index.js', 'a.ts', 'B.ts']);
  expect(['f10.ts', 'index.ts', 'f2.ts'].sort(compareFiles)).toEqual(['index.ts', 'f2.ts', 'f10.ts']);
  expect(entryOf(['a.ts', 'index.js'])).toBe('index.js');
});

test('a name without an ending becomes TypeScript', () => {
  expect(withEnding('lib/key')).toBe('lib/key.ts');
  expect(withEnding('mail.html')).toBe('mail.html');
  expect(withEnding('lib.v2/key')).toBe('lib.v2/key.ts');
  expect(withEnding('')).toBe('');
});

test('what is wrong with a path is said in one sentence', () => {
  expect(pathProblem('lib/key.ts', ['index.ts'])).toBeNull();
  expect(pathProblem('', [])).toContain('Type a name');
  expect(pathProblem('a b.ts', [])).toContain('“ ”');
  expect(pathProblem('/a.ts', [])).toContain('begins with a name');
  expect(pathProblem('a/../../b.ts', [])).toContain('lead out');
  expect(pathProblem('INDEX.ts', ['index.ts'])).toBe('There is a file index.ts already.');
});
