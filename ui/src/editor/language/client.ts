// The page's end of the language server: which documents it has in this session, and that it knows the newest text
// before it is asked about it. Where a process ends, the next question opens everything anew.

import { ChangeSet, type EditorState, type Text } from '@codemirror/state';
import type { FunctionId } from '../../bindings/FunctionId';
import type { LanguageState } from '../../bindings/LanguageState';
import { asFailure, askLanguage, openInLanguage, tellLanguage } from '../../ipc';
import { store } from '../../state.svelte';
import { within } from '../../within';
import { documents } from '../documents';
import { entryOf } from '../paths';
import { type Source, source } from '../setup';
import { wantServer } from '../turned';
import { positionOf, rangeOf } from './edits';
import { moved, type Said, saidOf } from './handler';
import { type Added, inward, outward } from './seen';

/** What the server has of a document. */
interface Known {
  version: number;
  /** The text as the server has it. */
  text: Text;
  /** What leads from it to `now`; null where nobody told. */
  changes: ChangeSet | null;
  now: Text;
  /** What it sees beside the text. */
  said: Said | null;
  /** What may be typed next, and is there already for the server. */
  guess: Said | null;
}

/** What may be typed next in a text. */
export interface Guess extends Said {
  in: Text;
}

/** How long a question waits for a process to start. What is asked after a key is worth nothing later. */
const PATIENCE = 3000;

/** How long the grammar may read, in milliseconds: before what a key asks for, and before what is asked in a pause. */
const [SHORT, LONG] = [5, 50];

/** A question or a word to the server about a document, whose address it gets. */
type Params = Record<string, unknown>;

/** A question that names files of the function itself, or none. */
type Addressing = (addressOf: (path: string) => string) => Params;

/** Null where the server has nothing to say, and undefined where nobody answers: no process, or one that ended meanwhile. */
export type Answered<T> = Promise<T | null | undefined>;

class Client {
  /** Null while no process answers. */
  #session: number | null = null;
  #number = 0;
  /** The addresses of the folders that the server sees, by function, or when it will have them. */
  #folders = new Map<FunctionId, Promise<string>>();
  readonly #known = new Map<string, Known>();
  readonly #readers = new Set<() => void>();
  /** Who waits for a process. */
  #waiting: (() => void)[] = [];

  /** Told when what the server said before no longer holds. Answers how to stop. */
  onChange(read: () => void): () => void {
    this.#readers.add(read);
    return () => this.#readers.delete(read);
  }

  /** Whether the file in an editor is one of the server's. */
  reads(state: EditorState): boolean {
    const from = state.facet(source);
    return from !== null && languageOf(from.path) !== null;
  }

  /** Whether a process answers. */
  get runs(): boolean {
    return this.#session !== null;
  }

  hear(state: LanguageState): void {
    const session = state.type === 'ready' ? state.session : null;
    if (session === this.#session) return;
    this.#session = session;
    this.#number = 0;
    this.#folders.clear();
    this.#known.clear();
    if (session === null) return;
    for (const go of this.#waiting.splice(0)) go();
    this.changed();
  }

  /** The `Env` of a function is another, or everything is. */
  changed(): void {
    for (const read of this.#readers) read();
  }

  /** A document was edited in the view. */
  edited({ id, path }: Source, before: Text, changes: ChangeSet, now: Text): void {
    const known = this.#known.get(keyOf(id, path));
    if (!known) return;
    known.changes = known.now === before ? (known.changes?.compose(changes) ?? null) : null;
    known.now = now;
  }

  async ask<T>(
    state: EditorState,
    method: string,
    params: Params | Addressing,
    guess: Guess | null = null,
  ): Answered<T> {
    const from = state.facet(source);
    return from ? this.askOf(from, method, params, guess) : undefined;
  }

  /** A guess is there for this question and no other one: as if it had been typed. */
  async askOf<T>(about: Source, method: string, params: Params | Addressing, guess: Guess | null = null): Answered<T> {
    try {
      const ready = await this.#ready(
        about,
        guess,
        method === 'textDocument/diagnostic' ? LONG : SHORT,
        (uri, added, folder) => {
          const addressOf = (path: string) => folder + encodePath(path);
          const full = typeof params === 'function' ? params(addressOf) : { ...params, textDocument: { uri } };
          return askLanguage<T | null>(this.#session ?? 0, this.#number++, method, outward(full, uri, added));
        },
      );
      return ready === null ? undefined : inward(await ready.answer, ready.uri, ready.added);
    } catch (thrown) {
      // A process that ended is a matter of the status bar; what is asked is asked again with the next key.
      if (asFailure(thrown).code === 'languageGone') return undefined;
      // That nothing can be renamed comes as an error.
      if (method === 'textDocument/prepareRename') return null;
      console.warn(asFailure(thrown).message);
      return undefined;
    }
  }

  /** The path of a file of the function at an address; null for one that is none of its own. */
  async pathOf(id: FunctionId, uri: string): Promise<string | null> {
    const folder = await this.#folders.get(id)?.catch(() => null);
    if (!folder) return null;
    const [of, within] = [decodeURIComponent(uri), decodeURIComponent(folder)];
    return of.startsWith(within) ? of.slice(within.length) : null;
  }

  /**
   * Sees to it that the server has the newest text of the function, asks before anything else is said to it, and answers
   * the document's address and what the server sees beside the text of the entry. Null where it can't be asked.
   */
  async #ready<T>(
    { id, path: asked }: Source,
    guess: Guess | null,
    patience: number,
    ask: (uri: string, added: Added | null, folder: string) => Promise<T>,
  ): Promise<{ uri: string; added: Added | null; answer: Promise<T> } | null> {
    if (languageOf(asked) === null) return null;
    const session = this.#session ?? (await this.#started());
    if (session === null) return null;
    const folder = await (this.#folders.get(id) ?? this.#open(session, id));
    if (this.#session !== session) return null;
    const files = documents.states(id);
    const paths = files.map((file) => file.path);
    const entry = entryOf(paths);
    let added: Added | null = null;
    for (const { path, state } of files) {
      const found = path === entry ? saidOf(state, patience) : null;
      const said = found === 'unread' ? this.#saidBefore(keyOf(id, path), state.doc) : found;
      const guessed = path === asked ? guess : null;
      if (guessed && (guessed.in !== state.doc || isBeside(state.doc, guessed, said))) return null;
      this.#send(id, folder, path, state.doc, said, guessed);
      if (!said) continue;
      added = { uri: folder + encodePath(path), at: positionOf(state.doc, said.at), length: said.text.length };
    }
    this.#closeOthers(id, folder, new Set(paths));
    const uri = folder + encodePath(asked);
    return { uri, added, answer: ask(uri, added, folder) };
  }

  /** What the server sees beside the text already, where that has moved to. */
  #saidBefore(key: string, text: Text): Said | null {
    const known = this.#known.get(key);
    if (!known?.said || known.now !== text) return null;
    return known.changes && moved(known.said, known.changes, text);
  }

  /** A process that stopped for want of questions is started by the next one. */
  async #started(): Promise<number | null> {
    if (store.language.type === 'failed') return null;
    wantServer();
    await within(PATIENCE, new Promise<void>((resolve) => this.#waiting.push(resolve)));
    return this.#session;
  }

  #open(session: number, id: FunctionId): Promise<string> {
    const folder = openInLanguage(session, id);
    this.#folders.set(id, folder);
    folder.catch(() => this.#folders.delete(id));
    return folder;
  }

  #send(id: FunctionId, folder: string, path: string, text: Text, said: Said | null, guess: Said | null): void {
    const languageId = languageOf(path);
    if (languageId === null) return;
    const key = keyOf(id, path);
    const known = this.#known.get(key);
    const uri = folder + encodePath(path);
    if (!known) {
      const document = { uri, languageId, version: 1, text: withBeside(text, said, guess) };
      this.#tell('textDocument/didOpen', { textDocument: document });
      this.#known.set(key, { version: 1, text, changes: ChangeSet.empty(text.length), now: text, said, guess });
      return;
    }
    if (known.text === text && isSame(known.said, said) && isSame(known.guess, guess)) return;
    const changes = known.now === text ? known.changes : null;
    known.version++;
    this.#tell('textDocument/didChange', {
      textDocument: { uri, version: known.version },
      contentChanges: changes ? contentOf(known, changes, said, guess) : [{ text: withBeside(text, said, guess) }],
    });
    Object.assign(known, { text, changes: ChangeSet.empty(text.length), now: text, said, guess });
  }

  /** Files that were deleted or have another name: imports would still find them. */
  #closeOthers(id: FunctionId, folder: string, paths: Set<string>): void {
    const own = keyOf(id, '');
    for (const key of [...this.#known.keys()]) {
      const path = key.slice(own.length);
      if (!key.startsWith(own) || paths.has(path)) continue;
      this.#known.delete(key);
      this.#tell('textDocument/didClose', { textDocument: { uri: folder + encodePath(path) } });
    }
  }

  #tell(method: string, params: Params): void {
    // What fails here fails for the question behind it, too.
    tellLanguage(this.#session ?? 0, this.#number++, method, params).catch(() => {});
  }
}

export const client = new Client();

/**
 * One after the other: what is beside the text goes, the text changes, and what is beside it now comes. Changes go from
 * the end of the text to its start, and no line has two things beside it, so that none moves the place of another.
 */
function contentOf(known: Known, changes: ChangeSet, said: Said | null, guess: Said | null): unknown[] {
  const { text, now } = known;
  const contents: unknown[] = [];
  for (const before of [known.said, known.guess]) {
    if (!before) continue;
    const { start } = rangeOf(text, before.at, before.at);
    const end = { ...start, character: start.character + before.text.length };
    contents.push({ range: { start, end }, text: '' });
  }
  const changed: unknown[] = [];
  changes.iterChanges((from, to, _from, _to, inserted) => {
    changed.unshift({ range: rangeOf(text, from, to), text: inserted.toString() });
  });
  contents.push(...changed);
  for (const after of [said, guess]) {
    if (after) contents.push({ range: rangeOf(now, after.at, after.at), text: after.text });
  }
  return contents;
}

function withBeside(text: Text, ...beside: (Said | null)[]): string {
  const all = beside.filter((each) => each !== null).sort((a, b) => b.at - a.at);
  return all.reduce((whole, { at, text }) => whole.slice(0, at) + text + whole.slice(at), text.toString());
}

const isBeside = (text: Text, a: Said, b: Said | null) =>
  b !== null && text.lineAt(a.at).from === text.lineAt(b.at).from;

const isSame = (a: Said | null, b: Said | null) => a?.at === b?.at && a?.text === b?.text;

const keyOf = (id: FunctionId, path: string) => `${id}/${path}`;

const encodePath = (path: string) => path.split('/').map(encodeURIComponent).join('/');

const LANGUAGES: Record<string, string> = {
  ts: 'typescript',
  mts: 'typescript',
  tsx: 'typescriptreact',
  js: 'javascript',
  mjs: 'javascript',
  jsx: 'javascriptreact',
  json: 'json',
};

/** Null for a file that is none of the server's. */
export function languageOf(path: string): string | null {
  return LANGUAGES[path.slice(path.lastIndexOf('.') + 1)] ?? null;
}
