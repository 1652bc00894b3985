import { afterEach, expect, test, vi } from 'vitest';
import type { Overview } from './bindings/Overview';
import { runCommand } from './commands';
import { documents } from './editor/documents';
import { askFirst } from './first-answer';
import { later } from './later.svelte';
import { install } from './mock-door';
import { MockCore } from './mocks';
import { open } from './window';
// What the window goes on to load is read here already: a test should not wait for it on its own time.
import './RightPane.svelte';
import './editor/reading';

/** What has the focus, and whether what stands around the code is drawn. */
const drawn = () => ({
  focus: document.activeElement?.getAttribute('aria-label') ?? null,
  functions: document.querySelector('[aria-label="Search functions"]') !== null,
  status: document.querySelector('footer [aria-label="Right pane"]') !== null,
});

/** A page with nothing in it, and the answer of a core with one function, or more. */
function atTheStart(more: (core: MockCore) => void = () => {}): Promise<Overview> {
  const core = new MockCore();
  core.add('hello');
  more(core);
  install(core);
  document.body.innerHTML = '<div id="app"></div>';
  return askFirst();
}

afterEach(async () => {
  vi.restoreAllMocks();
  // What is still being loaded would find its page gone.
  await Promise.all([documents.loadReading(), later.load()]);
});

/** Runs as soon as the code takes keys. */
function whenReady(run: () => void): void {
  const mark = performance.mark.bind(performance);
  vi.spyOn(performance, 'mark').mockImplementation((name) => {
    if (name === 'editor') run();
    return mark(name);
  });
}

test('the code takes keys before what stands around it is drawn', async () => {
  let ready = null;
  whenReady(() => {
    ready = drawn();
  });
  await open(atTheStart());
  expect(ready).toEqual({ focus: 'Code', functions: false, status: false });
  expect(drawn()).toEqual({ focus: 'Code', functions: true, status: true });
});

test('a core that takes long is waited for with the whole window in sight', async () => {
  const answer = atTheStart();
  let arrive = () => {};
  const late = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const opened = open(late.then(() => answer));
  await vi.waitFor(() => expect(drawn()).toEqual({ focus: null, functions: true, status: true }));
  arrive();
  await opened;
  expect(drawn()).toEqual({ focus: 'Code', functions: true, status: true });
});

test('a key that goes to the list of functions finds it, also where it is not drawn yet', async () => {
  whenReady(() => runCommand('go-to-function'));
  await open(atTheStart());
  expect(drawn()).toEqual({ focus: 'Search functions', functions: true, status: true });
});

test('once the code takes keys, the other functions are looked through', async () => {
  await open(atTheStart((core) => core.add('other', 'export const read = (env) => env.API_KEY\n')));
  await vi.waitFor(() => expect(document.querySelector('nav')?.textContent).toMatch(/other.*1 error/));
});
