// Files of the user's become files of a function: text as it is written, WebAssembly in Base64. The core has the last word.

import type { FunctionId } from '../bindings/FunctionId';
import * as ipc from '../ipc';
import { store } from '../state.svelte';
import { toast } from '../toast';
import { documents } from './documents';
import { MAX_SOURCE } from './limit';
import { pathProblem } from './paths';

/** Three of its bytes are four characters. */
const MAX_WASM = (MAX_SOURCE / 4) * 3;

/** As every module begins, WebAssembly Core Specification §5.5.16. */
const MAGIC = '\0asm';

export async function addFiles(id: FunctionId, files: File[]): Promise<void> {
  for (const file of files) {
    try {
      await addFile(id, file);
    } catch (thrown) {
      toast.refusal(`${file.name} was not added to ${store.name(id)}`, ipc.asFailure(thrown).message);
    }
  }
}

async function addFile(id: FunctionId, file: File): Promise<void> {
  const path = file.name.replace(/[^A-Za-z0-9._-]+/g, '-');
  const isWasm = path.endsWith('.wasm');
  const text = await (isWasm ? base64(file) : plain(file));
  const problem = pathProblem(path, store.opened.get(id)?.files ?? [], { path, text });
  if (problem !== null) throw problem;
  const detail = await ipc.createFile(id, path, text);
  documents.open(id, detail.files);
  store.putDetail(detail);
  if (isWasm || store.openId !== id) {
    const description = isWasm ? `import module from './${path}'` : undefined;
    toast.success(`Added ${path} to ${store.name(id)}`, { description });
  } else {
    documents.show(id, path);
    documents.focus();
  }
}

async function base64(file: File): Promise<string> {
  if (file.size > MAX_WASM) throw `WebAssembly may have 768 KiB; this has ${kibibytes(file)}. A package may have more.`;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const said = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  if (!said.startsWith(MAGIC)) throw 'Its name ends with .wasm, and it is no WebAssembly.';
  return btoa(said);
}

async function plain(file: File): Promise<string> {
  if (file.size > MAX_SOURCE) throw `A file may have 1,024 KiB of text; this one has ${kibibytes(file)}.`;
  const bytes = await file.arrayBuffer();
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw 'It is no text. Only text and WebAssembly can be imported.';
  }
  if (text.startsWith(MAGIC)) throw 'It is WebAssembly, and its name does not end with .wasm.';
  return text.replace(/\r\n?/g, '\n');
}

const kibibytes = ({ size }: File) => `${Math.ceil(size / 1024).toLocaleString('en')} KiB`;
