// Deploying the open function: save what is typed, hand it to the core, show each step as it passes.

import type { FunctionId } from '../bindings/FunctionId';
import type { Step } from '../bindings/Step';
import { documents } from '../editor/documents';
import * as ipc from '../ipc';
import { store } from '../state.svelte';
import { toast } from '../toast';

/** The steps in their order, with the words for each before and after it has passed. */
export const STEPS: [Step, string, string][] = [
  ['compiled', 'Compile', 'Compiled'],
  ['checked', 'Check secrets', 'Secrets checked'],
  ['opened', 'Open secrets', 'Secrets opened'],
  ['started', 'Start', 'Started'],
  ['switched', 'Switch', 'Switched'],
];

export async function deploy(id: FunctionId): Promise<void> {
  if (store.deployments.get(id)?.state === 'running') return;
  store.deployments.set(id, { state: 'running', passed: [], cancelling: false });
  store.dismissed.delete(id);
  try {
    if (!(await documents.flush(id))) {
      throw store.saves.get(id)?.failure ?? 'What was typed is not saved, so nothing was deployed.';
    }
    const { number, summary, secrets } = await ipc.deploy(id, ({ step }) => pass(id, step));
    store.put(summary);
    store.putSecrets(id, secrets);
    store.deployments.set(id, { state: 'done', number, address: summary.local.address });
    if (store.openId !== id) toast.success(`Deployed ${summary.name} #${number}`);
  } catch (thrown) {
    fail(id, thrown);
  }
}

export async function cancelDeploy(id: FunctionId): Promise<void> {
  const running = store.deployments.get(id);
  if (running?.state !== 'running') return;
  store.deployments.set(id, { ...running, cancelling: true });
  // The deployment itself answers how it ended.
  await ipc.cancelDeploy(id).catch(() => {});
}

export function dismissDeployment(id: FunctionId): void {
  const failure = store.current?.local.failure;
  if (failure) store.dismissed.set(id, failure.message);
  store.deployments.delete(id);
}

function pass(id: FunctionId, step: Step): void {
  const running = store.deployments.get(id);
  if (running?.state === 'running') store.deployments.set(id, { ...running, passed: [...running.passed, step] });
}

function fail(id: FunctionId, thrown: unknown): void {
  const failure = ipc.asFailure(thrown);
  store.deployments.set(id, { state: 'failed', failure });
  if (store.openId !== id) toast.error(`${store.name(id)} was not deployed`, { description: failure.message });
  else if (failure.position && documents.settled(id)) {
    // Whoever has typed on meanwhile keeps the caret; the strip leads to the place.
    documents.drawProblems(id);
    documents.reveal(failure.position);
  }
}
