import { screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { store } from '../state.svelte';
import { code, openWindow } from '../test-window';
import { documents } from './documents';

const HELPER = 'export const one = 1\nexport const two = 2\n';

/** The file that is shown, and the line of its caret. */
function here(): [string | undefined, number] {
  const { doc, selection } = code().state;
  return [documents.shown?.path, doc.lineAt(selection.main.head).number];
}

async function openTwoFiles() {
  const { user } = await openWindow((core) => {
    core.add('hello').others = [{ path: 'helper.ts', text: HELPER }];
  });
  documents.focus();
  return user;
}

test('Alt+Left goes back to where the caret jumped from, step by step, and Alt+Right forth again', async () => {
  const user = await openTwoFiles();
  documents.reveal({ file: 'index.ts', line: 3, column: 1 });
  documents.reveal({ file: 'helper.ts', line: 2, column: 1 });
  await user.keyboard('{Alt>}{ArrowLeft}{/Alt}');
  expect(here()).toEqual(['index.ts', 3]);
  await user.keyboard('{Alt>}{ArrowLeft}{/Alt}');
  expect(here()).toEqual(['index.ts', 1]);
  await user.keyboard('{Alt>}{ArrowLeft}{/Alt}');
  expect(here()).toEqual(['index.ts', 1]);
  await user.keyboard('{Alt>}{ArrowRight}{ArrowRight}{/Alt}');
  expect(here()).toEqual(['helper.ts', 2]);
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Code' }));
});

test('the way back leads to the same words when lines were typed before them', async () => {
  const user = await openTwoFiles();
  documents.reveal({ file: 'index.ts', line: 3, column: 1 });
  const words = code().state.doc.line(3).text;
  documents.reveal({ file: 'index.ts', line: 1, column: 1 });
  code().dispatch({ changes: { from: 0, insert: '// typed\n// before\n' } });
  documents.reveal({ file: 'helper.ts', line: 1, column: 1 });
  await user.keyboard('{Alt>}{ArrowLeft}{ArrowLeft}{/Alt}');
  expect(code().state.doc.lineAt(code().state.selection.main.head).text).toBe(words);
  expect(here()).toEqual(['index.ts', 5]);
});

test('a jump from the middle of the way begins another, and a file that is gone is passed over', async () => {
  const user = await openTwoFiles();
  code().dispatch({ selection: { anchor: code().state.doc.line(3).from } });
  documents.reveal({ file: 'helper.ts', line: 1, column: 1 });
  documents.reveal({ file: 'index.ts', line: 2, column: 1 });
  await user.keyboard('{Alt>}{ArrowLeft}{/Alt}');
  expect(here()).toEqual(['helper.ts', 1]);
  documents.reveal({ file: 'index.ts', line: 4, column: 1 });
  await user.keyboard('{Alt>}{ArrowRight}{/Alt}');
  expect(here()).toEqual(['index.ts', 4]);
  documents.open(store.openId ?? 0, [{ path: 'index.ts', text: code().state.doc.toString() }]);
  await user.keyboard('{Alt>}{ArrowLeft}{/Alt}');
  expect(here()).toEqual(['index.ts', 3]);
});

test('a place that the caret is at already is no jump', async () => {
  const user = await openTwoFiles();
  documents.reveal({ file: 'index.ts', line: 3, column: 1 });
  documents.reveal({ file: 'index.ts', line: 3, column: 1 });
  await user.keyboard('{Alt>}{ArrowLeft}{/Alt}');
  expect(here()).toEqual(['index.ts', 1]);
});
