// How many matches the search has, and which of them is selected: “3 of 12”, said beside its field. They are counted in
// turns of a few milliseconds, so that keys are taken in between, and no further than anybody would read.

import { getSearchQuery, searchPanelOpen } from '@codemirror/search';
import type { Extension } from '@codemirror/state';
import { EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { element } from './element';
import { Held } from './find-limit';
import { type Match, matches } from './matches';

const MOST = 1000;

/** Of counting, in milliseconds. */
const TURN = 4;

/** After a change of the text, in milliseconds: it is counted anew when the hand rests. */
const RESTING = 100;

class Count {
  #found: Match[] = [];
  /** Null once they are all counted. */
  #rest: ReturnType<typeof matches> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly view: EditorView) {
    if (searchPanelOpen(view.state)) this.#begin(0);
  }

  update({ state, startState, docChanged, selectionSet }: ViewUpdate): void {
    const [is, was] = [searchPanelOpen(state), searchPanelOpen(startState)];
    if (!is) clearTimeout(this.#timer);
    else if (!was || getSearchQuery(state) !== getSearchQuery(startState)) this.#begin(0);
    else if (docChanged) this.#begin(RESTING);
    else if (selectionSet && !this.#rest) this.#say();
  }

  destroy(): void {
    clearTimeout(this.#timer);
  }

  #begin(delay: number): void {
    clearTimeout(this.#timer);
    // It is there before it says something, so that this is read out.
    this.#place();
    this.#found = [];
    const query = getSearchQuery(this.view.state);
    this.#rest = query.valid ? matches(query, this.view.state) : null;
    this.#timer = setTimeout(() => this.#count(), delay);
  }

  #count(): void {
    for (const end = performance.now() + TURN; this.#rest && performance.now() < end; ) {
      const { done, value } = this.#rest.next();
      if (value) this.#found.push(value);
      if (done || this.#found.length > MOST) this.#rest = null;
    }
    if (this.#rest) this.#timer = setTimeout(() => this.#count());
    this.#say();
  }

  #say(): void {
    const query = getSearchQuery(this.view.state);
    const why = query instanceof Held ? query.tooLong && 'Takes too long' : !query.valid && 'Not a regular expression';
    const wrong = query.search !== '' && why !== false;
    const words = wrong ? why : query.valid && !this.#rest ? this.#words() : '';
    const place = this.#place();
    if (place && place.textContent !== words) place.textContent = words;
    place?.classList.toggle('cm-find-wrong', wrong);
    field(this.view)?.setAttribute('aria-invalid', String(wrong));
  }

  #words(): string {
    const count = this.#found.length;
    if (count === 0) return 'No results';
    const total = count > MOST ? `${MOST.toLocaleString('en')}+` : count.toLocaleString('en');
    const { from, to } = this.view.state.selection.main;
    const at = this.#found.slice(0, MOST).findIndex((match) => match.from === from && match.to === to);
    if (at >= 0) return `${(at + 1).toLocaleString('en')} of ${total}`;
    return count === 1 ? '1 result' : `${total} results`;
  }

  /** Where it is said. CodeMirror's panel has no such place, and is made anew each time. */
  #place(): Element | null {
    const beside = field(this.view);
    const known = beside?.nextElementSibling;
    if (!beside || known?.matches('.cm-find-count')) return known ?? null;
    const made = element('span', 'cm-find-count');
    made.setAttribute('role', 'status');
    beside.after(made);
    return made;
  }
}

const field = (view: EditorView) => view.dom.querySelector('.cm-search [main-field]');

const theme = EditorView.theme({
  '.cm-find-count': { minWidth: '64px', marginLeft: '4px', fontSize: 'var(--size-2)', color: 'var(--muted)' },
  '.cm-find-wrong': { color: 'var(--fail)' },
});

export const findCount: Extension = [ViewPlugin.fromClass(Count), theme];
