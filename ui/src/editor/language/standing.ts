// The list's question, kept open while there is nothing to list. CodeMirror asks for completions in a timer after a key, by
// when the key is being painted, so that its list is painted a frame later. A question that is open already is answered in
// the frame of the key itself.

import {
  type CompletionContext,
  type CompletionResult,
  closeCompletion,
  completionStatus,
  startCompletion,
} from '@codemirror/autocomplete';
import { EditorView, ViewPlugin } from '@codemirror/view';

let answer: (() => void) | null = null;
let lingering = false;
/** The editor that this is about, once there is one. */
let editor: EditorView | null = null;

/** What no edit leaves standing: CodeMirror asks at once what may stand there now. */
export const outdated = (pos: number): CompletionResult => ({ from: pos, options: [] });

/** Answered by the next edit. */
export function keepOpen(context: CompletionContext): Promise<CompletionResult> {
  return new Promise((resolve) => {
    const own = () => resolve(outdated(context.pos));
    answer = own;
    context.addEventListener('abort', () => {
      if (answer === own) answer = null;
    });
  });
}

/** Whether nothing is listed and nothing on its way, although CodeMirror takes it for pending. */
export const stands = (): boolean => answer !== null;

/** Whether the list of an earlier key is in sight yet, greyed: it would be as long as a question is open. */
export const lingers = (): boolean => lingering;

/** Opens a question where CodeMirror has none: behind a line that was begun, and what else nobody typed. */
export function open(view: EditorView): void {
  if (completionStatus(view.state) === null) view.dispatch({ userEvent: 'input.type' });
}

/** Asks once more about the name that is being typed, for which nothing was to be listed. */
export function askAgain(): void {
  if (!answer || !editor?.hasFocus || completionStatus(editor.state) !== 'pending') return;
  closeCompletion(editor);
  askAnew();
  // CodeMirror takes leave of the question that was open, and opens no other one before.
  setTimeout(() => editor && open(editor));
}

/** By key. The question that is open gives way to it. */
export function start(view: EditorView): boolean {
  const started = startCompletion(view);
  askAnew();
  return started;
}

/** Leaves the key to others where no list is in sight. */
export function close(view: EditorView): boolean {
  const listed = lingering || completionStatus(view.state) === 'active';
  return closeCompletion(view) && listed;
}

function askAnew(): void {
  answer?.();
  answer = null;
}

const edits = EditorView.updateListener.of(({ startState, state, docChanged }) => {
  lingering = completionStatus(state) === 'pending' && (lingering || completionStatus(startState) === 'active');
  if (docChanged) askAnew();
});

/** Of another text than the one that was left. */
const leaving = ViewPlugin.define((view) => {
  editor = view;
  return {
    destroy() {
      editor = null;
      answer = null;
      lingering = false;
    },
  };
});

export const extension = [edits, leaving];
