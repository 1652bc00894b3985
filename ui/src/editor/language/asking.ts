// When the server is asked for completions: before the list wants them. With the key, since the list asks only after its
// painting; and before the key where that can be told: where a name may begin, whose first letter narrows what is here
// already, and behind one that is complete, where a dot may follow.

import { completionStatus, pickedCompletion, selectedCompletion } from '@codemirror/autocomplete';
import type { EditorState, Text, Transaction } from '@codemirror/state';
import { EditorView, type ViewUpdate } from '@codemirror/view';
import { PAINTED } from '../painted';
import { client, type Guess } from './client';
import { positionOf } from './edits';
import { type Offer, offersOf } from './offers';
import type { CompletionList, Position } from './protocol';
import * as standing from './standing';

const NAME = /[\w$]*$/;
/** A character after which names are listed without a letter being typed. */
const TRIGGERS = '.\'"`/@<#';

export interface Answer {
  list: CompletionList;
  offers: Offer[];
}

interface Question {
  doc: Text;
  pos: number;
  /** What of the name stands before the caret. */
  name: string;
  /** Made ready for the list while there is time. Null where nothing fits, undefined where nobody answered. */
  answer: Promise<Answer | null | undefined>;
  /** The answer, once it is here. */
  here?: Answer;
  /** Whether a character asked for it, behind which there may be nothing although something may be typed. */
  triggered: boolean;
  /** Whether it is about what stands behind a dot that nobody has typed yet. */
  behindDot?: true;
}

/** What is on its way for the text as it is now. */
let current: Question | null = null;
/** The text that the last key made, while nothing else has happened to it: only keys bring a list. */
let typed: Text | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

/** A name for which nothing fits, with the text that it is typed in: nothing will with more letters. */
let barren: { doc: Text; from: number } | null = null;

/** Null where nothing is to be offered. */
export function question(state: EditorState, pos: number, explicit: boolean): Question | null {
  const here = current?.doc === state.doc && current.pos === pos ? current : null;
  const brings = (typed === state.doc || standing.lingers()) && asksByItself(state, pos);
  if (!explicit && (!brings || barren?.doc === state.doc || here?.behindDot)) return null;
  return here && !here.behindDot && !(explicit && here.triggered) ? here : ask(state, pos, explicit);
}

/** What may stand behind a dot that has just been typed, where all of it is here already. */
export function members(state: EditorState, pos: number): Answer | null {
  const here = current?.behindDot && isTyped(current, state, pos, '.') ? current.here : null;
  return here && !here.list.isIncomplete ? here : null;
}

function ask(state: EditorState, pos: number, explicit: boolean): Question {
  const { doc } = state;
  const { name, last } = before(state, pos);
  const triggered = !explicit && name === '';
  const answer = completions(state, positionOf(doc, pos), triggered ? last : null, null);
  return { doc, pos, name, answer, triggered };
}

function askBehindDot(state: EditorState, pos: number): Question {
  const { doc } = state;
  const { line, character } = positionOf(doc, pos);
  const answer = completions(state, { line, character: character + 1 }, '.', { at: pos, text: '.', in: doc });
  const asked: Question = { doc, pos, name: '', answer, triggered: true, behindDot: true };
  void answer.then((found) => {
    if (found) asked.here = found;
  });
  return asked;
}

async function completions(
  state: EditorState,
  position: Position,
  trigger: string | null,
  guess: Guess | null,
): Promise<Answer | null | undefined> {
  const context = trigger === null ? { triggerKind: 1 } : { triggerKind: 2, triggerCharacter: trigger };
  const list = await client.ask<CompletionList>(state, 'textDocument/completion', { position, context }, guess);
  return list && { list, offers: offersOf(state, list) };
}

function before({ doc }: EditorState, pos: number): { name: string; last: string } {
  const line = doc.lineAt(pos);
  const text = line.text.slice(0, pos - line.from);
  return { name: NAME.exec(text)?.[0] ?? '', last: text.slice(-1) };
}

/** Whether something is listed here without being asked for. A number is no beginning of a name. */
export function asksByItself(state: EditorState, pos: number): boolean {
  const { name, last } = before(state, pos);
  return name ? !/^\d/.test(name) : last !== '' && TRIGGERS.includes(last);
}

function follow({ view, state, startState, transactions, docChanged, selectionSet }: ViewUpdate): void {
  if (!docChanged && !selectionSet) return;
  const ahead = current?.doc === startState.doc ? current : null;
  const from = barren?.doc === startState.doc ? barren.from : null;
  current = null;
  barren = null;
  typed = null;
  clearTimeout(timer);
  const { head, empty } = state.selection.main;
  if (!empty || !docChanged) return;
  const { name } = before(state, head);
  if (transactions.some((each) => each.isUserEvent('input.type'))) {
    typed = state.doc;
    // A list that is shown or on its way is narrowed, and a character that ends it asks for another one.
    const narrowed = completionStatus(startState) !== null && !standing.stands() && name !== '';
    if (from !== null && head - name.length === from) barren = { doc: state.doc, from };
    else if (!narrowed && asksByItself(state, head)) {
      current = answered(ahead, state, head) ?? ask(state, head, false);
      void remember(current);
    }
  }
  if (current || (name && !isComplete(name, state, transactions))) return;
  timer = setTimeout(() => {
    if (view.state.doc !== state.doc || view.composing || !client.runs) return;
    current = name ? askBehindDot(state, head) : ask(state, head, true);
    standing.open(view);
  }, PAINTED);
}

/** Whether a name is one that the list knows: it was chosen, or typed to its end. */
function isComplete(name: string, state: EditorState, transactions: readonly Transaction[]): boolean {
  const chosen = transactions.map((each) => each.annotation(pickedCompletion)).find((each) => each !== undefined);
  const known = chosen ?? selectedCompletion(state);
  return known?.label === name && known.type !== 'keyword';
}

/** Whether nothing fits a name, while that is what is being typed. */
async function remember(asked: Question): Promise<void> {
  const answer = await asked.answer;
  const from = asked.pos - asked.name.length;
  if (asked === current && asked.name && answer === null) barren = { doc: asked.doc, from };
}

/** What was asked ahead, where what has been typed since is what it was asked for. */
function answered(ahead: Question | null, state: EditorState, head: number): Question | null {
  if (!ahead || ahead.name) return null;
  const { doc } = state;
  const { name } = before(state, head);
  if (!isTyped(ahead, state, head, ahead.behindDot ? '.' : name)) return null;
  // Where only a part of it came, and behind a character that asked although it may mean something else, once more.
  const answer = ahead.answer.then((found) => {
    const all = found ? !found.list.isIncomplete : found === null && !ahead.triggered;
    return all ? found : ask(state, head, false).answer;
  });
  return { doc, pos: head, name, answer, triggered: name === '' };
}

/** Whether a text is all that was typed since a question, where it was asked. */
function isTyped({ doc, pos }: Question, state: EditorState, head: number, text: string): boolean {
  const isAll = state.doc.length - doc.length === text.length && head - text.length === pos;
  return text !== '' && isAll && state.sliceDoc(pos, head) === text;
}

/** What was typed before all this was loaded: the first key is what asks for it. */
export function begin(view: EditorView): void {
  const { state } = view;
  const { head, empty } = state.selection.main;
  if (!empty || !asksByItself(state, head)) return;
  typed = state.doc;
  current = ask(state, head, false);
  standing.open(view);
}

// What may stand there is another with the `Env`.
client.onChange(() => {
  current = null;
  barren = null;
  standing.askAgain();
});

export const asking = [EditorView.updateListener.of(follow), standing.extension];
