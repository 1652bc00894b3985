// What is typed of a schedule and is not saved: it outlives the tab, and keeps the window open.

import { screen, waitFor } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import type { MockCore } from '../mocks';
import { store } from '../state.svelte';
import { called, hold, openWindow } from '../test-window';

const FIVE = 'A schedule has five fields: minute, hour, day of month, month, weekday.';

function nightly(core: MockCore) {
  core.add('nightly', 'export default {\n  async scheduled(controller) {},\n}\n', { schedules: ['0 2 * * *'] });
}

const field = () => screen.getByRole<HTMLInputElement>('textbox', { name: 'Schedule' });

async function openRun() {
  const { core, user } = await openWindow(nightly);
  const show = (tab: string) => user.click(screen.getByRole('tab', { name: tab }));
  await show('Run');
  return { core, user, show };
}

test('a schedule that is none keeps the window open, in words that say which, until it is removed', async () => {
  const { core, user } = await openRun();
  await user.type(field(), ' 7');
  core.emit({ type: 'closing' });
  expect(await screen.findByText('Not everything you typed is saved')).toBeTruthy();
  expect(
    screen.getByText(`The schedule 0 2 * * * 7 of nightly is not saved: ${FIVE} The window stays open.`, {
      exact: false,
    }),
  ).toBeTruthy();
  expect(called(core, 'close_window')).toEqual([]);
  await user.click(screen.getByRole('button', { name: /^Remove schedule/ }));
  core.emit({ type: 'closing' });
  await waitFor(() => expect(called(core, 'close_window')).toHaveLength(1));
});

test('a schedule whose field was emptied loses nothing with the window', async () => {
  const { core, user } = await openRun();
  await user.clear(field());
  await screen.findByText(/^Still set to/);
  core.emit({ type: 'closing' });
  await waitFor(() => expect(called(core, 'close_window')).toHaveLength(1));
});

test('a schedule that is none is kept when its tab is left, is said once, and comes back with it', async () => {
  const { core, user, show } = await openRun();
  await user.type(field(), ' 7');
  for (const tab of ['Secrets', 'Run', 'Secrets', 'Run']) await show(tab);
  expect(await screen.findAllByText('A schedule of nightly was not saved')).toHaveLength(1);
  expect(field().value).toBe('0 2 * * * 7');
  expect(screen.getByText(FIVE)).toBeTruthy();
  await user.type(field(), '{Backspace}{Backspace}');
  await waitFor(() => expect(screen.queryByText(FIVE)).toBeNull());
  await show('Secrets');
  await waitFor(() => expect(store.schedules.size).toBe(0));
  expect(called(core, 'set_schedules')).toEqual([]);
});

test('schedules that were refused keep the window open, and are sent again, also where they are not shown', async () => {
  const { core, user, show } = await openRun();
  core.refusals.set('set_schedules', { code: 'storage', message: 'The disk is full.', position: null });
  const forget = vi.spyOn(core.refusals, 'delete').mockReturnValue(false);
  await user.clear(field());
  await user.type(field(), '*/7 * * * *');
  await screen.findByText('The disk is full.');
  await show('Secrets');
  core.emit({ type: 'closing' });
  expect(
    await screen.findByText(/^The schedules of nightly are not saved: The disk is full\. The window/),
  ).toBeTruthy();
  forget.mockRestore();
  core.refusals.clear();
  core.emit({ type: 'closing' });
  await waitFor(() => expect(called(core, 'close_window')).toHaveLength(1));
  expect(core.kept[0]?.summary.schedules).toEqual(['*/7 * * * *']);
});

const refuse = (core: MockCore) =>
  core.refusals.set('set_schedules', { code: 'storage', message: 'The disk is full.', position: null });

async function typeWhile(command: string) {
  const window = await openRun();
  const go = hold(window.core, command);
  await window.user.clear(field());
  await window.user.type(field(), '*/7 * * * *');
  await waitFor(() => expect(JSON.stringify(called(window.core, command).at(-1))).toContain('*/7 * * * *'));
  return { ...window, go };
}

test('schedules that are refused once their tab was left are said not to be saved, and come back with it', async () => {
  const { core, show, go } = await typeWhile('set_schedules');
  refuse(core);
  await show('Secrets');
  go();
  expect(await screen.findByText('A schedule of nightly was not saved')).toBeTruthy();
  expect(screen.getByText('The schedules of nightly are not saved: The disk is full.')).toBeTruthy();
  await show('Run');
  expect(field().value).toBe('*/7 * * * *');
});

test('the window waits for schedules that are being saved', async () => {
  const { core, go } = await typeWhile('set_schedules');
  core.emit({ type: 'closing' });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(called(core, 'close_window')).toEqual([]);
  refuse(core);
  go();
  expect(
    await screen.findByText(/^The schedules of nightly are not saved: The disk is full\. The window/),
  ).toBeTruthy();
  expect(called(core, 'close_window')).toEqual([]);
});

test('a schedule that is still read when its tab is left is saved, and nothing is said', async () => {
  const { core, show, go } = await typeWhile('read_schedule');
  await show('Secrets');
  await new Promise((resolve) => setTimeout(resolve, 50));
  go();
  await waitFor(() => expect(store.schedules.size).toBe(0));
  expect(core.kept[0]?.summary.schedules).toEqual(['*/7 * * * *']);
  expect(screen.queryByText('A schedule of nightly was not saved')).toBeNull();
});

test('that a schedule was not saved is said no more once it is', async () => {
  const { core, show, go } = await typeWhile('set_schedules');
  refuse(core);
  await show('Secrets');
  go();
  await screen.findByText('A schedule of nightly was not saved');
  core.emit({ type: 'closing' });
  await waitFor(() => expect(called(core, 'close_window')).toHaveLength(1));
  await waitFor(() => expect(screen.queryByText('A schedule of nightly was not saved')).toBeNull());
  expect(store.schedules.size).toBe(0);
});

test('what is sent later is not overtaken by what was sent before', async () => {
  const { core, user, go } = await typeWhile('set_schedules');
  await user.clear(field());
  await user.type(field(), '*/9 * * * *');
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(called(core, 'set_schedules')).toHaveLength(1);
  go();
  await waitFor(() => expect(core.kept[0]?.summary.schedules).toEqual(['*/9 * * * *']));
  expect(called(core, 'set_schedules')).toHaveLength(2);
});
