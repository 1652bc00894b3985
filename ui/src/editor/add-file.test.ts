import { screen, waitFor } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import { runCommand } from '../commands';
import { store } from '../state.svelte';
import { called, code, hold, openWindow } from '../test-window';

const MODULE = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0xff, 0xfe]);

/** As every image of this kind begins. */
const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The dialog of the system, in which these are chosen. */
function choose(...files: File[]): void {
  vi.spyOn(HTMLInputElement.prototype, 'click').mockImplementationOnce(function (this: HTMLInputElement) {
    expect(this.type).toBe('file');
    Object.defineProperty(this, 'files', { value: files });
    this.dispatchEvent(new Event('change'));
  });
}

test('a file of the user’s is added from the menu and shown, with its line breaks as the editor has them', async () => {
  const { core, user } = await openWindow((core) => core.add('mine'));
  choose(new File(['\ufeffselect 1;\r\nselect 2;\r'], 'my query.sql'));
  await user.click(screen.getByRole('button', { name: 'Function menu' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Add a file…' }));
  await waitFor(() =>
    expect(screen.getByRole('tab', { name: 'my-query.sql' }).getAttribute('aria-selected')).toBe('true'),
  );
  expect(called(core, 'create_file')).toMatchObject([{ path: 'my-query.sql', text: 'select 1;\nselect 2;\n' }]);
  await waitFor(() => expect(code().hasFocus).toBe(true));
  expect(document.querySelector('input[type=file]')).toBeNull();
});

test('WebAssembly is added in Base64, and it is said how to import it', async () => {
  const { core } = await openWindow((core) => core.add('mine'));
  choose(new File([MODULE], 'add.wasm'));
  runCommand('add-file');
  expect(await screen.findByText('Added add.wasm to mine')).toBeTruthy();
  expect(screen.getByText("import module from './add.wasm'")).toBeTruthy();
  const sent = called(core, 'create_file');
  expect(sent).toMatchObject([{ path: 'add.wasm' }]);
  expect(Buffer.from(sent[0]?.text as string, 'base64')).toEqual(Buffer.from(MODULE));
  expect(store.shownFile).toBe('index.ts');
});

test('WebAssembly is known by its ending in capitals, too', async () => {
  const { core } = await openWindow((core) => core.add('mine'));
  choose(new File([MODULE], 'ADD.WASM'));
  runCommand('add-file');
  expect(await screen.findByText("import module from './ADD.wasm'")).toBeTruthy();
  expect(called(core, 'create_file')).toMatchObject([{ path: 'ADD.wasm' }]);
});

test('what can be no file of a function is not sent, and it is said why; the others are added', async () => {
  const { core } = await openWindow((core) => {
    core.add('mine').others = [{ path: 'known.txt', text: '' }];
  });
  const large = (name: string, size: number) => new File([new Uint8Array(size)], name);
  choose(
    new File(['text'], 'known.txt'),
    new File(['text'], 'text.wasm'),
    new File([MODULE], 'module.bin'),
    new File([PNG], 'photo.png'),
    large('large.wasm', 768 * 1024 + 1),
    large('large.txt', 1024 * 1024 + 1),
    new File(['text'], 'note.md'),
  );
  runCommand('add-file');
  await screen.findByRole('tab', { name: 'note.md' });
  for (const why of [
    'There is a file known.txt already.',
    'Its name ends with .wasm, and it is no WebAssembly.',
    'It is WebAssembly, and its name does not end with .wasm.',
    'It is no text. Only text and WebAssembly can be imported.',
    'WebAssembly may have 768 KiB; this has 769 KiB. A package may have more.',
    'A file may have 1,024 KiB of text; this one has 1,025 KiB.',
  ]) {
    expect(await screen.findByText(why)).toBeTruthy();
  }
  expect(screen.getByText('photo.png was not added to mine')).toBeTruthy();
  expect(called(core, 'create_file').map(({ path }) => path)).toEqual(['note.md']);
});

test('what the core refuses of a file is said in its words', async () => {
  const { core } = await openWindow((core) => core.add('mine'));
  const message = 'A function has at most 100 files. Nothing was added.';
  core.refusals.set('create_file', { code: 'limit', message, position: null });
  choose(new File(['text'], 'note.md'));
  runCommand('add-file');
  expect(await screen.findByText(message)).toBeTruthy();
  expect(screen.getByText('note.md was not added to mine')).toBeTruthy();
});

test('of several files the last is shown, once all are there', async () => {
  const { core } = await openWindow((core) => core.add('mine'));
  code().focus();
  const go = hold(core, 'create_file');
  choose(new File(['1'], 'one.txt'), new File(['2'], 'two.txt'));
  runCommand('add-file');
  await waitFor(() => expect(called(core, 'create_file')).toHaveLength(1));
  go();
  const next = hold(core, 'create_file');
  await waitFor(() => expect(called(core, 'create_file')).toHaveLength(2));
  expect(store.shownFile).toBe('index.ts');
  next();
  await waitFor(() => expect(store.shownFile).toBe('two.txt'));
});

test.each<[what: string, turn: () => void]>([
  ['types elsewhere', () => screen.getByRole('textbox', { name: 'SECRET_NAME' }).focus()],
  ['has a dialog open', () => runCommand('settings')],
])('who %s by the time a file is added keeps the focus and the file, and is told', async (_, turn) => {
  const { core } = await openWindow((core) => core.add('mine'));
  const go = hold(core, 'create_file');
  choose(new File(['text'], 'note.md'));
  runCommand('add-file');
  await waitFor(() => expect(called(core, 'create_file')).toHaveLength(1));
  turn();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const { activeElement } = document;
  go();
  expect(await screen.findByText('Added note.md to mine')).toBeTruthy();
  expect(document.activeElement).toBe(activeElement);
  expect(store.shownFile).toBe('index.ts');
});

test('a name of which nothing would be left is refused', async () => {
  const { core } = await openWindow((core) => core.add('mine'));
  choose(...['データ.txt', '資料.d.ts', 'データ2.txt', '.rules'].map((name) => new File(['text'], name)));
  runCommand('add-file');
  for (const name of ['データ.txt', '資料.d.ts']) {
    const why = `A file’s name needs a letter from A to Z or a digit before its ending; ${name} has none.`;
    expect(await screen.findByText(why)).toBeTruthy();
  }
  await waitFor(() => expect(called(core, 'create_file').map(({ path }) => path)).toEqual(['-2.txt', '.rules']));
});
