import { screen, waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { problems } from '../../problems/problems.svelte';
import { store } from '../../state.svelte';
import { called, code, typeCode } from '../../test-window';
import { asked, at, CODE, changed, open, passing, told, type } from './test-language';

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
  const restart = screen.getByRole('button', { name: 'Restart TypeScript' });
  core.refusals.set('restart_language', { code: 'storage', message: 'It did not start.', position: null });
  await user.click(restart);
  expect(await screen.findByText('TypeScript was not restarted: It did not start.')).toBeTruthy();
  await user.click(restart);
  expect(called(core, 'restart_language')).toHaveLength(2);
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

test('a signature is asked about once its bracket is painted, and about what was typed meanwhile', async () => {
  const { core } = await open({ 'textDocument/signatureHelp': () => null });
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  const signatures = () => asked(core, 'textDocument/signatureHelp');
  type('(');
  await passing(0);
  expect(signatures()).toEqual([]);
  type('1');
  await waitFor(() => expect(signatures()).toHaveLength(1));
  expect(signatures()[0]).toMatchObject({ position: { line: 3, character: 2 } });
  // By then it knows that no call is shown, and is not asked about what follows.
  type('2');
  await passing(150);
  expect(signatures()).toHaveLength(1);
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
