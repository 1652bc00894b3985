// Edits that the server proposes, made in the files of the function that is shown. Each is one step of its file's history.

import type { EditorView } from '@codemirror/view';
import { documents } from '../documents';
import { source } from '../setup';
import { client } from './client';
import { changesOf } from './edits';
import type { TextEdit, WorkspaceEdit } from './protocol';

/** All of it or nothing: false where a file is none of the function's own. */
export async function applyEdit(
  view: EditorView,
  { changes = {} }: WorkspaceEdit,
  userEvent: string,
): Promise<boolean> {
  const here = view.state.facet(source);
  if (!here) return false;
  const texts = new Map(documents.texts(here.id).map(({ path, text }) => [path, text]));
  const edits = await Promise.all(
    Object.entries(changes).map(
      async ([uri, list]): Promise<[string | null, TextEdit[]]> => [await client.pathOf(here.id, uri), list],
    ),
  );
  if (!edits.every(([path]) => path !== null && texts.has(path))) return false;
  for (const [path, list] of edits) {
    const text = path === null ? undefined : texts.get(path);
    if (text && path !== null) documents.edit({ ...here, path }, { changes: changesOf(text, list), userEvent });
  }
  return true;
}
