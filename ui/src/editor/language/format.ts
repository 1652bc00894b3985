// The code in its usual form: the whole document, and its imports.

import { indentUnit } from '@codemirror/language';
import type { EditorView } from '@codemirror/view';
import { source } from '../setup';
import { applyEdit } from './apply';
import { client } from './client';
import { changesOf } from './edits';
import type { CodeAction, TextEdit } from './protocol';
import { sayNone } from './say';

export async function formatDocument(view: EditorView): Promise<void> {
  const edits = await format(view);
  if (!edits?.length) sayNone(view, edits, 'The code is in its usual form.');
}

/** White space only, so that the caret stays at its word. Answers with what there was to do. */
export async function format(view: EditorView): Promise<TextEdit[] | null | undefined> {
  const { state } = view;
  const unit = state.facet(indentUnit);
  const insertSpaces = unit !== '\t';
  const options = { tabSize: insertSpaces ? unit.length : state.tabSize, insertSpaces };
  const edits = await client.ask<TextEdit[]>(state, 'textDocument/formatting', {
    options: { ...options, trimTrailingWhitespace: true, insertFinalNewline: true },
  });
  // Keys that were pressed meanwhile come first.
  if (edits?.length && view.state.doc === state.doc) {
    view.dispatch({ changes: changesOf(state.doc, edits), userEvent: 'format', scrollIntoView: true });
  }
  return edits;
}

export async function organiseImports(view: EditorView): Promise<void> {
  const { state } = view;
  const start = { line: 0, character: 0 };
  const actions = await client.ask<CodeAction[]>(state, 'textDocument/codeAction', {
    range: { start, end: start },
    context: { diagnostics: [], only: ['source.organizeImports'] },
  });
  if (view.state.doc !== state.doc) return;
  const edit = actions?.find(({ edit }) => edit)?.edit;
  if (!edit || !(await applyEdit(state.facet(source), edit, 'imports')))
    sayNone(view, actions, 'The imports are in order.');
}
