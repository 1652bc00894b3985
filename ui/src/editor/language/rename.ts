// A new name for what the caret stands on, everywhere in the function. It is typed in place.

import { type EditorState, type Extension, StateEffect, StateField } from '@codemirror/state';
import { type EditorView, showTooltip, type Tooltip } from '@codemirror/view';
import { isComposing } from '../../platform';
import { store } from '../../state.svelte';
import { element } from '../element';
import { source } from '../setup';
import { applyEdit } from './apply';
import { client } from './client';
import { positionOf, spanOf } from './edits';
import { targetsAt } from './navigation';
import type { Range, TextEdit, WorkspaceEdit } from './protocol';
import { say, sayNone, staysAt } from './say';
import { ofRole, roleOf } from './shorthand';

const asked = StateEffect.define<Tooltip | null>();

const field = StateField.define<Tooltip | null>({
  create: () => null,
  update(before, transaction) {
    for (const effect of transaction.effects) if (effect.is(asked)) return effect.value;
    return transaction.docChanged ? null : before;
  },
  provide: (tooltip) => showTooltip.from(tooltip),
});

export async function renameSymbol(view: EditorView): Promise<void> {
  const { state } = view;
  const position = positionOf(state.doc, state.selection.main.head);
  const found = await client.ask<{ range: Range; placeholder: string }>(state, 'textDocument/prepareRename', {
    position,
  });
  if (!staysAt(view, state)) return;
  if (!found) return sayNone(view, found, 'Nothing here can be renamed.');
  const { from, to } = spanOf(state.doc, found.range);
  const role = roleOf(state, from);
  const targets = role === 'both' ? [] : await targetsAt(view);
  if (!staysAt(view, state)) return;
  if (targets?.some(({ own }) => own === 'env')) {
    const variable = store.detail?.variables.some(({ name }) => name === found.placeholder);
    return say(view, `A ${variable ? 'variable' : 'secret'}'s name can't change: create the new one.`);
  }
  const before = state.sliceDoc(from, to);
  const rename = async (name: string) => {
    const edit = await client.ask<WorkspaceEdit>(state, 'textDocument/rename', { position, newName: name });
    if (view.state.doc !== state.doc) return say(view, 'The code was changed meanwhile. Nothing was renamed.');
    const ofThisRole = (file: EditorState | undefined, edits: TextEdit[]) => ofRole(file, edits, before, role);
    if (!edit || !(await applyEdit(state.facet(source), edit, 'rename', ofThisRole)))
      sayNone(view, edit, `${found.placeholder} can't be renamed here.`);
  };
  const create = () => input(view, before, rename);
  view.dispatch({ effects: asked.of({ pos: from, end: to, above: true, create }) });
}

function input(view: EditorView, name: string, rename: (name: string) => Promise<void>) {
  const dom = element('div', 'cm-rename');
  const box = element('input', 'cm-textfield');
  box.value = name;
  box.setAttribute('aria-label', 'New name');
  box.spellcheck = false;
  const problem = element('p', 'cm-rename-problem');
  problem.setAttribute('role', 'alert');
  const close = () => {
    view.dispatch({ effects: asked.of(null) });
    view.focus();
  };
  box.oninput = () => {
    problem.textContent = '';
  };
  box.onkeydown = (event) => {
    event.stopPropagation();
    if (isComposing(event)) return;
    if (event.key === 'Escape') close();
    else if (event.key === 'Enter') {
      const wanted = box.value.trim();
      if (!/^#?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(wanted)) {
        problem.textContent = 'A name is made of letters, digits, _ and $, and does not start with a digit.';
        return;
      }
      close();
      if (wanted !== name) void rename(wanted);
    } else return;
    event.preventDefault();
  };
  box.onblur = () => setTimeout(() => dom.isConnected && view.dispatch({ effects: asked.of(null) }));
  dom.append(box, problem);
  return {
    dom,
    mount: () => {
      box.focus();
      box.select();
    },
  };
}

export const renaming: Extension = field;
