// A regular expression can look for a match without end. One that might is tried first, by a thread of its own and on all
// of the text, and again on each text that it becomes: the window looks for nothing by it before that has ended, nor where
// it does not end in time.

import { getSearchQuery, SearchQuery, searchPanelOpen, setSearchQuery } from '@codemirror/search';
import { Annotation, EditorState, type Extension, type Text } from '@codemirror/state';
import { type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import type { Asked } from './find-thread';

/** Of all of the text, in milliseconds. */
const LIMIT = 300;

/** How long a thread may take to begin, in milliseconds. */
const BEGINNING = 2000;

/** After a change of the text, in milliseconds. */
const RESTING = 100;

/** What nothing is looked for by: CodeMirror takes it for one that is not valid. */
export class Held extends SearchQuery {
  override readonly valid = false;

  constructor(
    query: SearchQuery,
    /** It was tried; otherwise it is being tried. */
    readonly tooLong: boolean,
  ) {
    super(query);
  }
}

const tried = Annotation.define<true>();

/** It takes two of these to make a number of ways to match that doubles with each character. */
const mayNotEnd = ({ regexp, search }: SearchQuery) => regexp && (search.match(/[*+{|?]/g)?.length ?? 0) > 1;

// A filter would not be asked about what undo does.
const hold = EditorState.transactionExtender.of((transaction) => {
  if (transaction.annotation(tried)) return null;
  const before = getSearchQuery(transaction.startState);
  const set = transaction.effects.findLast((effect) => effect.is(setSearchQuery));
  const query: SearchQuery = set?.value ?? before;
  if (!query.valid || !mayNotEnd(query)) return null;
  if (!transaction.docChanged && before.valid && before.eq(query)) return null;
  return { effects: setSearchQuery.of(new Held(query, false)) };
});

class Trial {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #trial = new AbortController();

  constructor(readonly view: EditorView) {
    this.#later(0);
  }

  update({ state, startState, docChanged }: ViewUpdate): void {
    const query = getSearchQuery(state);
    const opened = searchPanelOpen(state) && !searchPanelOpen(startState);
    const changed = query !== getSearchQuery(startState);
    if (docChanged) this.#later(RESTING);
    else if (opened || (changed && query instanceof Held && !query.tooLong)) this.#later(0);
    else if (changed) this.destroy();
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#trial.abort();
  }

  #later(delay: number): void {
    this.destroy();
    this.#trial = new AbortController();
    this.#timer = setTimeout(() => void this.#try(this.#trial.signal), delay);
  }

  async #try(trial: AbortSignal): Promise<void> {
    const { state } = this.view;
    const query = getSearchQuery(state);
    // What is no regular expression ends at once.
    if (!mayNotEnd(query) || !new SearchQuery(query).valid) return;
    const ends = await endsInTime(query, state.doc, trial);
    // What is looked for by now, or in, has its own trial.
    if (trial.aborted) return;
    if (ends ? query.valid : query instanceof Held && query.tooLong) return;
    const told = ends ? new SearchQuery(query) : new Held(query, true);
    this.view.dispatch({ effects: setSearchQuery.of(told), annotations: tried.of(true) });
  }
}

/** True as well where no thread is to be had: nothing can be tried then. */
function endsInTime({ search, caseSensitive }: SearchQuery, doc: Text, trial: AbortSignal): Promise<boolean> {
  const answer = new Promise<boolean>((resolve) => {
    const thread = new Worker(new URL('./find-thread.ts', import.meta.url), { type: 'module' });
    const end = (ends: boolean) => {
      clearTimeout(timer);
      thread.terminate();
      trial.onabort = null;
      resolve(ends);
    };
    trial.onabort = () => end(true);
    let timer = setTimeout(() => end(true), BEGINNING);
    thread.onerror = () => end(true);
    thread.onmessage = ({ data }) => {
      if (data !== 'ready') return end(true);
      clearTimeout(timer);
      timer = setTimeout(() => end(false), LIMIT);
      thread.postMessage({ search, caseSensitive, text: doc.toString() } satisfies Asked);
    };
  });
  return answer.catch(() => true);
}

export const findLimit: Extension = [hold, ViewPlugin.fromClass(Trial)];
