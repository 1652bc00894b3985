// Completion: what the server offers for the first letter of a name or the dot before it, narrowed here with the letters
// that follow.

import {
  acceptCompletion,
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  closeCompletion,
  completionKeymap,
  completionStatus,
  selectedCompletion,
  startCompletion,
} from '@codemirror/autocomplete';
import { type EditorState, type Extension, Prec } from '@codemirror/state';
import { type EditorView, keymap } from '@codemirror/view';
import { source } from '../setup';
import { type Answer, asking, asksByItself, members, question } from './asking';
import { offsetOf } from './edits';
import { icon, type Kind } from './icons';
import { place } from './info';
import type { Offer } from './offers';
import type { CompletionList, Range } from './protocol';
import * as standing from './standing';
import { wheel } from './wheel';

async function complete(context: CompletionContext): Promise<CompletionResult | null> {
  const { state, pos, explicit, view } = context;
  const asked = question(state, pos, explicit);
  const answer = await asked?.answer;
  // An answer is nothing to another file.
  if (view && view.state.facet(source) !== state.facet(source)) return new Promise(() => {});
  if (asked && answer && answer.offers.length > 0) return resultOf(state, pos - asked.name.length, answer);
  if (explicit || !view || view.composing) return null;
  if (view.state.doc !== state.doc) return standing.outdated(pos);
  return standing.lingers() ? null : standing.keepOpen(context);
}

/** Of a name that begins at `from`, unless the server says where it does. */
function resultOf(state: EditorState, from: number, { list, offers }: Answer): CompletionResult {
  const start = startOf(list);
  return {
    from: start ? offsetOf(state.doc, start.start) : from,
    options: offers,
    ...(list.isIncomplete ? {} : { validFor: /^[\w$]*$/ }),
    update(_, __, ___, { state, pos }) {
      const next = members(state, pos);
      if (next) return resultOf(state, pos, next);
      // Without options it closes with the key, and not when it would have been asked for new ones.
      return asksByItself(state, pos) ? null : standing.outdated(pos);
    },
  };
}

function startOf({ itemDefaults }: CompletionList): Range | null {
  const range = itemDefaults?.editRange;
  return range ? ('insert' in range ? range.insert : range) : null;
}

/** Enter belongs to the line where the name that is chosen stands there already, with nothing to be brought along. */
function leaveTyped(view: EditorView): boolean {
  const { state } = view;
  const chosen = completionStatus(state) === 'active' ? (selectedCompletion(state) as Offer | null) : null;
  if (!chosen) return false;
  const { label, labelDetails, insertText, textEdit, additionalTextEdits } = chosen.item;
  const text = textEdit?.newText ?? insertText ?? label;
  const { head } = state.selection.main;
  const line = state.doc.lineAt(head);
  const before = line.text.slice(0, head - line.from);
  // What comes from elsewhere brings its import.
  const brings = labelDetails?.description !== undefined || (additionalTextEdits?.length ?? 0) > 0;
  if (!brings && before.endsWith(text) && !/[\w$]/.test(before.slice(0, -text.length).slice(-1))) closeCompletion(view);
  return false;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

const suggestions = autocompletion({
  override: [complete],
  activateOnTypingDelay: 0,
  defaultKeymap: false,
  icons: false,
  // Laid out anew with each key: twice what is in sight. The wheel brings more of it.
  maxRenderedOptions: 20,
  positionInfo: (view, list, option, info, space) =>
    place(list, option, info, space, view.coordsAtPos(view.state.selection.main.head)),
  // The rules of a language would take longer than all the rest.
  compareCompletions: (a, b) => compare((a as Offer).order, (b as Offer).order),
  addToOptions: [{ render: ({ type }) => icon((type?.split(' ')[0] ?? 'text') as Kind), position: 20 }],
  optionClass: ({ type }) => (type?.endsWith('deprecated') ? 'cm-deprecated-option' : ''),
});

const keys = completionKeymap.map((binding) => {
  if (binding.run === startCompletion) return { ...binding, run: standing.start };
  return binding.run === closeCompletion ? { ...binding, run: standing.close } : binding;
});

export const completion: Extension = [
  asking,
  Prec.highest(keymap.of([{ key: 'Enter', run: leaveTyped }, { key: 'Tab', run: acceptCompletion }, ...keys])),
  suggestions,
  wheel,
];
