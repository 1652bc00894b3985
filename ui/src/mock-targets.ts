// The other half of the core in memory: targets, and what is deployed to them. It keeps what a deployment bound, so that
// plans, stale markers and the history follow from what was done, and not from what a test says they are.

import type { AccountInfo } from './bindings/AccountInfo';
import type { Changed } from './bindings/Changed';
import type { ChangeKind } from './bindings/ChangeKind';
import type { Deployed } from './bindings/Deployed';
import type { Drift } from './bindings/Drift';
import type { Failure } from './bindings/Failure';
import type { FileChange } from './bindings/FileChange';
import type { NameChange } from './bindings/NameChange';
import type { Order } from './bindings/Order';
import type { Plan } from './bindings/Plan';
import type { Progress } from './bindings/Progress';
import type { RemoteScript } from './bindings/RemoteScript';
import type { Scope } from './bindings/Scope';
import type { Stale } from './bindings/Stale';
import type { Step } from './bindings/Step';
import type { TargetId } from './bindings/TargetId';
import type { TargetInfo } from './bindings/TargetInfo';
import type { TargetState } from './bindings/TargetState';
import type { Unfinished } from './bindings/Unfinished';
import { listed } from './format';
import { draftOn, type Kept, namesOf, problemOf, referencesOf, told } from './mock-code';
import { credentialsOf } from './mock-credentials';

type Hear = (progress: Progress) => void;

let nextDeployment = 1;

export class MockTargets {
  list: TargetInfo[] = [];
  /** The tokens that are good, with the accounts that each reaches. */
  tokens = new Map<string, AccountInfo[]>([['good-token', [{ id: 'acme', name: 'Acme', missing: [] }]]]);
  /** The token of each target, by its name. */
  sealed = new Map<string, string>();
  /** Who else deployed to a target. */
  drift = new Map<TargetId, Drift>();
  /** What stands in the way of a plan. */
  refusals: Failure[] = [];
  foreign: [string, string][] = [];
  /** What the next deployment elsewhere leaves undone. */
  unfinished: Unfinished[] = [];
  /** What is told before the bytes of the next deployment elsewhere. */
  interlude: Progress[] = [];
  /** The Workers of the account, with their code. */
  scripts: (RemoteScript & { text: string; secrets: string[] })[] = [];
  kept = 20;
  /** What is answered to the question that comes before deployments go. */
  confirmed = true;
  stepTime = 0;

  add(name: string, more: Partial<TargetInfo> = {}): TargetInfo {
    const target: TargetInfo = {
      id: Math.max(0, ...this.list.map(({ id }) => id)) + 1,
      name,
      baseUrl: 'https://api.cloudflare.com/client/v4',
      accountId: 'acme',
      accountName: 'Acme',
      suffix: '',
      ...more,
    };
    this.list = [...this.list, target];
    return target;
  }

  check(token: string): AccountInfo[] {
    const accounts = this.tokens.get(token);
    if (!accounts) refuse('access', 'Cloudflare does not know this token. Make another one.');
    return accounts as AccountInfo[];
  }

  addChecked(target: TargetInfo, token: string): TargetInfo[] {
    this.check(token);
    if (this.list.some(({ name }) => name === target.name)) {
      refuse('nameTaken', `There is a target named ${target.name} already.`);
    }
    this.sealed.set(target.name, token);
    const { id: _, ...given } = target;
    this.add(target.name, given);
    return this.list;
  }

  name(id: TargetId): string {
    return this.list.find((each) => each.id === id)?.name ?? 'Local';
  }

  keep(count: number): number | null {
    if (!this.confirmed) return null;
    this.kept = count;
    return count;
  }

  plan(kept: Kept, target: TargetId): Plan {
    const live = liveOn(kept, target);
    const kinds = (before: string[], after: { name: string; scope: Scope; stale: Stale[] }[]) => {
      const now = after.filter(({ scope }) => reaches(scope, target));
      const added = now.map(({ name, stale }) => {
        const changed = stale.some((each) => each.target === target && each.bound);
        const kind: ChangeKind = before.includes(name) ? (changed ? 'changed' : 'kept') : 'added';
        return { name, kind };
      });
      const gone = before.filter((name) => !now.some((each) => each.name === name));
      return [...added, ...gone.map((name) => ({ name, kind: 'removed' as const }))];
    };
    return {
      target,
      script: kept.summary.name + (this.list.find(({ id }) => id === target)?.suffix ?? ''),
      first: live === undefined,
      files: changes(kept.path, live?.text ?? '', kept.text),
      secrets: kinds(live?.secrets ?? [], kept.secrets),
      variables: kinds(live?.variables ?? [], kept.variables),
      schedules: kept.summary.schedules.map((name) => ({ name, kind: live ? 'kept' : 'added' })),
      compatibilityDate: live ? ['2026-10-01', '2026-11-17'] : null,
      foreign: this.foreign,
      unbound: this.#unbound(kept, target),
      drift: this.drift.get(target) ?? null,
      refusals: this.refusals,
    };
  }

  async deploy(kept: Kept, target: TargetId, order: Order, hear: Hear): Promise<Deployed> {
    const problem = problemOf(kept);
    if (problem) this.#fail(kept, target, order, problem);
    for (const step of ['compiled', 'checked', 'opened'] satisfies Step[]) {
      await this.#pause();
      const names = referencesOf(kept).missing.map((each) => each.name);
      if (step === 'checked' && names.length > 0) {
        const message = `The code uses ${names.join(' and ')}, which ${names.length > 1 ? 'are' : 'is'} not created yet.`;
        this.#fail(kept, target, order, { code: 'missingSecrets', message, position: null });
      }
      const stops = credentialsOf(kept).filter(({ allowed }) => allowed === null);
      if (step === 'checked' && stops[0]) {
        const named = stops.slice(0, 3).map(({ what, from }) => `${what} at line ${from.line}`);
        if (stops.length > 3) named.push(`${stops.length - 3} more`);
        const each = stops.length === 1 ? 'it' : 'each';
        const message = `The code holds ${listed(named)}. Move ${each} to a secret, or deploy anyway.`;
        this.#fail(kept, target, order, { code: 'credentialsInCode', message, position: stops[0].from });
      }
      if (step === 'checked' && kept.vault() !== 'ready' && kept.moved.size > 0) hear({ type: 'unchecked' });
      hear({ type: 'passed', step });
    }
    const unbound = this.#unbound(kept, target);
    if (unbound.length > 0) hear({ type: 'unbound', names: unbound });
    this.#minds(kept, target, order);
    await this.#send(target, hear);
    const bound = (each: { name: string; scope: Scope }) => (reaches(each.scope, target) ? [each.name] : []);
    const names = [...new Set(kept.secrets.flatMap(bound))];
    return this.#switch(kept, target, order.message, kept.text, names, kept.variables.flatMap(bound));
  }

  async rollBack(kept: Kept, deployment: number, over: string | null, hear: Hear): Promise<Deployed> {
    const past = kept.deployments.find(({ id }) => id === deployment);
    if (!past) return refuse('notFound', 'There is no such deployment.');
    const message = `Rolled back to #${past.number}`;
    this.#minds(kept, past.target, { message, over });
    await this.#pause();
    hear({ type: 'passed', step: 'switched' });
    return this.#switch(kept, past.target, message, past.text, past.secrets, past.variables);
  }

  read(kept: Kept, deployment: number): Changed {
    const at = kept.deployments.findIndex(({ id }) => id === deployment);
    const after = kept.deployments[at];
    const before = kept.deployments.slice(0, at).findLast(({ target }) => target === after?.target);
    return {
      files: changes(kept.path, before?.text ?? '', after?.text ?? ''),
      packages: false,
      secrets: nameChanges(before?.secrets ?? [], after?.secrets ?? []),
      variables: nameChanges(before?.variables ?? [], after?.variables ?? []),
      schedules: [],
    };
  }

  /** Marks what changed of a name on every target where something is live that it is for. */
  stale(kept: Kept, name: string, scope: Scope): Stale[] {
    return [kept.summary.local, ...kept.summary.remote].flatMap(({ target, live }) => {
      if (live === null || !reaches(scope, target)) return [];
      const deployed = liveOn(kept, target);
      return [{ target, bound: deployed ? [...deployed.secrets, ...deployed.variables].includes(name) : true }];
    });
  }

  /** What is live goes to a script of another name. */
  async move(kept: Kept, target: TargetId, name: string, hear: Hear): Promise<Deployed> {
    if (this.scripts.some((script) => script.name === name)) {
      refuse('nameTaken', `The account has a Worker named “${name}” already.`);
    }
    hear({ type: 'passed', step: 'opened' });
    await this.#send(target, hear);
    const live = liveOn(kept, target);
    change(kept, target, { script: name, address: `https://${name}.acme.workers.dev/` });
    return this.#switch(
      kept,
      target,
      `Moved to ${name}`,
      live?.text ?? kept.text,
      live?.secrets ?? [],
      live?.variables ?? [],
    );
  }

  #unbound(kept: Kept, target: TargetId): string[] {
    const there = target === 0 ? [] : this.foreign.map(([name]) => name);
    return referencesOf(kept).foreign.flatMap(({ name }) => (there.includes(name) ? [] : [name]));
  }

  /** Deployed by somebody else, and not told to be replaced. */
  #minds(kept: Kept, target: TargetId, order: Order): void {
    const drift = this.drift.get(target);
    if (drift && order.over !== drift.version) {
      const message = `Somebody else deployed it with ${drift.source}. Nothing was changed. Review it first.`;
      this.#fail(kept, target, order, { code: 'drift', message, position: null });
    }
    this.drift.delete(target);
  }

  async #send(target: TargetId, hear: Hear): Promise<void> {
    if (target === 0) {
      await this.#pause();
      hear({ type: 'passed', step: 'started' });
    } else {
      for (const told of this.interlude.splice(0)) {
        hear(told);
        await this.#pause();
      }
      for (const bytes of [0, 6144, 12_288]) {
        hear({ type: 'sent', bytes, total: 12_288 });
        await this.#pause();
      }
      hear({ type: 'passed', step: 'uploaded' });
    }
    await this.#pause();
    hear({ type: 'passed', step: 'switched' });
    if (target !== 0) hear({ type: 'passed', step: 'finished' });
  }

  #switch(
    kept: Kept,
    target: TargetId,
    message: string,
    text: string,
    secrets: string[],
    variables: string[],
  ): Deployed {
    for (const each of kept.deployments) if (each.target === target && each.outcome === 'live') each.outcome = 'past';
    const state = stateOn(kept, target);
    const number = this.#record(kept, target, { outcome: 'live', message, failure: null, secrets, variables, text });
    const host = target === 0 ? `http://localhost:${8786 + kept.summary.id}/` : null;
    const name = kept.summary.name + (this.list.find(({ id }) => id === target)?.suffix ?? '');
    change(kept, target, {
      status: text === kept.text ? 'live' : 'outdated',
      changes: text === kept.text ? [] : ['code'],
      address: state.address ?? host ?? `https://${name}.acme.workers.dev/`,
      script: target === 0 ? null : (state.script ?? name),
      failure: null,
      live: number,
      unfinished: target === 0 ? [] : this.unfinished.splice(0),
      running: target === 0,
    });
    const fresh = <T extends { stale: Stale[] }>(each: T): T => ({
      ...each,
      stale: each.stale.filter((stale) => stale.target !== target),
    });
    kept.secrets = kept.secrets.map(fresh);
    kept.variables = kept.variables.map(fresh);
    return { number, summary: told(kept), ...namesOf(kept) };
  }

  #fail(kept: Kept, target: TargetId, { message }: Order, failure: Failure): never {
    this.#record(kept, target, { outcome: 'failed', message, failure, secrets: [], variables: [], text: kept.text });
    change(kept, target, { status: 'failed', failure });
    throw failure;
  }

  #record(
    kept: Kept,
    target: TargetId,
    of: Omit<Kept['deployments'][number], 'id' | 'target' | 'number' | 'at'>,
  ): number {
    const last = Math.max(stateOn(kept, target).live ?? 0, ...numbersOn(kept, target));
    kept.deployments.push({ id: nextDeployment++, target, number: last + 1, at: Date.now(), ...of });
    return last + 1;
  }

  async #pause(): Promise<void> {
    if (this.stepTime > 0) await new Promise((resolve) => setTimeout(resolve, this.stepTime));
  }
}

export function refuse(code: Failure['code'], message: string): never {
  throw { code, message, position: null } satisfies Failure;
}

function stateOn({ summary }: Kept, target: TargetId): TargetState {
  if (target === 0) return summary.local;
  return summary.remote.find((each) => each.target === target) ?? draftOn(target);
}

/** Changes how a function stands on one target. */
export function change(kept: Kept, target: TargetId, state: Partial<TargetState>): void {
  const changed = { ...stateOn(kept, target), ...state };
  const others = kept.summary.remote.filter((each) => each.target !== target);
  kept.summary = {
    ...kept.summary,
    ...(target === 0 ? { local: changed } : { remote: [...others, changed].sort((a, b) => a.target - b.target) }),
  };
}

function liveOn({ deployments }: Kept, target: TargetId) {
  return deployments.find((each) => each.target === target && each.outcome === 'live');
}

function numbersOn({ deployments }: Kept, target: TargetId): number[] {
  return deployments.filter((each) => each.target === target).map(({ number }) => number);
}

function reaches(scope: Scope, target: TargetId): boolean {
  return scope === 'all' || scope.target === target;
}

function nameChanges(before: string[], after: string[]): NameChange[] {
  const only = (these: string[], those: string[], kind: ChangeKind) =>
    these.filter((name) => !those.includes(name)).map((name) => ({ name, kind }));
  return [...only(after, before, 'added'), ...only(before, after, 'removed')];
}

function changes(path: string, before: string, after: string): FileChange[] {
  return before === after ? [] : [{ path, before, after }];
}
