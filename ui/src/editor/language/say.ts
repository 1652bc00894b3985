// A sentence at the caret, until the caret or the code moves on.

import { type Extension, StateEffect, StateField } from '@codemirror/state';
import { type EditorView, showTooltip, type Tooltip } from '@codemirror/view';
import { element } from '../element';

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

export const saying: Extension = sentence;
