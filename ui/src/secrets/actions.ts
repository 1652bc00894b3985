// The commands on secrets and variables. Each answers with all names that there are, which the store takes; a refusal is
// a sentence that is shown in place. A secret's value passes through here once, on its way to the core, and is kept
// nowhere.
//
// What is typed of a variable outlives its row until it is saved: it may be refused when that is gone.

import type { FunctionId } from '../bindings/FunctionId';
import type { Names } from '../bindings/Names';
import type { Scope } from '../bindings/Scope';
import type { VariableInfo } from '../bindings/VariableInfo';
import { refresh } from '../credentials/actions';
import { alongside } from '../editor/saves';
import * as ipc from '../ipc';
import { store } from '../state.svelte';
import { forWords } from '../targets/target';
import { toast } from '../toast';
import { keyOf } from './scopes';

type Refusal = Promise<string | null>;

export function createSecret(id: FunctionId, name: string, scope: Scope, value: string): Refusal {
  return taken(id, 'secrets', ipc.createSecret(id, name, scope, value));
}

export function replaceSecret(id: FunctionId, name: string, scope: Scope, value: string): Refusal {
  return taken(id, 'secrets', ipc.replaceSecret(id, name, scope, value));
}

/** The native dialog that asks first may be cancelled: then nothing changes. */
export function deleteSecret(id: FunctionId, name: string, scope: Scope): Refusal {
  return taken(id, 'secrets', ipc.deleteSecret(id, name, scope));
}

export function setVariable(id: FunctionId, name: string, scope: Scope, value: string): Refusal {
  return taken(id, 'variables', ipc.setVariable(id, name, scope, value));
}

/** How the store calls what is typed of a variable. */
export function typedKey(id: FunctionId, variable: VariableInfo): string {
  return `${id} ${keyOf(variable)}`;
}

export function typeVariable(id: FunctionId, variable: VariableInfo, text: string): void {
  const key = typedKey(id, variable);
  const { name, scope } = variable;
  store.typed.set(key, { id, name, scope, text, refusal: store.typed.get(key)?.refusal ?? null });
}

/** The last save of each: what is typed next is compared with what that has brought about. */
const saving = new Map<string, Refusal>();

/** Saves what is typed of a variable; what is typed meanwhile, or refused, stays typed. */
export function saveTyped(key: string): Refusal {
  const before = saving.get(key);
  const now = before ? before.then(() => sendTyped(key)) : sendTyped(key);
  saving.set(key, now);
  return now.finally(() => saving.get(key) === now && saving.delete(key));
}

async function sendTyped(key: string): Refusal {
  const sent = store.typed.get(key);
  if (!sent) return null;
  const { id, name, scope, text } = sent;
  const saved = store.opened.get(id)?.variables.find((each) => keyOf(each) === keyOf(sent));
  const refusal = saved?.value === text ? null : await setVariable(id, name, scope, text);
  const now = store.typed.get(key);
  if (refusal === null && now?.text === text) store.typed.delete(key);
  else if (now) store.typed.set(key, { ...now, refusal });
  return refusal;
}

/** Saves what is typed in a row that goes: a refusal is not seen there. */
export async function leaveTyped(key: string): Promise<void> {
  const refusal = await saveTyped(key);
  const typed = store.typed.get(key);
  if (!typed) return;
  const what = `${typed.name}${forWords(typed.scope)} in ${store.name(typed.id)}`;
  toast.refusal(`The value of ${what} was not saved`, refusal, { id: key });
}

// A deployment takes what was typed last, and so does closing the window.
alongside.add(() => Promise.all([...store.typed.keys()].map(saveTyped)));

/** A variable can be read, so it can be brought back: nothing asks first. */
export async function deleteVariable(id: FunctionId, variable: VariableInfo): Refusal {
  const { name, scope, value } = variable;
  const key = typedKey(id, variable);
  const typed = store.typed.get(key);
  // What is being deleted is not written again.
  store.typed.delete(key);
  const refusal = await taken(id, 'variables', ipc.deleteVariable(id, name, scope));
  if (refusal === null) {
    store.typed.delete(key);
    toast.success(`Deleted ${name}`, { action: { label: 'Undo', onClick: () => void undo() } });
  } else if (typed && !store.typed.has(key)) store.typed.set(key, typed);
  return refusal;

  async function undo() {
    const refusal = await setVariable(id, name, scope, value);
    if (refusal !== null) toast.error(`${name} was not brought back`, { description: refusal });
  }
}

async function taken(id: FunctionId, kind: 'secrets' | 'variables', answer: Promise<Names | null>): Refusal {
  try {
    const names = await answer;
    if (names) store.putNames(id, names);
    if (names && kind === 'secrets') void refresh(id);
    return null;
  } catch (thrown) {
    const failure = ipc.asFailure(thrown);
    return failure.code === 'cancelled' ? null : failure.message;
  }
}
