import { redo, undo } from '@codemirror/commands';
import { diagnosticCount } from '@codemirror/lint';
import { screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { expect, test } from 'vitest';
import type { CredentialInCode } from '../bindings/CredentialInCode';
import { runCommand } from '../commands';
import { documents } from '../editor/documents';
import { dayWords } from '../format';
import { type Kept, secret } from '../mocks';
import { problems } from '../problems/problems.svelte';
import { store } from '../state.svelte';
import { called, code, hold, openWindow, typeCode } from '../test-window';
import { deployAnyway, moveToSecret, offerDeployAnyway, offerMove, refresh } from './actions';

/** Made up, and put together here so that it stands nowhere in one piece. */
const KEY = ['sk', 'live', '7Hq2Zr90XwLbN4cVtKyD3m'].join('_');
const source = (value: string) => `export default {\n  fetch(request, env) { return call(${value}) },\n}\n`;
const WITH_KEY = source(`'${KEY}'`);

const row = async () => {
  if (!store.layout.problemsOpen) (await screen.findByRole('button', { name: /^\d warning/ })).click();
  return within(await screen.findByRole('list', { name: 'Problems' }));
};

test('a credential is a warning in its line, with a way to move it, and says nothing of what it is made of', async () => {
  await openWindow((core) => core.add('hello', WITH_KEY));
  expect(await screen.findByRole('button', { name: '1 warning' })).toBeTruthy();
  await waitFor(() => expect(diagnosticCount(code().state)).toBe(1));
  const list = await row();
  expect(list.getByText('A Stripe secret key stands in the code. Deploying stops at it.')).toBeTruthy();
  expect(list.getByRole('button', { name: 'Move a Stripe secret key to a secret' })).toBeTruthy();
  expect(screen.getByRole('list', { name: 'Problems' }).textContent).not.toContain(KEY);
});

test('moving asks for a name, writes env.NAME as one step, and undo and redo take it back and forth', async () => {
  const { core, user } = await openWindow((core) => core.add('hello', WITH_KEY));
  await user.click((await row()).getByRole('button', { name: 'Move a Stripe secret key to a secret' }));
  const field = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Name of the secret' });
  expect(field.value).toBe('STRIPE_SECRET_KEY');
  await user.clear(field);
  await user.keyboard('payments');
  expect(field.value).toBe('PAYMENTS');
  await user.keyboard('{Enter}');
  await waitFor(() => expect(code().state.doc.toString()).toBe(source('env.PAYMENTS')));
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(called(core, 'move_to_secret')).toMatchObject([{ name: 'PAYMENTS', at: { line: 2 } }]);
  await documents.flushAll();
  expect(core.kept[0]?.text).toBe(source('env.PAYMENTS'));
  expect(await screen.findByRole('button', { name: 'No problems' })).toBeTruthy();

  undo(code());
  expect(code().state.doc.toString()).toBe(WITH_KEY);
  await documents.flushAll();
  expect(await (await row()).findByText(/^The value of PAYMENTS stands in the code/)).toBeTruthy();
  redo(code());
  expect(code().state.doc.toString()).toBe(source('env.PAYMENTS'));
  await documents.flushAll();
});

test('what the vault holds already is moved without a question', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('hello', WITH_KEY).moved.set(KEY, 'PAYMENTS');
  });
  await user.click((await row()).getByRole('button', { name: 'Move the value of PAYMENTS to a secret' }));
  await waitFor(() => expect(code().state.doc.toString()).toBe(source('env.PAYMENTS')));
  expect(core.kept[0]?.secrets).toHaveLength(0);
  await documents.flushAll();
});

test('a name that is taken is said before it is sent, and a refusal stays with the form', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('hello', WITH_KEY).variables.push({ name: 'TAKEN', scope: 'all', value: '1', stale: [] });
  });
  await user.click((await row()).getByRole('button', { name: 'Move a Stripe secret key to a secret' }));
  const field = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Name of the secret' });
  await user.clear(field);
  await user.keyboard('taken{Enter}');
  expect(screen.getByText('There is a TAKEN already. Choose another name.')).toBeTruthy();
  expect(called(core, 'move_to_secret')).toEqual([]);
  core.refusals.set('move_to_secret', { code: 'vaultLocked', message: 'Your keychain is locked.', position: null });
  await user.keyboard('_two{Enter}');
  expect(await screen.findByText('Your keychain is locked.')).toBeTruthy();
  expect(code().state.doc.toString()).toBe(WITH_KEY);
});

test('a deployment stops at it; deploying anyway takes a reason, which is shown and can be withdrawn', async () => {
  const { core, user } = await openWindow((core) => core.add('hello', WITH_KEY));
  await user.click(screen.getByRole('button', { name: 'Deploy' }));
  const strips = screen.getByRole('status', { name: 'Deployment' });
  expect(await within(strips).findByText(/The code holds a Stripe secret key at line 2/)).toBeTruthy();
  // It is listed once, as the credential that it is.
  await tick();
  expect(problems.listed(store.openId ?? 0)).toHaveLength(1);
  expect(within(strips).getByRole('button', { name: 'Move to a secret' })).toBeTruthy();
  await user.click(within(strips).getByRole('button', { name: 'Deploy anyway…' }));
  const reason = await screen.findByRole('textbox', { name: 'Reason' });
  await user.keyboard('{Enter}');
  expect(screen.getByText('Say why it may be deployed.')).toBeTruthy();
  await user.type(reason, 'A test account{Enter}');
  expect(await within(strips).findByText(/Deployed/)).toBeTruthy();
  expect(called(core, 'allow_credential')).toMatchObject([{ reason: 'A test account' }]);

  expect(screen.getByRole('button', { name: 'No problems' })).toBeTruthy();
  screen.getByRole('button', { name: 'No problems' }).click();
  const list = within(await screen.findByRole('list', { name: 'Problems' }));
  expect(
    list.getByText(`A Stripe secret key stands in the code. Allowed on ${dayWords(Date.now())}: A test account`),
  ).toBeTruthy();
  await user.click(list.getByRole('button', { name: 'Stop deployments at a Stripe secret key again' }));
  expect(await screen.findByRole('button', { name: '1 warning' })).toBeTruthy();
});

test('what could not be told while the vault was closed is told once it opens', async () => {
  const { core } = await openWindow((core) => {
    core.vault = 'opening';
    core.add('hello', WITH_KEY).allowed.set(KEY, { reason: 'A test', at: 0 });
    const other = core.add('other', source('env.PAYMENTS'));
    other.moved.set(KEY, 'PAYMENTS');
    deployed(other, WITH_KEY);
  });
  const list = await row();
  expect(list.getByText('A Stripe secret key stands in the code. Deploying stops at it.')).toBeTruthy();
  const hello = store.openId ?? 0;
  screen.getByRole('button', { name: /^other/ }).click();
  await waitFor(() => expect(called(core, 'leaked_values')).toHaveLength(2));
  expect(screen.queryByText(/still in the code/)).toBeNull();

  core.vault = 'ready';
  core.emit({ type: 'vault', state: 'ready' });
  expect(await screen.findByText(/still in the code of #1/)).toBeTruthy();
  await waitFor(() => expect(problems.of(hello)[0]?.message).toContain('Allowed on'));
});

test('a new vault knows nothing that was let pass, and says which secrets need their values again', async () => {
  const { core, user } = await openWindow((core) => {
    core.vault = 'keyMissing';
    const kept = core.add('hello', WITH_KEY);
    kept.allowed.set(KEY, { reason: 'A test', at: 0 });
    kept.secrets.push(secret('PAYMENTS'));
  });
  await user.click(await screen.findByRole('button', { name: 'Start a new vault' }));
  expect(await screen.findByText(/^Needs re-entry/)).toBeTruthy();
  expect((await row()).getByText('A Stripe secret key stands in the code. Deploying stops at it.')).toBeTruthy();
  expect(core.vault).toBe('ready');
});

test('the vault is closed: a deployment goes on and says what it could not tell, until that is put away', async () => {
  const { core, user } = await openWindow((core) => {
    core.vault = 'locked';
    core.add('hello').moved.set(KEY, 'PAYMENTS');
  });
  await user.click(screen.getByRole('button', { name: 'Deploy' }));
  const strips = within(screen.getByRole('status', { name: 'Deployment' }));
  expect(await strips.findByText(/^The vault was closed: whether the code holds a value that is sealed/)).toBeTruthy();
  expect(strips.getByText('Deployed #1')).toBeTruthy();
  await user.click(strips.getByRole('button', { name: 'Dismiss' }));
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  await waitFor(() => expect(called(core, 'open_function')).toHaveLength(1));
  await user.click(screen.getByRole('button', { name: 'Deploy' }));
  expect(await strips.findByText('Deployed #2')).toBeTruthy();
  expect(strips.queryByText(/^The vault was closed/)).toBeNull();
});

/** Deployed as often, the last one live. */
function deployed(kept: Kept, ...texts: string[]): void {
  const deployment = { target: 0, at: 0, message: '', failure: null, secrets: [], variables: [] };
  kept.deployments = texts.map((text, at) => ({
    ...deployment,
    id: at + 1,
    number: at + 1,
    outcome: at + 1 === texts.length ? 'live' : 'past',
    text,
  }));
}

test('deployments that hold a moved value are named, and removed once they are not live', async () => {
  const { core, user } = await openWindow((core) => deployed(core.add('hello', WITH_KEY), WITH_KEY, WITH_KEY));
  await user.click((await row()).getByRole('button', { name: 'Move a Stripe secret key to a secret' }));
  await screen.findByRole('textbox', { name: 'Name of the secret' });
  await user.keyboard('{Enter}');
  const strips = within(screen.getByRole('status', { name: 'Deployment' }));
  expect(await strips.findByText(/The value that was moved to STRIPE_SECRET_KEY is still in the code of #2 and #1/));
  expect(strips.getByText(/#2 is live: deploy, then remove it/)).toBeTruthy();
  expect(strips.getByText(/replace the key at its provider/)).toBeTruthy();
  await user.click(strips.getByRole('button', { name: 'Remove this version' }));
  expect(await strips.findByText(/is still in the code of #2\./)).toBeTruthy();
  expect(core.kept[0]?.deployments).toHaveLength(1);
  await documents.flushAll();

  await user.click(screen.getByRole('button', { name: 'Deploy' }));
  await user.click(await strips.findByRole('button', { name: 'Remove this version' }));
  await waitFor(() => expect(strips.queryByText(/still in the code/)).toBeNull());
  expect(core.kept[0]?.deployments.map(({ text }) => text)).toEqual([source('env.STRIPE_SECRET_KEY')]);
});

test('they are named after the next start and in the history, where they can be removed after they were put away', async () => {
  const { user } = await openWindow((core) => {
    const kept = core.add('hello', source('env.PAYMENTS'));
    kept.secrets.push(secret('PAYMENTS'));
    kept.moved.set(KEY, 'PAYMENTS');
    deployed(kept, WITH_KEY, WITH_KEY, source('env.PAYMENTS'));
    core.add('other');
  });
  const strips = within(screen.getByRole('status', { name: 'Deployment' }));
  expect(await strips.findByText(/moved to PAYMENTS is still in the code of #2 and #1/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: /^other/ }));
  await waitFor(() => expect(strips.queryByText(/still in the code/)).toBeNull());
  await user.click(screen.getByRole('button', { name: /^hello/ }));
  await user.click(await strips.findByRole('button', { name: 'Dismiss' }));
  expect(strips.queryByText(/still in the code/)).toBeNull();

  runCommand('tab-history');
  const history = within(await screen.findByRole('tabpanel', { name: 'History' }));
  expect(await history.findByText('#1')).toBeTruthy();
  await user.click(await history.findByRole('button', { name: 'Remove these versions' }));
  await waitFor(() => expect(history.queryByText(/still in the code/)).toBeNull());
  await waitFor(() => expect(history.queryByText('#1')).toBeNull());
  expect(history.getByText('#3')).toBeTruthy();
});

test('what can be removed no more is no longer offered', async () => {
  const { core, user } = await openWindow((core) => {
    const kept = core.add('hello', source('env.PAYMENTS'));
    kept.moved.set(KEY, 'PAYMENTS');
    deployed(kept, WITH_KEY, source('env.PAYMENTS'));
  });
  const remove = await screen.findByRole('button', { name: 'Remove this version' });
  for (const kept of core.kept) kept.deployments = kept.deployments.slice(1);
  await user.click(remove);
  await waitFor(() => expect(screen.queryByText(/still in the code/)).toBeNull());
});

const OTHER = KEY.replace('7Hq', '8Gp');
const TWO = `export default {\n  a: '${KEY}',\n  b: '${OTHER}',\n}\n`;

/** As Alt+Down does it in the first of them. */
function swapLines(): void {
  const { doc } = code().state;
  code().dispatch({
    changes: [
      { from: doc.line(2).to, to: doc.line(3).to },
      { from: doc.line(2).from, insert: `${doc.line(3).text}\n` },
    ],
    userEvent: 'move.line',
  });
}

test('of two that look the same the one is moved that was meant, wherever its line has gone', async () => {
  const { core, user } = await openWindow((core) => core.add('hello', TWO));
  const [first, second] = (await row()).getAllByRole('button', { name: /^Move/ });
  swapLines();
  second?.click();
  expect(await screen.findByText('The code has changed. Try again.')).toBeTruthy();
  first?.click();
  await screen.findByRole('textbox', { name: 'Name of the secret' });
  await user.keyboard('{Enter}');
  await waitFor(() => expect(code().state.doc.line(3).text).toContain('env.'));
  expect([...(core.kept[0]?.moved.keys() ?? [])]).toEqual([KEY]);
  await documents.flushAll();
});

test('what stands elsewhere once it is saved is not moved, not let pass, and not stopped at again', async () => {
  const { core } = await openWindow((core) => core.add('hello', TWO).allowed.set(KEY, { reason: 'A test', at: 0 }));
  const id = store.openId ?? 0;
  const found = () => store.opened.get(id)?.credentials[0] as CredentialInCode;
  const stop = () => problems.of(id)[0]?.actions[1]?.run();
  const acts = [() => moveToSecret(id, found(), 'KEY'), () => deployAnyway(id, found(), 0, 'A test'), stop];
  await waitFor(() => expect(problems.of(id)).toHaveLength(2));
  for (const act of acts) {
    const save = hold(core, 'save_file');
    typeCode('// more');
    const refused = act();
    swapLines();
    save();
    const said = await refused;
    if (act !== stop) expect(said).toBe('The code has changed. Try again.');
    else expect(await screen.findByText('The code has changed. Try again.')).toBeTruthy();
    await documents.flushAll();
    store.notice = null;
  }
  for (const command of ['move_to_secret', 'allow_credential', 'withdraw_allowance'])
    expect(called(core, command)).toEqual([]);
});

test('a dialog that was closed before its answer closes no other one', async () => {
  const { core, user } = await openWindow((core) => core.add('hello', WITH_KEY));
  const id = store.openId ?? 0;
  const found = store.opened.get(id)?.credentials[0] as CredentialInCode;
  for (const [command, open, name] of [
    ['allow_credential', () => offerDeployAnyway(id, found, 0), 'Reason'],
    ['move_to_secret', () => offerMove(id, found), 'Name of the secret'],
  ] as const) {
    const go = hold(core, command);
    open();
    await user.type(await screen.findByRole('textbox', { name }), '_one{Enter}');
    await waitFor(() => expect(called(core, command)).toHaveLength(1));
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    runCommand('settings');
    await screen.findByRole('dialog', { name: 'Settings' });
    go();
    if (command === 'move_to_secret') await waitFor(() => expect(code().state.doc.toString()).not.toContain(KEY));
    else await waitFor(() => expect(called(core, 'deploy')).toHaveLength(1));
    await new Promise((resolve) => requestAnimationFrame(resolve));
    expect(screen.getByRole('dialog', { name: 'Settings' })).toBeTruthy();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  }
  await documents.flushAll();
});

test('what is refused after its dialog was left is said all the same', async () => {
  const { core, user } = await openWindow((core) => core.add('hello', WITH_KEY));
  const id = store.openId ?? 0;
  const found = store.opened.get(id)?.credentials[0] as CredentialInCode;
  for (const [command, open, name, said] of [
    ['allow_credential', () => offerDeployAnyway(id, found, 0), 'Reason', 'hello was not deployed'],
    [
      'move_to_secret',
      () => offerMove(id, found),
      'Name of the secret',
      'A Stripe secret key in hello was not moved to a secret',
    ],
  ] as const) {
    const go = hold(core, command);
    const message = `${command} was refused.`;
    core.refusals.set(command, { code: 'storage', message, position: null });
    open();
    await user.type(await screen.findByRole('textbox', { name }), '_one{Enter}');
    await waitFor(() => expect(called(core, command)).toHaveLength(1));
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    go();
    expect(await screen.findByText(said)).toBeTruthy();
    expect(screen.getByText(message)).toBeTruthy();
  }
  await documents.flushAll();
});

test('what is refused once another function is shown is said by name, and not beside its code', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('alpha', WITH_KEY).moved.set(KEY, 'PAYMENTS');
    core.add('beta');
  });
  const show = async (name: string) => {
    await user.click(screen.getByRole('button', { name: new RegExp(`^${name}`) }));
    await screen.findByRole('heading', { name });
  };
  const id = store.openId ?? 0;
  await waitFor(() => expect(problems.of(id)).toHaveLength(1));
  const move = () => problems.of(id)[0]?.actions[0]?.run();
  const stop = () => problems.of(id)[0]?.actions[1]?.run();
  for (const [command, act, said] of [
    ['move_to_secret', move, 'The value of PAYMENTS in alpha was not moved to a secret'],
    ['withdraw_allowance', stop, 'Deployments of alpha were not stopped at the value of PAYMENTS again'],
  ] as const) {
    await show('alpha');
    if (act === stop) {
      core.kept[0]?.allowed.set(KEY, { reason: 'A test', at: 0 });
      await refresh(id);
      await waitFor(() => expect(problems.of(id)[0]?.actions).toHaveLength(2));
    }
    const go = hold(core, command);
    core.refusals.set(command, { code: 'storage', message: `${command} came too late.`, position: null });
    act();
    await waitFor(() => expect(called(core, command)).toHaveLength(1));
    await show('beta');
    go();
    expect(await screen.findByText(said)).toBeTruthy();
    expect(screen.getByText(`${command} came too late.`)).toBeTruthy();
    expect(store.notice).toBeNull();
  }
});
