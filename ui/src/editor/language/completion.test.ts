import {
  acceptCompletion,
  closeCompletion,
  completionStatus,
  currentCompletions,
  moveCompletionSelection,
  selectedCompletion,
  startCompletion,
} from '@codemirror/autocomplete';
import { deleteCharBackward, undo } from '@codemirror/commands';
import { runScopeHandlers } from '@codemirror/view';
import { screen, waitFor } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import { store } from '../../state.svelte';
import { code, openWindow, typeCode } from '../../test-window';
import { documents } from '../documents';
import { stands } from './standing';
import { asked, at, CODE, changed, open, passing, type } from './test-language';

test('names are offered after the dot, with their documentation, and bring their import in one step', async () => {
  await open({
    'textDocument/completion': () => ({
      isIncomplete: false,
      items: [{ label: 'greet', kind: 3, sortText: '16', data: {} }],
    }),
    'completionItem/resolve': (item) => ({
      ...item,
      detail: 'function greet(): string',
      documentation: { kind: 'markdown', value: 'Greets *politely*.' },
      additionalTextEdits: [{ range: at(0, 0, 0), newText: 'import { greet } from "./greet";\n' }],
    }),
  });
  const before = code().state.doc.toString();
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  typeCode('g');
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  startCompletion(code());
  await waitFor(() => expect(currentCompletions(code().state)).toHaveLength(1));
  await screen.findByText(/Greets/);
  await waitFor(() => {
    acceptCompletion(code());
    expect(completionStatus(code().state)).toBe(null);
  });
  await waitFor(() => expect(code().state.doc.toString()).toBe(`import { greet } from "./greet"\n${before}greet`));
  undo(code());
  expect(code().state.doc.toString()).toBe(`${before}g`);
});

test('completions are asked for with the key, before anything is drawn, and once', async () => {
  const { core } = await open({
    'textDocument/completion': () => ({ isIncomplete: false, items: [{ label: 'greet' }] }),
  });
  const at = code().state.doc.length;
  vi.useFakeTimers();
  code().dispatch({ changes: { from: at, insert: 'g' }, selection: { anchor: at + 1 }, userEvent: 'input.type' });
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  vi.useRealTimers();
  expect(asked(core, 'textDocument/completion')).toHaveLength(1);
  // The list, which asks a moment later, takes the answer that is on its way.
  startCompletion(code());
  await waitFor(() => expect(currentCompletions(code().state)).toHaveLength(1));
});

/** Whether the editor takes a key for its own. */
function press(key: string, modifiers: KeyboardEventInit = {}): boolean {
  return runScopeHandlers(code(), new KeyboardEvent('keydown', { key, ...modifiers }), 'editor');
}
const listed = () => currentCompletions(code().state).map(({ label }) => label);

test('where a name may begin, what fits is asked for before its first letter, and not with it', async () => {
  const { core } = await open({
    'textDocument/completion': () => ({ isIncomplete: false, items: [{ label: 'greet' }, { label: 'shout' }] }),
  });
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  type(' ');
  await waitFor(() => expect(asked(core, 'textDocument/completion')).toHaveLength(1));
  // No list comes of that alone.
  expect(listed()).toEqual([]);
  type('s');
  await waitFor(() => expect(listed()).toEqual(['shout']));
  expect(asked(core, 'textDocument/completion')).toHaveLength(1);
  // Elsewhere, and with other secrets, it says nothing.
  type(' ');
  await waitFor(() => expect(asked(core, 'textDocument/completion')).toHaveLength(2));
  core.emit({ type: 'env', function: store.openId ?? 0 });
  await passing(10);
  type('g');
  await waitFor(() => expect(listed()).toEqual(['greet']));
  expect(asked(core, 'textDocument/completion')).toHaveLength(3);
});

test('where nothing fits, nothing is asked for the letters of the same name', async () => {
  const { core } = await open({});
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  type('/* ');
  await waitFor(() => expect(asked(core, 'textDocument/completion')).toHaveLength(1));
  for (const letter of 'words') {
    type(letter);
    await passing(10);
  }
  expect(asked(core, 'textDocument/completion')).toHaveLength(1);
  // Nobody knows that of the next one.
  type(' x');
  await waitFor(() => expect(asked(core, 'textDocument/completion')).toHaveLength(2));
});

test('what was not known when a name was typed is listed once it is, unless somebody has gone on', async () => {
  let known = false;
  const { core } = await open({
    'textDocument/completion': () => (known ? { isIncomplete: false, items: [{ label: 'greet' }] } : null),
  });
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  const leaves = [() => void press('Escape'), () => code().contentDOM.blur(), () => {}];
  for (const leave of leaves) {
    known = false;
    documents.focus();
    type(' ');
    type('g');
    await waitFor(() => expect(stands()).toBe(true));
    leave();
    known = true;
    core.emit({ type: 'env', function: store.openId ?? 0 });
    await passing(100);
    expect(listed()).toEqual(leave === leaves[2] ? ['greet'] : []);
  }
});

test('behind a character that can mean something else, a letter is asked for anew, and so is the list', async () => {
  let items: unknown[] | null = null;
  const { core } = await open({ 'textDocument/completion': () => items && { isIncomplete: false, items } });
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  type(' <');
  await waitFor(() => expect(asked(core, 'textDocument/completion')).toHaveLength(1));
  await waitFor(() => expect(stands()).toBe(true));
  items = [{ label: 'shout' }];
  type('s');
  await waitFor(() => expect(listed()).toEqual(['shout']));
  items = null;
  type(' <');
  await waitFor(() => expect(asked(core, 'textDocument/completion')).toHaveLength(3));
  items = [{ label: 'loud' }];
  press(' ', { ctrlKey: true });
  await waitFor(() => expect(listed()).toEqual(['loud']));
});

test('what was asked for ahead is listed with the key itself, with no timer in between', async () => {
  await open({
    'textDocument/completion': ({ context }) => ({
      isIncomplete: false,
      items: (context as { triggerKind: number }).triggerKind === 2 ? [{ label: 'KEY' }] : [{ label: 'env' }],
    }),
  });
  const inTheSameTask = async (key: string) => {
    await waitFor(() => expect(stands()).toBe(true));
    vi.useFakeTimers();
    type(key);
    for (let turn = 0; turn < 40; turn++) await Promise.resolve();
    vi.useRealTimers();
    return listed();
  };
  // Behind what was typed, on a line that was begun, and behind a name that was chosen.
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  type(' ');
  expect(await inTheSameTask('e')).toEqual(['env']);
  closeCompletion(code());
  press('Enter');
  expect(await inTheSameTask('e')).toEqual(['env']);
  await waitFor(() => expect(acceptCompletion(code())).toBe(true));
  expect(await inTheSameTask('.')).toEqual(['KEY']);
});

test('the members of a name that is listed are listed with the dot', async () => {
  const { core } = await open({
    'textDocument/completion': ({ context }) => ({
      isIncomplete: false,
      items: (context as { triggerKind: number }).triggerKind === 2 ? [{ label: 'KEY' }] : [{ label: 'env' }],
    }),
  });
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  for (const letter of 'env') {
    type(letter);
    await waitFor(() => expect(listed()).toEqual(['env']));
  }
  await waitFor(() => expect(asked(core, 'textDocument/completion')).toHaveLength(2));
  await passing(20);
  type('.');
  expect(listed()).toEqual(['KEY']);
  await waitFor(() => expect(acceptCompletion(code())).toBe(true));
  expect(code().state.doc.toString().endsWith('env.KEY')).toBe(true);
});

test('a list closes where nothing follows it, with the key or with the answer to it', async () => {
  let items: unknown[] | null = [{ label: 'greet' }];
  await open({ 'textDocument/completion': () => items && { isIncomplete: false, items } });
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  type('g');
  await screen.findByRole('listbox', { name: 'Completions' });
  type(' ');
  expect(screen.queryByRole('listbox', { name: 'Completions' })).toBe(null);
  type('g');
  await screen.findByRole('listbox', { name: 'Completions' });
  items = null;
  type('.');
  await waitFor(() => expect(screen.queryByRole('listbox', { name: 'Completions' })).toBe(null), { timeout: 90 });
});

test('a list that is asked for comes where none does by itself', async () => {
  await open({ 'textDocument/completion': () => ({ isIncomplete: false, items: [{ label: 'greet' }] }) });
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  type(' ');
  await waitFor(() => expect(stands()).toBe(true));
  expect(press(' ', { ctrlKey: true })).toBe(true);
  await waitFor(() => expect(listed()).toEqual(['greet']));
});

test('what is deleted, or edited elsewhere, brings no list', async () => {
  let resolve = () => {};
  await open({
    'textDocument/completion': () => ({ isIncomplete: false, items: [{ label: 'greet', data: {} }] }),
    'completionItem/resolve': (item) =>
      new Promise((answer) => {
        resolve = () => answer({ ...item, additionalTextEdits: [{ range: at(0, 0, 0), newText: 'import x\n' }] });
      }),
  });
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  type('g');
  await waitFor(() => expect(listed()).toEqual(['greet']));
  await waitFor(() => expect(acceptCompletion(code())).toBe(true));
  // The import that it brings comes later.
  await waitFor(() => expect(stands()).toBe(true));
  resolve();
  await waitFor(() => expect(code().state.doc.line(1).text).toBe('import x'));
  await passing(150);
  expect(listed()).toEqual([]);
  type(' ');
  await waitFor(() => expect(stands()).toBe(true));
  deleteCharBackward(code());
  await passing(150);
  expect(listed()).toEqual([]);
});

test('what is open, or on its way, in one function is none of the next one', async () => {
  let answer = (_: unknown) => {};
  const { user } = await openWindow((core) => {
    core.add('other', CODE);
    core.add('hello', '// \n');
    core.add('third', '\n');
    core.language = (method) =>
      method === 'textDocument/completion'
        ? new Promise((resolve) => {
            answer = resolve;
          })
        : null;
  });
  await documents.loadLanguage();
  const end = () => code().dispatch({ selection: { anchor: code().state.doc.length } });
  const show = async (name: RegExp, text: string) => {
    await user.click(screen.getByRole('button', { name }));
    await waitFor(() => expect(code().state.doc.toString()).toBe(text));
  };
  end();
  type('g');
  await passing(30);
  await show(/^hello/, '// \n');
  answer({ isIncomplete: false, items: [{ label: 'greet' }] });
  await passing(100);
  expect(listed()).toEqual([]);
  end();
  type(' ');
  await waitFor(() => expect(stands()).toBe(true));
  await show(/^third/, '\n');
  expect(stands()).toBe(false);
});

test('Escape closes a list whose next one is on its way', async () => {
  let hangs = false;
  const items = [{ label: 'greet' }];
  await open({
    'textDocument/completion': () => (hangs ? new Promise(() => {}) : { isIncomplete: false, items }),
  });
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  type('g');
  await screen.findByRole('listbox', { name: 'Completions' });
  hangs = true;
  type('.');
  await passing(30);
  expect(press('Escape')).toBe(true);
  expect(screen.queryByRole('listbox', { name: 'Completions' })).toBe(null);
});

test('where nothing is listed, Escape is not for the list, and the next name is listed all the same', async () => {
  await open({ 'textDocument/completion': () => ({ isIncomplete: false, items: [{ label: 'greet' }] }) });
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  type(' ');
  await waitFor(() => expect(stands()).toBe(true));
  expect(press('Escape')).toBe(false);
  type('g');
  await waitFor(() => expect(listed()).toEqual(['greet']));
  expect(press('Escape')).toBe(true);
  expect(listed()).toEqual([]);
});

test('behind a name that is complete, members are asked for before the dot, and only that question sees one', async () => {
  const { core } = await open({
    'textDocument/completion': ({ context }) => ({
      isIncomplete: false,
      items: [{ label: (context as { triggerKind: number }).triggerKind === 2 ? 'API_KEY' : 'env' }],
    }),
  });
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  for (const letter of 'env') {
    type(letter);
    await waitFor(() => expect(listed()).toEqual(['env']));
  }
  await waitFor(() => expect(asked(core, 'textDocument/completion')).toHaveLength(2));
  expect(asked(core, 'textDocument/completion')[1]).toMatchObject({ position: { line: 3, character: 4 } });
  expect(changed(core).at(-1)).toEqual([
    { range: at(3, 1, 1), text: 'nv' },
    { range: at(3, 3, 3), text: '.' },
  ]);
  type('.');
  await waitFor(() => expect(listed()).toEqual(['API_KEY']));
  expect(asked(core, 'textDocument/completion')).toHaveLength(2);
  // What is asked next is asked about the text.
  await waitFor(() => expect(asked(core, 'textDocument/diagnostic').length).toBeGreaterThan(1));
  expect(changed(core).at(-1)).toEqual([
    { range: at(3, 3, 4), text: '' },
    { range: at(3, 3, 3), text: '.' },
  ]);
});

test('a name that is only passed in typing is not read about', async () => {
  const names = ['alpha', 'alter', 'altitude'].map((label) => ({ label, data: {} }));
  const { core } = await open({
    'textDocument/completion': () => ({ isIncomplete: false, items: names }),
    'completionItem/resolve': (item) => ({ ...item, detail: `about ${item.label}` }),
  });
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  vi.useFakeTimers();
  type('a');
  // The list takes no keys for 75 ms.
  await vi.advanceTimersByTimeAsync(90);
  expect(currentCompletions(code().state)).toHaveLength(3);
  moveCompletionSelection(true)(code());
  moveCompletionSelection(true)(code());
  await vi.advanceTimersByTimeAsync(500);
  vi.useRealTimers();
  expect(selectedCompletion(code().state)?.label).toBe('altitude');
  const read = asked(core, 'completionItem/resolve').map((item) => (item as { label: string }).label);
  expect(read.filter((label) => label.startsWith('al'))).toEqual(['altitude']);
});

test('Enter breaks the line behind a name that is typed already, and takes one that is not', async () => {
  const { user } = await open({
    'textDocument/completion': () => ({
      isIncomplete: false,
      items: [
        { label: 'greet', sortText: '11' },
        { label: 'greeting', sortText: '11' },
        { label: 'imported', sortText: '16', labelDetails: { description: './other' } },
      ],
    }),
  });
  const last = () => code().state.doc.sliceString(code().state.doc.line(4).from);
  const typed = async (text: string, key = '{Enter}') => {
    code().dispatch({ changes: { from: code().state.doc.line(4).from, to: code().state.doc.length, insert: text } });
    code().dispatch({ selection: { anchor: code().state.doc.length } });
    code().focus();
    startCompletion(code());
    await waitFor(() => expect(completionStatus(code().state)).toBe('active'));
    // So long is a list not listened to.
    await passing(100);
    await user.keyboard(key);
    expect(completionStatus(code().state)).toBe(null);
  };
  await typed('a = greet');
  expect(last()).toBe('a = greet\n');
  await typed('a = greeti');
  expect(last()).toBe('a = greeting');
  await typed('x.greet');
  expect(last()).toBe('x.greet\n');
  await typed('imported');
  expect(last()).toBe('imported');
  // Tab takes what is chosen, and indents where nothing is listed.
  await typed('gree', '{Tab}');
  expect(last()).toBe('greet');
  await user.keyboard('{Tab}');
  expect(last()).toBe('  greet');
});
