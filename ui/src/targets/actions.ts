// The commands on targets. What the core refuses is answered as a failure, for the form to say it where it arose. A token
// passes through here once, on its way to the core, and is kept nowhere.

import type { AccountInfo } from '../bindings/AccountInfo';
import type { Failure } from '../bindings/Failure';
import type { TargetId } from '../bindings/TargetId';
import type { TargetInfo } from '../bindings/TargetInfo';
import { refresh } from '../functions/actions';
import * as ipc from '../ipc';
import { store } from '../state.svelte';

/** The accounts that the token reaches, or why it reaches none. */
export async function checkToken(baseUrl: string, token: string): Promise<AccountInfo[] | Failure> {
  try {
    return (await ipc.checkToken(baseUrl, token)).accounts;
  } catch (thrown) {
    return ipc.asFailure(thrown);
  }
}

export function addTarget(target: Omit<TargetInfo, 'id'>, token: string): Promise<Failure | null> {
  return refusalOf(async () => {
    store.targets = await ipc.addTarget({ id: 0, ...target }, token);
  });
}

export function replaceToken(target: TargetId, token: string): Promise<Failure | null> {
  return refusalOf(() => ipc.replaceToken(target, token));
}

/** The native dialog that asks first may be cancelled: then nothing changes. */
export function removeTarget(target: TargetId): Promise<Failure | null> {
  return refusalOf(async () => {
    if (await ipc.removeTarget(target)) await refresh();
  });
}

async function refusalOf(command: () => Promise<unknown>): Promise<Failure | null> {
  try {
    await command();
    return null;
  } catch (thrown) {
    const failure = ipc.asFailure(thrown);
    return failure.code === 'cancelled' ? null : failure;
  }
}
