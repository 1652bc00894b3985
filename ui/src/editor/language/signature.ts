// The parameters of the call that the caret stands in, from its bracket to the closing one.

import { type EditorState, type Extension, Prec, StateEffect, StateField } from '@codemirror/state';
import { EditorView, keymap, showTooltip, type Tooltip, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { chordWords } from '../../platform';
import { element } from '../element';
import { PAINTED } from '../painted';
import { client } from './client';
import { positionOf } from './edits';
import { markdown } from './markdown';
import type { Signature, SignatureHelp } from './protocol';

const OPENS = '(,<';
/** What else can lead out of a call or to another of its parameters. */
const TURNS = `)>'"\`}]`;

/** After any other key while it is shown, in milliseconds: the parameter is the same most of the time. */
const QUIET = 120;

interface Shown {
  help: SignatureHelp;
  /** Which of the signatures, and whether the user stepped to it. */
  index: number;
  chosen: boolean;
  tooltip: Tooltip;
}

const shown = StateEffect.define<{ pos: number; help: SignatureHelp } | null>();
const stepped = StateEffect.define<1 | -1>();

const signatureField = StateField.define<Shown | null>({
  create: () => null,
  update(before, { effects, changes, state }) {
    for (const effect of effects) {
      if (effect.is(shown)) return effect.value && shownOf(state, effect.value.pos, effect.value.help, before);
      if (effect.is(stepped) && before) {
        const count = before.help.signatures.length;
        const index = (before.index + effect.value + count) % count;
        return { ...before, index, chosen: true, tooltip: tooltip(state, before.tooltip.pos, before.help, index) };
      }
    }
    return before && { ...before, tooltip: { ...before.tooltip, pos: changes.mapPos(before.tooltip.pos) } };
  },
  provide: (field) => showTooltip.from(field, (value) => value?.tooltip ?? null),
});

/** The one that the server finds best; of the same call, the one that the user stepped to. */
function shownOf(state: EditorState, pos: number, help: SignatureHelp, before: Shown | null): Shown {
  const { signatures, activeSignature = 0 } = help;
  const same =
    before?.chosen === true &&
    before.help.signatures.length === signatures.length &&
    before.help.signatures.every(({ label }, index) => label === signatures[index]?.label);
  const index = same ? before.index : Math.min(activeSignature, signatures.length - 1);
  // What says the same is not drawn anew; it goes along with the caret.
  const drawn = before?.index === index && JSON.stringify(before.help) === JSON.stringify(help);
  return { help, index, chosen: same, tooltip: drawn ? { ...before.tooltip, pos } : tooltip(state, pos, help, index) };
}

function step(view: EditorView, by: 1 | -1): boolean {
  const count = view.state.field(signatureField)?.help.signatures.length ?? 0;
  if (count < 2) return false;
  view.dispatch({ effects: stepped.of(by) });
  return true;
}

function tooltip(
  state: EditorState,
  pos: number,
  { signatures, activeParameter }: SignatureHelp,
  index: number,
): Tooltip {
  const signature = signatures[index];
  return {
    pos,
    above: true,
    create: (view) => {
      const dom = element('div', 'cm-signature');
      dom.setAttribute('role', 'status');
      if (!signature) return { dom };
      const current = signature.activeParameter ?? activeParameter ?? 0;
      dom.append(label(signature, current));
      if (signatures.length > 1) dom.append(stepper(view, index, signatures.length));
      const about = signature.parameters?.[current]?.documentation ?? signature.documentation;
      if (about?.value) dom.append(markdown(state, about));
      return { dom };
    },
  };
}

/** “2/5”, between what steps to the one before and to the next one. */
function stepper(view: EditorView, index: number, count: number): HTMLElement {
  const dom = element('div', 'cm-signature-count');
  const button = (by: 1 | -1, sign: string, name: string, key: string) => {
    const made = element('button', '', sign);
    made.type = 'button';
    made.tabIndex = -1;
    made.setAttribute('aria-label', name);
    made.title = `${name} (${chordWords(key)})`;
    // The caret stays in the code.
    made.onmousedown = (event) => event.preventDefault();
    made.onclick = () => step(view, by);
    return made;
  };
  dom.append(
    button(-1, '↑', 'Previous signature', 'Alt+↑'),
    `${index + 1}/${count}`,
    button(1, '↓', 'Next signature', 'Alt+↓'),
  );
  return dom;
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
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether a key asks that is being painted yet. */
  #due = false;

  constructor(readonly view: EditorView) {}

  update({ state, transactions, docChanged, selectionSet }: ViewUpdate): void {
    if (!docChanged && !selectionSet) return;
    clearTimeout(this.#timer);
    const { head } = state.selection.main;
    const last = transactions.some((each) => each.isUserEvent('input')) ? state.sliceDoc(head - 1, head) : '';
    const open = state.field(signatureField) !== null;
    this.#due ||= last !== '' && (OPENS.includes(last) || (open && TURNS.includes(last)));
    if (this.#due || open) this.#timer = setTimeout(() => void this.ask(), this.#due ? PAINTED : QUIET);
  }

  destroy(): void {
    clearTimeout(this.#timer);
  }

  /** What was asked, and what was to be. */
  #forget(): void {
    this.#asked++;
    this.#due = false;
    clearTimeout(this.#timer);
  }

  async ask(): Promise<void> {
    this.#forget();
    const asked = this.#asked;
    const { state } = this.view;
    const pos = state.selection.main.head;
    const help = await client.ask<SignatureHelp>(state, 'textDocument/signatureHelp', {
      position: positionOf(state.doc, pos),
      context: { triggerKind: 1, isRetrigger: false },
    });
    if (asked !== this.#asked || this.view.state.doc !== state.doc) return;
    const value = help?.signatures.length ? { pos, help } : null;
    if (value || this.view.state.field(signatureField)) this.view.dispatch({ effects: shown.of(value) });
  }

  close(): boolean {
    this.#forget();
    if (!this.view.state.field(signatureField)) return false;
    this.view.dispatch({ effects: shown.of(null) });
    return true;
  }
}

const asking = ViewPlugin.fromClass(Asking);

export const signature: Extension = [
  signatureField,
  asking,
  // While it is shown, they do not move the line.
  Prec.high(
    keymap.of([
      { key: 'Alt-ArrowUp', run: (view) => step(view, -1) },
      { key: 'Alt-ArrowDown', run: (view) => step(view, 1) },
    ]),
  ),
  keymap.of([
    {
      key: 'Mod-Shift-Space',
      run: (view) => {
        void view.plugin(asking)?.ask();
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
