// The paths of a function's files: which one is the entry, their order, and what is wrong with a new one.
// The same rules as the core's `FilePath`; the core has the last word.

const ENTRIES = ['index.ts', 'index.js'];

/** The file that exports the handlers; it keeps its name. */
export function entryOf(paths: readonly string[]): string {
  return ENTRIES.find((entry) => paths.includes(entry)) ?? paths[0] ?? 'index.ts';
}

/** The entry first, then by name; 2 before 10. */
export function compareFiles(a: string, b: string): number {
  const rank = (path: string) => (ENTRIES.includes(path) ? ENTRIES.indexOf(path) : ENTRIES.length);
  return a === b ? 0 : rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true });
}

/** “lib/” and “format.ts”. */
export function split(path: string): { folder: string; name: string } {
  const at = path.lastIndexOf('/') + 1;
  return { folder: path.slice(0, at), name: path.slice(at) };
}

/** What an ending makes of a file; TypeScript where there is none. */
export function withEnding(path: string): string {
  return path === '' || path.endsWith('/') || split(path).name.includes('.') ? path : `${path}.ts`;
}

/** A file before it is given another name. */
export interface Named {
  path: string;
  text: string;
}

/** One sentence saying what is wrong, or null. `before`: the file that is renamed, if none is new. */
export function pathProblem(path: string, others: readonly string[], before: Named | null = null): string | null {
  if (path === '') return 'Type a name for the file, such as greeting.ts.';
  const character = [...path].find((each) => !/[A-Za-z0-9._/-]/.test(each));
  if (character !== undefined) {
    return `A file's path is made of letters, digits, dots, dashes and underscores; “${character}” is none of these.`;
  }
  if (path.startsWith('/'))
    return 'A file’s path begins with a name, not with “/”: it is in the function, not on the disk.';
  const names = path.split('/');
  if (names.some((name) => name === '.' || name === '..')) return 'A file’s path can’t lead out of the function.';
  const reserved = MADE.find((made) => same(made, names[0] ?? '')) ?? names.find((name) => same(name, 'node_modules'));
  if (reserved !== undefined) return `${reserved} is written by Postern itself. Choose another name.`;
  return others.map((other) => clash(path, other)).find((found) => found !== null) ?? wrongKind(path, before);
}

/** What npm and the language server find at the top of a function. */
const MADE = ['package.json', 'package-lock.json', 'tsconfig.json', 'env.d.ts'];

/** Some systems take capitals for small letters. */
const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
const isIn = (path: string, folder: string) => path.toLowerCase().startsWith(`${folder.toLowerCase()}/`);

/** A path names one thing, a file or a folder; and of the two names of an entry, one is taken. */
function clash(path: string, other: string): string | null {
  if (same(path, other)) return `There is a file ${other} already.`;
  if (isIn(other, path)) return `${path} is a folder already, with ${other} in it. Choose another name.`;
  if (isIn(path, other)) return `${other} is a file already, and can’t be a folder too. Choose another name.`;
  if (!ENTRIES.includes(path) || !ENTRIES.includes(other)) return null;
  return `${other} exports the handlers, and ${path} would be a second file to do that. Choose another name.`;
}

/** WebAssembly is bytes, kept in Base64: no name makes them of another text, and under another name they are none. */
function wrongKind(path: string, before: Named | null): string | null {
  const [was, is] = [before?.path.endsWith('.wasm') ?? false, path.endsWith('.wasm')];
  if (was === is) return null;
  // As every module begins; the core looks at the rest.
  const module = before?.text.trimStart().startsWith('AGFzb') ?? false;
  if (was) return module ? `${before?.path} is WebAssembly. Choose a name that ends with .wasm.` : null;
  if (module) return null;
  return before === null
    ? `WebAssembly can’t be typed. Choose “Add a file…” in the menu of the function, or import it from a package.`
    : `${before.path} has no WebAssembly in it. A file can be called .wasm once its text is a module in Base64, and nothing else.`;
}
