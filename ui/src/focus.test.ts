// Where the focus is while a native dialog asks, and after its answer.

import { screen, waitFor, within } from '@testing-library/svelte';
import type { UserEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { runCommand } from './commands';
import { store } from './state.svelte';
import { code, hold, openWindow } from './test-window';

async function typeAddress(user: UserEvent): Promise<void> {
  runCommand('change-address');
  await user.type(await screen.findByRole('textbox', { name: 'Script name' }), 'other');
}

function keepVersion(): void {
  const version = { id: 1, number: 1, target: 0, live: false };
  store.versions.set(store.openId ?? 0, { name: 'API_KEY', versions: [version] });
}

// WebKit takes the focus from what is disabled, and gives it back to nothing.
test.each<[command: string, button: string, answer: unknown, open: (user: UserEvent) => unknown]>([
  ['remove_target', 'Remove production', null, () => runCommand('settings')],
  ['move_script', 'Change address', null, typeAddress],
  ['roll_back', 'Roll back to #1 on production', null, () => runCommand('tab-history')],
  ['remove_versions', 'Remove this version', null, keepVersion],
  ['start_new_vault', 'Start a new vault', 'keyMissing', () => Object.assign(store, { vault: 'keyMissing' })],
])('when %s is asked about and cancelled, its button has kept the focus', async (asking, name, answer, open) => {
  const { core, user } = await openWindow((core) => {
    core.add('hello', undefined, { chosen: [core.targets.add('production').id] });
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
