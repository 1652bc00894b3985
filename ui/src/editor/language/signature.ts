// The parameters of the call that the caret stands in, from its bracket to the closing one.

import { type EditorState, type Extension, StateEffect, StateField } from '@codemirror/state';
import { EditorView, keymap, showTooltip, type Tooltip, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { client } from './client';
import { positionOf } from './edits';
import { element, markdown } from './markdown';
import type { Signature, SignatureHelp } from './protocol';

const OPENS = '(,<';

const shown = StateEffect.define<{ pos: number; help: SignatureHelp } | null>();

const signatureField = StateField.define<Tooltip | null>({
  create: () => null,
  update(before, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(shown)) return effect.value && tooltip(transaction.state, effect.value.pos, effect.value.help);
    }
    return before && { ...before, pos: transaction.changes.mapPos(before.pos) };
  },
  provide: (field) => showTooltip.from(field),
});

function tooltip(
  state: EditorState,
  pos: number,
  { signatures, activeSignature = 0, ...help }: SignatureHelp,
): Tooltip {
  const signature = signatures[activeSignature] ?? signatures[0];
  return {
    pos,
    above: true,
    create: () => {
      const dom = element('div', 'cm-signature');
      dom.setAttribute('role', 'status');
      if (!signature) return { dom };
      const current = signature.activeParameter ?? help.activeParameter ?? 0;
      dom.append(label(signature, current));
      if (signatures.length > 1) {
        dom.append(element('div', 'cm-signature-count', `${activeSignature + 1} of ${signatures.length}`));
      }
      const about = signature.parameters?.[current]?.documentation ?? signature.documentation;
      if (about?.value) dom.append(markdown(state, about));
      return { dom };
    },
  };
}

/** The signature with the parameter that is due set apart. */
function label({ label: text, parameters }: Signature, current: number): HTMLElement {
  const line = element('div', 'cm-signature-label');
  const part = parameters?.[current]?.label;
  const at = typeof part === 'string' ? text.indexOf(part) : (part?.[0] ?? -1);
  const end = typeof part === 'string' ? at + part.length : (part?.[1] ?? -1);
  if (at < 0) line.append(text);
  else line.append(text.slice(0, at), element('strong', '', text.slice(at, end)), text.slice(end));
  return line;
}

class Asking {
  #asked = 0;

  constructor(readonly view: EditorView) {}

  update(update: ViewUpdate): void {
    const open = update.state.field(signatureField) !== null;
    const typed = update.transactions.some((each) => each.isUserEvent('input'));
    const { head } = update.state.selection.main;
    if (typed && OPENS.includes(update.state.sliceDoc(head - 1, head))) this.ask();
    else if (open && (update.docChanged || update.selectionSet)) this.ask();
  }

  ask(): void {
    const asked = ++this.#asked;
    const { state } = this.view;
    const pos = state.selection.main.head;
    // An editor is not changed while it tells of a change.
    void Promise.resolve()
      .then(() =>
        client.ask<SignatureHelp>(state, 'textDocument/signatureHelp', {
          position: positionOf(state.doc, pos),
          context: { triggerKind: 1, isRetrigger: false },
        }),
      )
      .then((help) => {
        if (asked !== this.#asked || this.view.state.doc !== state.doc) return;
        const value = help?.signatures.length ? { pos, help } : null;
        if (value || this.view.state.field(signatureField)) this.view.dispatch({ effects: shown.of(value) });
      });
  }

  close(): boolean {
    this.#asked++;
    if (!this.view.state.field(signatureField)) return false;
    this.view.dispatch({ effects: shown.of(null) });
    return true;
  }
}

const asking = ViewPlugin.fromClass(Asking);

export const signature: Extension = [
  signatureField,
  asking,
  keymap.of([
    {
      key: 'Mod-Shift-Space',
      run: (view) => {
        view.plugin(asking)?.ask();
        return true;
      },
    },
    { key: 'Escape', run: (view) => view.plugin(asking)?.close() ?? false },
  ]),
  EditorView.domEventHandlers({
    blur: (_, view) => {
      setTimeout(() => view.plugin(asking)?.close());
    },
  }),
];
