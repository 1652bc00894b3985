// A file of a function as it is open: its text with the history of that, and what is kept beside it.

import type { EditorState, StateEffect } from '@codemirror/state';
import type { FunctionId } from '../bindings/FunctionId';
import type { Save } from '../state.svelte';
import type { Autosave } from './autosave';

export interface Document {
  readonly id: FunctionId;
  /** Changes when the file is renamed. */
  path: string;
  state: EditorState;
  /** Where the editor is scrolled to when the file is shown again. */
  scroll: StateEffect<unknown> | null;
  autosave: Autosave;
  save: Save;
  /** Whether problems are drawn in it. */
  marked: boolean;
}
