import { insertNewlineAndIndent } from '@codemirror/commands';
import { diagnosticCount, forEachDiagnostic } from '@codemirror/lint';
import { ChangeSet, Text } from '@codemirror/state';
import { screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import { documents } from '../editor/documents';
import { store } from '../state.svelte';
import { code, openWindow, typeCode } from '../test-window';
import { type Problem, Problems, problems } from './problems.svelte';

function problem(line: number, column: number, more: Partial<Problem> = {}): Problem {
  const from = { line, column };
  const to = { line, column: column + 3 };
  return { file: 'index.ts', from, to, severity: 'error', source: 'types', message: 'm', actions: [], ...more };
}

const TWO_NAMES = 'export default {\n  fetch(request, env) {\n    return env.API_KEY + env.TOKEN\n  },\n}\n';
const list = () => within(screen.getByRole('list', { name: 'Problems' }));
const rows = () => list().getAllByRole('button', { name: /line \d/ });

test('each source replaces its own list, of one file or of all of them', () => {
  const known = new Problems();
  known.put(1, null, ['secrets'], [problem(9, 1, { source: 'secrets' })]);
  known.put(1, 'a.ts', ['types'], [problem(2, 1, { file: 'a.ts' })]);
  known.put(1, 'index.ts', ['types'], [problem(3, 1), problem(1, 1)]);
  expect(known.of(1).map(({ file, from }) => [file, from.line])).toEqual([
    ['index.ts', 1],
    ['index.ts', 3],
    ['index.ts', 9],
    ['a.ts', 2],
  ]);
  known.put(1, 'index.ts', ['types'], []);
  expect(known.of(1).map(({ file }) => file)).toEqual(['index.ts', 'a.ts']);
  known.put(1, null, ['types'], []);
  expect(known.of(1).map(({ source }) => source)).toEqual(['secrets']);
});

test('what one look finds is told once, with the file it is about', () => {
  const known = new Problems();
  const told: [number, string | null][] = [];
  known.changed = (id, file) => told.push([id, file]);
  known.put(1, null, ['secrets', 'code'], [problem(1, 1, { source: 'secrets' }), problem(2, 1, { source: 'code' })]);
  known.put(1, 'a.ts', ['types'], [problem(2, 1, { file: 'a.ts' })]);
  known.put(1, null, ['secrets', 'code'], [problem(3, 1, { source: 'code' })]);
  known.put(1, 'b.ts', ['types'], []);
  expect(told).toEqual([
    [1, null],
    [1, 'a.ts'],
    [1, null],
  ]);
  expect(known.of(1).map(({ source, from }) => [source, from.line])).toEqual([
    ['code', 3],
    ['types', 2],
  ]);
});

test('a package that is not installed is said once, with what can be done about it', () => {
  const known = new Problems();
  const name = { line: 1, column: 11 };
  known.put(1, null, ['packages'], [{ ...problem(1, 11), to: { line: 1, column: 15 }, source: 'packages' }]);
  // With its quotes around it, as the compiler marks it.
  const types = { from: { line: 1, column: 10 }, to: { line: 1, column: 16 } };
  known.put(1, 'index.ts', ['types'], [problem(1, 1, { ...types, code: '2307' }), problem(1, 1, { code: '2304' })]);
  expect(known.of(1).map(({ source, from, code }) => [source, from, code])).toEqual([
    ['types', { line: 1, column: 1 }, '2304'],
    ['packages', name, undefined],
  ]);
});

test('the same list is told as long as nothing changes', () => {
  const known = new Problems();
  known.put(1, null, ['secrets', 'types'], [problem(1, 1, { source: 'secrets' }), problem(1, 1)]);
  const before = known.of(1);
  expect(before.map(({ source }) => source)).toEqual(['secrets']);
  expect(known.of(1)).toBe(before);
  known.put(1, null, ['secrets'], []);
  expect(known.of(1).map(({ source }) => source)).toEqual(['types']);
});

test('the problems of a file go with it to its new name, and go where it is deleted', () => {
  const known = new Problems();
  known.put(1, null, ['types'], [problem(1, 1), problem(2, 1, { file: 'a.ts' }), problem(3, 1, { file: 'b.ts' })]);
  const files = () => known.of(1).map(({ file, from }) => [file, from.line]);
  known.rename(1, 'a.ts', 'c.ts');
  expect(files()).toEqual([
    ['index.ts', 1],
    ['b.ts', 3],
    ['c.ts', 2],
  ]);
  known.forget(1, 'b.ts');
  expect(files()).toEqual([
    ['index.ts', 1],
    ['c.ts', 2],
  ]);
});

test('the next problem is the one behind a place, in the next file after the last one, and the first one at the end', () => {
  const known = new Problems();
  known.put(
    1,
    null,
    ['types'],
    [problem(3, 5), problem(3, 9), problem(4, 1, { severity: 'hint' }), problem(2, 1, { file: 'a.ts' })],
  );
  const from = (file: string, line: number, column: number, direction: 1 | -1 = 1) => {
    const next = known.next(1, file, { line, column }, direction);
    return next && [next.file, next.from.line, next.from.column];
  };
  expect(from('index.ts', 1, 1)).toEqual(['index.ts', 3, 5]);
  expect(from('index.ts', 3, 5)).toEqual(['index.ts', 3, 9]);
  expect(from('index.ts', 3, 9)).toEqual(['a.ts', 2, 1]);
  expect(from('a.ts', 2, 1)).toEqual(['index.ts', 3, 5]);
  expect(from('a.ts', 2, 1, -1)).toEqual(['index.ts', 3, 9]);
  expect(from('index.ts', 3, 5, -1)).toEqual(['a.ts', 2, 1]);
  expect(known.next(2, 'index.ts', { line: 1, column: 1 }, 1)).toBeNull();
});

test('an edit moves the places behind it, and what it deletes shrinks to a place', () => {
  const known = new Problems();
  const before = Text.of(['one two', 'three four']);
  known.put(1, null, ['types'], [problem(1, 5), problem(2, 7, { to: { line: 2, column: 11 } })]);
  const changes = ChangeSet.of(
    [
      { from: 0, insert: '\n' },
      { from: 14, to: 18 },
    ],
    before.length,
  );
  const after = changes.apply(before);
  known.moved(1, 'index.ts', changes, before, after);
  const places = () => known.of(1).map(({ from, to }) => [from, to]);
  expect(places()).toEqual([
    [
      { line: 2, column: 5 },
      { line: 2, column: 8 },
    ],
    [
      { line: 3, column: 7 },
      { line: 3, column: 7 },
    ],
  ]);
  // One after the other, as in typing; and in another text, of which nobody told.
  const [first, second] = [
    ChangeSet.of({ from: 0, insert: '\n' }, after.length),
    ChangeSet.of({ from: 2, insert: 'a' }, after.length + 1),
  ];
  const now = first.apply(after);
  known.moved(1, 'index.ts', first, after, now);
  known.moved(1, 'index.ts', second, now, second.apply(now));
  const other = Text.of([...second.apply(now).toJSON(), '']);
  const third = ChangeSet.of({ from: 0, to: 1 }, other.length);
  known.moved(1, 'index.ts', third, other, third.apply(other));
  expect(places()).toEqual([
    [
      { line: 2, column: 6 },
      { line: 2, column: 9 },
    ],
    [
      { line: 3, column: 7 },
      { line: 3, column: 7 },
    ],
  ]);
});

test('what is found again is not drawn again, and what acts on another place is', () => {
  const known = new Problems();
  const told = vi.fn();
  known.changed = told;
  const action = { label: 'Fix', run: () => {} };
  const found = () => [problem(2, 7, { actions: [action] }), problem(1, 5)];
  known.put(1, null, ['types'], found());
  known.put(1, null, ['types'], found());
  expect(told).toHaveBeenCalledTimes(1);
  known.put(1, null, ['types'], [problem(2, 7, { actions: [{ ...action }] }), problem(1, 5)]);
  known.put(1, null, ['types'], [problem(2, 7, { message: 'Another.' }), problem(1, 5)]);
  known.put(1, null, ['types'], [problem(2, 7, { message: 'A third.' }), problem(1, 5)]);
  known.put(1, null, ['types'], [problem(2, 7, { message: 'A third.' }), problem(1, 4)]);
  known.put(1, null, ['types'], [problem(1, 4)]);
  expect(told).toHaveBeenCalledTimes(6);
});

test('what is offered at a line stays at it when Enter is pressed at its end', async () => {
  await openWindow((core) => core.add('hello', TWO_NAMES));
  const lines = () =>
    within(code().dom)
      .getAllByRole('button', { name: /^Add secret/ })
      .map((button) => button.closest('.cm-line')?.textContent);
  await waitFor(() => expect(lines().length).toBeGreaterThan(0));
  const before = lines();
  code().dispatch({ selection: { anchor: code().state.doc.line(3).to } });
  insertNewlineAndIndent(code());
  await documents.flushAll();
  await waitFor(() => expect(lines()).toEqual(before));
});

test('the bar and the list of functions count what is wrong, by kind', async () => {
  await openWindow((core) => core.add('hello', TWO_NAMES));
  expect(await screen.findByRole('button', { name: '2 errors' })).toBeTruthy();
  expect(screen.getByRole('button', { name: /hello.*2 errors/ })).toBeTruthy();
  const id = store.openId ?? 0;
  problems.put(
    id,
    'index.ts',
    ['types'],
    [problem(1, 1, { severity: 'warning' }), problem(1, 1, { severity: 'hint' })],
  );
  expect(await screen.findByRole('button', { name: '2 errors, 1 warning' })).toBeTruthy();
});

test('the list opens by key, the arrows walk it, Enter goes to the place, Escape closes it', async () => {
  const { user } = await openWindow((core) => core.add('hello', TWO_NAMES));
  await user.keyboard('{Control>}{Shift>}M{/Shift}{/Control}');
  await waitFor(() => expect(rows()).toHaveLength(2));
  expect(document.activeElement).toBe(rows()[0]);
  expect(rows()[0]?.textContent).toMatch(/Error:.*There is no secret API_KEY yet\..*Secrets.*3/s);
  await user.keyboard('{ArrowDown}');
  expect(document.activeElement).toBe(rows()[1]);
  await user.keyboard('{Enter}');
  const { state } = code();
  expect(state.sliceDoc(state.selection.main.from, state.selection.main.to)).toBe('TOKEN');
  await user.keyboard('{Control>}{Shift>}M{/Shift}{/Control}');
  expect(document.activeElement).toBe(rows()[1]);
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('list', { name: 'Problems' })).toBeNull();
  expect(code().hasFocus).toBe(true);
});

test('what can be done about a problem is done from its row', async () => {
  const { user } = await openWindow((core) => core.add('hello', TWO_NAMES));
  await user.click(await screen.findByRole('button', { name: '2 errors' }));
  await waitFor(() => expect(rows()).toHaveLength(2));
  await user.click(list().getByRole('button', { name: 'Add secret TOKEN' }));
  await waitFor(() =>
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'SECRET_NAME' }).value).toBe('TOKEN'),
  );
});

test('where it cannot be told which names are used is drawn in the code and listed nowhere', async () => {
  await openWindow((core) => core.add('hello', 'export default {\n  fetch: (request, env) => env[request.url],\n}\n'));
  await waitFor(() => expect(diagnosticCount(code().state)).toBe(1));
  const said: string[] = [];
  forEachDiagnostic(code().state, ({ severity, message }) => said.push(`${severity}: ${message}`));
  expect(said).toEqual(['hint: Postern cannot tell which secrets are used here.']);
  expect(screen.getByRole('button', { name: 'No problems' })).toBeTruthy();
});

test('a problem that is solved takes its row and leaves the focus in the list', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  const id = store.openId ?? 0;
  problems.put(id, null, ['types'], [problem(1, 1), problem(2, 1)]);
  await user.click(await screen.findByRole('button', { name: '2 errors' }));
  await waitFor(() => expect(rows()).toHaveLength(2));
  await user.keyboard('{End}');
  problems.put(id, null, ['types'], [problem(1, 1)]);
  await waitFor(() => expect(document.activeElement).toBe(rows()[0]));
  problems.put(id, null, ['types'], []);
  expect(await screen.findByText('There is nothing wrong that is known.')).toBeTruthy();
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('region', { name: 'Problems' })));
});

test('marks stay at their words while the code is typed, and in the list as soon as typing rests', async () => {
  await openWindow((core) => core.add('hello', TWO_NAMES));
  await waitFor(() => expect(diagnosticCount(code().state)).toBe(2));
  vi.useFakeTimers();
  code().dispatch({ changes: { from: 0, insert: '// one more line\n' }, userEvent: 'input.type' });
  expect(problems.of(store.openId ?? 0)[0]?.from.line).toBe(4);
  const marked: string[] = [];
  forEachDiagnostic(code().state, (_, from, to) => marked.push(code().state.sliceDoc(from, to)));
  expect(marked).toEqual(['API_KEY', 'TOKEN']);
  vi.useRealTimers();
  await documents.flushAll();
});

test('the problems of a function that is not shown are drawn when it is', async () => {
  const { user } = await openWindow((core) => {
    core.add('alpha', '// alpha\n');
    core.add('beta', '// beta\n');
  });
  const alpha = store.openId ?? 0;
  await user.click(screen.getByRole('button', { name: /beta/ }));
  await waitFor(() => expect(code().state.doc.toString()).toBe('// beta\n'));
  problems.put(alpha, null, ['types'], [problem(1, 4)]);
  expect(diagnosticCount(code().state)).toBe(0);
  expect(await screen.findByRole('button', { name: /alpha.*1 error/ })).toBeTruthy();
  await user.click(screen.getByRole('button', { name: /alpha/ }));
  await waitFor(() => expect(diagnosticCount(code().state)).toBe(1));
});

test('where a deployment failed is a problem of that code, and of no later one', async () => {
  await openWindow((core) => core.add('hello', 'throw new Error("made up")\n'));
  const failure = { code: 'start' as const, message: 'It threw.', position: { file: 'index.ts', line: 1, column: 1 } };
  const failed = { target: 0, back: null, state: 'failed' as const, failure, outdated: false };
  store.putDeployment(store.openId ?? 0, failed);
  expect(await screen.findByRole('button', { name: '1 error' })).toBeTruthy();
  code().dispatch({ changes: { from: 0, to: code().state.doc.length } });
  await documents.flushAll();
  await waitFor(() => expect(screen.queryByRole('button', { name: '1 error' })).toBeNull());
  expect(diagnosticCount(code().state)).toBe(0);
  // What happened is still said.
  expect(screen.getByText(/It threw/)).toBeTruthy();
});

test('newer text keeps what was known until it has been looked at', async () => {
  await openWindow((core) => core.add('hello', TWO_NAMES));
  expect(await screen.findByRole('button', { name: '2 errors' })).toBeTruthy();
  typeCode('// env.THIRD\n');
  await tick();
  expect(screen.getByRole('button', { name: '2 errors' })).toBeTruthy();
  await documents.flushAll();
  expect(await screen.findByRole('button', { name: '3 errors' })).toBeTruthy();
});

test('what stands at the end of a line does what was offered last, and stays the same button', async () => {
  await openWindow((core) => core.add('hello', '// one\n'));
  const acted: string[] = [];
  const offer = (run: () => void, name?: string) => {
    const action = { label: 'Mend', inline: true, run, ...(name ? { name } : {}) };
    problems.put(store.openId ?? 0, null, ['types'], [problem(1, 1, { actions: [action] })]);
  };
  offer(() => acted.push('old'));
  const button = await within(code().dom).findByRole('button', { name: 'Mend' });
  offer(() => acted.push('new'));
  button.click();
  expect(acted).toEqual(['new']);
  offer(() => {}, 'Mend it');
  expect(within(code().dom).getByRole('button', { name: 'Mend it' })).toBe(button);
});

test('where a line is offered several things, each says what it is about', async () => {
  await openWindow((core) => core.add('hello', '// one\n'));
  const actions = ['FIRST', 'SECOND'].map((of) => ({ label: 'Mend', name: `Mend ${of}`, inline: true, run: () => {} }));
  const offer = (some: typeof actions) =>
    problems.put(
      store.openId ?? 0,
      null,
      ['types'],
      some.map((action, at) => problem(1, at + 1, { actions: [action] })),
    );
  const words = () =>
    within(code().dom)
      .queryAllByRole('button', { name: /^Mend/ })
      .map(({ textContent }) => textContent);
  offer(actions);
  await waitFor(() => expect(words()).toEqual(['Mend FIRST', 'Mend SECOND']));
  offer(actions.slice(0, 1));
  await waitFor(() => expect(words()).toEqual(['Mend']));
});

test('what is found in one file draws the marks of that file, and a save draws each file once', async () => {
  await openWindow((core) => {
    const others = [{ path: 'key.ts', text: 'export const key = (env) => env.KEY\n' }];
    core.add('hello', `import { Hono } from 'hono'\n${TWO_NAMES}`).others = others;
  });
  await waitFor(() => expect(diagnosticCount(code().state)).toBe(3));
  const told = vi.spyOn(problems, 'changed');
  const draw = vi.spyOn(code(), 'dispatch');
  problems.put(store.openId ?? 0, 'key.ts', ['types'], [problem(1, 1, { file: 'key.ts' })]);
  expect(draw).not.toHaveBeenCalled();
  typeCode('// typed\n');
  await documents.flushAll();
  await tick();
  // The key, and the marks.
  expect(draw).toHaveBeenCalledTimes(2);
  expect(told).toHaveBeenCalledTimes(2);
  vi.restoreAllMocks();
});
