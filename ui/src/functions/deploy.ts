// Deploying the open function: save what is typed, hand it to the core for one target after another, show each step as
// it passes. Going back to an earlier deployment is shown the same way.

import type { Code } from '../bindings/Code';
import type { Deployed } from '../bindings/Deployed';
import type { Failure } from '../bindings/Failure';
import type { FunctionId } from '../bindings/FunctionId';
import type { Order } from '../bindings/Order';
import type { PastDeployment } from '../bindings/PastDeployment';
import type { Progress } from '../bindings/Progress';
import type { Step } from '../bindings/Step';
import type { TargetId } from '../bindings/TargetId';
import type { TargetState } from '../bindings/TargetState';
import { refreshLeaked } from '../credentials/actions';
import { documents } from '../editor/documents';
import { focusIsIn } from '../focus';
import { plural } from '../format';
import * as ipc from '../ipc';
import { unboundWords } from '../secrets/foreign';
import { type Deployment, type Noted, store } from '../state.svelte';
import { LOCAL, targetName } from '../targets/target';
import { toast } from '../toast';

type Words = [step: Step, before: string, after: string];

const FIRST: Words[] = [
  ['compiled', 'Compile', 'Compiled'],
  ['checked', 'Check secrets', 'Secrets checked'],
  ['opened', 'Open secrets', 'Secrets opened'],
];
const HERE: Words[] = [...FIRST, ['started', 'Start', 'Started'], ['switched', 'Switch', 'Switched']];
const ELSEWHERE: Words[] = [
  ...FIRST,
  ['uploaded', 'Upload', 'Uploaded'],
  ['switched', 'Switch', 'Switched'],
  ['finished', 'Finish', 'Finished'],
];

/** The steps of a deployment in their order, with the words for each before and after it has passed. */
export function stepsOf(target: TargetId): Words[] {
  return target === LOCAL ? HERE : ELSEWHERE;
}

/** What is wrong with the target and not with the function: the next target may well take it. */
const OF_THE_TARGET: Code[] = [
  'access',
  'drift',
  'limit',
  'notFound',
  'portTaken',
  'remote',
  'runtimeMissing',
  'tooLarge',
  'unknown',
];

/** Of a deployment while the vault is closed. */
const UNCHECKED =
  'The vault was closed: whether the code holds a value that is sealed could not be told. Look at the code again once it is open.';

/** What is to be known of a deployment, in words, or nothing. */
export function noteOf(target: TargetId, { unchecked, unbound }: Noted): string {
  return [...(unchecked ? [UNCHECKED] : []), ...(unbound.length > 0 ? [unboundWords(unbound, target)] : [])].join('\n');
}

const PLAIN: Order = { message: '', over: null };

/** Where Cancel was pressed since the last deployment began: it may have come too late for that one. */
const cancelled = new Set<FunctionId>();

/** In the words of the core, which had nothing to cancel yet. */
function asCancelled(id: FunctionId, target: TargetId): Failure {
  return { code: 'cancelled', message: `Cancelled.${untouched(id, target)}`, position: null };
}

/** What ends the words of a failure where something is live. The first deployment leaves nothing untouched. */
export function untouched(id: FunctionId, target: TargetId): string {
  return (stateOn(id, target)?.live ?? null) === null ? '' : ' What is live is untouched.';
}

function stateOn(id: FunctionId, target: TargetId): TargetState | undefined {
  const summary = store.functions.find((each) => each.id === id);
  return [summary?.local, ...(summary?.remote ?? [])].find((each) => each?.target === target);
}

/** Deploys to every target that is chosen, Local first, and stops where going on would only fail again. */
export async function deploy(id: FunctionId): Promise<void> {
  if (store.deploying(id)) return;
  const chosen = store.functions.find((each) => each.id === id)?.chosen ?? [];
  for (const target of [...chosen].sort((a, b) => a - b)) {
    const failure = await deployTo(id, target);
    if (cancelled.has(id) || (failure && !OF_THE_TARGET.includes(failure))) return;
  }
}

/** Resolves with why it failed, or null. */
export async function deployTo(id: FunctionId, target: TargetId, order = PLAIN): Promise<Code | null> {
  return run(id, target, null, async (hear) => {
    if (!(await documents.flush(id))) {
      throw store.saves.get(id)?.failure ?? 'What was typed is not saved, so nothing was deployed.';
    }
    if (cancelled.has(id)) throw asCancelled(id, target);
    return ipc.deploy(id, target, order, hear);
  });
}

/** Goes back to a deployment, once that is confirmed in the native dialog: until then nothing is shown. */
export async function rollBack(id: FunctionId, back: PastDeployment, over: string | null = null): Promise<void> {
  if (store.deploying(id)) return;
  const { target } = back;
  try {
    await onceConfirmed(id, target, back, (hear) => ipc.rollBack(back.id, over, hear));
  } catch (thrown) {
    fail(id, target, back, thrown);
  }
}

/** Goes back although somebody else deployed since: over what the target has now. */
export async function rollBackAnyway(id: FunctionId, back: PastDeployment): Promise<void> {
  try {
    const { drift } = await ipc.plan(id, back.target);
    await rollBack(id, back, drift?.version ?? null);
  } catch (thrown) {
    fail(id, back.target, back, thrown);
  }
}

/** Gives it another address on a target, once that is confirmed natively. Resolves with why not, or null. */
export async function moveScript(id: FunctionId, target: TargetId, name: string): Promise<string | null> {
  if (store.deploying(id)) return 'It is being deployed. Wait for that, or cancel it.';
  const before = store.deploymentOn(id, target);
  try {
    await onceConfirmed(id, target, null, (hear) => ipc.moveScript(id, target, name, hear));
    return null;
  } catch (thrown) {
    // The dialog says why; what stood of an earlier deployment stands again.
    if (before) store.putDeployment(id, before);
    else putAway(id, target);
    return ipc.asFailure(thrown).message;
  }
}

export async function cancelDeploy(id: FunctionId): Promise<void> {
  const running = store.deployments.get(id)?.find(({ state }) => state === 'running');
  if (running?.state !== 'running' || running.cancelling) return;
  cancelled.add(id);
  store.putDeployment(id, { ...running, cancelling: true });
  // The deployment itself answers how it ended.
  await ipc.cancelDeploy(id).catch(() => {});
}

export function dismissDeployment(id: FunctionId, target: TargetId): void {
  const failure = stateOn(id, target)?.failure;
  if (failure) store.dismissed.set(id, new Map(store.dismissed.get(id)).set(target, failure.message));
  putAway(id, target);
}

function putAway(id: FunctionId, target: TargetId): void {
  const others = store.deployments.get(id)?.filter((each) => each.target !== target) ?? [];
  if (others.length > 0) store.deployments.set(id, others);
  else store.deployments.delete(id);
}

/** Tries again what failed after a deployment went live. Resolves with a sentence when it failed again. */
export async function finishDeployment(id: FunctionId, target: TargetId): Promise<string | null> {
  try {
    store.put(await ipc.finishDeployment(id, target));
    return null;
  } catch (thrown) {
    return ipc.asFailure(thrown).message;
  }
}

async function run(
  id: FunctionId,
  target: TargetId,
  back: PastDeployment | null,
  order: (hear: (progress: Progress) => void) => Promise<Deployed>,
): Promise<Code | null> {
  if (store.deploying(id)) return 'busy';
  cancelled.delete(id);
  store.putDeployment(id, begun(target, back));
  const put = new Map(store.dismissed.get(id));
  put.delete(target);
  store.dismissed.set(id, put);
  try {
    finish(id, target, back, await order((progress) => hear(id, target, progress)));
    return null;
  } catch (thrown) {
    return fail(id, target, back, thrown);
  }
}

/** Runs what is first confirmed in the native dialog: the strip shows it from its first step on. */
async function onceConfirmed(
  id: FunctionId,
  target: TargetId,
  back: PastDeployment | null,
  order: (hear: (progress: Progress) => void) => Promise<Deployed | null>,
): Promise<void> {
  const deployed = await order((progress) => {
    if (!store.deploying(id)) store.putDeployment(id, begun(target, back));
    hear(id, target, progress);
  });
  if (deployed) finish(id, target, back, deployed);
}

const NOTHING: Noted = { unchecked: false, unbound: [] };

function begun(target: TargetId, back: PastDeployment | null): Deployment {
  return { target, back, state: 'running', passed: [], sent: null, pause: null, ...NOTHING, cancelling: false };
}

function hear(id: FunctionId, target: TargetId, progress: Progress): void {
  const running = store.deploymentOn(id, target);
  if (running?.state !== 'running') return;
  const going = { ...running, pause: null };
  const { type } = progress;
  if (type === 'passed') store.putDeployment(id, { ...going, passed: [...running.passed, progress.step] });
  else if (type === 'sent') store.putDeployment(id, { ...going, sent: progress });
  else if (type === 'waiting') {
    const { seconds } = progress;
    const pause = `${targetName(target)} asks to wait ${seconds} ${plural(seconds, 'second')}.`;
    store.putDeployment(id, { ...running, pause });
  } else if (type === 'unchecked') store.putDeployment(id, { ...going, unchecked: true });
  else if (type === 'unbound') store.putDeployment(id, { ...going, unbound: progress.names });
  else {
    store.putDeployment(id, { ...running, pause: 'The answer was lost. Asking what became of it…' });
  }
}

function finish(id: FunctionId, target: TargetId, back: PastDeployment | null, deployed: Deployed): void {
  const { number, summary } = deployed;
  store.put(summary);
  store.putNames(id, deployed);
  void refreshLeaked(id);
  const running = store.deploymentOn(id, target);
  const { unchecked, unbound } = running?.state === 'running' ? running : NOTHING;
  const address = stateOn(id, target)?.address ?? null;
  store.putDeployment(id, { target, back, state: 'done', number, address, unchecked, unbound });
  if (store.openId === id) return;
  const where = target === LOCAL ? '' : ` to ${targetName(target)}`;
  const note = noteOf(target, { unchecked, unbound });
  toast.success(
    back ? `Rolled back ${summary.name} to #${back.number}` : `Deployed ${summary.name} #${number}${where}`,
    note ? { description: note } : {},
  );
}

function fail(id: FunctionId, target: TargetId, back: PastDeployment | null, thrown: unknown): Code {
  const failure = ipc.asFailure(thrown);
  store.putDeployment(id, { target, back, state: 'failed', failure, outdated: false });
  if (store.openId !== id) {
    const what = back ? 'rolled back' : 'deployed';
    toast.error(`${store.name(id)} was not ${what}`, { description: failure.message });
  } else if (failure.position && documents.settled(id) && isWatched()) {
    // Whoever has typed on meanwhile keeps the caret, and whoever types elsewhere the focus; the strip leads to the place.
    documents.reveal(failure.position);
  }
  return failure.code;
}

/** Whether nothing else has the focus than the code, or what a deployment is begun by. */
function isWatched(): boolean {
  const parts = [...document.querySelectorAll('#code-panel .cm-content, .deploy')];
  return store.dialog === null && parts.some((part) => focusIsIn(part));
}
