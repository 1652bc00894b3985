import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { runCommand } from '../commands';
import { store } from '../state.svelte';
import { called, code, hold, openWindow, typeCode } from '../test-window';

const box = (name: string) => screen.getByRole<HTMLInputElement>('textbox', { name });
const button = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name });

test('a target is added: the token is checked, sealed with it, and forgotten by the field', async () => {
  const { core, user } = await openWindow((core) => core.add('hello'));
  await user.keyboard('{Control>},{/Control}');
  await screen.findByRole('dialog', { name: 'Settings' });
  expect(box('Name').value).toBe('production');
  expect(document.activeElement).toBe(box('Name'));
  expect(button('Add target').disabled).toBe(true);
  await user.type(box('API token'), 'good-token');
  await user.click(button('Check token'));
  expect(await screen.findByText('Acme')).toBeTruthy();
  expect(box('API token').value).toBe('good-token');
  await user.click(button('Add target'));
  const list = await screen.findByRole('button', { name: 'Remove production' });
  expect(list).toBeTruthy();
  expect(core.targets.sealed.get('production')).toBe('good-token');
  expect(called(core, 'add_target')[0]?.target).toMatchObject({ name: 'production', accountId: 'acme', suffix: '' });
  expect(screen.queryByRole('textbox', { name: 'API token' })).toBeNull();
  expect(document.body.innerHTML).not.toContain('good-token');
});

test('the settings are opened from the left pane as well', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  await user.click(await screen.findByRole('button', { name: 'Settings' }));
  expect(await screen.findByRole('dialog', { name: 'Settings' })).toBeTruthy();
});

test('a token that is refused says so at the token, and what was checked goes with another token', async () => {
  const { core, user } = await openWindow();
  runCommand('settings');
  await user.type(await screen.findByRole('textbox', { name: 'API token' }), 'bad{Enter}');
  expect(await screen.findByText(/does not know this token/)).toBeTruthy();
  expect(box('API token').getAttribute('aria-invalid')).toBe('true');
  core.targets.tokens.set('bad2', [{ id: 'a', name: 'Ada', missing: [] }]);
  await user.type(box('API token'), '2');
  await user.click(button('Check token'));
  await waitFor(() => expect(button('Add target').disabled).toBe(false));
  await user.type(box('API token'), '3');
  expect(button('Add target').disabled).toBe(true);
});

test('an address that does not answer is said beside Check token, and the address can be another one', async () => {
  const { core, user } = await openWindow();
  runCommand('settings');
  await user.type(await screen.findByRole('textbox', { name: 'API token' }), 'good-token');
  await user.click(screen.getByText('Another address'));
  await user.clear(box('Base URL'));
  await user.type(box('Base URL'), 'https://workers.example.net/v4');
  core.refusals.set('check_token', { code: 'remote', message: 'workers.example.net did not answer.', position: null });
  await user.click(button('Check token'));
  expect(await screen.findByText('workers.example.net did not answer.')).toBeTruthy();
  await user.click(button('Check token'));
  await waitFor(() => expect(button('Add target').disabled).toBe(false));
  await user.click(button('Add target'));
  expect(await screen.findByText('workers.example.net')).toBeTruthy();
  expect(called(core, 'check_token')[1]).toEqual({ baseUrl: 'https://workers.example.net/v4', token: 'good-token' });
});

test('of several accounts one is chosen, and the permissions that it lacks are named', async () => {
  const { core, user } = await openWindow((core) => {
    core.targets.tokens.set('two', [
      { id: 'a', name: 'Acme', missing: [] },
      { id: 'b', name: 'Ada', missing: ['Workers Scripts: Edit'] },
    ]);
  });
  runCommand('settings');
  await user.type(await screen.findByRole('textbox', { name: 'API token' }), 'two');
  await user.click(button('Check token'));
  await user.click(await screen.findByRole('radio', { name: 'Ada' }));
  expect(screen.getByText('Workers Scripts: Edit')).toBeTruthy();
  await user.click(button('Add target'));
  await waitFor(() => expect(called(core, 'add_target')[0]?.target).toMatchObject({ accountId: 'b' }));
});

test('a name that is taken is said at the name, and the token stays for another try', async () => {
  const { core, user } = await openWindow((core) => {
    core.targets.add('production');
    core.add('hello');
  });
  await user.click(screen.getByRole('button', { name: 'Deploy options' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Add target…' }));
  await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'production');
  await user.type(box('API token'), 'good-token');
  await user.click(button('Check token'));
  await waitFor(() => expect(button('Add target').disabled).toBe(false));
  await user.click(button('Add target'));
  expect(await screen.findByText('There is a target named production already.')).toBeTruthy();
  expect(box('Name').getAttribute('aria-invalid')).toBe('true');
  await user.type(box('Name'), '-2');
  await user.click(button('Add target'));
  await waitFor(() => expect(core.targets.sealed.get('production-2')).toBe('good-token'));
});

test('a token is replaced in its row', async () => {
  const { core, user } = await openWindow((core) => core.targets.add('production'));
  runCommand('settings');
  await user.click(await screen.findByRole('button', { name: 'Replace token of production' }));
  await waitFor(() => expect(document.activeElement).toBe(box('New API token')));
  await user.keyboard('second{Enter}');
  await waitFor(() => expect(core.targets.sealed.get('production')).toBe('second'));
  expect(screen.queryByRole('textbox', { name: 'New API token' })).toBeNull();
});

test('a target that is removed goes from the functions, too', async () => {
  const { core, user } = await openWindow((core) => {
    const { id } = core.targets.add('production');
    core.add('hello', undefined, { chosen: [id] });
  });
  expect(button('Deploy to production')).toBeTruthy();
  runCommand('settings');
  await user.click(await screen.findByRole('button', { name: 'Remove production' }));
  await waitFor(() => expect(screen.queryByText('production')).toBeNull());
  await user.keyboard('{Escape}');
  expect(await screen.findByRole('button', { name: 'Deploy' })).toBeTruthy();
  expect(called(core, 'remove_target')).toHaveLength(1);
});

test('what failed on a target goes with it', async () => {
  const { core, user } = await openWindow((core) => {
    const { id } = core.targets.add('production');
    core.add('hello', undefined, { chosen: [id] });
  });
  core.refusals.set('deploy', { code: 'remote', message: 'It did not answer.', position: null });
  await user.click(button('Deploy to production'));
  await screen.findByText(/^Not deployed to production/);
  runCommand('settings');
  await user.click(await screen.findByRole('button', { name: 'Remove production' }));
  await waitFor(() => expect(screen.queryByText(/Not deployed/)).toBeNull());
});

test('how many deployments are kept is checked and saved', async () => {
  const { core, user } = await openWindow();
  runCommand('settings');
  const kept = await screen.findByRole<HTMLInputElement>('textbox', { name: /^Deployments kept/ });
  await waitFor(() => expect(kept.value).toBe('20'));
  await user.clear(kept);
  await user.type(kept, '0{Enter}');
  expect(screen.getByText('Type a number from 1 to 200.')).toBeTruthy();
  expect(called(core, 'keep_deployments')).toHaveLength(0);
  await user.clear(kept);
  await user.type(kept, '50{Enter}');
  expect(await screen.findByText('Saved.')).toBeTruthy();
  expect(core.targets.kept).toBe(50);
});

test('how many deployments are kept is asked for once, and stays what it was where that is cancelled', async () => {
  const { core, user } = await openWindow();
  runCommand('settings');
  const kept = await screen.findByRole<HTMLInputElement>('textbox', { name: /^Deployments kept/ });
  await waitFor(() => expect(kept.value).toBe('20'));
  core.targets.confirmed = false;
  const answer = hold(core, 'keep_deployments');
  await user.clear(kept);
  await user.type(kept, '5{Enter}');
  await user.tab();
  answer();
  await waitFor(() => expect(kept.value).toBe('20'));
  expect(called(core, 'keep_deployments')).toEqual([{ count: 5 }]);
  expect(screen.queryByText('Saved.')).toBeNull();
  expect(screen.getByText(/^Code and secrets can be rolled back/)).toBeTruthy();
});

test('a Worker is imported as the file that it is, and saved as that', async () => {
  const { core, user } = await openWindow((core) => {
    core.targets.add('production');
    const script = { changedAt: null, text: 'export default { fetch(request) {} }\n', secrets: ['API_KEY'] };
    core.targets.scripts = [
      { name: 'billing', known: false, ...script },
      { name: 'known-one', known: true, ...script },
    ];
  });
  await user.click(screen.getByRole('button', { name: 'Import a Worker…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Import a Worker' });
  expect(await within(dialog).findByText('here already')).toBeTruthy();
  expect(button('Import known-one').disabled).toBe(true);
  await user.type(within(dialog).getByRole('textbox', { name: 'Search Workers' }), 'bill');
  expect(within(dialog).getAllByRole('listitem')).toHaveLength(1);
  await user.click(button('Import billing'));
  expect(await screen.findByRole('heading', { name: 'billing' })).toBeTruthy();
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(code().state.doc.toString()).toContain('fetch(request)');
  code().dispatch({ changes: { from: 0, insert: '// mine\n' }, userEvent: 'input.type' });
  await waitFor(() => expect(called(core, 'save_file')[0]?.path).toBe('index.js'));
  await waitFor(() => expect(core.kept[0]?.text).toContain('// mine'));
  expect(screen.getByText(/On production, value not here/)).toBeTruthy();
});

test('a list of Workers that fails says why, with Retry', async () => {
  const { core, user } = await openWindow((core) => core.targets.add('production'));
  core.refusals.set('remote_scripts', { code: 'remote', message: 'Cloudflare answered 500.', position: null });
  runCommand('import');
  expect(await screen.findByText('Cloudflare answered 500.')).toBeTruthy();
  await user.click(button('Retry'));
  expect(await screen.findByText(/has no Workers/)).toBeTruthy();
});

test('another address says what it breaks, and what is live goes there', async () => {
  const { core, user } = await openWindow((core) => {
    const { id } = core.targets.add('production');
    core.targets.scripts = [{ name: 'theirs', changedAt: null, known: false, text: '', secrets: [] }];
    core.add('hello', undefined, { chosen: [id] });
  });
  await user.click(screen.getByRole('button', { name: 'Deploy to production' }));
  await screen.findByText('Deployed #1 to production');
  await user.click(screen.getByRole('button', { name: 'Function menu' }));
  await user.click(await screen.findByRole('menuitem', { name: /Change address/ }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Change address' }));
  expect(dialog.getByText(/Whoever calls/).textContent).toContain('https://hello.acme.workers.dev/');

  const name = dialog.getByRole('textbox', { name: 'Script name' });
  await user.type(name, 'hello');
  expect(dialog.getByText('That is its name already.')).toBeTruthy();
  await user.clear(name);
  await user.type(name, 'theirs');
  await user.click(dialog.getByRole('button', { name: 'Change address' }));
  expect(await dialog.findByText('The account has a Worker named “theirs” already.')).toBeTruthy();

  await user.clear(name);
  await user.type(name, 'My Greeter');
  await user.click(dialog.getByRole('button', { name: 'Change address' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(called(core, 'move_script').at(-1)).toMatchObject({ target: 1, name: 'my-greeter' });
  expect(await screen.findByText('Deployed #2 to production')).toBeTruthy();
  expect(screen.getByRole('heading', { name: 'hello' })).toBeTruthy();
});

test('an address that is refused before anything began leaves the failure that stands there', async () => {
  const { core, user } = await openWindow((core) => {
    const { id } = core.targets.add('production');
    core.targets.scripts = [{ name: 'theirs', changedAt: null, known: false, text: '', secrets: [] }];
    core.add('hello', undefined, { chosen: [id] });
  });
  const strip = within(screen.getByRole('status', { name: 'Deployment' }));
  await user.click(screen.getByRole('button', { name: 'Deploy to production' }));
  await strip.findByText('Deployed #1 to production');
  typeCode('const = 3\n');
  await user.click(screen.getByRole('button', { name: 'Deploy to production' }));
  await strip.findByText(/Not deployed/);
  runCommand('change-address');
  const dialog = within(await screen.findByRole('dialog', { name: 'Change address' }));
  await user.type(dialog.getByRole('textbox', { name: 'Script name' }), 'theirs');
  await user.click(dialog.getByRole('button', { name: 'Change address' }));
  expect(await dialog.findByText(/has a Worker named “theirs” already/)).toBeTruthy();
  expect(strip.getByText(/Not deployed/)).toBeTruthy();
  expect(called(core, 'move_script')).toHaveLength(1);
});

test('an import that nobody waits for any more is told of, and opened when that is wanted', async () => {
  const { core, user } = await openWindow((core) => {
    core.targets.add('production');
    core.add('hello');
    core.targets.scripts = [{ name: 'billing', changedAt: null, known: false, text: '// billing', secrets: [] }];
  });
  const go = hold(core, 'import_script');
  runCommand('import');
  await user.click(await screen.findByRole('button', { name: 'Import billing' }));
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  runCommand('settings');
  await screen.findByRole('dialog', { name: 'Settings' });
  go();
  const opens = await screen.findByRole('button', { name: 'Open', hidden: true });
  expect(screen.getByRole('dialog', { name: 'Settings' })).toBeTruthy();
  expect(store.current?.name).toBe('hello');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  opens.click();
  expect(await screen.findByRole('heading', { name: 'billing' })).toBeTruthy();
  await waitFor(() => expect(code().state.doc.toString()).toBe('// billing'));
});

test('what is said of a token is not taken for what is said of the next one', async () => {
  const { core, user } = await openWindow();
  runCommand('settings');
  const go = hold(core, 'check_token');
  await user.type(await screen.findByRole('textbox', { name: 'API token' }), 'good-token');
  await user.click(button('Check token'));
  await user.type(box('API token'), '-2');
  go();
  await waitFor(() => expect(button('Check token').getAttribute('aria-disabled')).toBe('false'));
  expect(screen.queryByText('Acme')).toBeNull();
  expect(button('Add target').disabled).toBe(true);
});

test('Escape in a new token puts that away and leaves the settings open', async () => {
  const { user } = await openWindow((core) => core.targets.add('production'));
  runCommand('settings');
  await user.click(await screen.findByRole('button', { name: 'Replace token of production' }));
  await user.keyboard('half{Escape}');
  await waitFor(() => expect(document.activeElement).toBe(button('Replace token of production')));
  expect(screen.queryByRole('textbox', { name: 'New API token' })).toBeNull();
  expect(screen.getByRole('dialog', { name: 'Settings' })).toBeTruthy();
});

test('another address that is not waited for says why it was not taken, and closes no other dialog', async () => {
  const { core, user } = await openWindow((core) => {
    const { id } = core.targets.add('production');
    core.add('hello', undefined, { chosen: [id] });
  });
  await user.click(button('Deploy to production'));
  await screen.findByText('Deployed #1 to production');
  for (const refused of [true, false]) {
    let go = () => {};
    core.gates.set('move_script', new Promise((resolve) => (go = resolve)));
    if (refused) core.refusals.set('move_script', { code: 'remote', message: 'It did not answer.', position: null });
    runCommand('change-address');
    await user.type(await screen.findByRole('textbox', { name: 'Script name' }), 'my-greeter');
    await user.click(button('Change address'));
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    runCommand('settings');
    await screen.findByRole('dialog', { name: 'Settings' });
    go();
    if (refused) {
      await screen.findByText('The address of hello was not changed');
      expect(screen.getByText('It did not answer.')).toBeTruthy();
    } else await screen.findByText('Deployed #2 to production');
    expect(screen.getByRole('dialog', { name: 'Settings' })).toBeTruthy();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  }
});
