import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import type { LogLine } from '../bindings/LogLine';
import { runCommand } from '../commands';
import type { MockCore } from '../mocks';
import { store } from '../state.svelte';
import { called, hold, openWindow } from '../test-window';
import LogRow from './LogRow.svelte';
import { Logs, MAX_LINES } from './logs.svelte';

const SCHEDULED = 'export default {\n  async scheduled(controller) {},\n}\n';

const line = (seq: number, text = `line ${seq}`): LogLine => ({
  seq,
  at: seq,
  level: 'info',
  text,
  stack: '',
  position: null,
});

function nightly(core: MockCore) {
  core.add('nightly', SCHEDULED, { schedules: ['0 2 * * *'] });
}

test('a log line is text, whatever is in it', () => {
  const text = '<img src=x onerror="alert(1)"><b>bold</b>';
  const { container } = render(LogRow, { line: { ...line(1, text), stack: '<i>at fetch</i>' } });
  expect(container.querySelector('img, b, i')).toBeNull();
  expect(container.textContent).toContain(text);
  expect(container.textContent).toContain('<i>at fetch</i>');
});

test('the last 1,000 lines stay, in order, each once', async () => {
  const logs = new Logs();
  for (let seq = 0; seq < MAX_LINES + 50; seq++) logs.add(7, line(seq));
  await waitFor(() => expect(logs.of(7)).toHaveLength(MAX_LINES));
  logs.load(7, [line(MAX_LINES + 48), line(MAX_LINES + 49)]);
  expect(logs.of(7).map((each) => each.seq)).toEqual([MAX_LINES + 48, MAX_LINES + 49]);
  logs.add(7, line(MAX_LINES + 49));
  logs.add(7, line(MAX_LINES + 50));
  await waitFor(() => expect(logs.of(7)).toHaveLength(3));
});

test('what is heard late stands where it was said, behind what was said at the same time', async () => {
  const logs = new Logs();
  const thrown = { ...line(3, 'Error: no'), at: 1, level: 'error' as const };
  logs.load(7, [line(0), line(1), line(2), thrown]);
  const shown = () => logs.of(7).map(({ seq }) => seq);
  expect(shown()).toEqual([0, 1, 3, 2]);
  // Whatever was heard last, each line is taken once.
  logs.add(7, thrown);
  logs.add(7, line(4));
  await waitFor(() => expect(shown()).toEqual([0, 1, 3, 2, 4]));
  logs.add(7, { ...line(5), at: 2 });
  await waitFor(() => expect(shown()).toEqual([0, 1, 3, 2, 5, 4]));
});

test('what the function says arrives, and Clear removes it here and in the core', async () => {
  const { core, user } = await openWindow((core) => core.add('hello'));
  const id = core.kept[0]?.summary.id ?? 0;
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  expect(screen.getByText(/Nothing yet/)).toBeTruthy();
  core.emit({ type: 'log', function: id, line: line(1) });
  await waitFor(() => expect(store.logs.of(id)).toHaveLength(1));
  await user.click(screen.getByRole('button', { name: 'Clear output' }));
  expect(store.logs.of(id)).toHaveLength(0);
  expect(called(core, 'clear_log')).toHaveLength(1);
});

test('what is pressed at the output leaves the focus on it, and not on the page', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('hello').log = Array.from({ length: 90 }, (_, seq) => line(seq));
  });
  const id = core.kept[0]?.summary.id ?? 0;
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  await waitFor(() => expect(store.logs.of(id)).toHaveLength(90));
  const log = await screen.findByRole('log', { name: 'Output' });
  const press = async (name: string) => {
    (await screen.findByRole('button', { name })).focus();
    await user.keyboard('{Enter}');
    await waitFor(() => expect(document.activeElement).toBe(log));
  };
  const scroller = log.firstElementChild ?? log;
  scroller.scrollTop = 40;
  await fireEvent.scroll(scroller);
  await press('Newest');
  await press('Clear output');
  store.logs.fail(id, { code: 'internal', message: 'It could not be read.', position: null });
  await press('Retry');
});

test('output that was cleared is followed again', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('hello').log = Array.from({ length: 90 }, (_, seq) => line(seq));
  });
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  await waitFor(() => expect(store.logs.of(core.kept[0]?.summary.id ?? 0)).toHaveLength(90));
  const log = await screen.findByRole('log', { name: 'Output' });
  const scroller = log.firstElementChild ?? log;
  scroller.scrollTop = 40;
  await fireEvent.scroll(scroller);
  await screen.findByRole('button', { name: 'Newest' });
  await user.click(screen.getByRole('button', { name: 'Clear output' }));
  expect(screen.queryByRole('button', { name: 'Newest' })).toBeNull();
});

test('the output of another function follows its newest line, wherever the last one was scrolled to', async () => {
  const { core, user } = await openWindow((core) => {
    for (const name of ['alpha', 'beta']) core.add(name).log = Array.from({ length: 90 }, (_, seq) => line(seq));
  });
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  // What was opened once is shown at once.
  for (const name of ['beta', 'alpha']) {
    await user.click(screen.getByRole('button', { name: new RegExp(`^${name}`) }));
    await screen.findByRole('heading', { name });
  }
  await waitFor(() => expect(store.logs.of(core.kept[0]?.summary.id ?? 0)).toHaveLength(90));
  const log = await screen.findByRole('log', { name: 'Output' });
  const scroller = log.firstElementChild ?? log;
  scroller.scrollTop = 40;
  await fireEvent.scroll(scroller);
  expect(await screen.findByRole('button', { name: 'Newest' })).toBeTruthy();
  await user.click(screen.getByRole('button', { name: /^beta/ }));
  await screen.findByRole('heading', { name: 'beta' });
  expect(screen.queryByRole('button', { name: 'Newest' })).toBeNull();
});

test('what is in sight of the output stays there when lines come before it, and when the oldest go', async () => {
  const lines = Array.from({ length: MAX_LINES - 1 }, (_, seq) => line(seq));
  const { core, user } = await openWindow((core) => {
    core.add('hello').log = lines;
  });
  const id = core.kept[0]?.summary.id ?? 0;
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  await waitFor(() => expect(store.logs.of(id)).toHaveLength(MAX_LINES - 1));
  const log = await screen.findByRole('log', { name: 'Output' });
  const scroller = log.firstElementChild ?? log;
  // Nothing is measured here: each line is taken to be as high.
  const height = 40;
  const count = () => Number.parseInt((scroller.firstElementChild as HTMLElement).style.height, 10) / height;
  scroller.scrollTop = 500 * height + 7;
  await fireEvent.scroll(scroller);
  const newest = await screen.findByRole('button', { name: 'Newest' });
  core.emit({ type: 'log', function: id, line: { ...line(MAX_LINES), at: 100 } });
  await waitFor(() => expect(scroller.scrollTop).toBe(501 * height + 7));
  for (const seq of [1, 2, 3]) core.emit({ type: 'log', function: id, line: line(MAX_LINES + seq) });
  await waitFor(() => expect(count()).toBe(MAX_LINES + 3));
  expect(scroller.scrollTop).toBe(501 * height + 7);
  expect(store.logs.of(id)).toHaveLength(MAX_LINES);
  await user.click(newest);
  await waitFor(() => expect(count()).toBe(MAX_LINES));
});

test('a schedule says what it means and when it runs next, in UTC and local time', async () => {
  const { user } = await openWindow(nightly);
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  expect(await screen.findByText('At 02:00, every day.')).toBeTruthy();
  expect(screen.getAllByRole('row')).toHaveLength(6);
  expect(screen.getByRole('columnheader', { name: 'Next runs, UTC' })).toBeTruthy();
});

test('the next runs are read again once the first of them has been', async () => {
  const { core, user } = await openWindow(nightly);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: Date.UTC(2026, 10, 24, 1, 59) });
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  await new Promise((resolve) => setTimeout(resolve, 50));
  vi.advanceTimersByTime(40_000);
  expect(called(core, 'read_schedule')).toHaveLength(1);
  vi.advanceTimersByTime(20_000);
  expect(called(core, 'read_schedule')).toHaveLength(2);
});

test('a schedule is checked while it is typed; only what is valid is saved', async () => {
  const { core, user } = await openWindow(nightly);
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  await user.click(screen.getByRole('button', { name: 'Add schedule' }));
  const second = screen.getAllByRole('textbox', { name: 'Schedule' })[1] as HTMLInputElement;
  await user.type(second, '0 9 * *');
  expect(await screen.findByText(/A schedule has five fields/)).toBeTruthy();
  expect(called(core, 'set_schedules')).toHaveLength(0);
  await user.type(second, ' 1-5');
  await waitFor(() => expect(called(core, 'set_schedules').at(-1)?.schedules).toEqual(['0 2 * * *', '0 9 * * 1-5']));
  await user.click(screen.getByRole('button', { name: 'Remove schedule 0 2 * * *' }));
  await waitFor(() => expect(called(core, 'set_schedules').at(-1)?.schedules).toEqual(['0 9 * * 1-5']));
});

test('a schedule that becomes invalid keeps what was saved of it, and says so', async () => {
  const { core, user } = await openWindow(nightly);
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  const schedule = screen.getByRole('textbox', { name: 'Schedule' });
  const said = () => document.getElementById(schedule.getAttribute('aria-describedby') ?? '')?.textContent;
  await user.type(schedule, ' 7');
  expect(await screen.findByText(/A schedule has five fields/)).toBeTruthy();
  expect(called(core, 'set_schedules')).toHaveLength(0);
  expect(said()).toContain('Still set to 0 2 * * * until you type another one or remove it.');
  await user.clear(schedule);
  await waitFor(() => expect(said()).toMatch(/^\s*Still set to 0 2/));
  await user.type(schedule, '0 2 * * *');
  expect(await screen.findByText('At 02:00, every day.')).toBeTruthy();
  expect(said()).not.toContain('Still set');
});

test('what was typed of a schedule is taken by a deployment at once, and by leaving', async () => {
  const { core, user } = await openWindow(nightly);
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  const schedule = () => screen.getByRole<HTMLInputElement>('textbox', { name: 'Schedule' });
  await user.clear(schedule());
  await user.type(schedule(), '*/7 * * * *');
  await user.keyboard('{Control>}{Enter}{/Control}');
  await waitFor(() => expect(called(core, 'deploy')).toHaveLength(1));
  const order = core.calls.map(({ command }) => command);
  expect(order.indexOf('set_schedules')).toBeLessThan(order.indexOf('deploy'));
  await user.clear(schedule());
  await user.type(schedule(), '*/9 * * * *');
  await user.click(screen.getByRole('tab', { name: 'Secrets' }));
  await waitFor(() => expect(called(core, 'set_schedules').at(-1)?.schedules).toEqual(['*/9 * * * *']));
});

test('what was typed of a schedule is saved for its function, whichever is shown next', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('other', SCHEDULED, { schedules: ['0 5 * * *'] });
    nightly(core);
  });
  await user.click(screen.getByRole('button', { name: /^nightly/ }));
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  const id = store.openId;
  const schedule = await screen.findByDisplayValue('0 2 * * *');
  await user.clear(schedule);
  await user.type(schedule, '*/7 * * * *');
  await user.click(screen.getByRole('button', { name: /^other/ }));
  await waitFor(() => expect(called(core, 'set_schedules')).toHaveLength(1));
  expect(called(core, 'set_schedules')[0]).toMatchObject({ id, schedules: ['*/7 * * * *'] });
});

test('a schedule that is added is typed at once', async () => {
  const { user } = await openWindow(nightly);
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  await user.click(screen.getByRole('button', { name: 'Add schedule' }));
  await waitFor(() => expect(document.activeElement).toBe(screen.getAllByRole('textbox', { name: 'Schedule' })[1]));
});

test('Run now runs it by hand and shows how it ended', async () => {
  const { core, user } = await openWindow(nightly);
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  await user.click(screen.getByRole('button', { name: 'Run now' }));
  expect(await screen.findByText('Ran in 12 ms.')).toBeTruthy();
  expect(called(core, 'run_now')[0]).toMatchObject({ schedule: '0 2 * * *' });
});

test('Run now keeps the focus, and is heard once, while it runs', async () => {
  const { core, user } = await openWindow(nightly);
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  const go = hold(core, 'run_now');
  const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Run now' });
  button.focus();
  await user.keyboard('{Enter}');
  expect(await screen.findByRole('button', { name: 'Running' })).toBe(button);
  expect(document.activeElement).toBe(button);
  // What is disabled loses it.
  expect(button.disabled).toBe(false);
  expect(button.getAttribute('aria-disabled')).toBe('true');
  await user.keyboard('{Enter}');
  go();
  expect(await screen.findByText('Ran in 12 ms.')).toBeTruthy();
  expect(called(core, 'run_now')).toHaveLength(1);
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Run now' }));
});

test('a schedule that was removed is brought back where it was, by the key that is at hand', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('nightly', SCHEDULED, { schedules: ['0 1 * * *', '0 2 * * *', '0 3 * * *'] });
  });
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  const saved = () => called(core, 'set_schedules').at(-1)?.schedules;
  screen.getByRole('button', { name: 'Remove schedule 0 2 * * *' }).focus();
  await user.keyboard('{Enter}');
  await waitFor(() => expect(saved()).toEqual(['0 1 * * *', '0 3 * * *']));
  expect(screen.getByText(/^Removed/).textContent).toBe('Removed 0 2 * * *.');
  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Undo' }));
  await user.keyboard('{Enter}');
  await waitFor(() => expect(saved()).toEqual(['0 1 * * *', '0 2 * * *', '0 3 * * *']));
  expect(document.activeElement).toBe(screen.getByDisplayValue('0 2 * * *'));
  expect(screen.queryByText(/^Removed/)).toBeNull();
});

test('the last schedule of code without a handler can be brought back, too', async () => {
  const { core, user } = await openWindow((core) => core.add('hello', undefined, { schedules: ['0 2 * * *'] }));
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  await user.click(screen.getByRole('button', { name: 'Remove schedule 0 2 * * *' }));
  await waitFor(() => expect(store.current?.schedules).toEqual([]));
  await user.click(screen.getByRole('button', { name: 'Undo' }));
  await waitFor(() => expect(store.current?.schedules).toEqual(['0 2 * * *']));
  expect(called(core, 'set_schedules')).toHaveLength(2);
});

test('what was typed of a schedule and not read before it was removed comes back with it', async () => {
  const { user } = await openWindow(nightly);
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  const schedule = screen.getByRole('textbox', { name: 'Schedule' });
  await user.clear(schedule);
  await user.type(schedule, '*/7 * * * *');
  await user.click(screen.getByRole('button', { name: /^Remove schedule/ }));
  await user.click(screen.getByRole('button', { name: 'Undo' }));
  await waitFor(() => expect(store.current?.schedules).toEqual(['*/7 * * * *']));
});

test('a field for a schedule that stayed empty goes without a word', async () => {
  const { core, user } = await openWindow(nightly);
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  await user.click(screen.getByRole('button', { name: 'Add schedule' }));
  screen.getByRole('button', { name: 'Remove schedule' }).focus();
  await user.keyboard('{Enter}');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Add schedule' })));
  expect(screen.queryByText(/^Removed/)).toBeNull();
  expect(called(core, 'set_schedules')).toHaveLength(0);
});

test('schedules without a scheduled handler are a finding, and a warning in the list of problems', async () => {
  const { user } = await openWindow((core) => core.add('hello', undefined, { schedules: ['0 2 * * *'] }));
  expect(screen.getByRole('button', { name: '1 warning' })).toBeTruthy();
  runCommand('problems');
  expect(await screen.findByText('The code has no scheduled handler, so its schedules run nothing.')).toBeTruthy();
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  expect(screen.getByText(/handler, so these schedules run nothing/)).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Run now' })).toBeNull();
  await user.click(screen.getByRole('button', { name: /^Remove schedule/ }));
  await waitFor(() => expect(screen.queryByRole('button', { name: '1 warning' })).toBeNull());
});

test('where a package made the handlers, schedules may run', async () => {
  const { user } = await openWindow((core) => core.add('hello', undefined, { schedules: ['0 2 * * *'] }));
  store.amend(store.openId ?? 0, { unscheduled: false });
  await waitFor(() => expect(screen.queryByRole('button', { name: '1 warning' })).toBeNull());
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  expect(screen.queryByText(/these schedules run nothing/)).toBeNull();
  expect(await screen.findByRole('button', { name: 'Run now' })).toBeTruthy();
});

test('a function that answers HTTP only has no schedules', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  await user.click(screen.getByRole('tab', { name: 'Run' }));
  expect(screen.queryByText('Schedules')).toBeNull();
  expect(within(screen.getByRole('tabpanel')).getByRole('log', { name: 'Output' })).toBeTruthy();
});
