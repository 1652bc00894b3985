// Quick fixes: what the server and the problems at the caret offer, as a menu in place.

import { type Extension, StateEffect, StateField } from '@codemirror/state';
import { type EditorView, showTooltip, type Tooltip } from '@codemirror/view';
import { comparePlaces, placeAt, problems } from '../../problems/problems.svelte';
import { element } from '../element';
import { source } from '../setup';
import { applyEdit } from './apply';
import { client } from './client';
import { rangeOf } from './edits';
import type { CodeAction } from './protocol';
import { sayNone, staysAt } from './say';

interface Fix {
  title: string;
  run(): void;
}

const offered = StateEffect.define<Tooltip | null>();

const menu = StateField.define<Tooltip | null>({
  create: () => null,
  update(before, transaction) {
    for (const effect of transaction.effects) if (effect.is(offered)) return effect.value;
    return transaction.docChanged || transaction.selection ? null : before;
  },
  provide: (field) => showTooltip.from(field),
});

export async function quickFix(view: EditorView): Promise<void> {
  const { state } = view;
  const here = state.facet(source);
  if (!here) return;
  const { doc, selection } = state;
  const caret = placeAt(doc, selection.main.head);
  const line = doc.lineAt(selection.main.head);
  // Of the problems of this line, those at the caret come first.
  const near = problems
    .of(here.id)
    .filter(({ file, from, to }) => file === here.path && from.line <= caret.line && to.line >= caret.line);
  const at = near.filter(({ from, to }) => comparePlaces(from, caret) <= 0 && comparePlaces(to, caret) >= 0);
  const ordered = [...at, ...near.filter((each) => !at.includes(each))];
  const diagnostics = ordered
    .filter(({ source: said }) => said === 'types')
    .map(({ from, to, code, message }) => ({
      range: {
        start: { line: from.line - 1, character: from.column - 1 },
        end: { line: to.line - 1, character: to.column - 1 },
      },
      message,
      code: Number(code),
      source: 'ts',
      severity: 1,
    }));
  const actions = await client.ask<CodeAction[]>(state, 'textDocument/codeAction', {
    range: selection.main.empty
      ? rangeOf(doc, line.from, line.to)
      : rangeOf(doc, selection.main.from, selection.main.to),
    context: { diagnostics, only: ['quickfix'] },
  });
  if (!staysAt(view, state)) return;
  const fixes: Fix[] = ordered.flatMap((each) =>
    each.actions.map(({ label, name, run }) => ({ title: name ?? label, run })),
  );
  for (const { title, edit } of actions ?? []) {
    if (edit) fixes.push({ title, run: () => void applyEdit(here, edit, 'fix') });
  }
  if (fixes.length === 0) return sayNone(view, actions, 'There is no quick fix here.');
  const pos = view.state.selection.main.head;
  view.dispatch({ effects: offered.of({ pos, create: () => list(view, fixes) }) });
}

function list(view: EditorView, fixes: Fix[]) {
  const dom = element('div', 'cm-fixes');
  dom.setAttribute('role', 'menu');
  dom.setAttribute('aria-label', 'Quick fixes');
  const close = () => {
    view.dispatch({ effects: offered.of(null) });
    view.focus();
  };
  const items = fixes.map(({ title, run }) => {
    const item = element('button', '', title);
    item.type = 'button';
    item.setAttribute('role', 'menuitem');
    item.onclick = () => {
      close();
      run();
    };
    return item;
  });
  dom.append(...items);
  dom.onkeydown = (event) => {
    const at = items.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    event.stopPropagation();
    if (step) items[(at + step + items.length) % items.length]?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close();
    else return;
    event.preventDefault();
  };
  dom.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && dom.contains(relatedTarget)) return;
    setTimeout(() => dom.isConnected && view.dispatch({ effects: offered.of(null) }));
  });
  return { dom, mount: () => items[0]?.focus() };
}

export const quickFixes: Extension = menu;
