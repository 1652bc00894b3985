// Edits that the server proposes, made in the files of the function that is shown. Each is one step of its file's history.

import type { EditorView } from '@codemirror/view';
import { documents } from '../documents';
import { source } from '../setup';
import { client } from './client';
import { changesOf } from './edits';
import type { WorkspaceEdit } from './protocol';

/** All of it or nothing: false where a file is none of the function's own. */
export async function applyEdit(
  view: EditorView,
  { changes = {} }: WorkspaceEdit,
  userEvent: string,
): Promise<boolean> {
  const here = view.state.facet(source);
  if (!here) return false;
  const edits = await Promise.all(
    Object.entries(changes).map(async ([uri, list]) => {
      const path = (await client.pathOf(here.id, uri)) ?? '';
      return { path, text: documents.read(here.id, path), list };
    }),
  );
  if (!edits.every(({ text }) => text)) return false;
  for (const { path, text, list } of edits) {
    if (text) documents.edit({ ...here, path }, { changes: changesOf(text, list), userEvent });
  }
  return true;
}
