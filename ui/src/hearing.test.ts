import { expect, test, vi } from 'vitest';
import type { Event } from './bindings/Event';
import { listenTo } from './hearing';
import { install } from './mock-door';
import { MockCore } from './mocks';
import { called } from './test-window';

const menu = (command: string): Event => ({ type: 'menu', command });

async function listening(hear: (event: Event) => void) {
  const core = new MockCore();
  install(core);
  let told = false;
  await listenTo((event) => told && hear(event));
  told = true;
  const asked = () => called(core, 'watch').map(({ first }) => first);
  return { core, asked };
}

test('whatever happens is heard in order, by a question that is asked anew with each answer', async () => {
  const heard: Event[] = [];
  const { core, asked } = await listening((event) => heard.push(event));
  core.emit(menu('a'));
  core.emit(menu('b'));
  await vi.waitFor(() => expect(heard).toEqual([menu('a'), menu('b')]));
  core.emit(menu('c'));
  await vi.waitFor(() => expect(heard.at(-1)).toEqual(menu('c')));
  expect(asked().slice(0, 2)).toEqual([true, false]);
  expect(asked().slice(2)).not.toContain(true);
});

test('an event that cannot be taken in keeps no other from being heard', async () => {
  const reported = vi.fn();
  vi.stubGlobal('reportError', reported);
  const heard: Event[] = [];
  const { core } = await listening((event) => {
    if (event.type === 'logsLost') throw new Error('made up');
    heard.push(event);
  });
  core.emit({ type: 'logsLost' });
  core.emit(menu('a'));
  await vi.waitFor(() => expect(heard).toEqual([menu('a')]));
  expect(reported).toHaveBeenCalledOnce();
  vi.unstubAllGlobals();
});

test('a question that fails is asked again a second later, as the first one', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  vi.useFakeTimers();
  const heard: Event[] = [];
  const { core, asked } = await listening((event) => heard.push(event));
  core.refusals.set('watch', { code: 'internal', message: 'made up', position: null });
  core.emit(menu('a'));
  await vi.advanceTimersByTimeAsync(500);
  expect(heard).toEqual([menu('a')]);
  expect(asked()).toEqual([true, false, false]);
  await vi.advanceTimersByTimeAsync(600);
  expect(asked()).toEqual([true, false, false, true, false]);
  core.emit(menu('b'));
  await vi.advanceTimersByTimeAsync(0);
  expect(heard).toEqual([menu('a'), { type: 'logsLost' }, menu('b')]);
  vi.useRealTimers();
  vi.restoreAllMocks();
});
