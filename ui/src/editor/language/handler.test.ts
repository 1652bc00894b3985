import { EditorState } from '@codemirror/state';
import { expect, test } from 'vitest';
import { typescript } from '../grammar';
import { moved, saidOf } from './handler';

const CHECKED = ' satisfies ExportedHandler<Env> & Record<string, unknown>';
const HINTED = ' satisfies ExportedHandler<Env> | object';

/** The code as the server sees it. */
function seen(code: string): string {
  const said = saidOf(EditorState.create({ doc: code, extensions: typescript }), 1000);
  return said && said !== 'unread' ? code.slice(0, said.at) + said.text + code.slice(said.at) : code;
}

test.each([
  // What is all untyped is checked, too.
  ['export default { async fetch(request, env, ctx) {} }', CHECKED, ''],
  ['export default {\n  fetch: async (request, { API_KEY }) => {},\n  scheduled(event) {},\n}', CHECKED, ';\n'],
  ['export default { fetch: function () {} }', CHECKED, '\n\nfunction other() {}'],
  ['const worker = { fetch(request, env) {} }', CHECKED, ';\nexport default worker'],
  ['var src = {\n  async fetch(request, env) {\n  }\n}', CHECKED, ';\nexport {\n  A,\n  src as default\n};'],
  // Types of somebody's own stay what they are.
  ['export default { fetch(request: Request, env) {} }', HINTED, ''],
  ['export default { fetch: app.fetch, scheduled(event, env) {} }', HINTED, ''],
  ['export default { ...rest, fetch: async (request) => {} }', HINTED, ' '],
  ['export default { fetch(request, env) { env. } }', CHECKED, ''],
])('%s is said to be a handler', (code, said, rest) => {
  expect(seen(code + rest)).toBe(code + said + rest);
});

test.each([
  'export default { fetch(request: Request, env: Env) {} }',
  'export default { fetch(request: Request, { KEY }: Env): Promise<Response> {} }',
  'export default { fetch(request, env) {} } satisfies ExportedHandler<Env>',
  'export default { fetch(request, env) {} } as ExportedHandler',
  'export default { fetch(request, env) {} } // the handler',
  'const worker: ExportedHandler<Env> = { fetch(request, env) {} };\nexport default worker',
  'export default { fetch: app.fetch }',
  'export default {}',
  'export default app',
  'const app = new Hono();\nexport default app',
  'export default class extends WorkerEntrypoint { fetch(request) {} }',
  'export default withSentry(() => ({}), { fetch(request, env) {} })',
  'export const config = { fetch(request, env) {} }',
  'export { handler as other };\nconst handler = { fetch(request) {} }',
  'export default { fetch(request, env) {',
  '',
])('%s is left as it is', (code) => {
  expect(seen(code)).toBe(code);
});

test('what takes too long to be read is left for later', () => {
  const doc = `export default { fetch(request) {\n${'let a = [1, 2, () => ({})]\n'.repeat(40_000)}} }`;
  const state = EditorState.create({ doc, extensions: typescript });
  expect(saidOf(state, 1)).toBe('unread');
});

test('what was said stays behind its brace while the text before it changes, and goes with the brace', () => {
  const state = EditorState.create({ doc: 'export default {}\n' });
  const said = { at: 17, text: CHECKED };
  const after = (changes: { from: number; to?: number; insert?: string }) => {
    const changed = state.update({ changes });
    return moved(said, changed.changes, changed.newDoc);
  };
  expect(after({ from: 0, insert: '// first\n' })).toEqual({ at: 26, text: CHECKED });
  expect(after({ from: 17, insert: ';' })).toEqual(said);
  expect(after({ from: 16, to: 17 })).toBe(null);
});
