import { redo, undo } from '@codemirror/commands';
import { diagnosticCount } from '@codemirror/lint';
import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import { runCommand } from '../commands';
import type { MockCore } from '../mocks';
import { problems } from '../problems/problems.svelte';
import { store } from '../state.svelte';
import { called, code, openWindow, typeCode } from '../test-window';
import { documents } from './documents';
import { renameFile } from './files';

const ENTRY = "import { key } from './lib/key'\nexport default { fetch(request, env) {} }\n";

function withTwoFiles(core: MockCore) {
  const kept = core.add('mine', ENTRY);
  kept.others = [{ path: 'lib/key.ts', text: 'export const key = (env) => env.API_KEY\n' }];
  return kept;
}

/** As the language server would say it. */
function findInKey(): void {
  const place = { line: 1, column: 14 };
  const about = { file: 'lib/key.ts', from: place, to: place, message: 'A type is wrong.', actions: [] };
  problems.put(store.openId ?? 0, 'lib/key.ts', ['types'], [{ ...about, severity: 'error', source: 'types' }]);
}

const tab = (name: string | RegExp) => screen.getByRole('tab', { name });
const tabs = () => within(screen.getByRole('tablist', { name: 'Files' })).getAllByRole('tab');

test('one file has no tabs, and a second one is made from the menu', async () => {
  const { core, user } = await openWindow((core) => core.add('mine', ENTRY));
  expect(screen.queryByRole('tablist', { name: 'Files' })).toBeNull();
  runCommand('new-file');
  const field = await screen.findByRole('textbox', { name: 'Name of the new file' });
  await waitFor(() => expect(document.activeElement).toBe(field));
  await user.keyboard('lib/key{Enter}');
  await waitFor(() => expect(tabs()).toHaveLength(2));
  expect(called(core, 'create_file')[0]).toMatchObject({ path: 'lib/key.ts', text: '' });
  expect(tab('lib/key.ts').getAttribute('aria-selected')).toBe('true');
  expect(code().state.doc.toString()).toBe('');
  expect(code().hasFocus).toBe(true);
});

test('each file has its own text and undo, and is saved under its own path', async () => {
  const { core, user } = await openWindow(withTwoFiles);
  await screen.findByRole('tablist', { name: 'Files' });
  typeCode('// in the entry');
  await user.click(tab(/key\.ts/));
  expect(code().state.doc.toString()).toContain('API_KEY');
  typeCode('// in the key');
  await documents.flushAll();
  expect(called(core, 'save_file').map(({ path }) => path)).toEqual(['index.ts', 'lib/key.ts']);
  await user.click(tab('index.ts'));
  expect(code().state.doc.toString()).toBe(`${ENTRY}// in the entry`);
  undo(code());
  expect(code().state.doc.toString()).toBe(ENTRY);
  await user.click(tab(/key\.ts/));
  undo(code());
  expect(code().state.doc.toString()).toBe('export const key = (env) => env.API_KEY\n');
});

test('files are reached by keys: in the code, and along the tabs', async () => {
  const { user } = await openWindow(withTwoFiles);
  await screen.findByRole('tablist', { name: 'Files' });
  code().focus();
  await user.keyboard('{Control>}{PageDown}{/Control}');
  expect(tab(/key\.ts/).getAttribute('aria-selected')).toBe('true');
  await user.keyboard('{Control>}{PageDown}{/Control}');
  expect(tab('index.ts').getAttribute('aria-selected')).toBe('true');
  tab('index.ts').focus();
  await user.keyboard('{ArrowRight}');
  expect(document.activeElement).toBe(tab(/key\.ts/));
  expect(tabs().map((each) => each.tabIndex)).toEqual([-1, 0]);
});

test('F2 on a tab renames its file, which keeps its text and its history', async () => {
  const { core, user } = await openWindow(withTwoFiles);
  await screen.findByRole('tablist', { name: 'Files' });
  await user.click(tab(/key\.ts/));
  typeCode('// typed');
  tab(/key\.ts/).focus();
  await user.keyboard('{F2}');
  const field = await screen.findByRole('textbox', { name: 'File name' });
  await waitFor(() => expect(document.activeElement).toBe(field));
  await user.keyboard('secret{Enter}');
  await waitFor(() =>
    expect(called(core, 'rename_file')[0]).toMatchObject({ path: 'lib/key.ts', to: 'lib/secret.ts' }),
  );
  await screen.findByRole('tab', { name: /secret\.ts/ });
  expect(core.kept[0]?.others[0]?.text).toContain('// typed');
  undo(code());
  expect(code().state.doc.toString()).not.toContain('// typed');
});

test('what was imported as JavaScript is made TypeScript, and what is so already is not', async () => {
  const { core } = await openWindow((core) => {
    core.add('theirs').path = 'index.js';
  });
  const { state } = code();
  await waitFor(() => expect(store.shownFile).toBe('index.js'));
  runCommand('to-typescript');
  await waitFor(() => expect(store.shownFile).toBe('index.ts'));
  expect(code().state.doc.eq(state.doc)).toBe(true);
  runCommand('to-typescript');
  expect(called(core, 'rename_file')).toHaveLength(1);
});

test('a name that cannot be is refused in its field', async () => {
  const { user, core } = await openWindow(withTwoFiles);
  runCommand('new-file');
  await screen.findByRole('textbox', { name: 'Name of the new file' });
  await user.keyboard('../up{Enter}');
  expect(await screen.findByText(/can’t lead out of the function/)).toBeTruthy();
  await user.keyboard('{Control>}a{/Control}LIB/KEY{Enter}');
  expect(await screen.findByText('There is a file lib/key.ts already.')).toBeTruthy();
  core.refusals.set('create_file', { code: 'invalidName', message: 'A file ends with .ts.', position: null });
  await user.keyboard('{Control>}a{/Control}a.exe{Enter}');
  expect(await screen.findByText('A file ends with .ts.')).toBeTruthy();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('textbox', { name: 'Name of the new file' })).toBeNull();
  expect(code().hasFocus).toBe(true);
});

test('a file is deleted from the menu of its tab; the entry is not', async () => {
  const { core, user } = await openWindow(withTwoFiles);
  await screen.findByRole('tablist', { name: 'Files' });
  await user.click(screen.getByRole('button', { name: 'File menu' }));
  expect((await screen.findByRole('menuitem', { name: /Delete/ })).getAttribute('aria-disabled')).toBe('true');
  await user.keyboard('{Escape}');
  await user.pointer({ keys: '[MouseRight]', target: tab(/key\.ts/) });
  await user.click(await screen.findByRole('menuitem', { name: /Delete/ }));
  await waitFor(() => expect(called(core, 'delete_file')[0]).toMatchObject({ path: 'lib/key.ts' }));
  await waitFor(() => expect(screen.queryByRole('tablist', { name: 'Files' })).toBeNull());
  expect(code().state.doc.toString()).toBe(ENTRY);
});

test('what is wrong in another file is counted, shown on its tab, and reached', async () => {
  const { user } = await openWindow(withTwoFiles);
  await screen.findByRole('tablist', { name: 'Files' });
  expect(screen.getByRole('button', { name: '1 error' })).toBeTruthy();
  expect(tab('lib/key.ts, 1 problem')).toBeTruthy();
  expect(diagnosticCount(code().state)).toBe(0);
  await user.keyboard('{F8}');
  expect(tab(/key\.ts/).getAttribute('aria-selected')).toBe('true');
  await waitFor(() => expect(diagnosticCount(code().state)).toBe(1));
});

test('a line in the Secrets tab opens its file', async () => {
  const { user } = await openWindow(withTwoFiles);
  await user.click(await screen.findByRole('button', { name: 'Go to lib/key.ts line 1' }));
  expect(code().state.doc.toString()).toContain('API_KEY');
  expect(screen.getByText(/^Ln 1, Col \d+/)).toBeTruthy();
});

test('what the types say of a file goes with it to its new name', async () => {
  const { user } = await openWindow(withTwoFiles);
  await screen.findByRole('tablist', { name: 'Files' });
  findInKey();
  tab('index.ts').focus();
  await user.keyboard('{ArrowRight}{F2}');
  await screen.findByRole('textbox', { name: 'File name' });
  await user.keyboard('secret{Enter}');
  await screen.findByRole('tab', { name: 'lib/secret.ts, 2 problems' });
  expect(screen.getByRole('button', { name: '2 errors' })).toBeTruthy();
  expect(diagnosticCount(code().state)).toBe(2);
});

test('what the types say of a file goes when it is deleted', async () => {
  const { user } = await openWindow(withTwoFiles);
  await screen.findByRole('tablist', { name: 'Files' });
  findInKey();
  expect(await screen.findByRole('button', { name: '2 errors' })).toBeTruthy();
  await user.click(tab(/key\.ts/));
  runCommand('delete-file');
  expect(await screen.findByRole('button', { name: 'No problems' })).toBeTruthy();
});

test('a file that was not saved takes that with it when it is deleted', async () => {
  const { core, user } = await openWindow(withTwoFiles);
  await screen.findByRole('tablist', { name: 'Files' });
  await user.click(tab(/key\.ts/));
  core.refusals.set('save_file', { code: 'storage', message: 'The disk is full.', position: null });
  typeCode('// typed');
  await documents.flushAll();
  expect(await screen.findByText(/^Not saved/)).toBeTruthy();
  runCommand('delete-file');
  expect(await screen.findByText('Saved')).toBeTruthy();
});

test('keys that come before the first save tell of it once', async () => {
  await openWindow(withTwoFiles);
  const set = vi.spyOn(store.saves, 'set');
  typeCode('a');
  typeCode('b');
  expect(set).toHaveBeenCalledOnce();
  set.mockRestore();
  await documents.flushAll();
});

test('what imports a file follows it to its new name, and undo takes that back in all files', async () => {
  const edits = () => {
    const at = (line: number, from: number, to: number) => ({
      start: { line, character: from },
      end: { line, character: to },
    });
    const folder = `file:///functions/${store.openId}`;
    return {
      changes: {
        [`${folder}/tsconfig.json`]: [{ range: at(0, 0, 1), newText: '' }],
        [`${folder}/index.ts`]: [{ range: at(0, 21, 30), newText: './secret' }],
        [`${folder}/lib/key.ts`]: [{ range: at(0, 0, 0), newText: "import '../b'\n" }],
      },
    };
  };
  const { core, user } = await openWindow((core) => {
    withTwoFiles(core);
    core.language = (method) => (method === 'workspace/willRenameFiles' ? edits() : null);
  });
  await screen.findByRole('tablist', { name: 'Files' });
  expect(await renameFile(store.openId ?? 0, 'lib/key.ts', 'secret.ts')).toBeNull();
  const folder = `file:///functions/${store.openId}`;
  const asked = called(core, 'ask_language').find(({ method }) => method === 'workspace/willRenameFiles');
  expect(asked?.params).toEqual({ files: [{ oldUri: `${folder}/lib/key.ts`, newUri: `${folder}/secret.ts` }] });
  const texts = () => documents.states(store.openId ?? 0).map(({ path, state }) => [path, state.doc.line(1).text]);
  const [entry, key] = [ENTRY.split('\n')[0], 'export const key = (env) => env.API_KEY'];
  const renamed = [
    ['index.ts', "import { key } from './secret'"],
    ['secret.ts', "import '../b'"],
  ];
  expect(texts()).toEqual(renamed);
  await documents.flushAll();
  expect(core.kept[0]?.others[0]).toMatchObject({ path: 'secret.ts', text: `import '../b'\n${key}\n` });
  undo(code());
  expect(texts()).toEqual([
    ['index.ts', entry],
    ['secret.ts', key],
  ]);
  redo(code());
  expect(texts()).toEqual(renamed);
  // What was typed since stays, and so does what is below it.
  await user.click(await screen.findByRole('tab', { name: /secret\.ts/ }));
  typeCode('// typed');
  await user.click(tab('index.ts'));
  undo(code());
  expect(texts()).toEqual([['index.ts', entry], renamed[1]]);
});

test('a file is renamed where nobody says what imports it, and that is told', async () => {
  const { core } = await openWindow((core) => {
    withTwoFiles(core);
    core.language = () => {
      throw { code: 'invalid', message: 'It broke off.', position: null };
    };
  });
  await screen.findByRole('tablist', { name: 'Files' });
  expect(await renameFile(store.openId ?? 0, 'lib/key.ts', 'secret.ts')).toBeNull();
  expect(await screen.findByText('The imports of lib/key.ts in mine are as they were')).toBeTruthy();
  expect(core.kept[0]?.others[0]?.path).toBe('secret.ts');
});
