// What the server finds wrong with a function, asked for a moment after the last key, and put into the list of problems.

import type { Extension } from '@codemirror/state';
import { type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { type Problem, placeAt, problems, type Severity } from '../../problems/problems.svelte';
import { documents } from '../documents';
import { type Source, source } from '../setup';
import { client } from './client';
import { spanOf } from './edits';
import { ownEnv } from './own-env';
import type { Diagnostic, DocumentDiagnosticReport } from './protocol';

/** After the last key. A mark that comes and goes within a word helps nobody. */
const QUIET = 200;

const SEVERITIES: Record<number, Severity> = { 1: 'error', 2: 'warning', 3: 'info', 4: 'hint' };

class Looking {
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #stop: () => void;

  constructor(readonly view: EditorView) {
    this.#stop = client.onChange(() => this.#soon(0));
    this.#soon(0);
  }

  update({ docChanged, state, startState, changes }: ViewUpdate): void {
    const here = state.facet(source);
    if (!docChanged || !here) return;
    client.edited(here, startState.doc, changes, state.doc);
    this.#soon(QUIET);
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#stop();
  }

  #soon(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), milliseconds);
  }

  async #look(): Promise<void> {
    const here = this.view.state.facet(source);
    if (!here) return;
    // An edit in one file can break the others.
    await Promise.all(documents.states(here.id).map(({ path }) => look({ id: here.id, path })));
  }
}

async function look(about: Source): Promise<void> {
  const text = documents.read(about.id, about.path);
  const report = await client.askOf<DocumentDiagnosticReport>(about, 'textDocument/diagnostic', {});
  // Text that was edited meanwhile is looked at again.
  if (!text || !report?.items || documents.read(about.id, about.path) !== text) return;
  const found = report.items.map((each): Problem => {
    const { from, to } = spanOf(text, each.range);
    return { ...problemOf(each), file: about.path, from: placeAt(text, from), to: placeAt(text, to) };
  });
  problems.put(about.id, about.path, ['types'], [...found, ...ownEnv(about, text)]);
}

function problemOf({ severity, message, code, tags }: Diagnostic): Omit<Problem, 'file' | 'from' | 'to'> {
  return {
    severity: SEVERITIES[severity ?? 1] ?? 'error',
    source: 'types',
    message: wordsOf(message),
    actions: [],
    ...(code === undefined ? {} : { code: String(code) }),
    ...(tags?.includes(1) ? { tag: 'unused' } : tags?.includes(2) ? { tag: 'deprecated' } : {}),
  };
}

/** What it says of Node is advice for a folder with a tsconfig.json. */
function wordsOf(message: string): string {
  const [, name] =
    /^Cannot find name '([^']+)'\. Do you need to install type definitions for node\?/.exec(message) ?? [];
  if (name === undefined) return message;
  if (name.startsWith('node:')) return `The types of ${name} come once the code is saved.`;
  if (name !== 'Buffer' && name !== 'process') return `Cannot find name '${name}'.`;
  return `This function has no ${name}: it is there with Node compatibility only. Import it from node:${name.toLowerCase()}, and the next deployment turns that on.`;
}

export const diagnostics: Extension = ViewPlugin.fromClass(Looking);
