// Tells of a credential that was just pasted, at the caret: it can become a secret in place, or stay as it is. The paste
// itself is as quick and as plain as ever.

import { type Extension, Prec, StateEffect, StateField, type Text } from '@codemirror/state';
import { EditorView, keymap, showTooltip, type Tooltip } from '@codemirror/view';
import type { CredentialInCode } from '../bindings/CredentialInCode';
import { documents } from '../editor/documents';
import { element } from '../editor/element';
import * as ipc from '../ipc';
import { chordWords } from '../platform';
import { offsetOf, placeAt } from '../problems/problems.svelte';
import { moveAtOnce, offerMove } from './actions';

/** Nothing shorter is a credential, and no value is longer than 5 KiB. */
const SHORTEST = 8;
const LONGEST = 6000;

interface Told {
  found: CredentialInCode;
  at: number;
}

const tell = StateEffect.define<Told | null>();

const told = StateField.define<Told | null>({
  create: () => null,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(tell)) return effect.value;
    // Whoever types on has decided to keep it.
    return transaction.docChanged ? null : value;
  },
  provide: (field) => showTooltip.from(field, (value) => value && tooltip(value)),
});

/** Takes the strip away. False where there is none. */
function keep(view: EditorView): boolean {
  if (!view.state.field(told)) return false;
  view.dispatch({ effects: tell.of(null) });
  view.focus();
  return true;
}

function take(view: EditorView): boolean {
  const found = view.state.field(told)?.found;
  const id = documents.shown?.id;
  if (!found || id === undefined) return false;
  keep(view);
  moveAtOnce(id, found);
  return true;
}

function rename(view: EditorView): void {
  const found = view.state.field(told)?.found;
  const id = documents.shown?.id;
  keep(view);
  if (found && id !== undefined) offerMove(id, found);
}

function tooltip({ found, at }: Told): Tooltip {
  return { pos: at, above: false, create: (view) => ({ dom: strip(found, view) }) };
}

function strip(found: CredentialInCode, view: EditorView): HTMLElement {
  const dom = element('div', 'cm-pasted');
  dom.setAttribute('role', 'group');
  dom.setAttribute('aria-label', 'Pasted credential');
  const words = element('span', '', found.held ? `This is ${found.what}.` : `This looks like ${found.what}.`);
  words.setAttribute('aria-hidden', 'true');
  const said = element('span', 'sr-only');
  said.setAttribute('role', 'status');
  // Set once it is in the page, so that it is read out.
  requestAnimationFrame(() => {
    said.textContent = words.textContent;
  });
  dom.append(
    words,
    said,
    button('Paste as a secret', chordWords('Alt+Enter'), () => take(view)),
  );
  if (!found.held) dom.append(button('Other name…', '', () => rename(view)));
  dom.append(button('Keep as text', 'Escape', () => keep(view)));
  dom.onkeydown = (event) => {
    if (event.key === 'Escape') keep(view);
  };
  return dom;
}

function button(label: string, keys: string, run: () => void): HTMLElement {
  const made = element('button', '', label);
  made.type = 'button';
  if (keys) {
    const shown = element('kbd', '', keys);
    shown.setAttribute('aria-hidden', 'true');
    made.append(shown);
  }
  made.setAttribute('aria-label', label);
  made.onclick = run;
  return made;
}

async function look(view: EditorView, text: Text, from: number, to: number): Promise<void> {
  const shown = documents.shown;
  if (!shown) return;
  const place = (offset: number) => ({ file: shown.path, ...placeAt(text, offset) });
  const found = await ipc.credentialPasted(shown.id, text.toString(), place(from), place(to)).catch(() => null);
  // In a longer piece of code its mark says enough.
  const length = found ? offsetOf(text, found.to) - offsetOf(text, found.from) : 0;
  const is = 2 * length >= text.sliceString(from, to).trim().length;
  if (found && is && view.state.doc === text) view.dispatch({ effects: tell.of({ found, at: to }) });
}

const listen = EditorView.updateListener.of(({ view, transactions }) => {
  for (const transaction of transactions) {
    if (!transaction.isUserEvent('input.paste')) continue;
    transaction.changes.iterChanges((_, __, from, to) => {
      if (to - from >= SHORTEST && to - from <= LONGEST) void look(view, transaction.newDoc, from, to);
    });
  }
});

const theme = EditorView.theme({
  '.cm-tooltip.cm-pasted': {
    maxWidth: '680px',
    marginTop: '4px',
    padding: '6px 8px 6px 12px',
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: '8px',
    fontFamily: 'var(--font-ui)',
    fontSize: 'var(--size-2)',
  },
  '.cm-pasted button': {
    padding: '2px 8px',
    border: '1px solid var(--line)',
    borderRadius: '4px',
    font: 'var(--size-2)/1.5 var(--font-ui)',
    color: 'var(--text)',
    backgroundColor: 'var(--surface)',
  },
  '.cm-pasted kbd': { marginLeft: '8px', font: 'inherit', color: 'var(--muted)' },
});

const keys = keymap.of([
  { key: 'Alt-Enter', run: take },
  { key: 'Escape', run: keep },
]);

export const pasteGuard: Extension = [told, listen, Prec.highest(keys), theme];
