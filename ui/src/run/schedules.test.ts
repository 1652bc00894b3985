// What is typed of a schedule and is not saved: it outlives the tab, and keeps the window open.

import { screen, waitFor } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import type { MockCore } from '../mocks';
import { store } from '../state.svelte';
import { called, openWindow } from '../test-window';

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
