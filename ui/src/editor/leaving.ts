// Has it remembered where the code is left off whenever the hand rests: nobody says beforehand that the window ends.

import { type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { documents } from './documents';
import { leaveOff } from './left-off';

/** After a key or a turn of the wheel, in milliseconds. */
const RESTING = 300;

class Leaving {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly view: EditorView) {
    this.later();
  }

  update({ docChanged, selectionSet }: ViewUpdate): void {
    if (docChanged || selectionSet) this.later();
  }

  destroy(): void {
    clearTimeout(this.#timer);
  }

  later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      // A view that was left holds what it showed, out of sight.
      if (documents.shown) leaveOff(this.view, documents.shown);
    }, RESTING);
  }
}

export const leaving = ViewPlugin.fromClass(Leaving, {
  eventObservers: {
    scroll() {
      this.later();
    },
  },
});
