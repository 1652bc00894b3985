import { acceptCompletion, completionStatus, currentCompletions } from '@codemirror/autocomplete';
import { screen, waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import type { MockCore } from '../../mocks';
import { problems } from '../../problems/problems.svelte';
import { store } from '../../state.svelte';
import { called, code, openWindow, typeCode } from '../../test-window';
import { documents } from '../documents';

const CODE = 'export default {\n  fetch(request: Request, env: Env) {},\n}\n';

/** The window with a language server that answers as told. */
async function open(answers: Record<string, (params: Record<string, unknown>) => unknown>, text = CODE) {
  const opened = await openWindow((core) => {
    core.add('hello', text);
    core.language = (method, params) => answers[method]?.(params) ?? null;
  });
  await documents.loadLanguage();
  await waitFor(() => expect(asked(opened.core, 'textDocument/diagnostic').length).toBeGreaterThan(0));
  return opened;
}

const asked = (core: MockCore, method: string) =>
  called(core, 'ask_language')
    .filter((call) => call.method === method)
    .map((call) => call.params);
const told = (core: MockCore, method: string) =>
  called(core, 'tell_language')
    .filter((call) => call.method === method)
    .map((call) => call.params);

const at = (line: number, from: number, to: number) => ({
  start: { line, character: from },
  end: { line, character: to },
});

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
  const { startCompletion } = await import('@codemirror/autocomplete');
  startCompletion(code());
  await waitFor(() => expect(currentCompletions(code().state)).toHaveLength(1));
  await screen.findByText(/Greets/);
  await waitFor(() => {
    acceptCompletion(code());
    expect(completionStatus(code().state)).toBe(null);
  });
  await waitFor(() => expect(code().state.doc.toString()).toBe(`import { greet } from "./greet"\n${before}greet`));
  const { undo } = await import('@codemirror/commands');
  undo(code());
  expect(code().state.doc.toString()).toBe(`${before}g`);
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
