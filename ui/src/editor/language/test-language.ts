// What the tests of the editor's TypeScript share: a window with a language server that answers as told, and what it was asked.

import { waitFor } from '@testing-library/svelte';
import { expect } from 'vitest';
import type { MockCore } from '../../mocks';
import { called, code, openWindow } from '../../test-window';
import { documents } from '../documents';

export const CODE = 'export default {\n  fetch(request: Request, env: Env) {},\n}\n';

/** The window with a language server that answers as told. */
export async function open(answers: Record<string, (params: Record<string, unknown>) => unknown>, text = CODE) {
  const opened = await openWindow((core) => {
    core.add('hello', text);
    core.language = (method, params) => answers[method]?.(params) ?? null;
  });
  await documents.loadLanguage();
  await waitFor(() => expect(asked(opened.core, 'textDocument/diagnostic').length).toBeGreaterThan(0));
  return opened;
}

export const passing = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A server that knows one name. */
export const knowsCrypto = (method: string) =>
  method === 'textDocument/completion' ? { isIncomplete: false, items: [{ label: 'crypto' }] } : null;

/** At the caret, as a key does it. */
export function type(insert: string): void {
  const at = code().state.selection.main.head;
  code().dispatch({
    changes: { from: at, insert },
    selection: { anchor: at + insert.length },
    userEvent: 'input.type',
  });
}

export const asked = (core: MockCore, method: string) =>
  called(core, 'ask_language')
    .filter((call) => call.method === method)
    .map((call) => call.params);
export const told = (core: MockCore, method: string) =>
  called(core, 'tell_language')
    .filter((call) => call.method === method)
    .map((call) => call.params);

export const changed = (core: MockCore) =>
  told(core, 'textDocument/didChange').map((params) => (params as { contentChanges: unknown }).contentChanges);

export const at = (line: number, from: number, to: number) => ({
  start: { line, character: from },
  end: { line, character: to },
});
