import { redo, undo } from '@codemirror/commands';
import {
  closeSearchPanel,
  findNext,
  getSearchQuery,
  openSearchPanel,
  SearchQuery,
  setSearchQuery,
} from '@codemirror/search';
import { screen, waitFor } from '@testing-library/svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { code, openWindow, typeCode } from '../test-window';

/** For which the thread gives no answer. */
const ENDLESS = '(a+)+$';

/** What threads were told to look for, and how many of them are there. */
let asked: string[] = [];
const alive = new Set<Thread>();
/** Answers are given when it is over; null while they are given at once. */
let held: (() => void)[] | null = null;

class Thread {
  onmessage: (event: { data: string }) => void = () => {};
  onerror = () => {};

  constructor() {
    alive.add(this);
    setTimeout(() => this.onmessage({ data: 'ready' }));
  }

  postMessage({ search, text }: { search: string; text: string }): void {
    asked.push(search);
    if (search === ENDLESS && text.includes('aaab')) return;
    const answer = () => this.onmessage({ data: 'ended' });
    if (held) held.push(answer);
    else setTimeout(answer);
  }

  terminate(): void {
    alive.delete(this);
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
  asked = [];
  held = null;
});

async function openFind(text: string, kind: unknown = Thread) {
  vi.stubGlobal('Worker', kind);
  await openWindow((core) => core.add('hello', text));
  code().focus();
  code().contentDOM.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'f', keyCode: 70, ctrlKey: true, bubbles: true, cancelable: true }),
  );
  await screen.findByRole('textbox', { name: 'Find' });
}

const find = (search: string) =>
  code().dispatch({ effects: setSearchQuery.of(new SearchQuery({ search, regexp: true })) });

const says = (words: string) =>
  waitFor(() => expect(code().dom.querySelector('[role=status]')?.textContent).toBe(words));

const marked = () => code().dom.querySelectorAll('.cm-searchMatch').length;

test('an expression that may not end is looked for once a thread has ended with it', async () => {
  await openFind('aab aab\n');
  find('(a+)+b');
  expect(getSearchQuery(code().state).valid).toBe(false);
  expect(marked()).toBe(0);
  await says('2 results');
  expect(marked()).toBe(2);
  expect(asked).toEqual(['(a+)+b']);
  expect(alive.size).toBe(0);
});

test('one that does not end in time is looked for by nothing, and said to take too long', async () => {
  await openFind('aaab\n');
  find(ENDLESS);
  await says('Takes too long');
  expect(getSearchQuery(code().state).valid).toBe(false);
  expect(screen.getByRole('textbox', { name: 'Find' }).getAttribute('aria-invalid')).toBe('true');
  expect(alive.size).toBe(0);
  // Another one is another matter, and so is another text.
  find('a+b');
  await says('1 result');
  find(ENDLESS);
  await says('Takes too long');
  code().dispatch({ changes: { from: 0, to: 4, insert: 'aaa' } });
  await says('1 result');
  typeCode('aaab');
  await says('Takes too long');
});

test.each([
  ['open', () => {}],
  ['closed', () => closeSearchPanel(code())],
])('with the panel %s, what was tried is looked for in no other text before it is tried again', async (_, put) => {
  await openFind('aaa\n');
  find(ENDLESS);
  await says('1 result');
  put();
  // It would take a second of the window.
  code().dispatch({ changes: { from: 0, to: 3, insert: `${'a'.repeat(27)}b` }, selection: { anchor: 0 } });
  expect(getSearchQuery(code().state).valid).toBe(false);
  findNext(code());
  await waitFor(() => expect(getSearchQuery(code().state)).toMatchObject({ tooLong: true }));
  undo(code());
  await waitFor(() => expect(getSearchQuery(code().state).valid).toBe(true));
  redo(code());
  expect(getSearchQuery(code().state).valid).toBe(false);
});

test('one that took too long is tried again when the search is opened again', async () => {
  await openFind('aab\n');
  held = [];
  find('(a+)+b');
  await says('Takes too long');
  closeSearchPanel(code());
  held = null;
  openSearchPanel(code());
  await says('1 result');
});

test.each<[what: string, change: () => void, words: string]>([
  ['another expression', () => find('(a+)+c'), 'No results'],
  ['one that ends in any case', () => find('a+b'), '1 result'],
  ['a changed text', () => typeCode('aab'), '2 results'],
])('a thread that would answer late is ended by %s', async (_, change, words) => {
  await openFind('aab\n');
  held = [];
  find('(a+)+b');
  await waitFor(() => expect(held).toHaveLength(1));
  const [late] = held;
  const [thread] = alive;
  held = null;
  change();
  expect(alive).not.toContain(thread);
  const { valid } = getSearchQuery(code().state);
  late?.();
  await Promise.resolve();
  expect(getSearchQuery(code().state).valid).toBe(valid);
  await says(words);
  expect(alive.size).toBe(0);
});

test('plain text that was an expression when the text changed takes no time', async () => {
  await openFind('aaa\n');
  find(ENDLESS);
  await says('1 result');
  typeCode('aaab');
  asked = [];
  code().dispatch({ effects: setSearchQuery.of(new SearchQuery({ search: ENDLESS })) });
  await new Promise((resolve) => setTimeout(resolve, 600));
  await says('No results');
  expect(asked).toEqual([]);
});

test('what ends in any case is looked for at once', async () => {
  await openFind('aab aab\n');
  for (const search of ['a+b', 'a.*b', '^a', 'b|c']) {
    find(search);
    expect(getSearchQuery(code().state).valid).toBe(true);
  }
  expect(asked).toEqual([]);
});

test.each([
  ['cannot be had', undefined],
  [
    'fails',
    class extends Thread {
      constructor() {
        super();
        setTimeout(() => this.onerror());
      }
    },
  ],
])('where a thread %s, it is looked for all the same', async (_, kind) => {
  await openFind('aab aab\n', kind);
  find('(a+)+b');
  await says('2 results');
});

test('the thread goes through all of the text, and says so', async () => {
  const said: unknown[] = [];
  vi.stubGlobal('postMessage', (message: unknown) => said.push(message));
  await import('./find-thread');
  expect(said).toEqual(['ready']);
  for (const search of ['a*', 'x|$', '\\s*', '[^a]?b', '𝐀*']) {
    const data = { search, caseSensitive: false, text: 'aab\n\nA𝐀b' };
    self.onmessage?.(new MessageEvent('message', { data }));
  }
  expect(said.slice(1)).toEqual(Array(5).fill('ended'));
  self.onmessage = null;
});
