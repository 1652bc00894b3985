// When the server is asked for completions: before the list wants them. With the key, since the list asks only after its
// painting; and where a name may begin, before its first letter, which then narrows what is here already.

import { completionStatus } from '@codemirror/autocomplete';
import type { EditorState, Text } from '@codemirror/state';
import { EditorView, type ViewUpdate } from '@codemirror/view';
import { client } from './client';
import { positionOf } from './edits';
import type { CompletionList } from './protocol';

const NAME = /[\w$]*$/;
/** A character after which names are listed without a letter being typed. */
const TRIGGERS = '.\'"`/@<#';

/** After a key that ends a name, in milliseconds: it is painted by then, and a fast hand has not typed the next one. */
const PAINTED = 25;

export interface Question {
  doc: Text;
  pos: number;
  /** What of the name stands before the caret. */
  name: string;
  answer: Promise<CompletionList | null | undefined>;
}

/** What is on its way for the text as it is now. */
let current: Question | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Null where nothing is to be offered. */
export function question(state: EditorState, pos: number, explicit: boolean): Question | null {
  const known = current?.doc === state.doc && current.pos === pos ? current : null;
  // Where a name may begin, it is listed when that is asked for.
  return known && (explicit || asksByItself(state, pos)) ? known : ask(state, pos, explicit);
}

function ask(state: EditorState, pos: number, explicit: boolean): Question | null {
  if (!explicit && !asksByItself(state, pos)) return null;
  const { doc } = state;
  const { name, last } = before(state, pos);
  const triggered = !explicit && name === '';
  const answer = client.ask<CompletionList>(state, 'textDocument/completion', {
    position: positionOf(doc, pos),
    context: triggered ? { triggerKind: 2, triggerCharacter: last } : { triggerKind: 1 },
  });
  return { doc, pos, name, answer };
}

function before({ doc }: EditorState, pos: number): { name: string; last: string } {
  const line = doc.lineAt(pos);
  const text = line.text.slice(0, pos - line.from);
  return { name: NAME.exec(text)?.[0] ?? '', last: text.slice(-1) };
}

/** A number is no beginning of a name. */
function asksByItself(state: EditorState, pos: number): boolean {
  const { name, last } = before(state, pos);
  return name ? !/^\d/.test(name) : last !== '' && TRIGGERS.includes(last);
}

function follow({ view, state, startState, transactions, docChanged, selectionSet }: ViewUpdate): void {
  if (!docChanged && !selectionSet) return;
  const ahead = current?.doc === startState.doc ? current : null;
  current = null;
  clearTimeout(timer);
  const { head, empty } = state.selection.main;
  if (!empty || !docChanged) return;
  if (transactions.some((each) => each.isUserEvent('input.type'))) {
    // A list that is shown or on its way is narrowed, and a character that ends it asks for another one.
    const narrowed = completionStatus(startState) !== null && /[\w$]/.test(state.sliceDoc(head - 1, head));
    if (!narrowed) current = begun(ahead, state, head) ?? ask(state, head, false);
  }
  if (current || before(state, head).name) return;
  timer = setTimeout(() => {
    if (view.state.doc === state.doc && client.runs) current = ask(state, head, true);
  }, PAINTED);
}

/** What was asked ahead, with the first letters of a name behind it. */
function begun(ahead: Question | null, state: EditorState, head: number): Question | null {
  if (!ahead || ahead.name) return null;
  const { name } = before(state, head);
  const { doc } = state;
  const added = doc.length - ahead.doc.length;
  return name.length > 0 && added === name.length && head - added === ahead.pos && !/^\d/.test(name)
    ? { doc, pos: head, name, answer: ahead.answer }
    : null;
}

// What may stand there is another with the `Env`.
client.onChange(() => {
  current = null;
});

export const asking = EditorView.updateListener.of(follow);
