// What can be done with functions: open, create, rename, duplicate, stop, delete. Each is one command to the core, with
// its answer taken into the store.

import { tick } from 'svelte';
import type { ExternalToast } from 'svelte-sonner';
import type { Code } from '../bindings/Code';
import type { FunctionDetail } from '../bindings/FunctionDetail';
import type { FunctionId } from '../bindings/FunctionId';
import type { TargetId } from '../bindings/TargetId';
import { refreshLeaked } from '../credentials/actions';
import { documents } from '../editor/documents';
import { forgetPlace } from '../editor/left-off';
import { wantServer } from '../editor/turned';
import { askFirst, rememberOpened } from '../first-answer';
import { keepFocus } from '../focus';
import { listenTo, type OfTheWindow } from '../hearing';
import * as ipc from '../ipc';
import { store } from '../state.svelte';
import { LOCAL } from '../targets/target';
import { toast } from '../toast';

/** Fills the window: the functions, and the one that was open last. */
export async function start(answer = askFirst()): Promise<void> {
  store.phase = 'starting';
  store.failure = null;
  try {
    const { functions, open, templates, targets, vault, runtime } = await answer;
    Object.assign(store, { functions: [], templates, targets, vault, runtime, phase: 'ready' });
    for (const summary of functions) store.put(summary);
    if (open) await take(open);
  } catch (thrown) {
    store.failure = ipc.asFailure(thrown);
    store.phase = 'failed';
  }
}

/** Hears the core from now on. How things stand is told first, so nothing is missed by beginning late. */
export async function listen(asked: (event: OfTheWindow) => void): Promise<void> {
  await listenTo((event) => {
    if (event.type === 'menu' || event.type === 'closing') return asked(event);
    store.hear(event);
    if (event.type === 'logsLost' && store.openId !== null) readLog(store.openId);
  });
  store.listening = true;
  if (store.openId !== null) void refreshLeaked(store.openId);
}

export async function openFunction(id: FunctionId): Promise<void> {
  if (store.openId === id && store.openFailure === null) return;
  leaveCurrent();
  show(id);
  wantServer();
  try {
    const detail = await ipc.openFunction(id);
    documents.open(id, detail.files);
    store.putDetail(detail);
    void refreshLeaked(id);
    // Another one may have been chosen meanwhile.
    if (store.openId === id) show(id);
  } catch (thrown) {
    if (store.openId === id && !documents.has(id)) store.openFailure = ipc.asFailure(thrown);
  }
}

/**
 * Makes a function, and opens it where that is still waited for. Resolves with a sentence when the core refused it, which
 * the form shows in place.
 */
export async function createFunction(
  template: string,
  name: string | null,
  waited = () => true,
): Promise<string | null> {
  wantServer();
  try {
    await takeMade('Created', await ipc.createFunction(template, name), waited());
    return null;
  } catch (thrown) {
    if (!waited()) tell(`${name ?? 'The function'} was not created`, thrown);
    return ipc.asFailure(thrown).message;
  }
}

/** Resolves with a sentence when the core refused it, which the field shows in place. */
export async function renameFunction(id: FunctionId, name: string): Promise<string | null> {
  try {
    store.put(await ipc.renameFunction(id, name));
    return null;
  } catch (thrown) {
    return ipc.asFailure(thrown).message;
  }
}

export async function duplicateFunction(id: FunctionId): Promise<void> {
  const name = store.name(id);
  try {
    await documents.flush(id);
    const detail = await ipc.duplicateFunction(id);
    leaveCurrent();
    await take(detail);
  } catch (thrown) {
    tell(`${name} was not duplicated`, thrown);
  }
}

export async function stopFunction(id: FunctionId): Promise<void> {
  try {
    await ipc.stopFunction(id);
    toast.success(`${store.name(id)} is stopped`, { description: 'The next call starts it again.' });
  } catch (thrown) {
    tell(`${store.name(id)} was not stopped`, thrown);
  }
}

/** What a target answers, or what keeps it from being asked: deleting only what is here is a choice then. */
const REFUSED_ELSEWHERE: Code[] = [
  'access',
  'remote',
  'unknown',
  'drift',
  'notFound',
  'limit',
  'vaultLocked',
  'vaultAbsent',
  'keyMissing',
  'wrongKey',
  'secretDamaged',
];

export async function deleteFunction(id: FunctionId, hereOnly = false): Promise<void> {
  const name = store.name(id);
  const index = store.functions.findIndex((each) => each.id === id);
  const elsewhere = store.functions[index]?.remote.some(({ script }) => script !== null) === true;
  try {
    if (!(await ipc.deleteFunction(id, hereOnly))) return;
  } catch (thrown) {
    const choice = !hereOnly && elsewhere && REFUSED_ELSEWHERE.includes(ipc.asFailure(thrown).code);
    const action = { label: 'Delete here only', onClick: () => void deleteFunction(id, true) };
    tell(`${name} was not deleted`, thrown, choice ? { action } : {});
    return;
  }
  const wasOpen = store.openId === id;
  documents.drop(id);
  forgetPlace(id);
  store.remove(id);
  if (!wasOpen) return;
  const next = store.functions[Math.min(index, store.functions.length - 1)];
  if (next) await openFunction(next.id);
  // The code was hidden meanwhile; with the last function its bar is gone, too.
  await keepFocus(next ? undefined : toWelcome);
}

function toWelcome(): void {
  document.querySelector<HTMLElement>('[aria-labelledby=welcome] button')?.focus();
}

export async function changeAddress(id: FunctionId): Promise<void> {
  try {
    store.put(await ipc.changeAddress(id));
  } catch (thrown) {
    tell(`The address of ${store.name(id)} was not changed`, thrown);
  }
}

/** Where Deploy deploys the function to from now on. */
export async function chooseTargets(id: FunctionId, chosen: TargetId[]): Promise<void> {
  try {
    store.put(await ipc.chooseTargets(id, chosen));
  } catch (thrown) {
    tell(`The targets of ${store.name(id)} were not changed`, thrown);
  }
}

/**
 * Makes a function of a Worker, and opens it where that is still waited for. Resolves with a sentence when it failed,
 * which the dialog shows in place.
 */
export async function importScript(target: TargetId, script: string, waited: () => boolean): Promise<string | null> {
  try {
    await takeMade('Imported', await ipc.importScript(target, script), waited());
    return null;
  } catch (thrown) {
    if (!waited()) tell(`${script} was not imported`, thrown);
    return ipc.asFailure(thrown).message;
  }
}

/** Asks for everything that is drawn around the code again, after a target and what was for it have gone. */
export async function refresh(): Promise<void> {
  const { functions, open, targets } = await ipc.overview(store.openId);
  store.targets = targets;
  for (const summary of functions) store.put(summary);
  // What failed on a target that is gone has nowhere to be tried again.
  const there = new Set([LOCAL, ...targets.map(({ id }) => id)]);
  for (const [id, all] of store.deployments) {
    store.deployments.set(
      id,
      all.filter(({ target }) => there.has(target)),
    );
  }
  for (const [key, { scope }] of store.typed) {
    if (scope !== 'all' && !there.has(scope.target)) store.typed.delete(key);
  }
  if (open && open.summary.id === store.openId) store.putDetail(open);
}

/** Opens what was made; where nobody waits for it any more, it is only said. */
async function takeMade(made: string, detail: FunctionDetail, waited: boolean): Promise<void> {
  if (waited || store.openId === null) {
    leaveCurrent();
    return take(detail);
  }
  const { id, name } = detail.summary;
  store.put(detail.summary);
  toast.success(`${made} ${name}`, { action: { label: 'Open', onClick: () => void openFunction(id) } });
}

/** Opens what the core answered with, ready to be typed in. */
async function take(detail: FunctionDetail): Promise<void> {
  documents.open(detail.summary.id, detail.files);
  store.putDetail(detail);
  show(detail.summary.id);
  await tick();
  if (store.dialog === null) documents.focus();
}

function show(id: FunctionId): void {
  store.openId = id;
  documents.show(id);
  rememberOpened(id);
  // Lines that are said between reading and listening would be lost.
  if (store.listening && !store.logs.loaded(id)) readLog(id);
}

function readLog(id: FunctionId): void {
  ipc.readLog(id).then(
    (lines) => store.logs.load(id, lines),
    (thrown) => store.logs.fail(id, ipc.asFailure(thrown)),
  );
}

function leaveCurrent(): void {
  if (store.openId !== null) void documents.flush(store.openId);
  documents.leave();
  store.openId = null;
  store.openFailure = null;
  store.renaming = false;
  store.namingFile = null;
  store.notice = null;
}

function tell(title: string, thrown: unknown, more: ExternalToast = {}): void {
  const failure = ipc.asFailure(thrown);
  if (failure.code === 'cancelled') return;
  toast.refusal(title, failure.message, more);
}
