// Where the caret stands, as the status bar says it.

import type { EditorState } from '@codemirror/state';
import { placeAt } from '../problems/problems.svelte';
import { store } from '../state.svelte';

/** After a key, in milliseconds: it is read when the hand rests. */
const RESTING = 100;

let timer: ReturnType<typeof setTimeout> | undefined;

export function tellCursor(state: EditorState): void {
  clearTimeout(timer);
  store.cursor = placeAt(state.doc, state.selection.main.head);
}

/** Each telling draws the status bar, which is not for every key. */
export function tellCursorLater(state: EditorState): void {
  clearTimeout(timer);
  timer = setTimeout(() => tellCursor(state), RESTING);
}
