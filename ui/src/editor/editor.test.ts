import { undo } from '@codemirror/commands';
import { diagnosticCount } from '@codemirror/lint';
import { Text } from '@codemirror/state';
import { screen, waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { called, code, openWindow, typeCode } from '../test-window';
import { documents } from './documents';
import { indentation } from './indentation';

test('what is typed is saved by itself', async () => {
  const { core } = await openWindow((core) => core.add('hello'));
  typeCode('// a');
  expect(await screen.findByText('Saving')).toBeTruthy();
  await waitFor(() => expect(called(core, 'save_file')).toHaveLength(1), { timeout: 900 });
  expect(await screen.findByText('Saved')).toBeTruthy();
  expect(called(core, 'save_file')[0]).toMatchObject({ path: 'index.ts' });
});

test('switching saves at once, and undo survives it', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('alpha');
    core.add('beta');
  });
  const before = code().state.doc.toString();
  typeCode('// typed');
  await user.click(screen.getByRole('button', { name: /beta/ }));
  await waitFor(() => expect(called(core, 'save_file')).toHaveLength(1));
  await user.click(screen.getByRole('button', { name: /alpha/ }));
  expect(code().state.doc.toString()).toBe(`${before}// typed`);
  undo(code());
  expect(code().state.doc.toString()).toBe(before);
});

test('a save that fails keeps the text, says so, and Retry saves it', async () => {
  const { core, user } = await openWindow((core) => core.add('hello'));
  core.refusals.set('save_file', { code: 'storage', message: 'The disk is full.', position: null });
  typeCode('// kept');
  await documents.flushAll();
  expect(await screen.findByText(/Not saved: The disk is full\./)).toBeTruthy();
  expect(code().state.doc.toString()).toContain('// kept');
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByText('Saved')).toBeTruthy();
  expect(core.kept[0]?.text).toContain('// kept');
});

test('where the code does not parse is marked, counted, and reached by F8', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  expect(screen.getByRole('button', { name: 'No problems' })).toBeTruthy();
  typeCode('const = 3\n');
  await documents.flushAll();
  expect(await screen.findByRole('button', { name: '1 error' })).toBeTruthy();
  await waitFor(() => expect(diagnosticCount(code().state)).toBe(1));
  code().dispatch({ selection: { anchor: 0 } });
  await user.keyboard('{F8}');
  expect(screen.getByText(/^Ln 6/)).toBeTruthy();
});

test('a secret that does not exist is marked in its line, with a way to add it', async () => {
  await openWindow((core) => core.add('hello', 'export default {\n  fetch(request, env) { return env.API_KEY },\n}\n'));
  await waitFor(() => expect(diagnosticCount(code().state)).toBe(1));
  (code().dom.querySelector('.cm-inline-action') as HTMLElement).click();
  await waitFor(() =>
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'SECRET_NAME' }).value).toBe('API_KEY'),
  );
});

test('a paste of 1 MiB is taken; more is refused with a reason', async () => {
  await openWindow((core) => core.add('hello', ''));
  typeCode('é'.repeat(512 * 1024));
  expect(code().state.doc.length).toBe(512 * 1024);
  typeCode('x');
  expect(code().state.doc.length).toBe(512 * 1024);
  expect(await screen.findByText(/A file has at most 1 MiB/)).toBeTruthy();
});

test('the answer for a function that was left meanwhile does not take its place', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('alpha', '// alpha');
    core.add('beta', '// beta');
    core.add('gamma', '// gamma');
  });
  let open = () => {};
  core.gates.set('open_function', new Promise((resolve) => (open = resolve)));
  await user.click(screen.getByRole('button', { name: /beta/ }));
  await user.click(screen.getByRole('button', { name: /gamma/ }));
  open();
  await waitFor(() => expect(code().state.doc.toString()).toBe('// gamma'));
  expect(screen.getByRole('heading', { name: 'gamma' })).toBeTruthy();
});

test('a function that does not open says why, and Retry opens it', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('alpha', '// alpha');
    core.add('beta', '// beta');
  });
  core.refusals.set('open_function', { code: 'storage', message: 'The row did not read.', position: null });
  await user.click(screen.getByRole('button', { name: /beta/ }));
  expect(await screen.findByText('The row did not read.')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  await waitFor(() => expect(code().state.doc.toString()).toBe('// beta'));
});

test('what is edited in a function that was left stays, whatever the hidden editor does', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('alpha', '// alpha');
    core.add('beta');
  });
  const id = core.kept[0]?.summary.id ?? 0;
  const view = code();
  core.refusals.set('open_function', { code: 'storage', message: 'The row did not read.', position: null });
  await user.click(screen.getByRole('button', { name: /beta/ }));
  await screen.findByText('The row did not read.');
  documents.edit({ id, path: 'index.ts' }, { changes: { from: 0, insert: '// late\n' } });
  view.dispatch({ selection: { anchor: 1 } });
  expect(documents.read(id, 'index.ts')?.toString()).toBe('// late\n// alpha');
});

test('a line is gone to by its number', async () => {
  const { user } = await openWindow((core) => core.add('long', 'a\n'.repeat(40)));
  code().focus();
  await user.keyboard('{Control>}{Alt>}g{/Alt}{/Control}');
  const field = await screen.findByRole('textbox', { name: /Go to line/ });
  await user.clear(field);
  await user.type(field, '23{Enter}');
  expect(await screen.findByText('Ln 23, Col 1')).toBeTruthy();
  expect(documents.focused).toBe(true);
});

test('Enter and Tab indent as the first indented line does', () => {
  for (const [code, unit] of [
    ['', '  '],
    ['a {\n  b\n}', '  '],
    ['/**\n * a\n */\na {\n    b\n}', '    '],
    ['a {\n      b\n}', '  '],
    ['a {\n\tb\n}', '\t'],
  ] as const) {
    expect(indentation(Text.of(code.split('\n'))), code).toBe(unit);
  }
});

test('a line of a template string begins as the one above it does, whatever the code is indented by', async () => {
  const { user } = await openWindow((core) => core.add('mine', 'a {\n\tb(`\n  - one\n`, `c` )\n}\n'));
  const enterBehind = async (text: string) => {
    const { doc } = code().state;
    code().dispatch({ selection: { anchor: doc.toString().indexOf(text) + text.length } });
    code().focus();
    await user.keyboard('{Enter}');
  };
  await enterBehind('- one');
  expect(code().state.doc.line(4).text).toBe('  ');
  await enterBehind('`,');
  expect(code().state.doc.line(6).text).toBe('\t\t`c` )');
});

test.each([
  [`\`\${a}  b\``, '}', `\`\${a}\n  b\``],
  [`\`\\n  b\``, 'n', `\`\\n\n  b\``],
  [`\`\n\t \${a}b\``, '}', `\`\n\t \${a}\n\t b\``],
])('what a template string has behind the caret stays: %j', async (text, behind, expected) => {
  const { user } = await openWindow((core) => core.add('mine', text));
  code().dispatch({ selection: { anchor: text.indexOf(behind) + 1 } });
  code().focus();
  await user.keyboard('{Enter}');
  expect(code().state.doc.toString()).toBe(expected);
});
