// Where the caret stood before each of its jumps, so that there is a way back and forth again. These places move with what
// is typed before them.

import type { ChangeDesc, SelectionRange } from '@codemirror/state';
import { EditorView } from '@codemirror/view';

/** A place in a document. */
interface Spot<D> {
  document: D;
  at: number;
}

/** Older ones are forgotten. */
const MOST = 100;

export class Jumps<D> {
  #behind: Spot<D>[] = [];
  #ahead: Spot<D>[] = [];

  /** Remembers where the caret was that has jumped from there. */
  left(spot: Spot<D>): void {
    this.#behind = [...this.#behind.slice(1 - MOST), spot];
    this.#ahead = [];
  }

  /** Takes the nearest place that can be gone to, back or forth, and remembers the one that is left for it. */
  step(direction: 1 | -1, here: Spot<D>, reachable: (document: D) => boolean): Spot<D> | undefined {
    const [from, to] = direction < 0 ? [this.#behind, this.#ahead] : [this.#ahead, this.#behind];
    const at = from.findLastIndex(({ document }) => reachable(document));
    if (at < 0) return undefined;
    to.push(here);
    return from.splice(at, 1)[0];
  }

  /** Of what is deleted nothing is kept. */
  forget(document: D): void {
    const others = (spot: Spot<D>) => spot.document !== document;
    this.#behind = this.#behind.filter(others);
    this.#ahead = this.#ahead.filter(others);
  }

  moved(document: D, changes: ChangeDesc): void {
    for (const spots of [this.#behind, this.#ahead]) {
      for (const spot of spots) if (spot.document === document) spot.at = changes.mapPos(spot.at);
    }
  }
}

/** Selects a stretch of what is shown, brings it to the middle, and goes there with the keys. */
export function select(view: EditorView, range: SelectionRange): void {
  view.dispatch({ selection: range, effects: EditorView.scrollIntoView(range, { y: 'center' }) });
  view.focus();
}
