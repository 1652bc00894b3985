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

test('a path names one thing, a file or a folder, and nothing that Postern writes', () => {
  expect(pathProblem('lib/key.ts/a.ts', ['LIB/key.ts'])).toContain('LIB/key.ts is a file already');
  expect(pathProblem('lib.ts', ['index.ts', 'lib.ts/a.ts'])).toContain(
    'lib.ts is a folder already, with lib.ts/a.ts in it',
  );
  expect(pathProblem('Package.json/a.ts', [])).toContain('package.json is written by Postern itself');
  expect(pathProblem('lib/node_modules/a.ts', [])).toContain('node_modules is written by Postern itself');
  expect(pathProblem('lib/package.json', ['lib.ts', 'lib/key.js', 'lib/key.ts'])).toBeNull();
});

test('a function has one entry, under one of its two names', () => {
  expect(pathProblem('index.js', ['index.ts'])).toContain('index.ts exports the handlers, and index.js would be');
  expect(pathProblem('index.ts', ['a.ts', 'index.js'])).toContain('index.js exports the handlers, and index.ts would');
  expect(pathProblem('lib/index.js', ['index.ts', 'lib/index.ts'])).toBeNull();
});

test('only a module is called .wasm, and it is called nothing else', () => {
  const text = 'AGFzbQEA\nAAA=\n';
  expect(pathProblem('add.wasm', [])).toContain('Choose “Add a file…”');
  expect(pathProblem('add.wasm', [], { path: 'add.txt', text: 'export {}' })).toContain(
    'add.txt has no WebAssembly in it',
  );
  expect(pathProblem('add.wasm', [], { path: 'add.txt', text })).toBeNull();
  expect(pathProblem('add.txt', [], { path: 'add.wasm', text })).toContain('ends with .wasm');
  // One that was made as text, before that was refused.
  expect(pathProblem('add.txt', [], { path: 'add.wasm', text: '' })).toBeNull();
  expect(pathProblem('sum.wasm', [], { path: 'add.wasm', text: '' })).toBeNull();
});
