// What is offered for a credential that was just pasted.

import { undo } from '@codemirror/commands';
import { screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { expect, test } from 'vitest';
import { documents } from '../editor/documents';
import { called, code, openWindow } from '../test-window';

/** Made up, and put together here so that it stands nowhere in one piece. */
const KEY = ['sk', 'live', '7Hq2Zr90XwLbN4cVtKyD3m'].join('_');
const source = (value: string) => `export default {\n  fetch(request, env) { return call(${value}) },\n}\n`;
const WITH_KEY = source(`'${KEY}'`);

function paste(text: string): void {
  const view = code();
  const at = view.state.doc.toString().indexOf('|');
  view.dispatch({
    changes: { from: at, to: at + 1, insert: text },
    selection: { anchor: at + text.length },
    userEvent: 'input.paste',
  });
}

test('a pasted credential can become a secret where it is, by key', async () => {
  const { core, user } = await openWindow((core) => core.add('hello', source("'|'")));
  documents.focus();
  paste(KEY);
  const strip = await screen.findByRole('group', { name: 'Pasted credential' });
  await waitFor(() =>
    expect(within(strip).getByRole('status').textContent).toBe('This looks like a Stripe secret key.'),
  );
  await user.keyboard('{Alt>}{Enter}{/Alt}');
  await waitFor(() => expect(code().state.doc.toString()).toBe(source('env.STRIPE_SECRET_KEY')));
  expect(screen.queryByRole('group', { name: 'Pasted credential' })).toBeNull();
  expect(core.kept[0]?.secrets.map(({ name }) => name)).toEqual(['STRIPE_SECRET_KEY']);
  undo(code());
  expect(code().state.doc.toString()).toBe(WITH_KEY);
  undo(code());
  expect(code().state.doc.toString()).toBe(source("'|'"));
  await documents.flushAll();
});

test.each(["'|'", '`|`', '|'])('a pasted private key is told with all its lines, in %s', async (around) => {
  const lines = ['MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw7Hq2Zr90XwLbN4cVtKyD3mQp', 'kJ8sLq02PwZxT5uYb1Vn6GfRhC3aEoWd'];
  const pem = ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----'].join('\n');
  const { core, user } = await openWindow((core) => core.add('hello', source(around)));
  documents.focus();
  paste(pem);
  const strip = await screen.findByRole('group', { name: 'Pasted credential' });
  expect(within(strip).getByText('This looks like a private key.')).toBeTruthy();
  await user.keyboard('{Alt>}{Enter}{/Alt}');
  await waitFor(() => expect(code().state.doc.toString()).toBe(source('env.PRIVATE_KEY')));
  expect(core.kept[0]?.secrets.map(({ name }) => name)).toEqual(['PRIVATE_KEY']);
  await documents.flushAll();
});

test('among other code that was pasted with it, a credential is marked and not asked about', async () => {
  const { core } = await openWindow((core) => core.add('hello', source("'|'")));
  documents.focus();
  paste(`a longer piece of code\nthat holds ${KEY}\nand goes on behind it for a while`);
  await waitFor(() => expect(called(core, 'credential_pasted')).toHaveLength(1));
  await tick();
  expect(screen.queryByRole('group', { name: 'Pasted credential' })).toBeNull();
  await documents.flushAll();
});

test('a pasted credential stays as text where that is wanted, and other text is not asked about', async () => {
  const { core, user } = await openWindow((core) => core.add('hello', source("'|'")));
  documents.focus();
  paste(KEY);
  const strip = await screen.findByRole('group', { name: 'Pasted credential' });
  await user.keyboard('{Escape}');
  expect(strip.isConnected).toBe(false);
  expect(code().state.doc.toString()).toBe(WITH_KEY);
  expect(code().hasFocus).toBe(true);

  undo(code());
  paste('short');
  undo(code());
  paste('nothing that opens anything');
  await waitFor(() => expect(called(core, 'credential_pasted')).toHaveLength(2));
  expect(screen.queryByRole('group', { name: 'Pasted credential' })).toBeNull();
  await documents.flushAll();
});

test('a pasted credential gets another name from the dialog', async () => {
  const { user } = await openWindow((core) => core.add('hello', source("'|'")));
  documents.focus();
  paste(KEY);
  const strip = await screen.findByRole('group', { name: 'Pasted credential' });
  await user.click(within(strip).getByRole('button', { name: 'Other name…' }));
  await screen.findByRole('textbox', { name: 'Name of the secret' });
  await user.keyboard('mine{Enter}');
  await waitFor(() => expect(code().state.doc.toString()).toBe(source('env.MINE')));
  await documents.flushAll();
});
