// Where the focus is while a native dialog asks, and after its answer.

import { screen, waitFor, within } from '@testing-library/svelte';
import type { UserEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import type { TargetState } from './bindings/TargetState';
import { runCommand } from './commands';
import { draftOn, type MockCore } from './mocks';
import { store } from './state.svelte';
import { called, code, hold, openWindow } from './test-window';

async function typeAddress(user: UserEvent): Promise<void> {
  runCommand('change-address');
  await user.type(await screen.findByRole('textbox', { name: 'Script name' }), 'other');
}

// WebKit takes the focus from what is disabled, and gives it back to nothing.
test.each<[command: string, button: string, answer: unknown, open: (user: UserEvent) => unknown]>([
  ['remove_target', 'Remove production', null, () => runCommand('settings')],
  ['move_script', 'Change address', null, typeAddress],
  ['roll_back', 'Roll back to #1 on production', null, () => runCommand('tab-history')],
  ['remove_versions', 'Remove this version', null, () => {}],
  ['start_new_vault', 'Start a new vault', 'keyMissing', () => Object.assign(store, { vault: 'keyMissing' })],
])('when %s is asked about and cancelled, its button has kept the focus', async (asking, name, answer, open) => {
  const { core, user } = await openWindow((core) => {
    const kept = core.add('hello', undefined, { chosen: [core.targets.add('production').id] });
    kept.moved.set('Hello', 'API_KEY');
  });
  for (const number of [1, 2]) {
    runCommand('deploy');
    await screen.findByText(`Deployed #${number} to production`);
  }
  let asked = 0;
  let cancel = () => {};
  const cancelled = new Promise((resolve) => (cancel = () => resolve(answer)));
  const call = core.call.bind(core);
  core.call = (command, args) => {
    if (command !== asking) return call(command, args);
    asked++;
    return cancelled;
  };
  await open(user);

  const button = await screen.findByRole<HTMLButtonElement>('button', { name });
  await user.click(button);
  await waitFor(() => expect(button.getAttribute('aria-disabled')).toBe('true'));
  expect(button.disabled).toBe(false);
  await user.click(button);
  cancel();
  await waitFor(() => expect(button.getAttribute('aria-disabled')).toBe('false'));
  expect(document.activeElement).toBe(button);
  expect(asked).toBe(1);
});

const failed = (message: string) => ({ code: 'remote' as const, message, position: null });

/** A function that has what each button below is for. */
function withEverything(core: MockCore): void {
  const { id } = core.targets.add('production');
  core.targets.scripts = [{ name: 'billing', changedAt: null, known: false, text: '', secrets: [] }];
  const { summary } = core.add('hello');
  const unfinished = [{ piece: 'schedules' as const, failure: failed('Cloudflare answered 500.') }];
  summary.local = { ...summary.local, addressProblem: failed('Port 8787 is taken.') };
  summary.remote = [{ ...draftOn(id), live: 1, script: 'hello', unfinished } as TargetState];
}

async function addTarget(user: UserEvent): Promise<void> {
  runCommand('settings');
  await user.click(await screen.findByRole('button', { name: 'Add another target' }));
  await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'staging');
  await user.type(screen.getByRole('textbox', { name: 'API token' }), 'good-token');
}

async function checkToken(user: UserEvent): Promise<void> {
  await addTarget(user);
  await user.keyboard('{Enter}');
  await waitFor(() => expect(screen.getByRole('button', { name: 'Add target' })).toHaveProperty('disabled', false));
}

async function replaceToken(user: UserEvent): Promise<void> {
  runCommand('settings');
  await user.click(await screen.findByRole('button', { name: 'Replace token of production' }));
  await user.keyboard('good-token');
}

async function nameSecret(user: UserEvent): Promise<void> {
  await user.type(screen.getByRole('textbox', { name: 'SECRET_NAME' }), 'api key');
  await user.type(screen.getByRole('textbox', { name: 'Value' }), 'x');
}

async function nameFunction(user: UserEvent): Promise<void> {
  runCommand('new-function');
  await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'other');
}

function beginToDeploy(core: MockCore): void {
  hold(core, 'deploy');
  runCommand('deploy');
}

test.each<[command: string, button: string, open: (user: UserEvent, core: MockCore) => unknown]>([
  ['deploy', 'Deploy', () => {}],
  ['deploy', 'Deploy options', () => runCommand('deploy')],
  ['cancel_deploy', 'Cancel', (_, core) => beginToDeploy(core)],
  ['finish_deployment', 'Retry', () => {}],
  ['change_address', 'Use another port', () => {}],
  ['check_token', 'Check token', addTarget],
  ['add_target', 'Add target', checkToken],
  ['replace_token', 'Replace', replaceToken],
  ['import_script', 'Import billing', () => runCommand('import')],
  ['create_function', 'Create', nameFunction],
  ['create_secret', 'Create', nameSecret],
  [
    'set_variable',
    'Add variable',
    (user) => user.type(screen.getByRole('textbox', { name: 'VARIABLE_NAME' }), 'region'),
  ],
])('while %s goes on, its button keeps the focus and is heard no more', async (command, name, open) => {
  const { core, user } = await openWindow(withEverything);
  const go = hold(core, command);
  await open(user, core);
  const around = within(screen.queryByRole('dialog') ?? document.body);
  const button = await around.findByRole<HTMLButtonElement>('button', { name });
  button.focus();
  await user.keyboard('{Enter}');
  await waitFor(() => expect(button.getAttribute('aria-disabled')).toBe('true'));
  expect(button.disabled).toBe(false);
  await user.keyboard('{Enter}');
  expect(document.activeElement).toBe(button);
  expect(called(core, command)).toHaveLength(1);
  expect(screen.queryByRole('menu')).toBeNull();
  go();
});

test('what goes with what it did leaves the focus in the code', async () => {
  const { core, user } = await openWindow((core) => {
    withEverything(core);
    core.runtime = { ready: false, problem: failed('The runtime is missing.') };
  });
  const inCode = () => waitFor(() => expect(code().hasFocus).toBe(true));
  const press = (button: HTMLElement) => {
    button.focus();
    return user.keyboard('{Enter}');
  };
  const go = hold(core, 'retry_runtime');
  const retry = within(screen.getByRole('navigation')).getByRole<HTMLButtonElement>('button', { name: 'Retry' });
  await press(retry);
  await press(retry);
  expect(retry.disabled).toBe(false);
  go();
  await inCode();
  expect(called(core, 'retry_runtime')).toHaveLength(1);

  await press(within(screen.getByRole('main')).getByRole('button', { name: 'Retry' }));
  await inCode();
  await press(screen.getByRole('button', { name: 'Use another port' }));
  await inCode();
  runCommand('tab-history');
  const [, inHistory] = await waitFor(() => {
    const both = screen.getAllByRole('button', { name: 'Deploy' });
    expect(both).toHaveLength(2);
    return both;
  });
  await press(inHistory as HTMLElement);
  await inCode();
});

test('a deployment that was gone back to leaves the focus on its button', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  for (const number of [1, 2]) {
    runCommand('deploy');
    await screen.findByText(`Deployed #${number}`);
  }
  runCommand('tab-history');
  const back = await screen.findByRole('button', { name: /^Roll back to #1/ });
  back.focus();
  await user.keyboard('{Enter}');
  await screen.findByRole('button', { name: /^What changed in #3/ });
  expect(back.hasAttribute('disabled')).toBe(false);
  expect(document.activeElement).toBe(back);
});

test('a new vault leaves the focus at the name of a secret, since its button is gone', async () => {
  const { user } = await openWindow((core) => {
    core.vault = 'keyMissing';
    core.add('hello');
  });
  await user.click(screen.getByRole('button', { name: 'Start a new vault' }));
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'SECRET_NAME' })));
});

test('the code has the focus again that was hidden while that of the next function came', async () => {
  const { core } = await openWindow((core) => {
    core.add('alpha');
    core.add('beta');
  });
  const come = hold(core, 'open_function');
  const view = code();
  view.focus();
  runCommand('delete');
  await screen.findByRole('heading', { name: 'beta' });
  // As WebKit does with what is hidden.
  view.contentDOM.blur();
  come();
  await waitFor(() => expect(view.hasFocus).toBe(true));
});

test('the last function leaves the focus at the first template', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  await user.click(screen.getByRole('button', { name: 'Function menu' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Delete…' }));
  const [first] = within(await screen.findByRole('region', { name: 'Write your first function' })).getAllByRole(
    'button',
  );
  await waitFor(() => expect(document.activeElement).toBe(first));
});
