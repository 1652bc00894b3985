import { diagnosticCount, forEachDiagnostic } from '@codemirror/lint';
import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { documents } from '../editor/documents';
import { type MockCore, secret } from '../mocks';
import { store } from '../state.svelte';
import { LOCAL } from '../targets/target';
import { called, code, hold, openWindow, typeCode } from '../test-window';

const USES = `export default {
  async fetch(request, env) {
    return fetch(env.HUBSPOT_API_KEY, env.SLACK_URL)
  },
}
`;

function hubspot(core: MockCore) {
  const kept = core.add('hubspot-sync', USES);
  const stale = [{ target: LOCAL, bound: true }];
  kept.secrets.push(secret('HUBSPOT_API_KEY', { changedAt: Date.now() - 120_000, stale }));
}

const name = () => screen.getByRole<HTMLInputElement>('textbox', { name: 'SECRET_NAME' });
const value = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Value' });
const create = () => screen.getByRole('button', { name: 'Create' });

function paste(box: HTMLElement, text: string) {
  const event = new Event('paste', { bubbles: true, cancelable: true });
  Object.defineProperty(event, 'clipboardData', { value: { getData: () => text } });
  box.dispatchEvent(event);
}

test('a secret is created by typing its name and value and pressing Create', async () => {
  const { core, user } = await openWindow((core) => core.add('plain'));
  await user.type(name(), 'hubspot api key');
  expect(name().value).toBe('HUBSPOT_API_KEY');
  await user.type(value(), 'pat-123');
  await user.click(create());
  const list = await screen.findByRole('list', { name: 'Secrets' });
  expect(within(list).getByText('HUBSPOT_API_KEY')).toBeTruthy();
  expect(core.values.get('HUBSPOT_API_KEY')).toBe('pat-123');
});

test('after Create the fields are empty, and the box is a new one that undo cannot fill', async () => {
  const { user } = await openWindow((core) => core.add('plain'));
  const before = value();
  await user.type(name(), 'api key');
  await user.type(value(), 'pat-123{Enter}');
  await waitFor(() => expect(name().value).toBe(''));
  expect(value()).not.toBe(before);
  expect(value().value).toBe('');
  expect(document.body.innerHTML).not.toContain('pat-123');
});

test('a pasted PEM with CRLF arrives to the byte, and its last line break is pointed out', async () => {
  const { core, user } = await openWindow((core) => core.add('plain'));
  const pem = '-----BEGIN KEY-----\r\nMIIB\r\n-----END KEY-----\r\n';
  await user.type(name(), 'signing key');
  paste(value(), pem);
  expect(await screen.findByText('The value ends with a line break; it is kept.')).toBeTruthy();
  await user.click(create());
  await waitFor(() => expect(core.values.get('SIGNING_KEY')).toBe(pem));
});

test('Shift+Enter is a line break in the value', async () => {
  const { core, user } = await openWindow((core) => core.add('plain'));
  await user.type(name(), 'two lines');
  await user.type(value(), 'a{Shift>}{Enter}{/Shift}b{Enter}');
  await waitFor(() => expect(core.values.get('TWO_LINES')).toBe('a\nb'));
});

test('a name that exists turns Create into Replace', async () => {
  const { core, user } = await openWindow(hubspot);
  await user.type(name(), 'hubspot api key');
  expect(screen.queryByRole('button', { name: 'Create' })).toBeNull();
  expect(screen.getByText(/HUBSPOT_API_KEY exists/)).toBeTruthy();
  await user.type(value(), 'new');
  await user.click(screen.getByRole('button', { name: 'Replace' }));
  await waitFor(() => expect(called(core, 'replace_secret')).toHaveLength(1));
  expect(called(core, 'create_secret')).toHaveLength(0);
});

test('wrong characters are said while typing, and Create is refused', async () => {
  const { core, user } = await openWindow((core) => core.add('plain'));
  await user.type(name(), 'clé');
  expect(screen.getByText(/“é” is none of these/)).toBeTruthy();
  await user.type(value(), 'x');
  await user.click(create());
  expect(called(core, 'create_secret')).toHaveLength(0);
  expect(document.activeElement).toBe(name());
});

test('an empty, a too large and a NUL value are refused in place', async () => {
  const { core, user } = await openWindow((core) => core.add('plain'));
  await user.type(name(), 'api key');
  await user.click(create());
  expect(screen.getByText('Type or paste a value.')).toBeTruthy();
  paste(value(), 'x'.repeat(5121));
  expect(await screen.findByText(/this one has 5,121/)).toBeTruthy();
  await user.click(create());
  value().select();
  paste(value(), 'a\0b');
  expect(await screen.findByText("A value can't contain a NUL byte.")).toBeTruthy();
  await user.click(create());
  expect(called(core, 'create_secret')).toHaveLength(0);
});

test('when the core refuses, the typed value stays and the reason is said', async () => {
  const { core, user } = await openWindow((core) => core.add('plain'));
  core.refusals.set('create_secret', { code: 'vaultLocked', message: 'The keychain is locked.', position: null });
  await user.type(name(), 'api key');
  await user.type(value(), 'kept');
  await user.click(create());
  expect(await screen.findByText('The keychain is locked.')).toBeTruthy();
  expect(value().value).toBe('kept');
  await user.click(create());
  await waitFor(() => expect(core.values.get('API_KEY')).toBe('kept'));
});

test('leaving the function forgets what was typed', async () => {
  const { user } = await openWindow((core) => {
    core.add('alpha');
    core.add('beta');
  });
  await user.type(value(), 'half');
  await user.click(screen.getByRole('button', { name: /beta/ }));
  expect(value().value).toBe('');
  await user.click(screen.getByRole('button', { name: /alpha/ }));
  expect(value().value).toBe('');
});

test('Add at a name the code lacks fills the name and goes to the value', async () => {
  const { user } = await openWindow(hubspot);
  await user.click(screen.getByRole('button', { name: 'Add SLACK_URL' }));
  expect(name().value).toBe('SLACK_URL');
  expect(document.activeElement).toBe(value());
  await user.keyboard('https://hooks{Enter}');
  await waitFor(() => expect(screen.queryByText('Used in code, not created yet')).toBeNull());
});

test('a name that no secret can have is said with why, as a warning, and nothing is offered for it', async () => {
  const text = 'interface Env { CACHE: KVNamespace }\nexport const read = (env: Env) => [env.DB, env.CACHE]\n';
  await openWindow((core) => core.add('hello', text));
  const names = within(await screen.findByRole('list', { name: 'Used in code, not a secret' }));
  expect(names.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
    expect.stringMatching(/^DB can't be the name of a secret \(letters, digits and _, at least 3\).* line 2$/),
    expect.stringMatching(/^CACHE is declared as KVNamespace, a binding that Postern does not have.* line 2$/),
  ]);
  expect(screen.queryByRole('button', { name: /^Add (?!variable$)/ })).toBeNull();
  expect(screen.getByRole('button', { name: '2 warnings' })).toBeTruthy();
});

test('a name that is declared as a binding is said to be one as soon as its secret is deleted', async () => {
  const text = 'interface Env { CACHE: KVNamespace }\nexport const read = (env: Env) => [env.CACHE, env.API_KEY]\n';
  const { user } = await openWindow((core) => {
    core.add('hello', text).secrets.push(secret('API_KEY'), secret('CACHE'));
  });
  for (const name of ['API_KEY', 'CACHE']) {
    await user.click(await screen.findByRole('button', { name: `Delete ${name}` }));
  }
  expect(await screen.findByText(/^CACHE is declared as KVNamespace/)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Add API_KEY' })).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Add CACHE' })).toBeNull();
});

test('what a target keeps under such a name is said, and is no warning', async () => {
  await openWindow((core) => core.add('hello', 'export const read = (env) => env.UPLOADS\n'));
  const id = store.openId ?? 0;
  store.targets = [{ id: 1, name: 'production', baseUrl: '', accountId: '', accountName: '', suffix: '' }];
  const [{ lines } = { lines: [] }] = store.detail?.references.missing ?? [];
  const foreign = [{ name: 'UPLOADS', lines, declared: null, targets: [1] }];
  store.amend(id, { references: { missing: [], foreign, dynamic: [], held: [], unread: [] } });
  expect(await screen.findByText(/UPLOADS is bound on production, where it is kept/)).toBeTruthy();
  expect(screen.queryByRole('button', { name: /warning/ })).toBeNull();
});

test('of very many names and lines a few are shown, and the rest when asked for', async () => {
  const names = Array.from({ length: 40 }, (_, at) => `env.KEY_${at}`);
  const lines = Array.from({ length: 50 }, () => 'env.TOKEN');
  const text = `export default {\n  fetch(request, env) {\n    return [${names}\n,${lines.join('\n,')}]\n  },\n}\n`;
  const { user } = await openWindow((core) => core.add('hello', text));
  const list = screen.getByRole('list', { name: 'Used in code, not created yet' });
  expect(within(list).getAllByRole('button', { name: /^Add (?!variable)/ })).toHaveLength(20);
  await user.click(screen.getByRole('button', { name: 'Show all 41 names' }));
  expect(within(list).getAllByRole('button', { name: /^Add (?!variable)/ })).toHaveLength(41);
  expect(document.activeElement).toBe(within(list).getByRole('button', { name: 'Add KEY_20' }));
  expect(screen.queryByRole('button', { name: /^Show all/ })).toBeNull();
  const row = within(list).getByRole('button', { name: 'Add TOKEN' }).parentElement as HTMLElement;
  expect(within(row).getAllByRole('button', { name: /^Go to line/ })).toHaveLength(20);
  await user.click(within(row).getByRole('button', { name: '30 more lines' }));
  expect(within(row).getAllByRole('button', { name: /^Go to line/ })).toHaveLength(50);
  expect(document.activeElement).toBe(within(row).getByRole('button', { name: 'Go to line 24' }));
});

test('in mid-typing, when the code does not parse, what it uses is not forgotten', async () => {
  const text = 'export default {\n  fetch(request, env) { return env.API_KEY + env.TOKEN },\n}\n';
  const { user } = await openWindow((core) => core.add('hello', text));
  await waitFor(() => expect(diagnosticCount(code().state)).toBe(2));
  typeCode('const =\n');
  await documents.flushAll();
  await waitFor(() => expect(diagnosticCount(code().state)).toBe(3));
  expect(screen.getByText('Used in code, not created yet')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Add API_KEY' }));
  await user.keyboard('made up{Enter}');
  const list = await screen.findByRole('list', { name: 'Secrets' });
  expect(within(list).getByRole('button', { name: /^Go to line 2/ })).toBeTruthy();
  const marked = () => {
    const words: string[] = [];
    forEachDiagnostic(code().state, (_, from, to) => words.push(code().state.sliceDoc(from, to)));
    return words;
  };
  await waitFor(() => expect(marked()).not.toContain('API_KEY'));
  // The mark moves with the words it is about, and goes with them.
  code().dispatch({ changes: { from: 0, insert: '\n' } });
  await documents.flushAll();
  expect(marked()).toContain('TOKEN');
  const at = code().state.doc.toString().indexOf('TOKEN');
  code().dispatch({ changes: { from: at, to: at + 5 } });
  await documents.flushAll();
  await waitFor(() => expect(diagnosticCount(code().state)).toBe(1));
  // Once it parses, it is read anew.
  code().dispatch({ changes: { from: 0, to: code().state.doc.length, insert: 'export default {}\n' } });
  await documents.flushAll();
  await waitFor(() => expect(screen.queryByText('Used in code, not created yet')).toBeNull());
  expect(diagnosticCount(code().state)).toBe(0);
});

test('a secret says its line, its age and that a deployment is due, and its line is a way there', async () => {
  const { user } = await openWindow(hubspot);
  const [row] = within(screen.getByRole('list', { name: 'Secrets' })).getAllByRole('listitem');
  expect(row?.textContent?.replace(/\s+/g, ' ')).toContain('line 3 · changed 2 minutes ago · redeploy to apply');
  await user.click(within(row as HTMLElement).getByRole('button', { name: 'Go to line 3' }));
  expect(screen.getByText('Ln 3, Col 22')).toBeTruthy();
});

test('Replace opens a field in the row, and Cancel closes it', async () => {
  const { core, user } = await openWindow(hubspot);
  await user.click(screen.getByRole('button', { name: 'Replace HUBSPOT_API_KEY' }));
  const field = screen.getByRole('textbox', { name: 'New value' });
  expect(document.activeElement).toBe(field);
  await user.keyboard('second{Enter}');
  await waitFor(() => expect(core.values.get('HUBSPOT_API_KEY')).toBe('second'));
  expect(screen.queryByRole('textbox', { name: 'New value' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Replace HUBSPOT_API_KEY' }));
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(screen.queryByRole('textbox', { name: 'New value' })).toBeNull();
});

test('Escape puts the new value away and stays where it was asked for', async () => {
  const { core, user } = await openWindow(hubspot);
  await user.click(screen.getByRole('button', { name: 'Replace HUBSPOT_API_KEY' }));
  await user.keyboard('half of a va{Escape}');
  expect(screen.queryByRole('textbox', { name: 'New value' })).toBeNull();
  await waitFor(() =>
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Replace HUBSPOT_API_KEY' })),
  );
  await user.keyboard('{Enter}');
  expect(screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'New value' }).value).toBe('');
  expect(called(core, 'replace_secret')).toEqual([]);
});

test('a deleted secret that the code uses is one the code lacks', async () => {
  const { user } = await openWindow(hubspot);
  await user.click(screen.getByRole('button', { name: 'Delete HUBSPOT_API_KEY' }));
  expect(await screen.findByRole('button', { name: 'Add HUBSPOT_API_KEY' })).toBeTruthy();
  expect(screen.queryByRole('list', { name: 'Secrets' })).toBeNull();
});

test('a deletion leaves the focus at the next secret, and after the last at the name of a new one', async () => {
  const { user } = await openWindow((core) => core.add('two', '').secrets.push(secret('A_KEY'), secret('B_KEY')));
  await user.click(screen.getByRole('button', { name: 'Delete A_KEY' }));
  await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('Delete B_KEY'));
  await user.keyboard('{Enter}');
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'SECRET_NAME' })));
});

test('a delete that was cancelled changes nothing', async () => {
  const { core, user } = await openWindow(hubspot);
  core.refusals.set('delete_secret', { code: 'cancelled', message: 'Cancelled.', position: null });
  await user.click(screen.getByRole('button', { name: 'Delete HUBSPOT_API_KEY' }));
  expect(screen.getByRole('button', { name: 'Delete HUBSPOT_API_KEY' })).toBeTruthy();
  expect(screen.queryByText('Cancelled.')).toBeNull();
});

test('where a name is computed, nothing is called unused', async () => {
  await openWindow((core) => {
    const kept = core.add('dynamic', 'export default {\n  fetch(request, env) { return env[request.url] },\n}\n');
    kept.secrets.push(secret('SOME_KEY'));
  });
  const tab = screen.getByRole('tabpanel').textContent?.replace(/\s+/g, ' ');
  expect(tab).toContain('Postern cannot tell which names are used at line 2.');
  expect(tab).toContain('cannot tell if it is used');
  expect(tab).not.toContain('not used in code');
});

test('where the code does not parse from the start, nothing is called unused until it does', async () => {
  await openWindow((core) => {
    core.add('begun', 'const =\nexport default {}\n').secrets.push(secret('SOME_KEY'));
  });
  const tab = () => screen.getByRole('tabpanel').textContent?.replace(/\s+/g, ' ');
  expect(tab()).toContain('Postern cannot tell yet which names are used in index.ts: the code does not parse.');
  expect(tab()).toContain('cannot tell if it is used');
  code().dispatch({ changes: { from: 0, to: 'const =\n'.length } });
  await documents.flushAll();
  await waitFor(() => expect(tab()).toContain('not used in code'));
  expect(tab()).not.toContain('cannot tell');
});

test('each line that uses a secret is named once and leads to the first use on it', async () => {
  const { user } = await openWindow((core) => {
    const kept = core.add('twice', 'export default {\n  fetch: (request, env) => env.SOME_KEY + env.SOME_KEY,\n}\n');
    kept.secrets.push(secret('SOME_KEY'));
  });
  const lines = within(screen.getByRole('list', { name: 'Secrets' })).getAllByRole('button', { name: /^Go to line/ });
  expect(lines).toHaveLength(1);
  await user.click(lines[0] as HTMLElement);
  expect(screen.getByText('Ln 2, Col 32')).toBeTruthy();
});

test('a name that the code lacks can be given a plain value', async () => {
  const { user } = await openWindow((core) => core.add('plain', USES));
  await user.click(screen.getByRole('button', { name: 'Add variable SLACK_URL' }));
  expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'VARIABLE_NAME' }).value).toBe('SLACK_URL');
  expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Variable value' }));
  await user.keyboard('https://example.com{Enter}');
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Add SLACK_URL' })).toBeNull());
  expect(screen.getByRole('button', { name: 'Add HUBSPOT_API_KEY' })).toBeTruthy();
});

test('damaged secrets and secrets of a lost key say what to do', async () => {
  await openWindow((core) => {
    core.add('old').secrets.push(secret('DAMAGED', { state: 'damaged' }), secret('LOST', { state: 'needsReentry' }));
  });
  expect(screen.getByText(/stored value is damaged. Replace or delete it/)).toBeTruthy();
  expect(screen.getByText(/Needs re-entry/)).toBeTruthy();
});

test('a locked keychain says what to do, and Retry opens the vault', async () => {
  const { user } = await openWindow((core) => {
    core.add('plain');
    core.vault = 'locked';
  });
  expect(screen.getByText(/Unlock your keychain, then Retry/)).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Start a new vault' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  await waitFor(() => expect(screen.queryByText('The keychain is locked')).toBeNull());
});

test('a missing key offers a new vault', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('plain');
    core.vault = 'keyMissing';
  });
  await user.click(screen.getByRole('button', { name: 'Start a new vault' }));
  await waitFor(() => expect(called(core, 'start_new_vault')).toHaveLength(1));
});

test('what was typed in a form is not submitted while an input method composes', async () => {
  const { core, user } = await openWindow((core) => core.add('plain'));
  await user.type(name(), 'api key');
  await user.type(value(), 'x');
  await fireEvent.keyDown(value(), { key: 'Enter', isComposing: true });
  expect(called(core, 'create_secret')).toHaveLength(0);
});

test.each([
  ['create_secret', 'SECRET_NAME', 'Value'],
  ['set_variable', 'VARIABLE_NAME', 'Variable value'],
])('an answer to %s that comes late leaves the focus to the code', async (command, nameBox, valueBox) => {
  const { core, user } = await openWindow((core) => core.add('plain'));
  const go = hold(core, command);
  await user.type(screen.getByRole('textbox', { name: nameBox }), 'api key');
  await user.type(screen.getByRole('textbox', { name: valueBox }), 'pat-123{Enter}');
  code().focus();
  go();
  await screen.findByRole('button', { name: /^Delete.* API_KEY$/ });
  await waitFor(() => expect(screen.getByRole<HTMLInputElement>('textbox', { name: nameBox }).value).toBe(''));
  expect(code().hasFocus).toBe(true);
});
