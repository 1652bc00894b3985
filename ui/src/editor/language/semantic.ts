// Colours that only the types know: what is called, and what names a type. Asked for what is in sight.

import { type Extension, type Range, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { client } from './client';
import { rangeOf } from './edits';

const QUIET = 120;

/** By the place of a kind in the list that the core tells the server (language/handshake.rs); the others stay as they are. */
const CLASSES = ['type', 'type', 'type', 'type', 'type', 'type', '', '', '', '', 'function', 'function'].map((name) =>
  name ? Decoration.mark({ class: `cm-semantic-${name}` }) : null,
);

const coloured = StateEffect.define<DecorationSet>();

const colours = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(before, transaction) {
    for (const effect of transaction.effects) if (effect.is(coloured)) return effect.value;
    return transaction.docChanged ? before.map(transaction.changes) : before;
  },
  provide: (field) => EditorView.decorations.from(field),
});

class Colouring {
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #stop: () => void;

  constructor(readonly view: EditorView) {
    this.#stop = client.onChange(() => this.#soon());
    this.#soon();
  }

  update({ docChanged, viewportChanged }: ViewUpdate): void {
    if (docChanged || viewportChanged) this.#soon();
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#stop();
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#colour(), QUIET);
  }

  async #colour(): Promise<void> {
    const { state, viewport } = this.view;
    const { doc } = state;
    const answer = await client.ask<{ data: number[] }>(state, 'textDocument/semanticTokens/range', {
      range: rangeOf(doc, viewport.from, viewport.to),
    });
    if (!answer || this.view.state.doc !== doc) return;
    const marks: Range<Decoration>[] = [];
    let [line, character] = [0, 0];
    for (let at = 0; at + 4 < answer.data.length; at += 5) {
      const [lines = 0, characters = 0, length = 0, kind = 0] = answer.data.slice(at, at + 4);
      character = lines > 0 ? characters : character + characters;
      line += lines;
      if (line >= doc.lines) break;
      const shown = doc.line(line + 1);
      const [from, to] = [shown.from + character, shown.from + character + length];
      // What the server sees behind the end of a line, the user does not (see seen.ts).
      if (to > from && to <= shown.to) marks.push(...(CLASSES[kind] ? [CLASSES[kind].range(from, to)] : []));
    }
    this.view.dispatch({ effects: coloured.of(Decoration.set(marks)) });
  }
}

export const semantic: Extension = [colours, ViewPlugin.fromClass(Colouring)];
