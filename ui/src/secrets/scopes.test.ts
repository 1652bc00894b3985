import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import { type MockCore, secret } from '../mocks';
import { store } from '../state.svelte';
import { removeTarget } from '../targets/actions';
import { called, hold, openWindow } from '../test-window';

const USES = 'export default {\n  fetch(request, env) { return fetch(env.API_HOST, env.API_KEY) },\n}\n';

const box = (name: string) => screen.getByRole<HTMLInputElement>('textbox', { name });
const button = (name: string) => screen.getByRole('button', { name });
const secretForm = () => within(screen.getByRole('form', { name: 'New secret' }));
const variableForm = () => within(screen.getByRole('form', { name: 'New variable' }));
const words = (element: HTMLElement) => element.textContent?.replace(/\s+/g, ' ').trim();

function withProduction(core: MockCore) {
  core.targets.add('production');
  core.add('hello', USES);
}

test('with no target added there is no choice of targets', async () => {
  await openWindow((core) => core.add('hello'));
  expect(screen.queryByRole('combobox', { name: 'For' })).toBeNull();
});

test('a secret has one value for all targets, or one for each', async () => {
  const { core, user } = await openWindow(withProduction);
  await user.type(box('SECRET_NAME'), 'api key');
  await user.type(box('Value'), 'everywhere{Enter}');
  await screen.findByRole('button', { name: 'Delete API_KEY' });
  await user.type(box('SECRET_NAME'), 'api key');
  expect(secretForm().getByRole('button', { name: 'Replace' })).toBeTruthy();
  await user.selectOptions(secretForm().getByRole('combobox', { name: 'For' }), 'production');
  await user.type(box('Value'), 'live');
  await user.click(secretForm().getByRole('button', { name: 'Create' }));
  await screen.findByRole('button', { name: 'Delete API_KEY for production' });
  expect(secretForm().getByRole<HTMLSelectElement>('combobox', { name: 'For' }).value).toBe('all');
  const rows = within(screen.getByRole('list', { name: 'Secrets' })).getAllByRole('listitem');
  expect(rows.map((row) => within(row).queryByText('production') !== null)).toEqual([false, true]);
  expect([core.values.get('API_KEY'), core.values.get('API_KEY 1')]).toEqual(['everywhere', 'live']);
  await user.click(button('Replace API_KEY for production'));
  await user.keyboard('other{Enter}');
  await waitFor(() => expect(core.values.get('API_KEY 1')).toBe('other'));
  await user.click(button('Delete API_KEY for production'));
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Delete API_KEY for production' })).toBeNull());
  expect(called(core, 'delete_secret')[0]?.scope).toEqual({ target: 1 });
  expect(button('Delete API_KEY')).toBeTruthy();
});

test('each target where a value is not live is named, in words', async () => {
  await openWindow((core) => {
    withProduction(core);
    core.targets.add('staging');
    const stale = [
      { target: 0, bound: true },
      { target: 1, bound: true },
      { target: 2, bound: false },
    ];
    core.kept[0]?.secrets.push(secret('API_KEY', { stale }));
  });
  const [row] = within(screen.getByRole('list', { name: 'Secrets' })).getAllByRole('listitem');
  expect(words(row as HTMLElement)).toContain(
    'changed just now · redeploy to apply · changed since production · not on staging',
  );
});

test('a secret that a target has and that has no value here can be given one, for that target', async () => {
  const { core, user } = await openWindow((core) => {
    withProduction(core);
    core.kept[0]?.held.push({ name: 'API_KEY', target: 1, lines: [{ file: 'index.ts', line: 2, column: 1, end: 8 }] });
  });
  expect(screen.getByText(/On production, value not here/)).toBeTruthy();
  await user.click(button('Enter value of API_KEY'));
  expect(box('SECRET_NAME').value).toBe('API_KEY');
  expect(secretForm().getByRole<HTMLSelectElement>('combobox', { name: 'For' }).selectedOptions[0]?.text).toBe(
    'production',
  );
  await user.keyboard('value{Enter}');
  await waitFor(() => expect(core.values.get('API_KEY 1')).toBe('value'));
  await waitFor(() => expect(screen.queryByText(/value not here/)).toBeNull());
});

test('a variable is added with a name that is formatted, and the code lacks it no longer', async () => {
  const { core, user } = await openWindow(withProduction);
  expect(button('Add API_HOST')).toBeTruthy();
  await user.type(box('VARIABLE_NAME'), 'api host');
  await user.type(box('Variable value'), 'https://example.com');
  await user.click(button('Add variable'));
  expect((await screen.findByRole<HTMLInputElement>('textbox', { name: 'Value of API_HOST' })).value).toBe(
    'https://example.com',
  );
  expect(called(core, 'set_variable')[0]).toMatchObject({ name: 'API_HOST', scope: 'all' });
  expect(box('VARIABLE_NAME').value).toBe('');
  expect(screen.queryByRole('button', { name: 'Add API_HOST' })).toBeNull();
});

test('a wrong name of a variable is said, and nothing is added', async () => {
  const { core, user } = await openWindow(withProduction);
  await user.type(box('VARIABLE_NAME'), '1a');
  expect(variableForm().getByText(/A variable's name can't start with a digit/)).toBeTruthy();
  await user.click(button('Add variable'));
  expect(called(core, 'set_variable')).toHaveLength(0);
});

test('a variable is edited in place: Enter saves, Escape brings back what was there', async () => {
  const { core, user } = await openWindow((core) => {
    withProduction(core);
    core.kept[0]?.variables.push({ name: 'API_HOST', scope: { target: 1 }, value: 'old', stale: [] });
  });
  const value = box('Value of API_HOST for production');
  await user.clear(value);
  await user.type(value, 'half{Escape}');
  expect(value.value).toBe('old');
  expect(called(core, 'set_variable')).toHaveLength(0);
  await user.clear(value);
  await user.type(value, 'new{Enter}');
  await waitFor(() => expect(core.kept[0]?.variables[0]?.value).toBe('new'));
  expect(called(core, 'set_variable')).toHaveLength(1);
  core.refusals.set('set_variable', { code: 'limit', message: 'At most 5 KB.', position: null });
  await user.type(value, '!{Enter}');
  expect(await screen.findByText('At most 5 KB.')).toBeTruthy();
  expect(value.value).toBe('new!');
});

test('a variable that was deleted can be brought back', async () => {
  const { core, user } = await openWindow((core) => {
    withProduction(core);
    core.kept[0]?.variables.push({ name: 'API_HOST', scope: 'all', value: 'kept', stale: [] });
  });
  await user.click(button('Delete variable API_HOST'));
  expect(await screen.findByText('Deleted API_HOST')).toBeTruthy();
  expect(core.kept[0]?.variables).toEqual([]);
  await user.click(button('Undo'));
  await waitFor(() => expect(core.kept[0]?.variables[0]).toMatchObject({ name: 'API_HOST', value: 'kept' }));
  expect(await screen.findByRole('textbox', { name: 'Value of API_HOST' })).toBeTruthy();
});

function withVariable(core: MockCore) {
  core.add('hello').variables.push({ name: 'API_HOST', scope: 'all', value: 'old', stale: [] });
}

const order = (core: MockCore) => core.calls.map(({ command }) => command);

test('what was typed of a variable is taken by a deployment, by closing the window, and by leaving', async () => {
  const { core, user } = await openWindow(withVariable);
  await user.type(box('Value of API_HOST'), '1{Control>}{Enter}{/Control}');
  await waitFor(() => expect(called(core, 'deploy')).toHaveLength(1));
  expect(order(core).indexOf('set_variable')).toBeLessThan(order(core).indexOf('deploy'));
  expect(core.kept[0]?.variables[0]?.value).toBe('old1');
  await user.type(box('Value of API_HOST'), '2');
  core.emit({ type: 'closing' });
  await waitFor(() => expect(called(core, 'close_window')).toHaveLength(1));
  expect(core.kept[0]?.variables[0]?.value).toBe('old12');
  await user.type(box('Value of API_HOST'), '3');
  const id = store.openId;
  core.add('other');
  store.openId = null;
  await waitFor(() => expect(core.kept[0]?.variables[0]?.value).toBe('old123'));
  expect(called(core, 'set_variable').map((call) => call.id)).toEqual([id, id, id]);
});

test('a value that was refused is not brought back by a deletion, and one that is typed on is not lost', async () => {
  const { core, user } = await openWindow(withVariable);
  const go = hold(core, 'set_variable');
  await user.type(box('Value of API_HOST'), '1{Enter}2');
  go();
  await waitFor(() => expect(core.kept[0]?.variables[0]?.value).toBe('old1'));
  expect(box('Value of API_HOST').value).toBe('old12');
  core.refusals.set('set_variable', { code: 'limit', message: 'At most 5 KB.', position: null });
  await user.keyboard('{Enter}');
  await screen.findByText('At most 5 KB.');
  core.refusals.set('set_variable', { code: 'limit', message: 'At most 5 KB.', position: null });
  await user.click(button('Delete variable API_HOST'));
  await waitFor(() => expect(screen.queryByRole('textbox', { name: 'Value of API_HOST' })).toBeNull());
  expect(core.kept[0]?.variables).toEqual([]);
  expect(order(core).lastIndexOf('set_variable')).toBeLessThan(order(core).indexOf('delete_variable'));
});

const refused = () => waitFor(() => expect(screen.getByRole('alert').textContent).toBe('At most 5 KB.'));

/** Every value of a variable, until it is told to stop. */
function refuseValues(core: MockCore): () => void {
  core.refusals.set('set_variable', { code: 'limit', message: 'At most 5 KB.', position: null });
  const forget = vi.spyOn(core.refusals, 'delete').mockReturnValue(false);
  return () => {
    forget.mockRestore();
    core.refusals.clear();
  };
}

test('a value that was refused is kept when its row is left, is said, and comes back with it', async () => {
  const { core, user } = await openWindow(withVariable);
  const stop = refuseValues(core);
  await user.type(box('Value of API_HOST'), '1');
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  expect(await screen.findByText('The value of API_HOST in hello was not saved')).toBeTruthy();
  await user.click(screen.getByRole('tab', { name: 'Secrets' }));
  expect(box('Value of API_HOST').value).toBe('old1');
  await refused();
  stop();
  await user.type(box('Value of API_HOST'), '{Enter}');
  await waitFor(() => expect(core.kept[0]?.variables[0]?.value).toBe('old1'));
  await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
  expect(store.typed.size).toBe(0);
});

test('a value that was refused keeps the window open, in words that say what it is', async () => {
  const { core, user } = await openWindow(withVariable);
  const stop = refuseValues(core);
  await user.type(box('Value of API_HOST'), '1{Enter}');
  await refused();
  core.emit({ type: 'closing' });
  expect(await screen.findByText('Not everything you typed is saved')).toBeTruthy();
  expect(
    screen.getByText(/^The value of API_HOST in hello is not saved: At most 5 KB\. The window stays/),
  ).toBeTruthy();
  expect(called(core, 'close_window')).toEqual([]);
  // It is tried again, also where it is not shown any more.
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  stop();
  core.emit({ type: 'closing' });
  await waitFor(() => expect(called(core, 'close_window')).toHaveLength(1));
  expect(core.kept[0]?.variables[0]?.value).toBe('old1');
});

test('a value that is brought back, or is for a target that is gone, keeps the window open no longer', async () => {
  const { core, user } = await openWindow((core) => {
    withProduction(core);
    core.kept[0]?.variables.push({ name: 'API_HOST', scope: { target: 1 }, value: 'old', stale: [] });
  });
  refuseValues(core);
  const typeRefused = async () => {
    await user.type(box('Value of API_HOST for production'), '1{Enter}');
    await refused();
    expect(store.typed.size).toBe(1);
  };
  await typeRefused();
  await user.keyboard('{Escape}');
  expect(store.typed.size).toBe(0);
  await typeRefused();
  expect(await removeTarget(1)).toBeNull();
  expect(store.typed.size).toBe(0);
});

test('a value that was refused is said once, however often its row is left', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('hello').variables.push({ name: 'API_REGION', scope: 'all', value: 'old', stale: [] });
  });
  core.refusals.set('set_variable', { code: 'limit', message: 'At most 5 KB.', position: null });
  core.refusals.delete = () => false;
  await user.type(screen.getByRole('textbox', { name: 'Value of API_REGION' }), '1');
  for (const tab of ['Run', 'Secrets', 'Run', 'Secrets']) {
    await user.click(screen.getByRole('tab', { name: tab }));
    await screen.findByText('The value of API_REGION in hello was not saved');
  }
  expect(screen.getAllByText('The value of API_REGION in hello was not saved')).toHaveLength(1);
});

test('a value that is typed back while another one is on its way is the one that stays', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('hello').variables.push({ name: 'API_HOST', scope: 'all', value: 'old', stale: [] });
  });
  const go = hold(core, 'set_variable');
  const value = screen.getByRole<HTMLInputElement>('textbox', { name: 'Value of API_HOST' });
  await user.type(value, '1{Enter}');
  await user.type(value, '{Backspace}{Enter}');
  go();
  await waitFor(() => expect(called(core, 'set_variable').map(({ value }) => value)).toEqual(['old1', 'old']));
  expect(core.kept[0]?.variables[0]?.value).toBe('old');
});
