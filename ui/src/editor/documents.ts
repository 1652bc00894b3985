// The text of every function that was opened, in memory: its editor state with undo history, and its autosave.
//
// One view shows one document at a time; the others keep their state until the window closes or the function is
// deleted. This is the only place that knows a function's text.

import { openSearchPanel } from '@codemirror/search';
import { EditorSelection, EditorState, type Extension, type StateEffect, type Text } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import type { FunctionId } from '../bindings/FunctionId';
import type { SourceFile } from '../bindings/SourceFile';
import { asFailure, saveFile } from '../ipc';
import { offsetOf, type Place, type Problem, placeAt, problems } from '../problems/problems.svelte';
import { store } from '../state.svelte';
import { Autosave } from './autosave';
import { refused } from './limit';
import { codeExtensions, reading } from './setup';

type Marks = typeof import('../problems/marks');

interface Document {
  path: string;
  state: EditorState;
  scroll: StateEffect<unknown> | null;
  autosave: Autosave;
}

class Documents {
  readonly #documents = new Map<FunctionId, Document>();
  #view: EditorView | null = null;
  #shown: FunctionId | null = null;
  /** The grammar and the marks of problems. */
  #reading: Extension = [];
  /** Null until they are loaded; no problem is drawn before. */
  #marks: Marks | null = null;

  constructor() {
    problems.changed = (id) => this.#mark(id);
  }

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

  /** Gives every document its grammar and its marks, those that are open and those to come. */
  async loadReading(): Promise<void> {
    const [{ typescript }, marks] = await Promise.all([import('./grammar'), import('../problems/marks')]);
    this.#marks = marks;
    this.#reading = [typescript, marks.marks];
    const effects = reading.reconfigure(this.#reading);
    for (const [id, document] of this.#documents) {
      if (id === this.#shown) this.#view?.dispatch({ effects });
      else document.state = document.state.update({ effects }).state;
      this.#mark(id);
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
      path,
      state: this.#stateOf(id, path, text),
      scroll: null,
      autosave: this.#autosaveOf(id, path),
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
    problems.drop(id);
    if (this.#shown === id) this.#shown = null;
  }

  focus(): void {
    this.#view?.focus();
  }

  find(): void {
    if (this.#view) openSearchPanel(this.#view);
  }

  /** What a function's text is now, and the file that it is in; null while the function is not open. */
  read(id: FunctionId): { path: string; text: Text } | null {
    const document = this.#documents.get(id);
    return document ? { path: document.path, text: document.state.doc } : null;
  }

  nextProblem(): void {
    this.#step(1);
  }

  previousProblem(): void {
    this.#step(-1);
  }

  /** Puts the caret at a place of the shown function, and scrolls to it. */
  reveal(place: Place): void {
    if (!this.#view) return;
    const at = offsetOf(this.#view.state.doc, place);
    this.#view.dispatch({
      selection: EditorSelection.cursor(at),
      effects: EditorView.scrollIntoView(at, { y: 'center' }),
    });
    this.focus();
  }

  /** Selects what a problem of the shown function is about, and says what it is. */
  revealProblem({ from, to }: Problem): void {
    if (!this.#view) return;
    const { doc } = this.#view.state;
    const range = EditorSelection.range(offsetOf(doc, from), offsetOf(doc, to));
    this.#view.dispatch({
      selection: EditorSelection.create([range]),
      effects: EditorView.scrollIntoView(range, { y: 'center' }),
    });
    this.focus();
    this.#marks?.explain(this.#view);
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

  #step(direction: 1 | -1): void {
    const id = this.#shown;
    const document = id === null ? null : this.#documents.get(id);
    if (id === null || !document) return;
    const { doc, selection } = document.state;
    const next = problems.next(id, document.path, placeAt(doc, selection.main.from), direction);
    if (next) this.revealProblem(next);
    this.focus();
  }

  #mark(id: FunctionId): void {
    const document = this.#documents.get(id);
    if (!document || !this.#marks) return;
    const here = problems.of(id).filter(({ file }) => file === document.path);
    const transaction = this.#marks.draw(document.state, here);
    if (this.#shown === id && this.#view) this.#view.dispatch(transaction);
    else document.state = transaction.state;
  }

  #stateOf(id: FunctionId, path: string, text: string): EditorState {
    const listen = EditorView.updateListener.of((update) => {
      const document = this.#documents.get(id);
      if (!document) return;
      document.state = update.state;
      if (update.docChanged) {
        document.autosave.touch();
        problems.moved(id, path, update.changes, update.startState.doc, update.state.doc);
        store.notice = null;
      }
      if (update.selectionSet || update.docChanged) this.#tellCursor(update.state);
      for (const transaction of update.transactions) {
        for (const effect of transaction.effects) if (effect.is(refused)) store.notice = effect.value;
      }
    });
    const leave = EditorView.domEventHandlers({ blur: () => void this.flush(id) });
    return EditorState.create({ doc: text, extensions: codeExtensions(this.#reading, [listen, leave]) });
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
