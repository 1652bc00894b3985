// The one store: what the window knows of the core, and which function is open.
//
// It holds no secret's value and no editor text: values live in their field, text in `editor/documents`. What changes
// it are the core's answers, through the modules of each panel, and the core's events, here.

import { SvelteMap } from 'svelte/reactivity';
import type { Event } from './bindings/Event';
import type { Failure } from './bindings/Failure';
import type { FunctionDetail } from './bindings/FunctionDetail';
import type { FunctionId } from './bindings/FunctionId';
import type { FunctionSummary } from './bindings/FunctionSummary';
import type { References } from './bindings/References';
import type { RuntimeState } from './bindings/RuntimeState';
import type { SecretInfo } from './bindings/SecretInfo';
import type { Step } from './bindings/Step';
import type { Template } from './bindings/Template';
import type { VaultState } from './bindings/VaultState';
import type { SaveState } from './editor/autosave';
import { Layout } from './layout.svelte';
import { Logs } from './run/logs.svelte';

/** What the window shows of the last deployment of a function that it started itself. */
export type Deployment =
  | { state: 'running'; passed: Step[]; cancelling: boolean }
  | { state: 'done'; number: number; address: string | null }
  | { state: 'failed'; failure: Failure };

export interface Save {
  state: SaveState;
  failure: Failure | null;
}

/** A function as the window needs it around its code. */
export interface OpenFunction {
  secrets: SecretInfo[];
  references: References;
  /** Where its code does not parse, if it does not. */
  problem: Failure | null;
}

export type Dialog = 'new-function' | 'palette';

export class Store {
  phase = $state<'starting' | 'ready' | 'failed'>('starting');
  /** Whether the core's events are heard. */
  listening = false;
  /** Why the window could not start. */
  failure = $state.raw<Failure | null>(null);

  functions = $state.raw<FunctionSummary[]>([]);
  templates = $state.raw<Template[]>([]);
  vault = $state<VaultState>('opening');
  runtime = $state.raw<RuntimeState>({ ready: true, problem: null });

  openId = $state<FunctionId | null>(null);
  /** Why the function that was chosen did not open. */
  openFailure = $state.raw<Failure | null>(null);
  readonly opened = new SvelteMap<FunctionId, OpenFunction>();
  readonly saves = new SvelteMap<FunctionId, Save>();
  readonly deployments = new SvelteMap<FunctionId, Deployment>();
  /** Failures that were looked at and put away, so that they do not come back with the next summary. */
  readonly dismissed = new SvelteMap<FunctionId, string>();
  readonly logs = new Logs();
  readonly layout = new Layout();

  cursor = $state.raw({ line: 1, column: 1 });
  /** Said beside the code until it is put away: a paste that was refused, a delete that failed. */
  notice = $state.raw<string | null>(null);
  dialog = $state<Dialog | null>(null);
  renaming = $state(false);

  readonly #gone = new Set<FunctionId>();

  readonly current = $derived(this.functions.find((each) => each.id === this.openId) ?? null);
  readonly detail = $derived(this.openId === null ? null : (this.opened.get(this.openId) ?? null));

  name(id: FunctionId): string {
    return this.functions.find((each) => each.id === id)?.name ?? 'The function';
  }

  /** Adds a function, or takes the newer state of one, in the order of names. */
  put(summary: FunctionSummary): void {
    // An id is never used again, so an event that comes after a delete is a late one.
    if (this.#gone.has(summary.id)) return;
    const others = this.functions.filter((each) => each.id !== summary.id);
    this.functions = [...others, summary].sort((a, b) => a.name.localeCompare(b.name, 'en'));
  }

  remove(id: FunctionId): void {
    this.#gone.add(id);
    this.functions = this.functions.filter((each) => each.id !== id);
    for (const map of [this.opened, this.saves, this.deployments, this.dismissed]) map.delete(id);
    this.logs.drop(id);
    if (this.openId === id) this.openId = null;
  }

  putDetail(detail: FunctionDetail): void {
    const { summary, secrets, references, problem } = detail;
    this.put(summary);
    this.opened.set(summary.id, { secrets, references, problem });
  }

  /** Takes the list that a command on secrets answered. Names the code lacks follow from it. */
  putSecrets(id: FunctionId, secrets: SecretInfo[]): void {
    const before = this.opened.get(id);
    if (!before) return;
    const names = new Set(secrets.map((secret) => secret.name));
    const gone = before.secrets.filter((secret) => !names.has(secret.name) && secret.lines.length > 0);
    const missing = [...before.references.missing, ...gone.map(({ name, lines }) => ({ name, lines }))];
    this.opened.set(id, {
      ...before,
      secrets,
      references: { ...before.references, missing: missing.filter(({ name }) => !names.has(name)) },
    });
  }

  hear(event: Event): void {
    if (event.type === 'vault') this.vault = event.state;
    else if (event.type === 'log') this.logs.add(event.function, event.line);
    else if (event.type === 'logsLost') this.logs.lost();
    else this.put(event.summary);
  }

  /** What is wrong with the code itself: where it does not parse, or where its last deployment failed. */
  problemOf(id: FunctionId): Failure | null {
    const deployment = this.deployments.get(id);
    const failure = deployment?.state === 'failed' && deployment.failure.position ? deployment.failure : null;
    return this.opened.get(id)?.problem ?? failure;
  }
}

export const store = new Store();
