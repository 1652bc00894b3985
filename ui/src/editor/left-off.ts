// Where each function was left off: the file that was shown, the caret in it, and how far it was scrolled. Remembered in
// local storage, of the functions that were shown last. No text.

import { Text } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import type { FunctionId } from '../bindings/FunctionId';
import { recallAll, remember } from '../remembered';
import type { Source } from './setup';

const KEY = 'postern.places';

/** Of functions that were shown before these nothing is kept. */
const MOST = 50;

export interface LeftOff {
  id: FunctionId;
  path: string;
  anchor: number;
  head: number;
  /** Where the first line in sight begins. */
  top: number;
}

export function leftOff(id: FunctionId): LeftOff | null {
  return recall().find((each) => each.id === id) ?? null;
}

/** Remembers where the view is in the file that it shows. */
export function leaveOff(view: EditorView, { id, path }: Source): void {
  const { anchor, head } = view.state.selection.main;
  const top = view.lineBlockAtHeight(view.scrollDOM.scrollTop - view.documentPadding.top + 1).from;
  const others = recall().filter((each) => each.id !== id);
  remember(KEY, [{ id, path, anchor, head, top }, ...others].slice(0, MOST));
}

export function forgetPlace(id: FunctionId): void {
  remember(
    KEY,
    recall().filter((each) => each.id !== id),
  );
}

/** How a file is opened at this place. Where its text has become shorter, the end is as near as can be. */
export function resumed(text: string, place: LeftOff | null) {
  const doc = Text.of(text.split(/\r\n?|\n/));
  if (!place) return { doc, scroll: null };
  const within = (at: number) => Math.min(at, doc.length);
  const selection = { anchor: within(place.anchor), head: within(place.head) };
  const scroll = place.top > 0 ? EditorView.scrollIntoView(within(place.top), { y: 'start', yMargin: 0 }) : null;
  return { doc, selection, scroll };
}

const recall = (): LeftOff[] => recallAll(KEY, isPlace);

/** What another version wrote there is none. */
function isPlace(held: unknown): held is LeftOff {
  const { id, anchor, head, top } = (held ?? {}) as Partial<LeftOff>;
  return [id, anchor, head, top].every(Number.isSafeInteger);
}
