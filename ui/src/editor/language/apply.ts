// Edits that the server proposes, made in the files of the function that is shown. Each is one step of its file's history.

import type { EditorState } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { documents } from '../documents';
import { source } from '../setup';
import { client } from './client';
import { changesOf } from './edits';
import type { TextEdit, WorkspaceEdit } from './protocol';

/** Which of a file's edits are made. A file that is none of the function's own has no state. */
type Choice = (state: EditorState | undefined, edits: TextEdit[]) => TextEdit[];

/** All of it or nothing: false where a file is none of the function's own. */
export async function applyEdit(
  view: EditorView,
  { changes = {} }: WorkspaceEdit,
  userEvent: string,
  choose: Choice = (_, edits) => edits,
): Promise<boolean> {
  const here = view.state.facet(source);
  if (!here) return false;
  const states = new Map(documents.states(here.id).map(({ path, state }) => [path, state]));
  const edits = await Promise.all(
    Object.entries(changes).map(async ([uri, list]) => {
      const path = (await client.pathOf(here.id, uri)) ?? '';
      const state = states.get(path);
      return { path, state, list: choose(state, list) };
    }),
  );
  if (!edits.every(({ state, list }) => state || list.length === 0)) return false;
  for (const { path, state, list } of edits) {
    if (state) documents.edit({ ...here, path }, { changes: changesOf(state.doc, list), userEvent });
  }
  return true;
}
