// Edits that the server proposes, made in the files of a function. They are one step to undo, however many files they are in.

import type { EditorState } from '@codemirror/state';
import type { FunctionId } from '../../bindings/FunctionId';
import { documents } from '../documents';
import type { Source } from '../setup';
import { oneStep } from '../steps';
import { client } from './client';
import { changesOf } from './edits';
import type { TextEdit, WorkspaceEdit } from './protocol';

/** Which of a file's edits are made. A file that is none of the function's own has no state. */
type Choice = (state: EditorState | undefined, edits: TextEdit[]) => TextEdit[];

/** The edits of a file, whose places are those of its text in this state. */
interface FileEdits {
  path: string;
  state: EditorState;
  list: TextEdit[];
}

const all: Choice = (_, edits) => edits;

/** All of it or nothing: false where a file is none of the function's own. */
export async function applyEdit(
  about: Source | null,
  edit: WorkspaceEdit,
  userEvent: string,
  choose = all,
): Promise<boolean> {
  const edits = about && (await editsIn(about.id, edit, choose));
  return edits ? makeEdits(about.id, edits, userEvent) : false;
}

/** Of the files as they were when it was asked. Null where one is none of the function's own. */
export async function editsIn(
  id: FunctionId,
  { changes = {} }: WorkspaceEdit,
  choose = all,
  files = documents.states(id),
): Promise<FileEdits[] | null> {
  const states = new Map(files.map(({ path, state }) => [path, state]));
  const edits: FileEdits[] = [];
  for (const [uri, proposed] of Object.entries(changes)) {
    const path = (await client.pathOf(id, uri)) ?? '';
    const state = states.get(path);
    const list = choose(state, proposed);
    if (list.length === 0) continue;
    if (!state) return null;
    edits.push({ path, state, list });
  }
  return edits;
}

/** False, and nothing is edited, where something was typed in one of the files since. */
export function makeEdits(id: FunctionId, edits: FileEdits[], userEvent: string): boolean {
  if (edits.some(({ path, state }) => documents.read(id, path) !== state.doc)) return false;
  const step = oneStep();
  for (const { path, state, list } of edits) {
    documents.edit({ id, path }, { changes: changesOf(state.doc, list), userEvent, ...step });
  }
  return true;
}
