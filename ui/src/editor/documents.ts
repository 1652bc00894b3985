// The text of every file of every function that was opened, in memory: its editor state with undo history, and its
// autosave.
//
// One view shows one document at a time; the others keep their state until the window closes or the file is deleted.
// This is the only place that knows a function's text.

import {
  type ChangeDesc,
  EditorSelection,
  EditorState,
  type Extension,
  type SelectionRange,
  type StateEffect,
  type Text,
  type Transaction,
  type TransactionSpec,
} from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import type { FunctionId } from '../bindings/FunctionId';
import type { SourceFile } from '../bindings/SourceFile';
import { asFailure, saveFile } from '../ipc';
import { offsetOf, type Place, type Problem, placeAt, problems } from '../problems/problems.svelte';
import { store } from '../state.svelte';
import { within } from '../within';
import { Autosave } from './autosave';
import { tellCursor, tellCursorLater } from './cursor';
import type { Document } from './document';
import { editing } from './editing.svelte';
import { Jumps, select } from './jumps';
import { type LeftOff, leaveOff, leftOff, resumed } from './left-off';
import { refused } from './limit';
import { compareFiles, entryOf } from './paths';
import { allSaved, SAVED, worst } from './saves';
import { codeExtensions, language, reading, type Source, source } from './setup';
import { counterpart } from './steps';
import { keyedBy } from './turned';

type Reading = typeof import('./reading');
type Service = typeof import('./language');

/** By the names of the commands. */
export type LanguageAction = keyof Service['actions'];

class Documents {
  /** By function, then by path. */
  readonly #functions = new Map<FunctionId, Map<string, Document>>();
  #view: EditorView | null = null;
  #shown: Document | null = null;
  readonly #jumps = new Jumps<Document>();
  /** The grammar, the marks of problems and the search. Null until they are loaded; no problem is drawn before. */
  #reading: Reading | null = null;
  /** What the language server adds. */
  #language: Extension = [];
  /** The text that the last key made, while nothing else has happened to it. */
  #keyed: Text | null = null;

  constructor() {
    problems.changed = (id, file) => this.#mark(id, file);
  }

  /** Puts the editor into the page. Returns how to take it out again. */
  attach(parent: HTMLElement): () => void {
    // Without a document the editor is hidden; drawn all the same, it takes the first one at once.
    const view = new EditorView({
      parent,
      state: this.#shown?.state ?? EditorState.create({ extensions: codeExtensions([], [], []) }),
      scrollTo: this.#shown?.scroll ?? undefined,
    });
    this.#view = view;
    return () => {
      view.destroy();
      this.#view = null;
    };
  }

  /** Gives every document what it is read with, those that are open and those to come. */
  async loadReading(): Promise<Reading> {
    const known = await import('./reading');
    if (this.#reading) return known;
    this.#reading = known;
    this.#everywhere(reading.reconfigure(known.reading));
    for (const id of this.#functions.keys()) this.#mark(id, null);
    return known;
  }

  /** Gives every document the language server, those that are open and those to come. */
  async loadLanguage(): Promise<Service> {
    const service = await import('./language');
    if (this.#language === service.typescriptService) return service;
    this.#language = service.typescriptService;
    this.#everywhere(language.reconfigure(this.#language));
    if (this.#view?.hasFocus && this.#view.state.doc === this.#keyed) service.begin(this.#view);
    return service;
  }

  has(id: FunctionId): boolean {
    return this.#functions.has(id);
  }

  /** Takes a function's files from the core. The text that is open already stays: it is newer, and has its history. */
  open(id: FunctionId, files: SourceFile[]): void {
    const known = this.#functions.get(id) ?? new Map<string, Document>();
    const place = this.#functions.has(id) ? null : leftOff(id);
    this.#functions.set(id, known);
    for (const { path, text } of files) if (!known.has(path)) known.set(path, this.#documentOf(id, path, text, place));
    for (const path of [...known.keys()]) if (!files.some((file) => file.path === path)) this.#forget(id, path);
    // A file that is gone has nothing left to save.
    this.#tellSave(id);
    if (place && known.has(place.path)) store.shownFiles.set(id, place.path);
  }

  /** The file keeps its text, its history and its place in the window. */
  rename(id: FunctionId, path: string, to: string): void {
    const known = this.#functions.get(id);
    const document = known?.get(path);
    if (!known || !document) return;
    known.delete(path);
    known.set(to, document);
    document.path = to;
    if (store.shownFiles.get(id) === path) store.shownFiles.set(id, to);
    problems.rename(id, path, to);
  }

  /** Shows a file of the function: this one, or the one that was shown last. */
  show(id: FunctionId, path?: string): void {
    const known = this.#functions.get(id);
    const last = store.shownFiles.get(id) ?? '';
    const document = known?.get(path ?? last) ?? known?.get(entryOf([...known.keys()]));
    if (!document || this.#shown === document) return;
    this.#leaveShown();
    this.#shown = document;
    store.shownFiles.set(id, document.path);
    this.#view?.setState(document.state);
    if (document.scroll) this.#view?.dispatch({ effects: document.scroll });
    tellCursor(document.state);
  }

  /** Shows the file beside the shown one, and after the last the first. */
  step(by: 1 | -1): void {
    const shown = this.#shown;
    if (!shown) return;
    const paths = this.#paths(shown.id);
    this.show(shown.id, paths.at((paths.indexOf(shown.path) + by) % paths.length));
    this.focus();
  }

  /** Shows no document. */
  leave(): void {
    this.#leaveShown();
    this.#shown = null;
  }

  drop(id: FunctionId): void {
    problems.drop(id);
    for (const path of this.#paths(id)) this.#forget(id, path);
    this.#functions.delete(id);
    store.shownFiles.delete(id);
  }

  focus(): void {
    this.#view?.focus();
  }

  /** What the editor does by itself. */
  command(run: (view: EditorView) => unknown): void {
    if (this.#view) run(this.#view);
  }

  /** What a file's text is now; null while its function is not open. */
  read(id: FunctionId, path: string): Text | null {
    return this.#functions.get(id)?.get(path)?.state.doc ?? null;
  }

  /** Each of a function's files as it is now. */
  states(id: FunctionId): { path: string; state: EditorState }[] {
    return this.#of(id).map(({ path, state }) => ({ path, state }));
  }

  /** Changes a file in one step that undo takes back, whether it is shown or not. */
  edit({ id, path }: Source, change: TransactionSpec): void {
    const document = this.#functions.get(id)?.get(path);
    if (!document) return;
    if (this.#shown === document && this.#view) return void this.#view.dispatch(change);
    this.#take(document, document.state.update(change));
  }

  /** The function that is shown, and the file of it. */
  get shown(): { id: FunctionId; path: string } | null {
    return this.#shown;
  }

  get focused(): boolean {
    return this.#view?.hasFocus ?? false;
  }

  /** What the language server can be asked to do at the caret. */
  async act(action: LanguageAction): Promise<void> {
    this.focus();
    const { actions } = await this.loadLanguage();
    if (this.#view) await actions[action](this.#view);
  }

  /** Saves now; first formats, where that is wanted. */
  async save(id: FunctionId): Promise<void> {
    const shown = this.#shown;
    if (editing.formatOnSave && shown?.id === id) {
      // What can't be formatted is saved all the same.
      const service = await this.loadLanguage().catch(() => null);
      // Where that takes long, it is saved once more when it is formatted.
      if (service && this.#view && this.#shown === shown) await within(500, service.format(this.#view));
    }
    await this.flush(id);
  }

  /** Goes to the next problem of the shown function, or to the one before. */
  stepToProblem(direction: 1 | -1): void {
    const shown = this.#shown;
    if (!shown) return;
    const { doc, selection } = shown.state;
    const next = problems.next(shown.id, shown.path, placeAt(doc, selection.main.from), direction);
    if (next) this.revealProblem(next);
    this.focus();
  }

  /** Puts the caret at a place of the shown function, and scrolls to it. A file that is not there stays unseen. */
  reveal({ file, ...place }: Place & { file: string }): void {
    this.#jump(file, (doc) => EditorSelection.cursor(offsetOf(doc, place)));
  }

  /** Selects what a problem of the shown function is about, and says what it is. */
  revealProblem({ file, from, to }: Problem): void {
    const view = this.#jump(file, (doc) => EditorSelection.range(offsetOf(doc, from), offsetOf(doc, to)));
    if (view) this.#reading?.explain(view);
  }

  /** Goes back to where the caret was before it jumped in the shown function, or forth again. */
  stepThroughJumps(direction: 1 | -1): void {
    const shown = this.#shown;
    if (!shown || !this.#view) return;
    const spot = this.#jumps.step(direction, caretOf(shown), ({ id }) => id === shown.id);
    if (!spot) return;
    this.show(shown.id, spot.document.path);
    select(this.#view, EditorSelection.cursor(spot.at));
  }

  /** Whether nothing was typed in this function since its last save. */
  settled(id: FunctionId): boolean {
    return this.#of(id).every(({ autosave }) => autosave.clean);
  }

  /** True when everything typed in this function is saved. */
  async flush(id: FunctionId): Promise<boolean> {
    return allSaved(this.#of(id));
  }

  async flushAll(): Promise<boolean> {
    return allSaved(this.#all());
  }

  #everywhere(effects: StateEffect<unknown>): void {
    for (const document of this.#all()) {
      if (document === this.#shown) this.#view?.dispatch({ effects });
      else document.state = document.state.update({ effects }).state;
    }
  }

  #of(id: FunctionId): Document[] {
    return [...(this.#functions.get(id)?.values() ?? [])];
  }

  #all(): Document[] {
    return [...this.#functions.keys()].flatMap((id) => this.#of(id));
  }

  #paths(id: FunctionId): string[] {
    return [...(this.#functions.get(id)?.keys() ?? [])].sort(compareFiles);
  }

  #forget(id: FunctionId, path: string): void {
    const known = this.#functions.get(id);
    const document = known?.get(path);
    document?.autosave.stop();
    if (document) this.#jumps.forget(document);
    known?.delete(path);
    if (this.#shown === document) this.#shown = null;
    problems.forget(id, path);
  }

  #tellSave(id: FunctionId): void {
    store.saves.set(id, worst(this.#of(id).map(({ save }) => save)));
  }

  #mark(id: FunctionId, file: string | null): void {
    const marks = this.#reading;
    if (!marks) return;
    const known = problems.of(id);
    for (const document of this.#of(id)) {
      if (file !== null && file !== document.path) continue;
      const here = known.filter(({ file }) => file === document.path);
      if (here.length === 0 && !document.marked) continue;
      document.marked = here.length > 0;
      const transaction = marks.draw(document.state, here);
      if (this.#shown === document && this.#view) this.#view.dispatch(transaction);
      else document.state = transaction.state;
    }
  }

  #documentOf(id: FunctionId, path: string, text: string, place: LeftOff | null): Document {
    const { scroll, ...resuming } = resumed(text, place?.path === path ? place : null);
    const document: Document = {
      id,
      path,
      state: EditorState.create(),
      scroll,
      autosave: new Autosave({
        read: () => document.state.doc.toString(),
        save: (text) => this.#save(document, text),
        changed: (state, error) => {
          // Said with every key.
          if (document.save.state === state) return;
          document.save = { state, failure: error === null ? null : asFailure(error) };
          this.#tellSave(id);
        },
      }),
      save: SAVED,
      marked: false,
    };
    const listen = EditorView.updateListener.of((update) => {
      // A view that was left holds what it showed until it shows another one: that may be newer by now.
      if (this.#shown !== document) return;
      document.state = update.state;
      if (update.docChanged || update.selectionSet) this.#keyed = keyedBy(update);
      if (update.docChanged) {
        this.#typed(document, update.changes, update.startState.doc);
        store.notice = null;
        tellCursorLater(update.state);
      } else if (update.selectionSet) tellCursor(update.state);
      for (const transaction of update.transactions) {
        for (const effect of transaction.effects) if (effect.is(refused)) store.notice = effect.value;
        this.#follow(document, transaction);
      }
    });
    const leave = EditorView.domEventHandlers({ blur: () => void document.autosave.flush() });
    document.state = EditorState.create({
      ...resuming,
      extensions: codeExtensions(this.#reading?.reading ?? [], this.#language, [source.of(document), listen, leave]),
    });
    return document;
  }

  /** Of a document that is not shown, to which nobody listens. */
  #take(document: Document, { startState, state, changes }: Transaction): void {
    document.state = state;
    this.#typed(document, changes, startState.doc);
  }

  /** What was undone or made again in the shown document is so in the others where it was one step. */
  #follow(shown: Document, transaction: Transaction): void {
    for (const document of this.#of(shown.id)) {
      const next = document === shown ? null : counterpart(transaction, document.state);
      if (next) this.#take(document, next);
    }
  }

  #typed(document: Document, changes: ChangeDesc, before: Text): void {
    const { id, path, state } = document;
    document.autosave.touch();
    problems.moved(id, path, changes, before, state.doc);
    this.#jumps.moved(document, changes);
  }

  async #save(document: Document, text: string): Promise<void> {
    const { id, path } = document;
    const saved = await saveFile(id, path, text);
    if (store.opened.has(id) && this.#functions.has(id)) store.putSaved(id, saved);
  }

  /** Selects something in a file of the shown function; null where it has none of that name. */
  #jump(path: string, range: (doc: Text) => SelectionRange): EditorView | null {
    const shown = this.#shown;
    if (!this.#view || !shown || !this.#functions.get(shown.id)?.has(path)) return null;
    const left = caretOf(shown);
    this.show(shown.id, path);
    select(this.#view, range(this.#view.state.doc));
    if (left.document !== this.#shown || left.at !== this.#view.state.selection.main.head) this.#jumps.left(left);
    return this.#view;
  }

  #leaveShown(): void {
    if (this.#shown && this.#view) {
      this.#shown.scroll = this.#view.scrollSnapshot();
      leaveOff(this.#view, this.#shown);
    }
    void this.#shown?.autosave.flush();
  }
}

const caretOf = (document: Document) => ({ document, at: document.state.selection.main.head });

export const documents = new Documents();
