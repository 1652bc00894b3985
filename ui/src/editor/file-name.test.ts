// The field for a file's name as the page itself moves the focus: without `user`, which moves it in its own way.

import { fireEvent, screen, waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { runCommand } from '../commands';
import { store } from '../state.svelte';
import { called, code, hold, openWindow } from '../test-window';
import { documents } from './documents';

/** The window with a.ts shown and its name being typed. */
async function renaming(name: string) {
  const { core } = await openWindow((core) => {
    core.add('mine').others = ['a.ts', 'b.ts'].map((path) => ({ path, text: '' }));
  });
  documents.show(store.openId ?? 0, 'a.ts');
  runCommand('rename-file');
  const field = await screen.findByRole('textbox', { name: 'File name' });
  await waitFor(() => expect(document.activeElement).toBe(field));
  await fireEvent.input(field, { target: { value: name } });
  return { core, field };
}

const press = (on: Element, key: string, more: KeyboardEventInit = {}) =>
  on.dispatchEvent(new KeyboardEvent('keydown', { key, ...more, bubbles: true, cancelable: true }));

test('a name is for the file that it was typed for, though another one is shown before it is there', async () => {
  const { core, field } = await renaming('c.ts');
  press(field, 'PageDown', { ctrlKey: true });
  expect(store.shownFile).toBe('b.ts');
  await waitFor(() => expect(called(core, 'rename_file')).toHaveLength(1));
  expect(called(core, 'rename_file')[0]).toMatchObject({ path: 'a.ts', to: 'c.ts' });
  await screen.findByRole('tab', { name: 'c.ts' });
  expect(code().hasFocus).toBe(true);
});

test('a name that is taken late leaves the focus to whoever types elsewhere by then', async () => {
  const { core, field } = await renaming('c.ts');
  const go = hold(core, 'rename_file');
  press(field, 'Enter');
  await waitFor(() => expect(called(core, 'rename_file')).toHaveLength(1));
  const value = screen.getByRole('textbox', { name: 'Value' });
  value.focus();
  go();
  await screen.findByRole('tab', { name: 'c.ts' });
  await waitFor(() => expect(field.isConnected).toBe(false));
  expect(document.activeElement).toBe(value);
});

test('what is in the file says whether it can be called .wasm', async () => {
  const { core, field } = await renaming('a.wasm');
  press(field, 'Enter');
  expect(await screen.findByText(/^a\.ts has no WebAssembly in it\./)).toBeTruthy();
  press(field, 'Escape');
  await waitFor(() => expect(field.isConnected).toBe(false));
  documents.edit({ id: store.openId ?? 0, path: 'a.ts' }, { changes: { from: 0, insert: 'AGFzbQEAAAA=' } });
  runCommand('rename-file');
  const again = await screen.findByRole('textbox', { name: 'File name' });
  await waitFor(() => expect(document.activeElement).toBe(again));
  await fireEvent.input(again, { target: { value: 'a.wasm' } });
  press(again, 'Enter');
  await waitFor(() => expect(called(core, 'rename_file')[0]).toMatchObject({ path: 'a.ts', to: 'a.wasm' }));
});
