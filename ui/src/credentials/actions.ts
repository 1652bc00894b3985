// What can be done about a credential in code: moved to a secret, let pass at deployments, or looked for again. What it
// says goes to the core with the code, as every save does, and comes back from nowhere.

import type { ChangeSpec, Text } from '@codemirror/state';
import type { CredentialInCode } from '../bindings/CredentialInCode';
import type { Edit } from '../bindings/Edit';
import type { FunctionId } from '../bindings/FunctionId';
import type { LeakedValue } from '../bindings/LeakedValue';
import type { TargetId } from '../bindings/TargetId';
import { documents } from '../editor/documents';
import { oneStep } from '../editor/steps';
import { dayWords } from '../format';
import { deployTo } from '../functions/deploy';
import * as ipc from '../ipc';
import { type Action, comparePlaces, offsetOf, type Place, type Problem, problems } from '../problems/problems.svelte';
import { store } from '../state.svelte';
import { toast } from '../toast';

/** Resolves with a sentence when it was refused, which is shown in place. */
type Refusal = Promise<string | null>;

const CHANGED = 'The code has changed. Try again.';

/** Opens the dialog that asks for a name; what the vault holds has one, and is moved at once. */
export function offerMove(id: FunctionId, found: CredentialInCode): void {
  if (found.held) moveAtOnce(id, found);
  else {
    store.credential = { id, found, target: null };
    store.dialog = 'move-to-secret';
  }
}

/** Under the name that was read from the code. */
export function moveAtOnce(id: FunctionId, found: CredentialInCode): void {
  void moveToSecret(id, found, found.name).then((refusal) => {
    tellBeside(id, `${whatWords(found)} in ${store.name(id)} was not moved to a secret`, refusal);
  });
}

export function offerDeployAnyway(id: FunctionId, found: CredentialInCode, target: TargetId): void {
  store.credential = { id, found, target };
  store.dialog = 'deploy-anyway';
}

/** Those that a deployment stops at, one after the other. */
export function stoppingIn(id: FunctionId): CredentialInCode[] {
  return store.opened.get(id)?.credentials.filter(({ allowed }) => allowed === null) ?? [];
}

/** How many a deployment stops at once this one is let pass: whatever else has the same value is let pass with it. */
export function leftAfter(id: FunctionId, found: CredentialInCode): number {
  const left = new Set(stoppingIn(id).map((each) => textOf(id, each)));
  left.delete(textOf(id, found));
  return left.size;
}

function textOf(id: FunctionId, { from, to }: CredentialInCode): string | undefined {
  const doc = documents.read(id, from.file);
  return doc?.sliceString(offsetOf(doc, from), offsetOf(doc, to));
}

/** Seals it and writes `env.NAME` in its place, which is one step to undo. */
export async function moveToSecret(id: FunctionId, found: CredentialInCode, name: string): Refusal {
  try {
    await settled(id, found);
    const { file } = found.from;
    const before = documents.read(id, file);
    if (!before) return null;
    const moved = await ipc.moveToSecret(id, before.toString(), found.from, found.to, name);
    if (documents.read(id, file) !== before) {
      // Something was typed meanwhile, and is newer: the value is sealed, and is found in it by that.
      await documents.flush(id);
      await refresh(id);
      const again = store.opened.get(id)?.credentials.find((each) => each.held && each.name === moved.name);
      return again ? moveToSecret(id, again, moved.name) : null;
    }
    const changes = changesOf(before, moved.edits);
    documents.edit({ id, path: file }, { changes, userEvent: 'input.secret', ...oneStep() });
    store.putSaved(id, moved.saved);
    putLeaked(id, moved.leaked);
    return null;
  } catch (thrown) {
    return ipc.asFailure(thrown).message;
  }
}

/** Saves what was typed. The core goes by the place alone: throws where something else stands there by now. */
async function settled(id: FunctionId, found: CredentialInCode): Promise<void> {
  const { from, to, what, name } = found;
  const before = textOf(id, found);
  do {
    if (!(await documents.flush(id))) throw store.saves.get(id)?.failure ?? 'What was typed is not saved.';
  } while (!documents.settled(id));
  // What was pasted and is no text yet is not among them.
  const there = store.opened.get(id)?.credentials.find((each) => isAt(each.from, from));
  const same = !there || (isAt(there.to, to) && there.what === what && there.name === name);
  if (!same || textOf(id, found) !== before) throw CHANGED;
}

const isAt = (a: Place & { file: string }, b: Place & { file: string }) =>
  a.file === b.file && comparePlaces(a, b) === 0;

function changesOf(doc: Text, edits: Edit[]): ChangeSpec[] {
  return edits.map(({ from, to, insert }) => ({ from: offsetOf(doc, from), to: offsetOf(doc, to), insert }));
}

/** Lets it pass, for a reason, and deploys. What else stands in the code stops that again. */
export async function deployAnyway(id: FunctionId, found: CredentialInCode, target: TargetId, reason: string): Refusal {
  try {
    await settled(id, found);
    store.amend(id, { credentials: await ipc.allowCredential(id, found.from, reason) });
    void deployTo(id, target);
    return null;
  } catch (thrown) {
    return ipc.asFailure(thrown).message;
  }
}

async function withdraw(id: FunctionId, found: CredentialInCode): Promise<void> {
  try {
    await settled(id, found);
    store.amend(id, { credentials: await ipc.withdrawAllowance(id, found.from) });
  } catch (thrown) {
    const title = `Deployments of ${store.name(id)} were not stopped at ${found.what} again`;
    tellBeside(id, title, ipc.asFailure(thrown).message);
  }
}

/** Beside the code that it is about; where another function is shown by now, by name. */
function tellBeside(id: FunctionId, title: string, why: string | null): void {
  if (store.openId !== id) toast.refusal(title, why);
  else if (why !== null) store.notice = why;
}

/** Looks again: other values are known than before. */
export async function refresh(id: FunctionId): Promise<void> {
  try {
    store.amend(id, { credentials: await ipc.credentials(id) });
  } catch {
    // What was known stays until the next save.
  }
}

/** The same of all that is known of it: the values of its secrets may be those of another vault now. */
async function lookAgain(id: FunctionId): Promise<void> {
  const before = store.opened.get(id);
  try {
    const detail = await ipc.openFunction(id);
    // What was saved meanwhile was looked at with the vault open, and is newer; a function may be deleted.
    if (store.opened.get(id) === before) store.putDetail(detail);
  } catch {
    // As above.
  }
}

store.vaultOpened = () => {
  for (const id of store.opened.keys()) void lookAgain(id);
  if (store.openId !== null) void refreshLeaked(store.openId);
  void import('../problems/unopened').then(({ lookThroughUnopened }) => lookThroughUnopened());
};

/** Looks again which deployments hold a value that was moved: one of them was live, and may be no more. */
export async function refreshLeaked(id: FunctionId): Promise<void> {
  try {
    putLeaked(id, await ipc.leakedValues(id));
  } catch {
    // They are asked for again with the next deployment.
  }
}

/** Resolves with a sentence when they were not removed. */
export async function removeVersions(id: FunctionId, name: string): Refusal {
  try {
    const left = await ipc.removeVersions(id, name);
    if (left) putLeaked(id, left);
    // Where nothing was asked, nothing of what is shown is there any more.
    else await refreshLeaked(id);
    return null;
  } catch (thrown) {
    return ipc.asFailure(thrown).message;
  }
}

function putLeaked(id: FunctionId, leaked: LeakedValue[]): void {
  if (leaked.length > 0 && store.opened.has(id)) store.leaked.set(id, leaked);
  else store.leaked.delete(id);
}

const inWords = (id: FunctionId, leaked: LeakedValue) => `${id} ${JSON.stringify(leaked)}`;

/** Out of sight of the code, until there is another deployment that holds it, or one that can go. The history has it. */
export function putAwayLeak(id: FunctionId, leaked: LeakedValue): void {
  store.leaksPutAway.add(inWords(id, leaked));
}

export function leaksOf(id: FunctionId, putAway: boolean): LeakedValue[] {
  return (store.leaked.get(id) ?? []).filter((each) => store.leaksPutAway.has(inWords(id, each)) === putAway);
}

/** “A Stripe secret key” */
export function whatWords({ what }: CredentialInCode): string {
  return what.charAt(0).toUpperCase() + what.slice(1);
}

export function problemOf(id: FunctionId, found: CredentialInCode): Problem {
  const { from, to, allowed } = found;
  const at = (act: (id: FunctionId, found: CredentialInCode) => void) => () => {
    // Where it has moved to with what was typed since.
    const now = problems.of(id).find((each) => each.actions === actions);
    if (!now || comparePlaces(now.from, now.to) >= 0) store.notice = CHANGED;
    else act(id, { ...found, from: { file: now.file, ...now.from }, to: { file: now.file, ...now.to } });
  };
  const move: Action = {
    label: 'Move to a secret',
    name: `Move ${found.what} to a secret`,
    inline: allowed === null,
    run: at(offerMove),
  };
  const stop: Action = {
    label: 'Stop at it again',
    name: `Stop deployments at ${found.what} again`,
    run: at((id, found) => void withdraw(id, found)),
  };
  const actions = allowed === null ? [move] : [move, stop];
  return {
    file: from.file,
    from,
    to,
    severity: allowed === null ? 'warning' : 'info',
    source: 'credentials',
    message:
      allowed === null
        ? `${whatWords(found)} stands in the code. Deploying stops at it.`
        : `${whatWords(found)} stands in the code. Allowed on ${dayWords(allowed.at)}: ${allowed.reason}`,
    actions,
  };
}
