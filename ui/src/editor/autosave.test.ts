import { beforeEach, expect, test } from 'vitest';
import { Autosave, type Clock, type SaveState } from './autosave';

class HandClock implements Clock {
  time = 0;
  #timers: { at: number; run: () => void }[] = [];

  now = () => this.time;

  after(milliseconds: number, run: () => void) {
    const timer = { at: this.time + milliseconds, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  async pass(milliseconds: number) {
    const end = this.time + milliseconds;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.time = next.at;
      next.run();
      await settled();
    }
    this.time = end;
    await settled();
  }
}

const settled = async () => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};

let clock: HandClock;
let text: string;
let saves: { text: string; at: number }[];
let states: SaveState[];
let answer: () => Promise<void>;
let autosave: Autosave;

beforeEach(() => {
  clock = new HandClock();
  text = '';
  saves = [];
  states = [];
  answer = () => Promise.resolve();
  autosave = new Autosave({
    read: () => text,
    save(saved) {
      saves.push({ text: saved, at: clock.time });
      return answer();
    },
    changed: (state) => states.push(state),
    clock,
  });
});

function type(more: string) {
  text += more;
  autosave.touch();
}

test('saves 300 ms after the last key', async () => {
  type('a');
  await clock.pass(200);
  type('b');
  await clock.pass(299);
  expect(saves).toEqual([]);
  await clock.pass(1);
  expect(saves).toEqual([{ text: 'ab', at: 500 }]);
  expect(states.at(-1)).toBe('saved');
});

test.each([40, 77, 100, 250, 299])(
  'saves at most 1 s after the first unsaved key while typing goes on, with the next one %d ms away, and right behind a key',
  async (pace) => {
    for (let key = 0; key < 40; key++) {
      type('x');
      await clock.pass(pace);
    }
    expect(saves.length).toBeGreaterThan(1);
    expect(saves[0]?.at).toBeLessThanOrEqual(1000);
    for (const { at } of saves.filter(({ at }) => at < 39 * pace)) expect(at % pace).toBe(25);
  },
);

test('has one save in flight, and the newest text wins', async () => {
  let finish = () => {};
  answer = () => new Promise((resolve) => (finish = resolve));
  type('a');
  await clock.pass(300);
  type('b');
  type('c');
  await clock.pass(5000);
  expect(saves.map((each) => each.text)).toEqual(['a']);
  answer = () => Promise.resolve();
  finish();
  await settled();
  await clock.pass(300);
  expect(saves.map((each) => each.text)).toEqual(['a', 'abc']);
});

test('keeps the text of a failed save and tries again', async () => {
  answer = () => Promise.reject(new Error('disk full'));
  type('a');
  await clock.pass(300);
  expect(states.at(-1)).toBe('failed');
  type('b');
  expect(states.at(-1)).toBe('failed');
  answer = () => Promise.resolve();
  await clock.pass(3000);
  expect(saves.at(-1)?.text).toBe('ab');
  expect(states.at(-1)).toBe('saved');
});

test('a flush saves at once and answers when what was typed is saved', async () => {
  type('a');
  expect(await autosave.flush()).toBe(true);
  expect(saves).toEqual([{ text: 'a', at: 0 }]);
  await clock.pass(2000);
  expect(saves).toHaveLength(1);
});

test('a flush during a save waits for it and saves what came after', async () => {
  let finish = () => {};
  answer = () => new Promise((resolve) => (finish = resolve));
  type('a');
  await clock.pass(300);
  type('b');
  const flushed = autosave.flush();
  answer = () => Promise.resolve();
  finish();
  expect(await flushed).toBe(true);
  expect(saves.map((each) => each.text)).toEqual(['a', 'ab']);
});

test('a flush of a save that fails says so', async () => {
  answer = () => Promise.reject(new Error('disk full'));
  type('a');
  expect(await autosave.flush()).toBe(false);
  expect(autosave.clean).toBe(false);
});

test('a flush with nothing unsaved saves nothing', async () => {
  expect(await autosave.flush()).toBe(true);
  expect(saves).toEqual([]);
});

test('saves nothing after it was stopped', async () => {
  type('a');
  autosave.stop();
  await clock.pass(2000);
  expect(saves).toEqual([]);
});
