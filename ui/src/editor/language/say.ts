// A sentence at the caret, until the caret or the code moves on; and whether they have, while an answer was on its way.

import { type EditorState, type Extension, StateEffect, StateField } from '@codemirror/state';
import { type EditorView, showTooltip, type Tooltip } from '@codemirror/view';
import { store } from '../../state.svelte';
import { element } from '../element';
import { source } from '../setup';
import { client } from './client';

const said = StateEffect.define<Tooltip>();

const sentence = StateField.define<Tooltip | null>({
  create: () => null,
  update(before, transaction) {
    for (const effect of transaction.effects) if (effect.is(said)) return effect.value;
    return transaction.docChanged || transaction.selection ? null : before;
  },
  provide: (field) => showTooltip.from(field),
});

export function say(view: EditorView, text: string): void {
  const create = () => {
    const dom = element('div', 'cm-said', text);
    dom.setAttribute('role', 'status');
    return { dom };
  };
  view.dispatch({ effects: said.of({ pos: view.state.selection.main.head, above: true, create }) });
}

/** What it means that there is nothing in an answer; or, where there is none, why nobody gave one. */
export function sayNone(view: EditorView, answer: unknown, meaning: string): void {
  if (answer !== undefined) say(view, meaning);
  else if (!client.reads(view.state)) say(view, 'TypeScript does not read this kind of file.');
  else if (store.language.type === 'failed') say(view, 'TypeScript stopped. Restart it in the status bar.');
  else if (store.language.type === 'ready') say(view, 'TypeScript gave no answer. Try again.');
  else say(view, 'TypeScript is still starting. Try again in a moment.');
}

/** Whether whoever asked is still there: in this file and with the focus, nothing typed, the caret where it was. */
export function staysAt({ state, root, contentDOM }: EditorView, before: EditorState): boolean {
  const typed = state.doc !== before.doc || state.facet(source) !== before.facet(source);
  return !typed && state.selection.eq(before.selection) && root.activeElement === contentDOM;
}

export const saying: Extension = sentence;
