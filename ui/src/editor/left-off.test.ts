import { waitFor } from '@testing-library/svelte';
import { beforeEach, expect, test } from 'vitest';
import { deleteFunction } from '../functions/actions';
import type { MockCore } from '../mocks';
import { code, openWindow, typeCode } from '../test-window';
import { documents } from './documents';

const LINES = 'a line of it\n'.repeat(40);
const HELPER = 'export const one = 1\nexport const two = 2\n';

const kept = () => localStorage.getItem('postern.places') ?? '';

/** The file that is shown, and what is selected in it. */
function here() {
  const { anchor, head } = code().state.selection.main;
  return { path: documents.shown?.path, anchor, head };
}

/** Opens the function as if the window had been started anew, with what its files are by now. */
function openAnew(id: number, texts: Record<string, string>): void {
  documents.leave();
  documents.drop(id);
  const files = Object.entries(texts).map(([path, text]) => ({ path, text }));
  documents.open(id, files);
  documents.show(id);
}

let core: MockCore;
let id: number;

beforeEach(async () => {
  ({ core } = await openWindow((core) => {
    core.add('hello', LINES).others = [{ path: 'helper.ts', text: HELPER }];
  }));
  id = core.kept[0]?.summary.id ?? 0;
});

test('a function opens with the file and the selection with which it was left off', async () => {
  documents.show(id, 'helper.ts');
  code().dispatch({ selection: { anchor: 30, head: 25 } });
  await waitFor(() => expect(kept()).toContain('"anchor":30'));
  expect(kept()).not.toContain('export');
  openAnew(id, { 'index.ts': LINES, 'helper.ts': HELPER });
  expect(here()).toEqual({ path: 'helper.ts', anchor: 30, head: 25 });
});

test('what was typed last counts, and so does what was shown before another file', async () => {
  typeCode('// typed');
  code().dispatch({ selection: { anchor: LINES.length + 3 } });
  documents.leave();
  openAnew(id, { 'index.ts': `${LINES}// typed`, 'helper.ts': HELPER });
  expect(here()).toEqual({ path: 'index.ts', anchor: LINES.length + 3, head: LINES.length + 3 });
});

test('a text that has become shorter is opened at its end, and a file that is gone leaves the first one', async () => {
  documents.show(id, 'helper.ts');
  code().dispatch({ selection: { anchor: 30 } });
  openAnew(id, { 'index.ts': LINES, 'helper.ts': 'short' });
  expect(here()).toEqual({ path: 'helper.ts', anchor: 5, head: 5 });
  openAnew(id, { 'index.ts': LINES });
  expect(here()).toEqual({ path: 'index.ts', anchor: 0, head: 0 });
});

test('storage that holds something else is no reason not to open', () => {
  for (const held of ['{', 'null', '{}', '[null]', `[{"id":${id}}]`]) {
    documents.leave();
    localStorage.setItem('postern.places', held);
    documents.drop(id);
    documents.open(id, [{ path: 'index.ts', text: LINES }]);
    documents.show(id);
    expect(here(), held).toEqual({ path: 'index.ts', anchor: 0, head: 0 });
  }
});

test('of the functions that were shown longest ago, and of those that are deleted, nothing is kept', async () => {
  const old = Array.from({ length: 60 }, (_, at) => ({ id: -at - 1, path: 'index.ts', anchor: 0, head: 0, top: 0 }));
  localStorage.setItem('postern.places', JSON.stringify(old));
  code().dispatch({ selection: { anchor: 1 } });
  await waitFor(() => expect(kept()).toContain(`"id":${id},`));
  expect(JSON.parse(kept())).toHaveLength(50);
  await deleteFunction(id);
  expect(kept()).not.toContain(`"id":${id},`);
});
