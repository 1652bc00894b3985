// Completion: what the server offers for the first letter of a name or the dot before it, narrowed here with the letters
// that follow. What is chosen brings its import with it, in one step of the history.

import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  closeCompletion,
  completionStatus,
  pickedCompletion,
  selectedCompletion,
} from '@codemirror/autocomplete';
import { type EditorState, type Extension, Prec } from '@codemirror/state';
import { type EditorView, keymap } from '@codemirror/view';
import { element } from '../element';
import { asking, question } from './asking';
import { client } from './client';
import { changesOf, offsetOf } from './edits';
import { icon, type Kind, kindOf } from './icons';
import { codeBlock, markdown } from './markdown';
import type { CompletionItem, CompletionList, Range } from './protocol';

/** What is chosen for this long is read about, in milliseconds: not each name that is passed in typing. */
const RESTING = 100;

interface Offer extends Completion {
  item: CompletionItem;
  /** Where it stands among those that fit as well. */
  order: string;
}

async function complete(context: CompletionContext): Promise<CompletionResult | null> {
  const { state, pos, explicit } = context;
  const asked = question(state, pos, explicit);
  if (!asked) return null;
  const { name } = asked;
  const list = await asked.answer;
  if (!list || context.aborted || list.items.length === 0) return null;
  const start = startOf(list);
  const from = start ? offsetOf(state.doc, start.start) : pos - name.length;
  const commits = list.itemDefaults?.commitCharacters;
  return {
    from,
    options: list.items.map((item) => offer(state, item, commits)),
    ...(list.isIncomplete ? {} : { validFor: /^[\w$]*$/ }),
  };
}

function startOf({ itemDefaults }: CompletionList): Range | null {
  const range = itemDefaults?.editRange;
  return range ? ('insert' in range ? range.insert : range) : null;
}

function offer(state: EditorState, item: CompletionItem, commits: string[] | undefined): Offer {
  const { label, labelDetails, kind, tags, sortText, insertText, filterText } = item;
  let resolved: Promise<CompletionItem> | null = null;
  let done: CompletionItem | null = item.data === undefined ? item : null;
  const resolve = () => {
    resolved ??= client.ask<CompletionItem>(state, 'completionItem/resolve', { ...item }).then((answer) => {
      done = answer ?? item;
      return done;
    });
    return resolved;
  };
  const made: Offer = {
    item,
    order: (sortText ?? '') + label.toLowerCase(),
    label: filterText ?? label,
    displayLabel: label + (labelDetails?.detail ?? ''),
    type: tags?.includes(1) ? `${kindOf(kind)} deprecated` : kindOf(kind),
    boost: boostOf(sortText),
    commitCharacters: item.commitCharacters ?? commits ?? [],
    info: async () => ((await rests()) ? describe(state, await resolve()) : null),
    apply(view, completion, from, to) {
      const text = insertText ?? label;
      if (done) return insert(view, completion, done, text, from, to);
      insert(view, completion, item, text, from, to);
      // The key came before the answer: what the name needs follows a moment later.
      const { doc } = view.state;
      void resolve().then((known) => {
        if (known.additionalTextEdits && view.state.doc === doc) {
          // Places are those of the text before the name was put in, and imports stand above it.
          view.dispatch({ changes: changesOf(doc, known.additionalTextEdits), userEvent: 'input.complete' });
        }
      });
    },
  };
  if (labelDetails?.description) made.detail = labelDetails.description;
  return made;
}

/** How many names were looked at. */
let looks = 0;

/** Whether the name that is looked at now is the one that still is in a moment. */
async function rests(): Promise<boolean> {
  const look = ++looks;
  await new Promise((resolve) => setTimeout(resolve, RESTING));
  return look === looks;
}

function insert(
  view: EditorView,
  completion: Completion,
  item: CompletionItem,
  text: string,
  from: number,
  to: number,
): void {
  const { doc } = view.state;
  const edit = item.textEdit;
  // An edit of its own begins elsewhere than the name does: `?.` in place of the dot.
  const own = edit ? offsetOf(doc, ('range' in edit ? edit.range : edit.insert).start) : from;
  const start = Math.min(own, from);
  const main = { from: start, to, insert: edit?.newText ?? text };
  const changes = view.state.changes([main, ...changesOf(doc, item.additionalTextEdits ?? [])]);
  view.dispatch({
    changes,
    selection: { anchor: changes.mapPos(to, 1) },
    scrollIntoView: true,
    userEvent: 'input.complete',
    annotations: pickedCompletion.of(completion),
  });
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The server sorts by digits: what is near and fits has smaller ones, what has to be imported larger ones. */
function boostOf(sortText: string | undefined): number {
  const rank = Number.parseInt(sortText?.replace(/^\D+/, '') ?? '', 10);
  return Number.isNaN(rank) ? 0 : Math.max(-99, (11 - rank) * 12);
}

function describe(state: EditorState, { detail, documentation }: CompletionItem): Node | null {
  if (!detail && !documentation) return null;
  const root = element('div', 'cm-doc');
  if (detail) root.append(codeBlock(state, detail));
  if (documentation) root.append(markdown(state, documentation));
  return root;
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

const suggestions = autocompletion({
  override: [complete],
  activateOnTypingDelay: 0,
  icons: false,
  // Laid out anew with each key: three times what is in sight.
  maxRenderedOptions: 30,
  // The rules of a language would take longer than all the rest.
  compareCompletions: (a, b) => compare((a as Offer).order, (b as Offer).order),
  addToOptions: [{ render: ({ type }) => icon((type?.split(' ')[0] ?? 'text') as Kind), position: 20 }],
  optionClass: ({ type }) => (type?.endsWith('deprecated') ? 'cm-deprecated-option' : ''),
});

export const completion: Extension = [
  asking,
  Prec.highest(keymap.of([{ key: 'Enter', run: leaveTyped }])),
  suggestions,
];
