// Files of the user's become files of a function: text as it is written, WebAssembly in Base64. The core has the last word.

import type { FunctionId } from '../bindings/FunctionId';
import { focusIsLost } from '../focus';
import * as ipc from '../ipc';
import { store } from '../state.svelte';
import { toast } from '../toast';
import { documents } from './documents';
import { MAX_SOURCE } from './limit';
import { pathProblem } from './paths';

/** Three of its bytes are four characters. */
const MAX_WASM = (MAX_SOURCE / 4) * 3;

/** As every module begins, WebAssembly Core Specification §5.5.16. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d];

export async function addFiles(id: FunctionId, files: File[]): Promise<void> {
  const asked = document.activeElement;
  const added: string[] = [];
  for (const file of files) {
    try {
      const { path, isWasm } = await addFile(id, file);
      if (isWasm) tell(id, [path], `import module from './${path}'`);
      else added.push(path);
    } catch (thrown) {
      toast.refusal(`${file.name} was not added to ${store.name(id)}`, ipc.asFailure(thrown).message);
    }
  }
  const last = added.at(-1);
  if (last === undefined) return;
  if (store.openId !== id || !isFree(asked)) return tell(id, added);
  documents.show(id, last);
  documents.focus();
}

/** Who types elsewhere goes on there. The button of the menu has the focus again when it was chosen there. */
function isFree(asked: Element | null): boolean {
  const { activeElement } = document;
  const waits = activeElement === asked && !activeElement?.matches('input, textarea');
  return store.dialog === null && (waits || focusIsLost() || documents.focused);
}

function tell(id: FunctionId, paths: string[], description?: string): void {
  toast.success(`Added ${paths.join(', ')} to ${store.name(id)}`, { description });
}

async function addFile(id: FunctionId, file: File): Promise<{ path: string; isWasm: boolean }> {
  const path = file.name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/\.wasm$/i, '.wasm');
  // Of names in another script only the dash would be left, the same for each.
  if (!/[A-Za-z0-9]/.test(path.replace(/(.)(\.d)?\.[^.]*$/, '$1'))) {
    throw `A file’s name needs a letter from A to Z or a digit before its ending; ${file.name} has none.`;
  }
  const isWasm = path.endsWith('.wasm');
  const text = await (isWasm ? base64(file) : plain(file));
  const problem = pathProblem(path, store.opened.get(id)?.files ?? [], { path, text });
  if (problem !== null) throw problem;
  const detail = await ipc.createFile(id, path, text);
  documents.open(id, detail.files);
  store.putDetail(detail);
  return { path, isWasm };
}

async function base64(file: File): Promise<string> {
  if (file.size > MAX_WASM) throw `WebAssembly may have 768 KiB; this has ${kibibytes(file)}. A package may have more.`;
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (!isModule(bytes)) throw 'Its name ends with .wasm, and it is no WebAssembly.';
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

async function plain(file: File): Promise<string> {
  if (file.size > MAX_SOURCE) throw `A file may have 1,024 KiB of text; this one has ${kibibytes(file)}.`;
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (isModule(bytes)) throw 'It is WebAssembly, and its name does not end with .wasm.';
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r\n?/g, '\n');
  } catch {
    throw 'It is no text. Only text and WebAssembly can be imported.';
  }
}

const isModule = (bytes: Uint8Array) => MAGIC.every((byte, at) => bytes[at] === byte);

const kibibytes = ({ size }: File) => `${Math.ceil(size / 1024).toLocaleString('en')} KiB`;
