// The commands on secrets and variables. Each answers with the whole list, which the store takes; a refusal is a sentence
// that is shown in place. A secret's value passes through here once, on its way to the core, and is kept nowhere.

import type { FunctionId } from '../bindings/FunctionId';
import type { Scope } from '../bindings/Scope';
import type { VariableInfo } from '../bindings/VariableInfo';
import { refresh } from '../credentials/actions';
import * as ipc from '../ipc';
import { type OpenFunction, store } from '../state.svelte';
import { toast } from '../toast';

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

/** A variable can be read, so it can be brought back: nothing asks first. */
export async function deleteVariable(id: FunctionId, { name, scope, value }: VariableInfo): Refusal {
  const refusal = await taken(id, 'variables', ipc.deleteVariable(id, name, scope));
  if (refusal === null) {
    toast.success(`Deleted ${name}`, { action: { label: 'Undo', onClick: () => void undo() } });
  }
  return refusal;

  async function undo() {
    const refusal = await setVariable(id, name, scope, value);
    if (refusal !== null) toast.error(`${name} was not brought back`, { description: refusal });
  }
}

async function taken<K extends 'secrets' | 'variables'>(
  id: FunctionId,
  kind: K,
  answer: Promise<OpenFunction[K] | null>,
): Refusal {
  try {
    const list = await answer;
    if (list) store.putBound(id, { [kind]: list });
    if (list && kind === 'secrets') void refresh(id);
    return null;
  } catch (thrown) {
    const failure = ipc.asFailure(thrown);
    return failure.code === 'cancelled' ? null : failure.message;
  }
}
