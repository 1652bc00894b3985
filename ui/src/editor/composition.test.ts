// Chinese, Japanese and Korean are typed through an input method, whose keys are its own until it has ended.

import { completionStatus, startCompletion } from '@codemirror/autocomplete';
import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { runCommand } from '../commands';
import { called, code, openWindow, typeCode } from '../test-window';
import { documents } from './documents';

const at = (line: number, from: number, to: number) => ({
  start: { line, character: from },
  end: { line, character: to },
});

/** Begins a composition at the end of the code, and types into it as an input method does. */
async function compose(text: string) {
  const view = code();
  view.focus();
  view.dispatch({ selection: { anchor: view.state.doc.length } });
  await fireEvent.compositionStart(view.contentDOM, { data: '' });
  const { node, offset } = view.domAtPos(view.state.doc.length);
  const line = node.nodeType === Node.TEXT_NODE ? (node as Text) : node.childNodes[offset - 1];
  const last = line instanceof Text ? line : line?.lastChild;
  if (!(last instanceof Text)) throw new Error('the code ends in no text');
  last.data += text;
  document.getSelection()?.collapse(last, last.data.length);
  await waitFor(() => expect(view.state.doc.toString().endsWith(text)).toBe(true));
}

const press = (key: string, more: KeyboardEventInit = {}) =>
  fireEvent.keyDown(code().contentDOM, { key, keyCode: 229, isComposing: true, ...more });

test('the keys of an input method take no completion', async () => {
  await openWindow((core) => {
    core.add('hello', 'gre');
    core.language = (method) =>
      method === 'textDocument/completion' ? { items: [{ label: 'greet', kind: 3 }], isIncomplete: false } : null;
  });
  await documents.loadLanguage();
  code().dispatch({ selection: { anchor: 3 } });
  startCompletion(code());
  await waitFor(() => expect(completionStatus(code().state)).toBe('active'));
  // So long is a list not listened to.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await press('Enter');
  expect(code().state.doc.toString()).toBe('gre');
  await compose('e');
  await press('Enter');
  await press('Tab');
  expect(code().state.doc.toString()).toBe('gree');
  await fireEvent.compositionEnd(code().contentDOM, { data: 'e' });
});

test('Enter and Escape of an input method leave the field for a new name open', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('hello', 'const request = 1\n');
    core.language = (method) =>
      method === 'textDocument/prepareRename' ? { range: at(0, 6, 13), placeholder: 'request' } : null;
  });
  await documents.loadLanguage();
  code().focus();
  await user.keyboard('{F2}');
  const field = await screen.findByRole<HTMLInputElement>('textbox', { name: 'New name' });
  field.value = '名';
  // The second is as WebKit tells it: the composition has just ended.
  for (const how of [{ isComposing: true }, { keyCode: 229 }]) {
    await fireEvent.keyDown(field, { key: 'Enter', ...how });
    await fireEvent.keyDown(field, { key: 'Escape', ...how });
    expect(field.isConnected).toBe(true);
  }
  expect(called(core, 'ask_language').some(({ method }) => method === 'textDocument/rename')).toBe(false);
  await fireEvent.keyDown(field, { key: 'Enter' });
  await waitFor(() =>
    expect(called(core, 'ask_language').some(({ method }) => method === 'textDocument/rename')).toBe(true),
  );
});

test('what an input method puts in is no paste, and its keys answer no offer of the paste guard', async () => {
  const { core } = await openWindow((core) => core.add('hello', 'const key = 1\n// '));
  await documents.loadReading();
  const key = `sk_${'live'}_7Hq2Zr90XwLbN4cVtKyD3m`;
  await compose(key);
  await fireEvent.compositionEnd(code().contentDOM, { data: key });
  expect(called(core, 'credential_pasted')).toEqual([]);

  const view = code();
  typeCode('\n');
  view.dispatch({ changes: { from: view.state.doc.length, insert: key }, userEvent: 'input.paste' });
  await screen.findByRole('button', { name: 'Paste as a secret' });
  await fireEvent.compositionStart(view.contentDOM, { data: '' });
  await press('Enter', { altKey: true });
  await press('Escape');
  expect(screen.getByRole('button', { name: 'Paste as a secret' })).toBeTruthy();
  expect(called(core, 'move_to_secret')).toEqual([]);
});

test('Escape of an input method does not close a dialog', async () => {
  const { user } = await openWindow((core) => core.add('hello', `const key = 'sk_${'live'}_7Hq2Zr90XwLbN4cVtKyD3m'\n`));
  await user.click(await screen.findByRole('button', { name: 'Move a Stripe secret key to a secret' }));
  const field = await screen.findByRole('textbox', { name: 'Name of the secret' });
  await fireEvent.keyDown(field, { key: 'Escape', isComposing: true });
  expect(field.isConnected).toBe(true);
  await fireEvent.keyDown(field, { key: 'Escape' });
  await waitFor(() => expect(field.isConnected).toBe(false));
});

test.each([
  ['new-function', 'Name'],
  ['command-palette', 'Command'],
  ['review', 'Message'],
])('Escape of an input method does not close what %s opens', async (command, name) => {
  await openWindow((core) => {
    const { id } = core.targets.add('production');
    core.add('hello', undefined, { chosen: [id] });
  });
  runCommand(command);
  const field = await screen.findByLabelText(name, { selector: 'input' });
  for (const how of [{ isComposing: true }, { keyCode: 229 }]) {
    await fireEvent.keyDown(field, { key: 'Escape', ...how });
    await new Promise((resolve) => setTimeout(resolve));
    expect(field.isConnected).toBe(true);
  }
  await fireEvent.keyDown(field, { key: 'Escape' });
  await waitFor(() => expect(field.isConnected).toBe(false));
});
