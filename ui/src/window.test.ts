import { screen, waitFor } from '@testing-library/svelte';
import axe from 'axe-core';
import { tick } from 'svelte';
import { expect, test } from 'vitest';
import { runCommand, runFromMenu } from './commands';
import { documents } from './editor/documents';
import { Layout } from './layout.svelte';
import { draftOn, type MockCore, secret } from './mocks';
import { store } from './state.svelte';
import { called, code, hold, openWindow, typeCode } from './test-window';

/** Everything serious that axe finds; contrast needs a real browser and is looked at there. */
async function findings(): Promise<string[]> {
  const { violations } = await axe.run(document.body, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } },
  });
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}

test('keys reach what they name', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  await user.keyboard('{Control>}p{/Control}');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Search functions' })));
  await user.keyboard('{Alt>}2{/Alt}');
  expect(screen.getByRole('tab', { name: 'Run', selected: true })).toBeTruthy();
  await user.keyboard('{Control>}{Shift>}S{/Shift}{/Control}');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'SECRET_NAME' })));
  await user.keyboard('{Escape}');
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Code' }));
  await user.keyboard('{Control>}{Enter}{/Control}');
  expect(await screen.findByText('Deployed #1')).toBeTruthy();
});

test('Ctrl+B and Ctrl+Alt+B close and open the panes, and that is remembered', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  await user.keyboard('{Control>}b{/Control}');
  expect(screen.queryByRole('list', { name: 'Functions' })).toBeNull();
  await user.keyboard('{Control>}{Alt>}b{/Alt}{/Control}');
  expect(screen.queryByRole('tab', { name: 'Secrets' })).toBeNull();
  expect(JSON.parse(localStorage.getItem('postern.layout') ?? '')).toMatchObject({ leftOpen: false, rightOpen: false });
  await user.keyboard('{Control>}b{/Control}{Control>}{Alt>}b{/Alt}{/Control}');
  expect(screen.getByRole('list', { name: 'Functions' })).toBeTruthy();
  expect(screen.getByRole('tab', { name: 'Secrets' })).toBeTruthy();
});

test('the tab that is open is remembered', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  await user.click(screen.getByRole('tab', { name: 'History' }));
  expect(new Layout().tab).toBe('history');
  localStorage.setItem('postern.layout', '{"tab":"one of another version"}');
  expect(new Layout().tab).toBe('secrets');
});

test('the focus goes to the code, or to what took the place, when what had it is gone', async () => {
  const { user } = await openWindow((core) => {
    core.add('hello', 'export default { fetch(request, env) { env.API_KEY } }');
  });
  const textbox = (name: string) => screen.getByRole('textbox', { name });
  const atCode = () => waitFor(() => expect(document.activeElement).toBe(textbox('Code')));
  textbox('Search functions').focus();
  await user.keyboard('{Control>}b{/Control}');
  await atCode();
  textbox('SECRET_NAME').focus();
  await user.keyboard('{Alt>}2{/Alt}');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('tab', { name: 'Run' })));
  await user.keyboard('{Control>}{Alt>}b{/Alt}{/Control}');
  await atCode();
  store.notice = 'It was refused.';
  (await screen.findByRole('button', { name: 'Dismiss' })).focus();
  await user.keyboard('{Enter}');
  await atCode();
  await user.click(screen.getByRole('button', { name: 'Deploy' }));
  (await screen.findByRole('button', { name: 'Dismiss' })).focus();
  await user.keyboard('{Enter}');
  await atCode();
});

test('a key that the system hands to the page and to the menu is heard once', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  await user.keyboard('{Control>}b{/Control}');
  runFromMenu('toggle-left');
  expect(screen.queryByRole('list', { name: 'Functions' })).toBeNull();
});

test('the menu alone runs a command', async () => {
  const { core } = await openWindow((core) => core.add('hello'));
  await new Promise((resolve) => setTimeout(resolve, 220));
  core.emit({ type: 'menu', command: 'tab-run' });
  await waitFor(() => expect(screen.getByRole('tab', { name: 'Run', selected: true })).toBeTruthy());
});

test('everything is drawn larger and smaller by keys, however a keyboard types them, and also in a dialog', async () => {
  const { core, user } = await openWindow((core) => core.add('hello'));
  await user.keyboard('{Control>}={/Control}{Control>}+{/Control}{Control>}{Shift>}+{/Shift}{/Control}');
  expect(called(core, 'zoom')).toEqual([{ by: 'in' }, { by: 'in' }, { by: 'in' }]);
  await user.keyboard('{Control>},{/Control}');
  await screen.findByRole('dialog', { name: 'Settings' });
  await user.keyboard('{Control>}-{/Control}{Control>}0{/Control}');
  expect(called(core, 'zoom').slice(3)).toEqual([{ by: 'out' }, { by: 'reset' }]);
  await user.keyboard('{Control>}b{/Control}{Escape}');
  expect(store.layout.leftOpen).toBe(true);
});

test('a window that is to be closed saves first what was typed, and stays where that fails', async () => {
  const { core } = await openWindow((core) => core.add('hello'));
  core.refusals.set('save_file', { code: 'storage', message: 'The disk is full.', position: null });
  typeCode('// last');
  core.emit({ type: 'closing' });
  await screen.findByText('Not everything you typed is saved', {}, { timeout: 5000 });
  expect(called(core, 'close_window')).toEqual([]);
  expect(called(core, 'hear_close')).toHaveLength(1);
  core.emit({ type: 'closing' });
  await waitFor(() => expect(called(core, 'close_window')).toHaveLength(1));
});

test('what is typed after everything was saved is a new reason to stay open', async () => {
  const { core } = await openWindow((core) => core.add('hello'));
  const said = () => screen.queryAllByText('Not everything you typed is saved').length;
  const before = said();
  for (const times of [1, 2]) {
    core.refusals.set('save_file', { code: 'storage', message: 'The disk is full.', position: null });
    typeCode('// last');
    core.emit({ type: 'closing' });
    await waitFor(() => expect(said()).toBe(before + times), { timeout: 5000 });
    await documents.flushAll();
  }
  expect(called(core, 'close_window')).toEqual([]);
});

test('a window that is to be closed is closed once all is saved', async () => {
  const { core } = await openWindow((core) => core.add('hello'));
  typeCode('// last');
  core.emit({ type: 'closing' });
  await waitFor(() => expect(called(core, 'close_window')).toHaveLength(1));
  const commands = core.calls.map(({ command }) => command);
  expect(commands.indexOf('save_file')).toBeLessThan(commands.indexOf('close_window'));
  expect(called(core, 'save_file')[0]?.text).toContain('// last');
});

test('the palette has every command and runs what is chosen', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  await user.keyboard('{Control>}{Shift>}P{/Shift}{/Control}');
  await user.type(await screen.findByRole('combobox', { name: 'Command' }), 'rename function');
  await user.keyboard('{Enter}');
  const field = await screen.findByRole('textbox', { name: 'Function name' });
  await waitFor(() => expect(document.activeElement).toBe(field));
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('Escape in the code takes away a pane that lies over it, and else leaves panes alone', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  code().focus();
  await user.keyboard('{Escape}');
  expect(store.layout.rightOpen).toBe(true);
  store.layout.narrow = true;
  await user.keyboard('{Alt>}2{/Alt}');
  expect(store.layout.rightOpen).toBe(true);
  code().focus();
  await user.keyboard('{Escape}');
  expect(store.layout.rightOpen).toBe(false);
});

test('the code has no room under a pane that lies over it', async () => {
  await openWindow((core) => core.add('hello'));
  const isCovered = () => code().dom.closest('.covered') !== null;
  store.layout.narrow = false;
  await tick();
  expect(isCovered()).toBe(false);
  store.layout.narrow = true;
  store.layout.rightOpen = true;
  await tick();
  expect(isCovered()).toBe(true);
  store.layout.rightOpen = false;
  await tick();
  expect(isCovered()).toBe(false);
});

test('in the palette, what fits best comes first', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  await user.keyboard('{Control>}{Shift>}P{/Shift}{/Control}');
  await user.type(await screen.findByRole('combobox', { name: 'Command' }), 'new fi');
  await waitFor(() => expect(screen.getAllByRole('option')[0]?.textContent).toBe('New file'));
  await user.keyboard('{Enter}');
  expect(await screen.findByRole('textbox', { name: 'Name of the new file' })).toBeTruthy();
});

test('axe finds nothing in the empty window', async () => {
  await openWindow();
  expect(await findings()).toEqual([]);
});

test('axe finds nothing in a window full of things', async () => {
  const { user } = await openWindow((core) => {
    const kept = core.add(
      'hello',
      'export default {\n  fetch(request, env) { return env.API_KEY + env.OTHER_KEY },\n}\n',
    );
    kept.secrets.push(secret('API_KEY', { state: 'damaged', stale: [{ target: 0, bound: true }] }));
    core.vault = 'keyMissing';
  });
  await user.click(screen.getByRole('button', { name: 'Replace API_KEY' }));
  await user.click(screen.getByRole('button', { name: 'Deploy' }));
  await screen.findByText(/Not deployed/);
  expect(await findings()).toEqual([]);
});

test('axe finds nothing in the Run tab of a scheduled function', async () => {
  const { user } = await openWindow((core) =>
    core.add('nightly', 'export default { async scheduled(controller) {} }', { schedules: ['0 2 * * *', 'bad'] }),
  );
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  await screen.findByText(/A schedule has five fields/);
  expect(await findings()).toEqual([]);
});

test('axe finds nothing in the dialog for a new function', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  await user.click(screen.getByRole('button', { name: 'New function' }));
  await screen.findByRole('dialog');
  expect(await findings()).toEqual([]);
});

/** Two targets, a deployment to one of them that is not in place as a whole, and values for each. */
function withTargets(core: MockCore) {
  const production = core.targets.add('production');
  core.targets.add('staging', { baseUrl: 'https://workers.example.net/v4', suffix: '-staging' });
  const kept = core.add('hello', undefined, { chosen: [0, production.id] });
  const failure = { code: 'remote' as const, message: 'Cloudflare answered 500.', position: null };
  core.targets.unfinished = [{ piece: 'schedules', failure }];
  kept.secrets.push(secret('API_KEY'), secret('API_KEY', { scope: { target: 2 } }));
  kept.variables.push({ name: 'REGION', scope: { target: 1 }, value: 'eu1', stale: [] });
  kept.held.push({ name: 'OLD_KEY', target: 1, lines: [] });
}

test('axe finds nothing in a window with targets, their history and their addresses', async () => {
  const { user } = await openWindow(withTargets);
  await user.click(screen.getByRole('button', { name: 'Deploy to 2 targets' }));
  await screen.findByText(/schedule not set/);
  expect(await findings()).toEqual([]);
  await user.click(screen.getByRole('tab', { name: 'History' }));
  await user.click(await screen.findByRole('button', { name: 'What changed in #1 on production' }));
  await screen.findByRole('textbox', { name: 'Changes of index.ts' });
  expect(await findings()).toEqual([]);
});

test('axe finds nothing in the settings, the plan and the import', async () => {
  const { core, user } = await openWindow(withTargets);
  core.targets.drift.set(1, { version: 'v', at: 0, author: 'ada', source: 'dash', schedules: false });
  core.targets.refusals = [{ code: 'limit', message: 'Too much.', position: null }];
  core.targets.scripts = [{ name: 'billing', changedAt: 0, known: true, text: '', secrets: [] }];
  runCommand('settings');
  await user.click(await screen.findByRole('button', { name: 'Add another target' }));
  await user.click(screen.getByRole('button', { name: 'Replace token of production' }));
  expect(await findings()).toEqual([]);
  await user.keyboard('{Escape}');
  runCommand('review');
  await screen.findByRole('textbox', { name: 'Changes of index.ts' });
  expect(await findings()).toEqual([]);
  await user.keyboard('{Escape}');
  runCommand('import');
  await screen.findByText('here already');
  expect(await findings()).toEqual([]);
});

test('a dialog that was opened by a key gives the focus back', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  const code = screen.getByRole('textbox', { name: 'Code' });
  code.focus();
  await user.keyboard('{Control>},{/Control}');
  await screen.findByRole('dialog', { name: 'Settings' });
  await user.keyboard('{Escape}');
  await waitFor(() => expect(document.activeElement).toBe(code));
});

test('a key closes the menu that is open, and the focus goes where its command puts it', async () => {
  const { core, user } = await openWindow((core) => core.add('hello'));
  const openMenu = async (name: string) => {
    // While a menu goes, the page takes no clicks.
    await waitFor(() => expect(document.body.style.pointerEvents).not.toBe('none'));
    await user.click(screen.getByRole('button', { name }));
    const menu = await screen.findByRole('menu');
    await waitFor(() => expect(menu.contains(document.activeElement)).toBe(true));
  };
  const menuIsGone = () => waitFor(() => expect(screen.queryByRole('menu')).toBeNull());

  await openMenu('Function menu');
  await user.keyboard('{Control>}n{/Control}');
  const name = await screen.findByRole('textbox', { name: 'Name' });
  await menuIsGone();
  await waitFor(() => expect(document.activeElement).toBe(name));
  await user.keyboard('{Escape}');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Function menu' })));

  await openMenu('Function menu');
  await user.keyboard('{Control>}{Shift>}S{/Shift}{/Control}');
  await menuIsGone();
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'SECRET_NAME' }));

  await openMenu('Deploy options');
  const go = hold(core, 'deploy');
  await user.keyboard('{Control>}{Enter}{/Control}');
  await menuIsGone();
  const options = screen.getByRole('button', { name: 'Deploy options' });
  expect(document.activeElement).toBe(options);
  // What is being deployed has no other options.
  await user.keyboard('{Enter}');
  expect(screen.queryByRole('menu')).toBeNull();
  go();
  expect(await screen.findByText('Deployed #1')).toBeTruthy();

  // The native menu does not take it away, either.
  await openMenu('Deploy options');
  runFromMenu('settings');
  const settings = await screen.findByRole('dialog', { name: 'Settings' });
  await menuIsGone();
  expect(settings.contains(document.activeElement)).toBe(true);
});

test('what is chosen in a menu takes the focus, or else its button has it', async () => {
  const { user } = await openWindow((core) => {
    core.targets.add('production');
    core.add('hello', undefined, { chosen: [0, 1] });
  });
  const choose = async (menu: string, item: RegExp) => {
    await waitFor(() => expect(document.body.style.pointerEvents).not.toBe('none'));
    await user.click(screen.getByRole('button', { name: menu }));
    (await screen.findByRole('menuitem', { name: item })).focus();
    await user.keyboard('{Enter}');
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull());
  };
  await choose('Function menu', /^Rename/);
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Function name' })));
  await user.keyboard('{Escape}');
  for (const [menu, item, dialog] of [
    ['Function menu', /^Packages/, /^Packages/],
    ['Deploy options', /^Review/, /^Review and deploy/],
  ] as const) {
    await choose(menu, item);
    const opened = await screen.findByRole('dialog', { name: dialog });
    await waitFor(() => expect(opened.contains(document.activeElement)).toBe(true));
    await user.keyboard('{Escape}');
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: menu })));
  }
  await choose('Deploy options', /^Add target/);
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Name' })));
});

test('a press elsewhere closes a menu, and its button has the focus again', async () => {
  const { user } = await openWindow((core) => {
    const { id } = core.targets.add('production');
    const { summary } = core.add('hello');
    summary.local = { ...summary.local, live: 1, address: 'http://localhost:8787/' };
    summary.remote = [{ ...draftOn(id), live: 1, address: 'https://hello.acme.workers.dev/' }];
  });
  for (const name of ['Function menu', 'Deploy options', 'Addresses']) {
    await waitFor(() => expect(document.body.style.pointerEvents).not.toBe('none'));
    const button = await screen.findByRole('button', { name });
    await user.click(button);
    const menu = await screen.findByRole('menu');
    await waitFor(() => expect(menu.contains(document.activeElement)).toBe(true));
    // While it is open the press reaches nothing but the page.
    const target = document.documentElement;
    await user.pointer({ keys: '[MouseLeft]', target, coords: { clientX: 600, clientY: 500 } });
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull());
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe(name));
  }
});
