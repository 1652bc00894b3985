import { screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { expect, test } from 'vitest';
import { runCommand } from '../commands';
import type { Kept } from '../mocks';
import { store } from '../state.svelte';
import { called, code, hold, openWindow } from '../test-window';

const list = () => screen.getByRole('list', { name: 'Functions' });

test('with no function the window offers the templates, and one press makes a function of one', async () => {
  const { core, user } = await openWindow();
  expect(screen.getByRole('heading', { name: 'Write your first function' })).toBeTruthy();
  await user.click(screen.getByRole('button', { name: /^Scheduled/ }));
  expect(await screen.findByRole('heading', { name: 'untitled-1' })).toBeTruthy();
  expect(called(core, 'create_function')).toEqual([{ template: 'scheduled', name: null }]);
});

test('the function that is opened comes into view in the list', async () => {
  const seen: (string | null)[] = [];
  Element.prototype.scrollIntoView = function () {
    seen.push(this.textContent);
  };
  const { user } = await openWindow((core) => {
    for (let at = 1; at < 40; at++) core.add(`fn-${at}`);
  });
  await user.click(screen.getByRole('button', { name: 'New function' }));
  await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'zebra{Enter}');
  await screen.findByRole('heading', { name: 'zebra' });
  await waitFor(() => expect(seen.at(-1)).toContain('zebra'));
  Reflect.deleteProperty(Element.prototype, 'scrollIntoView');
});

test('a new function has its name checked while it is typed', async () => {
  const { core, user } = await openWindow((core) => core.add('taken'));
  await user.click(screen.getByRole('button', { name: 'New function' }));
  const dialog = await screen.findByRole('dialog', { name: 'New function' });
  const name = within(dialog).getByRole<HTMLInputElement>('textbox', { name: 'Name' });
  await user.type(name, 'Taken');
  expect(within(dialog).getByText(/There is a function taken already/)).toBeTruthy();
  await user.clear(name);
  await user.type(name, 'My Hook');
  expect(name.value).toBe('my-hook');
  await user.click(within(dialog).getByRole('radio', { name: /^Webhook/ }));
  await user.click(within(dialog).getByRole('button', { name: 'Create' }));
  expect(await screen.findByRole('heading', { name: 'my-hook' })).toBeTruthy();
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(called(core, 'create_function')).toEqual([{ template: 'webhook', name: 'my-hook' }]);
});

test('a refused name keeps the dialog open and says why', async () => {
  const { core, user } = await openWindow((core) => core.add('one'));
  core.refusals.set('create_function', { code: 'storage', message: 'The disk is full.', position: null });
  await user.click(screen.getByRole('button', { name: 'New function' }));
  await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'two{Enter}');
  expect(await screen.findByText('The disk is full.')).toBeTruthy();
  expect(screen.getByRole('dialog')).toBeTruthy();
});

test('the first function is opened although its dialog was left', async () => {
  const { core, user } = await openWindow();
  const go = hold(core, 'create_function');
  runCommand('new-function');
  await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'two{Enter}');
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  go();
  expect(await screen.findByRole('heading', { name: 'two' })).toBeTruthy();
});

test('a function that nobody waits for any more is told of, made or refused, and closes no other dialog', async () => {
  const { core, user } = await openWindow((core) => core.add('one'));
  for (const refused of [true, false]) {
    const go = hold(core, 'create_function');
    if (refused)
      core.refusals.set('create_function', { code: 'storage', message: 'The disk is full.', position: null });
    runCommand('new-function');
    await user.type(await screen.findByRole('textbox', { name: 'Name' }), 'two{Enter}');
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    runCommand('settings');
    await screen.findByRole('dialog', { name: 'Settings' });
    go();
    expect(await screen.findByText(refused ? 'two was not created' : 'Created two')).toBeTruthy();
    if (refused) expect(screen.getByText('The disk is full.')).toBeTruthy();
    expect(screen.getByRole('dialog', { name: 'Settings' })).toBeTruthy();
    expect(store.current?.name).toBe('one');
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  }
  screen.getByRole('button', { name: 'Open' }).click();
  expect(await screen.findByRole('heading', { name: 'two' })).toBeTruthy();
});

test('the list shows status and kind in words, not by colour alone', async () => {
  await openWindow((core) => {
    core.add('hello');
    const code = 'export default { async scheduled(controller) {} }';
    const nightly = core.add('nightly', code, { schedules: ['0 2 * * *'] });
    nightly.summary.local = { ...nightly.summary.local, status: 'failed' };
  });
  const [hello, nightly] = within(list()).getAllByRole('button');
  expect(hello?.textContent?.replace(/\s+/g, ' ')).toContain('hello HTTP Draft');
  expect(nightly?.textContent?.replace(/\s+/g, ' ')).toContain('nightly 0 2 * * * Failed');
});

test('search narrows the list; arrows and Enter choose', async () => {
  const { user } = await openWindow((core) => {
    for (const name of ['alpha', 'beta-one', 'beta-two']) core.add(name);
  });
  const search = screen.getByRole('textbox', { name: 'Search functions' });
  await user.type(search, 'beta');
  expect(within(list()).getAllByRole('button')).toHaveLength(2);
  await user.keyboard('{ArrowDown}{ArrowDown}{Enter}');
  expect(screen.getByRole('heading', { name: 'beta-two' })).toBeTruthy();
  await user.type(search, 'nothing');
  expect(screen.getByText(/No function's name has “nothing” in it/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Show all' }));
  expect(within(list()).getAllByRole('button')).toHaveLength(3);
});

test('F2 renames in place; Escape leaves the name as it was', async () => {
  const { core, user } = await openWindow((core) => core.add('hello'));
  const inList = () => within(list()).getByRole('button').focus();
  // In the code it renames what the caret is on.
  inList();
  await user.keyboard('{F2}');
  const field = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Function name' });
  await waitFor(() => expect(document.activeElement).toBe(field));
  await user.clear(field);
  await user.type(field, 'Bad.name');
  expect(screen.getByText(/“\.” is none of these/)).toBeTruthy();
  await user.clear(field);
  await user.type(field, 'other{Enter}');
  expect(await screen.findByRole('heading', { name: 'other' })).toBeTruthy();
  expect(called(core, 'rename_function')).toHaveLength(1);
  inList();
  await user.keyboard('{F2}');
  await user.type(await screen.findByRole('textbox', { name: 'Function name' }), 'x{Escape}');
  expect(screen.getByRole('heading', { name: 'other' })).toBeTruthy();
  expect(called(core, 'rename_function')).toHaveLength(1);
});

test('F2 in the list renames the function that has the focus, which need not be the open one', async () => {
  const { core, user } = await openWindow((core) => {
    for (const name of ['alpha', 'beta']) core.add(name);
  });
  const [, beta] = core.kept;
  within(list()).getByRole('button', { name: /alpha/ }).focus();
  await user.keyboard('{ArrowDown}{F2}');
  const field = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Function name' });
  await waitFor(() => expect(document.activeElement).toBe(field));
  expect(field.value).toBe('beta');
  await user.clear(field);
  await user.type(field, 'gamma{Enter}');
  expect(await screen.findByRole('heading', { name: 'gamma' })).toBeTruthy();
  expect(called(core, 'rename_function')).toEqual([{ id: beta?.summary.id, name: 'gamma' }]);
});

test('a name that was typed from a row of the list leads back to it, wherever that is by then', async () => {
  const { user } = await openWindow((core) => {
    for (const name of ['alpha', 'beta', 'gamma']) core.add(name);
  });
  const row = (name: RegExp) => within(list()).getByRole('button', { name });
  const field = () => screen.findByRole<HTMLInputElement>('textbox', { name: 'Function name' });
  row(/beta/).focus();
  await user.keyboard('{F2}');
  await waitFor(async () => expect(document.activeElement).toBe(await field()));
  await user.keyboard('x{Escape}');
  expect(document.activeElement).toBe(row(/beta/));
  for (const name of ['zeta', 'aaa']) {
    await user.keyboard('{F2}');
    await waitFor(async () => expect(document.activeElement).toBe(await field()));
    await user.clear(await field());
    await user.keyboard(`${name}{Enter}`);
    await waitFor(() => expect(document.activeElement).toBe(row(new RegExp(name))));
  }
  // From the code it leads back there, and so it does where the row is gone.
  runCommand('focus-code');
  runCommand('rename');
  await waitFor(async () => expect(document.activeElement).toBe(await field()));
  await user.keyboard('{Escape}');
  expect(code().hasFocus).toBe(true);
  await user.type(screen.getByRole('textbox', { name: 'Search functions' }), 'aa{ArrowDown}{F2}');
  await waitFor(async () => expect(document.activeElement).toBe(await field()));
  await user.clear(await field());
  await user.keyboard('other{Enter}');
  await waitFor(() => expect(code().hasFocus).toBe(true));
});

test('the menu duplicates and deletes', async () => {
  const { core, user } = await openWindow((core) => core.add('hello'));
  await user.click(screen.getByRole('button', { name: 'Function menu' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Duplicate' }));
  expect(await screen.findByRole('heading', { name: 'hello-2' })).toBeTruthy();
  // While a menu goes, the page takes no clicks.
  await waitFor(() => expect(document.body.style.pointerEvents).not.toBe('none'));
  await user.click(screen.getByRole('button', { name: 'Function menu' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Delete…' }));
  expect(await screen.findByRole('heading', { name: 'hello' })).toBeTruthy();
  expect(called(core, 'delete_function')).toHaveLength(1);
  expect(within(list()).getAllByRole('button')).toHaveLength(1);
});

test('a function that is stopped stays live, and what starts it again is said', async () => {
  const { core, user } = await openWindow((core) => core.add('hello'));
  await user.click(screen.getByRole('button', { name: 'Deploy' }));
  await screen.findByText('Live', { selector: '.chip' });
  await user.click(screen.getByRole('button', { name: 'Function menu' }));
  await user.click(await screen.findByRole('menuitem', { name: /^Stop/ }));
  expect(await screen.findByText('hello is stopped')).toBeTruthy();
  expect(screen.getByText('The next call starts it again.')).toBeTruthy();
  expect(screen.getByText('Live', { selector: '.chip' })).toBeTruthy();
  expect(called(core, 'stop_function')).toHaveLength(1);
});

test('a delete that fails leaves the function and says why', async () => {
  const { core } = await openWindow((core) => core.add('hello'));
  core.refusals.set('delete_function', { code: 'storage', message: 'The disk is full.', position: null });
  const { runCommand } = await import('../commands');
  runCommand('delete');
  expect(await screen.findByText('hello was not deleted')).toBeTruthy();
  expect(screen.getByRole('heading', { name: 'hello' })).toBeTruthy();
});

test('a runtime that is missing says so, and Retry asks again', async () => {
  const { core, user } = await openWindow((core) => {
    core.runtime = {
      ready: false,
      problem: { code: 'runtimeMissing', message: 'The runtime is missing.', position: null },
    };
  });
  expect(screen.getByText('The runtime is missing.')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  await waitFor(() => expect(screen.queryByText('The runtime is missing.')).toBeNull());
  expect(called(core, 'retry_runtime')).toHaveLength(1);
});

test('a window that could not start says why, and starts again', async () => {
  const { user } = await openWindow((core) => {
    core.add('hello');
    core.refusals.set('overview', {
      code: 'storage',
      message: 'The database is newer than this Postern.',
      position: null,
    });
  });
  expect(screen.getByText('The database is newer than this Postern.')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByRole('heading', { name: 'hello' })).toBeTruthy();
});

test('a name that is typed stays, whatever else of the function is told meanwhile', async () => {
  const { core, user } = await openWindow((core) => core.add('hello'));
  within(list()).getByRole('button').focus();
  await user.keyboard('{F2}');
  const field = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Function name' });
  await user.clear(field);
  await user.type(field, 'other');
  const { summary } = core.kept[0] as Kept;
  core.emit({ type: 'function', summary: { ...summary, status: 'failed' } });
  await screen.findByText('Failed', { selector: '.chip' });
  await tick();
  expect(field.value).toBe('other');

  const go = hold(core, 'rename_function');
  await user.keyboard('{Enter}');
  const search = screen.getByRole('textbox', { name: 'Search functions' });
  search.focus();
  go();
  expect(await screen.findByRole('heading', { name: 'other' })).toBeTruthy();
  expect(document.activeElement).toBe(search);
});

test('an answer about the name of one function says nothing of the next one', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('hello');
    core.add('second');
  });
  const rename = async () => {
    runCommand('rename');
    return screen.findByRole<HTMLInputElement>('textbox', { name: 'Function name' });
  };
  const go = hold(core, 'rename_function');
  await user.clear(await rename());
  await user.keyboard('other{Enter}');
  await user.click(within(list()).getByRole('button', { name: /second/ }));
  const field = await rename();
  go();
  await within(list()).findByRole('button', { name: /other/ });
  await tick();
  expect(field.isConnected).toBe(true);
  expect(field.value).toBe('second');
});
