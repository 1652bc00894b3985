// The commands on secrets. Each answers with the whole list, which the store takes; a refusal is a sentence that the
// form shows in place. A value passes through here once, on its way to the core, and is kept nowhere.

import type { FunctionId } from '../bindings/FunctionId';
import type { SecretInfo } from '../bindings/SecretInfo';
import * as ipc from '../ipc';
import { store } from '../state.svelte';

export function createSecret(id: FunctionId, name: string, value: string): Promise<string | null> {
  return taken(id, ipc.createSecret(id, name, value));
}

export function replaceSecret(id: FunctionId, name: string, value: string): Promise<string | null> {
  return taken(id, ipc.replaceSecret(id, name, value));
}

/** The native dialog that asks first may be cancelled: then nothing changes. */
export async function deleteSecret(id: FunctionId, name: string): Promise<string | null> {
  return taken(id, ipc.deleteSecret(id, name));
}

async function taken(id: FunctionId, answer: Promise<SecretInfo[] | null>): Promise<string | null> {
  try {
    const secrets = await answer;
    if (secrets) store.putSecrets(id, secrets);
    return null;
  } catch (thrown) {
    const failure = ipc.asFailure(thrown);
    return failure.code === 'cancelled' ? null : failure.message;
  }
}
