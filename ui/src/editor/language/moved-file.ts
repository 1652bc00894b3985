// What another path for a file changes in the code: the imports that name it, and its own.

import type { FunctionId } from '../../bindings/FunctionId';
import { within } from '../../within';
import { documents } from '../documents';
import { entryOf } from '../paths';
import { editsIn, makeEdits } from './apply';
import { client, languageOf } from './client';
import type { WorkspaceEdit } from './protocol';

/** The file keeps its old path for so long, in milliseconds. */
const PATIENCE = 3000;

/**
 * Asks while the file has its old path, and answers how to make the edits once it has the new one. Null where the server
 * gives no answer; the edits are not made, and false is answered, where something was typed in the meantime.
 */
export async function importsOf(id: FunctionId, path: string, to: string): Promise<(() => boolean) | null> {
  const files = documents.states(id);
  const entry = entryOf(files.map((file) => file.path));
  const asked = client.askOf<WorkspaceEdit>({ id, path: entry }, 'workspace/willRenameFiles', (addressOf) => ({
    files: [{ oldUri: addressOf(declared(path)), newUri: addressOf(declared(to)) }],
  }));
  const edit = await within(PATIENCE, asked);
  if (edit === undefined) return null;
  // What is none of the function's own is its configuration, which follows from its files.
  const edits = await editsIn(id, edit ?? {}, (state, proposed) => (state ? proposed : []), files);
  const moved = (edits ?? []).map((file) => (file.path === path ? { ...file, path: to } : file));
  return () => makeEdits(id, moved, 'rename');
}

/** The server knows text and WebAssembly by what declares what they yield. */
function declared(path: string): string {
  return languageOf(path) ? path : path.replace(/\.(\w+)$/, '.d.$1.ts');
}
