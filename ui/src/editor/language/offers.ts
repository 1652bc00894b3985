// What the server offers, as the editor lists it: in which order, what is said of it, and what is put in when it is chosen.

import { type Completion, pickedCompletion } from '@codemirror/autocomplete';
import type { EditorState } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { element } from '../element';
import { client } from './client';
import { changesOf, offsetOf } from './edits';
import { kindOf } from './icons';
import { codeBlock, markdown } from './markdown';
import type { CompletionItem, CompletionList } from './protocol';

/** What is chosen for this long is read about, in milliseconds: not each name that is passed in typing. */
const RESTING = 100;

export interface Offer extends Completion {
  item: CompletionItem;
  /** Where it stands among those that fit as well. */
  order: string;
  /** What the list was asked for. */
  state: EditorState;
  /** All that the server says of it, once that is here: the list of some thousand has the least. */
  known: CompletionItem | null;
  asked: Promise<CompletionItem> | null;
}

export function offersOf(state: EditorState, { items, itemDefaults }: CompletionList): Offer[] {
  const commits = itemDefaults?.commitCharacters ?? [];
  return items.map((item) => offer(state, item, commits));
}

function offer(state: EditorState, item: CompletionItem, commits: string[]): Offer {
  const { label, labelDetails, kind, tags, sortText, filterText, data } = item;
  const made: Offer = {
    item,
    order: (sortText ?? '') + label.toLowerCase(),
    state,
    known: data === undefined ? item : null,
    asked: null,
    label: filterText ?? label,
    displayLabel: label + (labelDetails?.detail ?? ''),
    type: tags?.includes(1) ? `${kindOf(kind)} deprecated` : kindOf(kind),
    boost: boostOf(sortText),
    commitCharacters: item.commitCharacters ?? commits,
    info,
    apply,
  };
  if (labelDetails?.description) made.detail = labelDetails.description;
  return made;
}

function resolve(offer: Offer): Promise<CompletionItem> {
  const { state, item } = offer;
  offer.asked ??= client
    .ask<CompletionItem>(state, 'completionItem/resolve', () => ({ ...item }))
    .then((answer) => {
      offer.known = answer ?? item;
      return offer.known;
    });
  return offer.asked;
}

async function info(chosen: Completion): Promise<Node | null> {
  const offer = chosen as Offer;
  // What brings an import is known before it can be chosen.
  if (offer.detail) void resolve(offer);
  return (await rests()) ? describe(offer.state, await resolve(offer)) : null;
}

function apply(view: EditorView, chosen: Completion, from: number, to: number): void {
  const offer = chosen as Offer;
  const { item, known } = offer;
  insert(view, offer, known ?? item, from, to);
  if (known) return;
  // The key came before the answer: what the name needs follows a moment later.
  const { doc } = view.state;
  void resolve(offer).then(({ additionalTextEdits }) => {
    if (additionalTextEdits && view.state.doc === doc) {
      // Places are those of the text before the name was put in, and imports stand above it.
      view.dispatch({ changes: changesOf(doc, additionalTextEdits), userEvent: 'input.complete' });
    }
  });
}

/** How many names were looked at. */
let looks = 0;

/** Whether the name that is looked at now is the one that still is in a moment. */
async function rests(): Promise<boolean> {
  const look = ++looks;
  await new Promise((resolve) => setTimeout(resolve, RESTING));
  return look === looks;
}

function insert(view: EditorView, offer: Offer, known: CompletionItem, from: number, to: number): void {
  const { doc } = view.state;
  const { insertText, label } = offer.item;
  const edit = known.textEdit;
  // An edit of its own begins elsewhere than the name does: `?.` in place of the dot.
  const own = edit ? offsetOf(doc, ('range' in edit ? edit.range : edit.insert).start) : from;
  const start = Math.min(own, from);
  const main = { from: start, to, insert: edit?.newText ?? insertText ?? label };
  const changes = view.state.changes([main, ...changesOf(doc, known.additionalTextEdits ?? [])]);
  view.dispatch({
    changes,
    selection: { anchor: changes.mapPos(to, 1) },
    scrollIntoView: true,
    userEvent: 'input.complete',
    annotations: pickedCompletion.of(offer),
  });
}

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
