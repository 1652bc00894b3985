import { undo } from '@codemirror/commands';
import { screen, waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { problems } from '../../problems/problems.svelte';
import { store } from '../../state.svelte';
import { called, code, hold, openWindow } from '../../test-window';
import { documents } from '../documents';
import { asked, at, CODE, open } from './test-language';

test('where no server answers, a command says so and nothing of the code', async () => {
  const { core, user } = await open({});
  code().focus();
  await user.keyboard('{F2}');
  expect(await screen.findByText('Nothing here can be renamed.')).toBeTruthy();
  core.language = () => {
    throw { code: 'invalid', message: 'It broke off.', position: null };
  };
  await user.keyboard('{F12}');
  expect(await screen.findByText('TypeScript gave no answer. Try again.')).toBeTruthy();
  // That is how it says that a word is no name.
  await user.keyboard('{F2}');
  expect(await screen.findByText('Nothing here can be renamed.')).toBeTruthy();
  core.emit({ type: 'language', state: { type: 'failed', message: 'TypeScript ended.' } });
  await user.keyboard('{F2}');
  expect(await screen.findByText('TypeScript stopped. Restart it in the status bar.')).toBeTruthy();
  core.emit({ type: 'language', state: { type: 'restarting' } });
  await user.keyboard('{F2}');
  expect(await screen.findByText(/^TypeScript is still starting/, {}, { timeout: 4000 })).toBeTruthy();
  core.emit({ type: 'language', state: { type: 'ready', session: 2000, restarted: true } });
});

test('F2 in the code renames what the caret is on, in every file, and undo takes it back', async () => {
  const { core, user } = await open({
    'textDocument/prepareRename': () => ({ range: at(1, 8, 15), placeholder: 'request' }),
    'textDocument/definition': () => [],
    'textDocument/rename': ({ newName }) => ({
      changes: { [`file:///functions/${store.openId}/index.ts`]: [{ range: at(1, 8, 15), newText: newName }] },
    }),
  });
  code().focus();
  await user.keyboard('{F2}');
  const field = await screen.findByRole<HTMLInputElement>('textbox', { name: 'New name' });
  expect(field.value).toBe('request');
  await user.clear(field);
  await user.type(field, '1call{Enter}');
  expect(screen.getByText(/does not start with a digit/)).toBeTruthy();
  await user.clear(field);
  await user.type(field, 'call{Enter}');
  await waitFor(() => expect(code().state.doc.toString()).toContain('fetch(call: Request'));
  expect(asked(core, 'textDocument/rename')).toHaveLength(1);
  undo(code());
  expect(code().state.doc.toString()).toBe(CODE);
});

test("a secret's name is not renamed", async () => {
  const { core, user } = await open({
    'textDocument/prepareRename': () => ({ range: at(1, 8, 15), placeholder: 'API_KEY' }),
    'textDocument/definition': () => [{ uri: `file:///functions/${store.openId}/env.d.ts`, range: at(2, 4, 11) }],
  });
  code().focus();
  await user.keyboard('{F2}');
  expect(await screen.findByText("A secret's name can't change: create the new one.")).toBeTruthy();
  expect(asked(core, 'textDocument/rename')).toEqual([]);
});

test('an Env that was written by hand is pointed out, and replaced only when that is chosen', async () => {
  const nothing = { 'textDocument/diagnostic': () => ({ kind: 'full', items: [] }) };
  const { user } = await open(nothing, `export interface Env {\n  OLD: string\n}\n\n${CODE}`);
  const id = store.openId ?? 0;
  await waitFor(() => expect(problems.of(id)).toHaveLength(1));
  expect(problems.listed(id)).toEqual([]);
  code().dispatch({ selection: { anchor: 20 } });
  code().focus();
  await user.keyboard('{Control>}.{/Control}');
  await user.click(await screen.findByRole('menuitem', { name: 'Use the generated Env' }));
  expect(code().state.doc.toString()).toBe(CODE);
  undo(code());
  expect(code().state.doc.toString()).toContain('OLD');
});

test('places that use a name are listed, and Enter goes to one', async () => {
  const { user } = await open({
    'textDocument/references': () =>
      [at(1, 25, 28), at(0, 0, 6)].map((range) => ({ uri: `file:///functions/${store.openId}/index.ts`, range })),
  });
  code().focus();
  await user.keyboard('{Shift>}{F12}{/Shift}');
  const list = await screen.findByRole('listbox', { name: 'References (2)' });
  await waitFor(() => expect(document.activeElement).toBe(list));
  await user.keyboard('{ArrowDown}{Enter}');
  expect(code().state.selection.main.head).toBe(code().state.doc.line(2).from + 25);
  list.focus();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('listbox')).toBe(null);
});

test('of several declarations each can be looked at, in the code and elsewhere', async () => {
  const elsewhere = 'file:///declarations/workers.d.ts';
  const { core, user } = await open({
    'textDocument/definition': () => [
      { targetUri: elsewhere, targetRange: at(1, 0, 20), targetSelectionRange: at(1, 12, 15) },
      { targetUri: elsewhere, targetRange: at(2, 0, 20), targetSelectionRange: at(2, 10, 13) },
      { uri: `file:///functions/${store.openId}/index.ts`, range: at(1, 2, 7) },
    ],
  });
  core.declaration = '// first\ndeclare var Env: 1\ninterface Env { B: 2 }\n';
  code().focus();
  await user.keyboard('{F12}');
  const list = await screen.findByRole('listbox', { name: 'Declarations (3)' });
  await waitFor(() => expect(document.activeElement).toBe(list));
  const options = screen.getAllByRole('option').map(({ textContent }) => textContent);
  expect(options).toEqual([
    'index.ts:2fetch(request: Request, env: Env) {},',
    'workers.d.ts:2declare var Env: 1',
    'workers.d.ts:3interface Env { B: 2 }',
  ]);
  expect(called(core, 'read_declaration')).toHaveLength(1);
  await user.keyboard('{ArrowDown}{ArrowDown}{Enter}');
  const declaration = await screen.findByRole('region', { name: 'workers.d.ts, line 3' });
  expect(declaration.textContent).toContain('interface Env { B: 2 }');
  await user.keyboard('{Escape}');
  expect(document.activeElement).toBe(code().contentDOM);
});

test('what an import of text yields is declared by the file with the text', async () => {
  const opened = await openWindow((core) => {
    core.add('hello', CODE).others = [{ path: 'mail/page.html', text: '<p>\n' }];
    core.language = (method) =>
      method === 'textDocument/definition'
        ? [{ uri: `file:///functions/${store.openId}/mail/page.d.html.ts`, range: at(0, 14, 21) }]
        : null;
  });
  await documents.loadLanguage();
  code().focus();
  await opened.user.keyboard('{F12}');
  await waitFor(() => expect(code().state.doc.toString()).toBe('<p>\n'));
  expect(code().state.selection.main.head).toBe(0);
  await opened.user.keyboard('{F2}');
  expect(await screen.findByText('TypeScript does not read this kind of file.')).toBeTruthy();
});

test.each([';', ''])('imports are put in order and end as they did, with “%s”', async (end) => {
  const [a, b] = [`import { a } from './a'`, `import b from './b.json' with { type: 'json' }`];
  const edits = [
    { range: at(0, 0, b.length + end.length), newText: `${a};\n${b};` },
    { range: at(1, 0, a.length + end.length), newText: '' },
  ];
  await open(
    {
      'textDocument/codeAction': () => [
        { title: '', edit: { changes: { [`file:///functions/${store.openId}/index.ts`]: edits } } },
      ],
    },
    `${b}${end}\n${a}${end}\n${CODE}`,
  );
  await documents.act('imports');
  expect(code().state.doc.toString()).toBe(`${a}${end}\n${b}${end}\n\n${CODE}`);
});

test('Save formats where that is wanted, and the caret stays at its word', async () => {
  const { core, user } = await open({
    'textDocument/formatting': () => [{ range: at(1, 0, 2), newText: '    ' }],
  });
  code().dispatch({ selection: { anchor: code().state.doc.line(2).from + 2 } });
  code().focus();
  await user.keyboard('{Control>}s{/Control}');
  expect(asked(core, 'textDocument/formatting')).toEqual([]);
  const { editing } = await import('../editing.svelte');
  editing.formatOnSave = true;
  await user.keyboard('{Control>}s{/Control}');
  await waitFor(() => expect(code().state.doc.line(2).text).toMatch(/^ {4}fetch/));
  expect(code().state.sliceDoc(code().state.selection.main.head).startsWith('fetch')).toBe(true);
  editing.formatOnSave = false;
});

test('Save does not wait for a form that does not come', async () => {
  const { core } = await open({ 'textDocument/formatting': () => new Promise(() => {}) });
  const { editing } = await import('../editing.svelte');
  editing.formatOnSave = true;
  await documents.save(store.openId ?? 0);
  editing.formatOnSave = false;
  expect(asked(core, 'textDocument/formatting')).toHaveLength(1);
});

/** A server that knows `request`, with the place where it is declared. */
const knowing = () => ({
  'textDocument/prepareRename': () => ({ range: at(1, 8, 15), placeholder: 'request' }),
  'textDocument/definition': () => [{ uri: `file:///functions/${store.openId}/index.ts`, range: at(1, 8, 15) }],
  'textDocument/references': () => [{ uri: `file:///functions/${store.openId}/index.ts`, range: at(1, 8, 15) }],
  'textDocument/codeAction': () => [{ title: 'Write it anew', edit: { changes: {} } }],
});

function showAnother(): void {
  const id = store.openId ?? 0;
  documents.open(id, [
    { path: 'index.ts', text: CODE },
    { path: 'other.ts', text: CODE },
  ]);
  documents.show(id, 'other.ts');
}

test.each(['rename', 'definition', 'references', 'fix'] as const)(
  'an answer about “%s” that comes late takes nobody away from what is done by then',
  async (action) => {
    const { core } = await open(knowing());
    const elsewhere = screen.getByRole('textbox', { name: 'SECRET_NAME' });
    for (const leave of [() => elsewhere.focus(), () => code().dispatch({ selection: { anchor: 3 } }), showAnother]) {
      const before = called(core, 'ask_language').length;
      const go = hold(core, 'ask_language');
      const answered = documents.act(action);
      await waitFor(() => expect(called(core, 'ask_language').length).toBeGreaterThan(before));
      leave();
      const { head } = code().state.selection.main;
      const focused = document.activeElement;
      go();
      await answered;
      expect(code().state.selection.main.head).toBe(head);
      expect(document.activeElement).toBe(focused);
      expect(code().dom.querySelector('.cm-rename, .cm-places, .cm-fixes')).toBeNull();
    }
  },
);

test('Ctrl and a click goes to where a name is declared, wherever the focus was', async () => {
  await open(knowing());
  screen.getByRole('textbox', { name: 'SECRET_NAME' }).focus();
  const view = code();
  view.posAtCoords = () => 5;
  const press = { button: 0, ctrlKey: true, bubbles: true, cancelable: true };
  view.contentDOM.dispatchEvent(new MouseEvent('mousedown', press));
  await waitFor(() => expect(view.state.selection.main.head).toBe(view.state.doc.line(2).from + 8));
});
