// What can be done with the files of a function: make, rename, delete. Each is one command to the core, with its answer
// taken into the store and the editor.

import type { FunctionId } from '../bindings/FunctionId';
import * as ipc from '../ipc';
import { store } from '../state.svelte';
import { toast } from '../toast';
import { documents } from './documents';

/** Has the user choose files of theirs, in the dialog of the system, and adds them. */
export function chooseFiles(id: FunctionId): void {
  const input = document.createElement('input');
  Object.assign(input, { type: 'file', multiple: true, hidden: true });
  input.onchange = () => {
    const chosen = [...(input.files ?? [])];
    input.remove();
    void import('./add-file').then(({ addFiles }) => addFiles(id, chosen));
  };
  input.oncancel = () => input.remove();
  // Outside of the page WebKit may forget it before it is answered.
  document.body.append(input);
  input.click();
}

/** Resolves with a sentence when the core refused it, which the field shows in place. */
export async function createFile(id: FunctionId, path: string): Promise<string | null> {
  try {
    const detail = await ipc.createFile(id, path, '');
    documents.open(id, detail.files);
    store.putDetail(detail);
    if (store.openId === id) documents.show(id, path);
    return null;
  } catch (thrown) {
    return ipc.asFailure(thrown).message;
  }
}

/**
 * The imports that name the file follow it. Resolves with a sentence when the core refused it, which the field shows in
 * place.
 */
export async function renameFile(id: FunctionId, path: string, to: string): Promise<string | null> {
  try {
    await documents.flush(id);
    const service = await documents.loadLanguage().catch(() => null);
    const moveImports = await service?.importsOf(id, path, to);
    const detail = await ipc.renameFile(id, path, to);
    documents.rename(id, path, to);
    store.putDetail(detail);
    if (!moveImports?.()) {
      const description = moveImports ? 'The code was changed meanwhile.' : 'TypeScript gave no answer.';
      toast.error(`The imports of ${path} in ${store.name(id)} are as they were`, { description });
    }
    return null;
  } catch (thrown) {
    return ipc.asFailure(thrown).message;
  }
}

/** Types can be written in the code of a Worker that was imported: as JavaScript it is TypeScript already. */
export async function makeTypeScript(id: FunctionId): Promise<void> {
  const refused = await renameFile(id, 'index.js', 'index.ts');
  if (refused !== null) toast.error(`index.js of ${store.name(id)} was not renamed`, { description: refused });
}

export async function deleteFile(id: FunctionId, path: string): Promise<void> {
  try {
    const detail = await ipc.deleteFile(id, path);
    if (detail === null) return;
    documents.open(id, detail.files);
    store.putDetail(detail);
    if (store.openId !== id) return;
    documents.show(id);
    documents.focus();
  } catch (thrown) {
    toast.refusal(`${path} of ${store.name(id)} was not deleted`, ipc.asFailure(thrown).message);
  }
}
