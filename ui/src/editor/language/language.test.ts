import {
  acceptCompletion,
  closeCompletion,
  completionStatus,
  currentCompletions,
  moveCompletionSelection,
  selectedCompletion,
  startCompletion,
} from '@codemirror/autocomplete';
import { undo } from '@codemirror/commands';
import { runScopeHandlers } from '@codemirror/view';
import { screen, waitFor } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import { problems } from '../../problems/problems.svelte';
import { store } from '../../state.svelte';
import { called, code, typeCode } from '../../test-window';
import { stands } from './standing';
import { asked, at, CODE, changed, open, told } from './test-language';

test('a document is opened once, and the server has every edit before it is asked', async () => {
  const { core } = await open({});
  expect(told(core, 'textDocument/didOpen')).toHaveLength(1);
  typeCode('// ä');
  typeCode('b\n');
  await waitFor(() => expect(told(core, 'textDocument/didChange')).toHaveLength(1));
  expect(told(core, 'textDocument/didChange')[0]).toMatchObject({
    textDocument: { version: 2 },
    contentChanges: [{ range: at(3, 0, 0), text: '// äb\n' }],
  });
  const numbers = [...called(core, 'tell_language'), ...called(core, 'ask_language')].map(({ number }) => number);
  expect(numbers.sort((a, b) => Number(a) - Number(b))).toEqual(numbers.map((_, index) => index));
});

test('a handler without types is said to be one, and nothing of that is seen', async () => {
  const untyped = 'export default {\n  fetch(request, env) {},\n};\n';
  const said = ' satisfies ExportedHandler<Env> & Record<string, unknown>';
  const { core } = await open(
    {
      'textDocument/diagnostic': () => ({
        kind: 'full',
        items: [
          { range: at(2, 2, 11), severity: 1, message: 'Inside.' },
          { range: at(2, 1 + said.length, 2 + said.length), severity: 1, message: 'At the semicolon.' },
        ],
      }),
    },
    untyped,
  );
  expect(told(core, 'textDocument/didOpen')[0]).toMatchObject({
    textDocument: { text: untyped.replace('};', `}${said};`) },
  });
  const id = store.openId ?? 0;
  await waitFor(() => expect(problems.listed(id)).toHaveLength(1));
  expect(problems.listed(id)[0]).toMatchObject({ message: 'At the semicolon.', from: { line: 3, column: 2 } });

  // It moves with the text, and goes where the code says itself what it is.
  code().dispatch({ changes: { from: 0, insert: '// first\n' } });
  await waitFor(() => expect(told(core, 'textDocument/didChange')).toHaveLength(1));
  expect(changed(core)[0]).toEqual([
    { range: at(2, 1, 1 + said.length), text: '' },
    { range: at(0, 0, 0), text: '// first\n' },
    { range: at(3, 1, 1), text: said },
  ]);
  code().dispatch({ changes: { from: code().state.doc.line(4).from + 1, insert: ' as Own' } });
  await waitFor(() => expect(told(core, 'textDocument/didChange')).toHaveLength(2));
  expect(changed(core)[1]).toEqual([
    { range: at(3, 1, 1 + said.length), text: '' },
    { range: at(3, 1, 1), text: ' as Own' },
  ]);
});

test('what the server sees behind a handler colours none of the code below it', async () => {
  await open(
    // `request`, a parameter of the kind of a function here, and `ExportedHandler` behind the brace.
    { 'textDocument/semanticTokens/range': () => ({ data: [1, 8, 7, 10, 0, 1, 12, 15, 3, 0] }) },
    'const handler = {\n  fetch(request, env) {},\n};\nexport default handler;\n',
  );
  const coloured = () =>
    [...code().contentDOM.querySelectorAll('[class*=cm-semantic]')].map((mark) => mark.textContent);
  await waitFor(() => expect(coloured()).toEqual(['request']));
});

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
      additionalTextEdits: [{ range: at(0, 0, 0), newText: 'import { greet } from "./greet"\n' }],
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

/** At the caret, as a key does it. */
function type(insert: string): void {
  const at = code().state.selection.main.head;
  code().dispatch({
    changes: { from: at, insert },
    selection: { anchor: at + insert.length },
    userEvent: 'input.type',
  });
}
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
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(asked(core, 'textDocument/completion')).toHaveLength(1);
  // Nobody knows that of the next one.
  type(' x');
  await waitFor(() => expect(asked(core, 'textDocument/completion')).toHaveLength(2));
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
  await new Promise((resolve) => setTimeout(resolve, 20));
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

test('what the types say is wrong is listed, and asked again when the secrets are others', async () => {
  let missing = false;
  const { core } = await open({
    'textDocument/diagnostic': () => ({
      kind: 'full',
      items: missing
        ? [{ range: at(1, 2, 7), severity: 1, code: 2339, message: "Property 'KEY' does not exist on type 'Env'." }]
        : [],
    }),
  });
  const id = store.openId ?? 0;
  missing = true;
  core.emit({ type: 'env', function: id });
  await waitFor(() => expect(problems.listed(id)).toHaveLength(1));
  expect(problems.listed(id)[0]).toMatchObject({ file: 'index.ts', from: { line: 2, column: 3 }, source: 'types' });
  missing = false;
  core.emit({ type: 'env', function: id });
  await waitFor(() => expect(problems.listed(id)).toEqual([]));
});

test('after a restart the documents are opened anew, no key is lost, and the status bar says so', async () => {
  const { core } = await open({});
  typeCode('// typed before');
  core.emit({ type: 'language', state: { type: 'restarting' } });
  expect(await screen.findByText('TypeScript: restarting')).toBeTruthy();
  typeCode(' and meanwhile');
  core.emit({ type: 'language', state: { type: 'ready', session: 1000, restarted: true } });
  expect(await screen.findByText('TypeScript restarted')).toBeTruthy();
  await waitFor(() => expect(told(core, 'textDocument/didOpen')).toHaveLength(2));
  expect(told(core, 'textDocument/didOpen')[1]).toMatchObject({
    textDocument: { text: `${CODE}// typed before and meanwhile` },
  });
});

test('a server that is given up says why, and Restart starts it', async () => {
  const { core, user } = await open({});
  core.emit({ type: 'language', state: { type: 'failed', message: 'TypeScript ended.' } });
  expect(await screen.findByText(/TypeScript stopped: TypeScript ended\./)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Restart TypeScript' }));
  expect(called(core, 'restart_language')).toHaveLength(1);
  expect(await screen.findByText('TypeScript')).toBeTruthy();
});

test('the signatures of a call are stepped through, and the one that was chosen stays while its arguments are typed', async () => {
  const signatures = ['of(a: string)', 'of(b: number, c: number)', 'of(d: URL)'].map((label) => ({
    label,
    parameters: [{ label: label.slice(3, label.indexOf(':')) }],
  }));
  let help: unknown = { signatures, activeSignature: 0, activeParameter: 0 };
  const { user } = await open({ 'textDocument/signatureHelp': () => help });
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  code().focus();
  const before = code().state.doc.toString();
  await user.keyboard('{Control>}{Shift>} {/Shift}{/Control}');
  expect((await screen.findByText('1/3')).closest('[role=status]')?.textContent).toContain('of(a: string)');
  await user.keyboard('{Alt>}{ArrowDown}{/Alt}');
  expect(screen.getByText('2/3').closest('[role=status]')?.textContent).toContain('of(b: number, c: number)');
  code().dispatch({ ...code().state.replaceSelection('1, '), userEvent: 'input.type' });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(screen.getByText('2/3')).toBeTruthy();
  await user.keyboard('{Alt>}{ArrowUp}{ArrowUp}{/Alt}');
  expect(screen.getByText('3/3')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Next signature' }));
  expect(screen.getByText('1/3')).toBeTruthy();
  expect(code().state.doc.toString()).toBe(`${before}1, `);

  // Another call begins with what fits best.
  await user.keyboard('{Alt>}{ArrowDown}{/Alt}');
  help = { signatures: signatures.slice(1), activeSignature: 1 };
  code().dispatch({ ...code().state.replaceSelection('('), userEvent: 'input.type' });
  expect((await screen.findByText('2/2')).closest('[role=status]')?.textContent).toContain('of(d: URL)');
  // With one signature, and with none, the keys move the line.
  help = { signatures: signatures.slice(0, 1) };
  code().dispatch({ ...code().state.replaceSelection('('), userEvent: 'input.type' });
  await waitFor(() => expect(screen.queryByText('2/2')).toBe(null));
  expect(screen.getByText('of(', { exact: false })).toBeTruthy();
  const text = code().state.doc.toString();
  await user.keyboard('{Alt>}{ArrowUp}{/Alt}');
  expect(code().state.doc.toString()).not.toBe(text);
});

test('a signature is asked about in a pause while an argument is typed, and drawn anew when it says something else', async () => {
  const help = { signatures: [{ label: 'of(a: string, b: number)', parameters: [] }], activeParameter: 0 };
  const { core } = await open({ 'textDocument/signatureHelp': () => structuredClone(help) });
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  type('(');
  const drawn = (await screen.findByText('of(a: string, b: number)')).closest('[role=status]');
  for (const letter of '1234') type(letter);
  await waitFor(() => expect(asked(core, 'textDocument/signatureHelp')).toHaveLength(2));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(drawn?.isConnected).toBe(true);
  help.activeParameter = 1;
  type(',');
  await waitFor(() => expect(drawn?.isConnected).toBe(false));
  expect(screen.getByText('of(a: string, b: number)')).toBeTruthy();
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
  const typed = async (text: string) => {
    code().dispatch({ changes: { from: code().state.doc.line(4).from, to: code().state.doc.length, insert: text } });
    code().dispatch({ selection: { anchor: code().state.doc.length } });
    code().focus();
    startCompletion(code());
    await waitFor(() => expect(completionStatus(code().state)).toBe('active'));
    // So long is a list not listened to.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await user.keyboard('{Enter}');
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
});

test("what is said of Node's types is for a function and not for a folder", async () => {
  const said = (name: string) => ({
    range: at(0, 0, 6),
    severity: 1,
    message: `Cannot find name '${name}'. Do you need to install type definitions for node? Try \`npm i\``,
  });
  await open({
    'textDocument/diagnostic': () => ({ kind: 'full', items: ['Buffer', 'node:crypto', 'require'].map(said) }),
  });
  await waitFor(() => expect(problems.listed(store.openId ?? 0)).toHaveLength(3));
  expect(problems.listed(store.openId ?? 0).map(({ message }) => message)).toEqual([
    'This function has no Buffer: it is there with Node compatibility only. Import it from node:buffer, and the next deployment turns that on.',
    'The types of node:crypto come once the code is saved.',
    "Cannot find name 'require'.",
  ]);
});
