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

/** One sentence saying what is wrong, or null. */
export function pathProblem(path: string, others: readonly string[]): string | null {
  if (path === '') return 'Type a name for the file, such as greeting.ts.';
  const character = [...path].find((each) => !/[A-Za-z0-9._/-]/.test(each));
  if (character !== undefined) {
    return `A file's path is made of letters, digits, dots, dashes and underscores; “${character}” is none of these.`;
  }
  if (path.startsWith('/'))
    return 'A file’s path begins with a name, not with “/”: it is in the function, not on the disk.';
  if (path.split('/').some((name) => name === '.' || name === '..'))
    return 'A file’s path can’t lead out of the function.';
  const taken = others.find((other) => other.toLowerCase() === path.toLowerCase());
  return taken === undefined ? null : `There is a file ${taken} already.`;
}
