// The text of every function that was opened, in memory: its editor state with undo history, and its autosave.
//
// One view shows one document at a time; the others keep their state until the window closes or the function is
// deleted. This is the only place that knows a function's text.

import { nextDiagnostic, previousDiagnostic } from '@codemirror/lint';
import { openSearchPanel } from '@codemirror/search';
import { EditorSelection, EditorState, type Extension, type StateEffect } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import type { FunctionId } from '../bindings/FunctionId';
import type { Position } from '../bindings/Position';
import type { SourceFile } from '../bindings/SourceFile';
import { asFailure, saveFile } from '../ipc';
import { store } from '../state.svelte';
import { Autosave } from './autosave';
import { refused } from './limit';
import { offsetOf, problemsTransaction } from './problems';
import { codeExtensions, grammar } from './setup';

interface Document {
  state: EditorState;
  scroll: StateEffect<unknown> | null;
  autosave: Autosave;
  /** Whether problems are drawn in it. */
  marked: boolean;
}

class Documents {
  readonly #documents = new Map<FunctionId, Document>();
  #view: EditorView | null = null;
  #shown: FunctionId | null = null;
  #grammar: Extension = [];
  /** What a click on “Add secret” does. */
  addSecret: (name: string) => void = () => {};

  /** Puts the editor into the page. Returns how to take it out again. */
  attach(parent: HTMLElement): () => void {
    const shown = this.#shown === null ? null : this.#documents.get(this.#shown);
    // Without a document the editor is hidden; drawn all the same, it takes the first one at once.
    const view = new EditorView({
      parent,
      state: shown?.state ?? EditorState.create({ extensions: codeExtensions([], []) }),
    });
    this.#view = view;
    return () => {
      view.destroy();
      this.#view = null;
    };
  }

  /** Gives every document its grammar, those that are open and those to come. */
  async loadGrammar(): Promise<void> {
    this.#grammar = (await import('./grammar')).typescript;
    const effects = grammar.reconfigure(this.#grammar);
    for (const [id, document] of this.#documents) {
      if (id === this.#shown) this.#view?.dispatch({ effects });
      else document.state = document.state.update({ effects }).state;
    }
  }

  has(id: FunctionId): boolean {
    return this.#documents.has(id);
  }

  /** Takes a function's text from the core. What is open already stays: it is newer, and has its history. */
  open(id: FunctionId, files: SourceFile[]): void {
    if (this.#documents.has(id)) return;
    const { path, text } = files.find((file) => file.path === 'index.ts') ?? files[0] ?? { path: 'index.ts', text: '' };
    const document: Document = {
      state: this.#stateOf(id, text),
      scroll: null,
      autosave: this.#autosaveOf(id, path),
      marked: false,
    };
    this.#documents.set(id, document);
  }

  show(id: FunctionId): void {
    const document = this.#documents.get(id);
    if (!document || this.#shown === id) return;
    this.#keepScroll();
    this.#shown = id;
    this.#view?.setState(document.state);
    if (document.scroll) this.#view?.dispatch({ effects: document.scroll });
    this.#tellCursor(document.state);
  }

  /** Shows no document. */
  leave(): void {
    this.#keepScroll();
    this.#shown = null;
  }

  drop(id: FunctionId): void {
    this.#documents.get(id)?.autosave.stop();
    this.#documents.delete(id);
    if (this.#shown === id) this.#shown = null;
  }

  focus(): void {
    this.#view?.focus();
  }

  find(): void {
    if (this.#view) openSearchPanel(this.#view);
  }

  nextProblem(): void {
    if (this.#view) nextDiagnostic(this.#view);
    this.focus();
  }

  previousProblem(): void {
    if (this.#view) previousDiagnostic(this.#view);
    this.focus();
  }

  /** Puts the caret at a place of the shown function, and scrolls to it. */
  reveal({ line, column }: Pick<Position, 'line' | 'column'>): void {
    if (!this.#view) return;
    const at = offsetOf(this.#view.state, line, column);
    this.#view.dispatch({
      selection: EditorSelection.cursor(at),
      effects: EditorView.scrollIntoView(at, { y: 'center' }),
    });
    this.focus();
  }

  /** Whether nothing was typed in this function since its last save. */
  settled(id: FunctionId): boolean {
    return this.#documents.get(id)?.autosave.clean ?? true;
  }

  /** True when everything typed in this function is saved. */
  flush(id: FunctionId): Promise<boolean> {
    return this.#documents.get(id)?.autosave.flush() ?? Promise.resolve(true);
  }

  async flushAll(): Promise<boolean> {
    const saved = await Promise.all([...this.#documents.values()].map(({ autosave }) => autosave.flush()));
    return saved.every(Boolean);
  }

  /** Draws what the store knows to be wrong with a function, unless newer text is about to be looked at. */
  drawProblems(id: FunctionId): void {
    const document = this.#documents.get(id);
    const known = store.opened.get(id);
    if (!document || !known || !document.autosave.clean) return;
    const problem = store.problemOf(id);
    const { missing } = known.references;
    const marks = problem !== null || missing.length > 0;
    if (!marks && !document.marked) return;
    document.marked = marks;
    const transaction = problemsTransaction(document.state, problem, missing, (name) => this.addSecret(name));
    if (this.#shown === id && this.#view) this.#view.dispatch(transaction);
    else document.state = transaction.state;
  }

  #stateOf(id: FunctionId, text: string): EditorState {
    const listen = EditorView.updateListener.of((update) => {
      const document = this.#documents.get(id);
      if (!document) return;
      document.state = update.state;
      if (update.docChanged) {
        document.autosave.touch();
        store.notice = null;
      }
      if (update.selectionSet || update.docChanged) this.#tellCursor(update.state);
      for (const transaction of update.transactions) {
        for (const effect of transaction.effects) if (effect.is(refused)) store.notice = effect.value;
      }
    });
    const leave = EditorView.domEventHandlers({ blur: () => void this.flush(id) });
    return EditorState.create({ doc: text, extensions: codeExtensions(this.#grammar, [listen, leave]) });
  }

  #autosaveOf(id: FunctionId, path: string): Autosave {
    return new Autosave({
      read: () => this.#documents.get(id)?.state.doc.toString() ?? '',
      save: async (text) => {
        const { summary, secrets, variables, references, problem } = await saveFile(id, path, text);
        if (!this.#documents.has(id)) return;
        store.put(summary);
        store.opened.set(id, { secrets, variables, references, problem });
      },
      changed: (state, error) => {
        store.saves.set(id, { state, failure: error === null ? null : asFailure(error) });
        if (state === 'saved') this.drawProblems(id);
      },
    });
  }

  #keepScroll(): void {
    const document = this.#shown === null ? null : this.#documents.get(this.#shown);
    if (document && this.#view) document.scroll = this.#view.scrollSnapshot();
  }

  #tellCursor(state: EditorState): void {
    const head = state.selection.main.head;
    const line = state.doc.lineAt(head);
    store.cursor = { line: line.number, column: head - line.from + 1 };
  }
}

export const documents = new Documents();
