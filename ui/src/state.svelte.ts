// The one store: what the window knows of the core, and which function is open.
//
// It holds no secret's value and no editor text: values live in their field, text in `editor/documents`. What changes
// it are the core's answers, through the modules of each panel, and the core's events, here.

import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { CredentialInCode } from './bindings/CredentialInCode';
import type { Failure } from './bindings/Failure';
import type { FunctionDetail } from './bindings/FunctionDetail';
import type { FunctionId } from './bindings/FunctionId';
import type { FunctionSummary } from './bindings/FunctionSummary';
import type { LanguageState } from './bindings/LanguageState';
import type { LeakedValue } from './bindings/LeakedValue';
import type { Names } from './bindings/Names';
import type { PackageInfo } from './bindings/PackageInfo';
import type { PastDeployment } from './bindings/PastDeployment';
import type { References } from './bindings/References';
import type { RuntimeState } from './bindings/RuntimeState';
import type { Saved } from './bindings/Saved';
import type { Scope } from './bindings/Scope';
import type { SecretInfo } from './bindings/SecretInfo';
import type { Step } from './bindings/Step';
import type { TargetId } from './bindings/TargetId';
import type { TargetInfo } from './bindings/TargetInfo';
import type { Template } from './bindings/Template';
import type { VariableInfo } from './bindings/VariableInfo';
import type { VaultState } from './bindings/VaultState';
import type { SaveState } from './editor/autosave';
import type { OfTheCore } from './hearing';
import { withLastReading } from './last-reading';
import { Layout } from './layout.svelte';
import { Logs } from './run/logs.svelte';
import type { Schedules } from './run/schedules.svelte';
import { shared } from './sharing';

/** What the window shows of the last deployment of a function to a target that it started itself. */
export type Deployment = {
  target: TargetId;
  /** The one that is returned to, where it is a rollback. */
  back: PastDeployment | null;
} & (Running | ({ state: 'done'; number: number; address: string | null } & Noted) | Failed);

interface Failed {
  state: 'failed';
  failure: Failure;
  /** Whether the code was changed since: its place in there is no longer known. */
  outdated: boolean;
}

/** What is to be known of a deployment although it stops nothing. */
export interface Noted {
  /** Whether nobody could tell if the code holds a value that is sealed. */
  unchecked: boolean;
  /** Names that the code uses and that the target has no binding of. */
  unbound: string[];
}

interface Running extends Noted {
  state: 'running';
  passed: Step[];
  sent: { bytes: number; total: number } | null;
  /** Why it stands still, in words. */
  pause: string | null;
  cancelling: boolean;
}

export interface Save {
  state: SaveState;
  failure: Failure | null;
}

/** What is typed as the value of a variable. */
export interface Typed {
  id: FunctionId;
  name: string;
  scope: Scope;
  text: string;
  /** Why it was not saved as it stood then. */
  refusal: string | null;
}

/** A function as the window needs it around its code. */
export interface OpenFunction {
  /** The paths of its files. */
  files: string[];
  secrets: SecretInfo[];
  variables: VariableInfo[];
  references: References;
  /** What in its code looks like a credential, or is a value that is known. */
  credentials: CredentialInCode[];
  packages: PackageInfo[];
  /** Where its code does not parse, if it does not. */
  problem: Failure | null;
  /** Its code has no handler for schedules, or had none when it parsed last. */
  unscheduled: boolean;
  /** The files that have not been read yet, since they did not parse: what they use is not known. */
  unknown: string[];
}

export type Dialog =
  | 'new-function'
  | 'palette'
  | 'settings'
  | 'review'
  | 'import'
  | 'address'
  | 'packages'
  | 'move-to-secret'
  | 'deploy-anyway';

class Store {
  phase = $state<'starting' | 'ready' | 'failed'>('starting');
  /** Whether the core's events are heard. */
  listening = false;
  /** Why the window could not start. */
  failure = $state.raw<Failure | null>(null);

  functions = $state.raw<FunctionSummary[]>([]);
  templates = $state.raw<Template[]>([]);
  /** The targets that the user added; Local is none of them. */
  targets = $state.raw<TargetInfo[]>([]);
  vault = $state<VaultState>('opening');
  /** Told when the vault opens: until then nothing could be compared with what it holds. */
  vaultOpened: () => void = () => {};
  runtime = $state.raw<RuntimeState>({ ready: true, problem: null });
  language = $state.raw<LanguageState>({ type: 'off' });
  /** Told when the language server's state is another (null), or the `Env` of a function. */
  languageChanged: (changedEnv: FunctionId | null) => void = () => {};

  openId = $state<FunctionId | null>(null);
  /** Why the function that was chosen did not open. */
  openFailure = $state.raw<Failure | null>(null);
  readonly opened = new SvelteMap<FunctionId, OpenFunction>();
  /** The path of the file that is shown of each function, or was last. */
  readonly shownFiles = new SvelteMap<FunctionId, string>();
  readonly saves = new SvelteMap<FunctionId, Save>();
  /** What is typed of variables and not saved, also where its row is not shown; by what `secrets/actions` calls it. */
  readonly typed = new SvelteMap<string, Typed>();
  /** The schedules that are shown, and those that are typed and not saved. */
  readonly schedules = new SvelteMap<FunctionId, Schedules>();
  /** One for each target, in the order in which they were started. */
  readonly deployments = new SvelteMap<FunctionId, Deployment[]>();
  /** Failures that were looked at and put away, by target, so that they do not come back with the next summary. */
  readonly dismissed = new SvelteMap<FunctionId, Map<TargetId, string>>();
  readonly logs = new Logs();
  readonly layout = new Layout();

  cursor = $state.raw({ line: 1, column: 1 });
  /** Said beside the code until it is put away: a paste that was refused, a delete that failed. */
  notice = $state.raw<string | null>(null);
  dialog = $state<Dialog | null>(null);
  /** The target that the dialog which opens is about, where one was chosen. */
  dialogTarget = $state<TargetId | null>(null);
  /** What the dialogs about a credential are about, and where it was to be deployed. */
  credential = $state.raw<{ id: FunctionId; found: CredentialInCode; target: TargetId | null } | null>(null);
  /** Values that were moved to secrets, with the deployments that still hold them. */
  readonly leaked = new SvelteMap<FunctionId, LeakedValue[]>();
  /** What of it was looked at and put away, in the words of `credentials/actions`. */
  readonly leaksPutAway = new SvelteSet<string>();
  renaming = $state(false);
  /** Whether the name of a file is typed: of a new one, or of the shown one. */
  namingFile = $state<'new' | 'shown' | null>(null);

  readonly #gone = new Set<FunctionId>();

  readonly current = $derived(this.functions.find((each) => each.id === this.openId) ?? null);
  readonly shownFile = $derived(this.openId === null ? null : (this.shownFiles.get(this.openId) ?? null));
  readonly detail = $derived(this.openId === null ? null : (this.opened.get(this.openId) ?? null));

  name(id: FunctionId): string {
    return this.functions.find((each) => each.id === id)?.name ?? 'The function';
  }

  crons(id: FunctionId): string[] {
    return this.functions.find((each) => each.id === id)?.schedules ?? [];
  }

  /** Adds a function, or takes the newer state of one, in the order of names. */
  put(summary: FunctionSummary): void {
    // An id is never used again, so an event that comes after a delete is a late one.
    if (this.#gone.has(summary.id)) return;
    const before = this.functions.find((each) => each.id === summary.id);
    const now = shared(before, summary);
    if (now === before) return;
    const others = this.functions.filter((each) => each !== before);
    this.functions = [...others, now].sort((a, b) => a.name.localeCompare(b.name, 'en'));
  }

  remove(id: FunctionId): void {
    this.#gone.add(id);
    this.functions = this.functions.filter((each) => each.id !== id);
    const { opened, saves, schedules, deployments, dismissed, leaked } = this;
    for (const map of [opened, saves, schedules, deployments, dismissed, leaked]) map.delete(id);
    for (const [key, typed] of this.typed) if (typed.id === id) this.typed.delete(key);
    this.logs.drop(id);
    if (this.openId === id) this.openId = null;
  }

  putDetail(detail: FunctionDetail): void {
    const { summary, secrets, variables, references, credentials, packages, problem, unscheduled } = detail;
    this.put(summary);
    const files = detail.files.map(({ path }) => path);
    const unknown = references.unread;
    const now = { files, secrets, variables, references, credentials, packages, problem, unscheduled, unknown };
    this.opened.set(summary.id, withLastReading(this.opened.get(summary.id), now));
  }

  /** Changes a part of what is known of a function, where it is open. */
  amend(id: FunctionId, part: Partial<OpenFunction>): void {
    const before = this.opened.get(id);
    // Another object, since it was looked at again; its parts are others where they say something else.
    if (before) this.opened.set(id, { ...shared(before, { ...before, ...part }) });
  }

  /** Takes what a save answered. */
  putSaved(id: FunctionId, { summary, ...saved }: Saved): void {
    this.put(summary);
    const before = this.opened.get(id);
    this.#outdate(id);
    const unknown = saved.references.unread;
    if (!before) return;
    const { unscheduled } = saved.problem === null ? saved : before;
    this.amend(id, withLastReading(before, { ...before, ...saved, unscheduled, unknown }));
  }

  /** Takes what a command on secrets or variables answered. */
  putNames(id: FunctionId, { secrets, variables, references }: Names): void {
    const before = this.opened.get(id);
    if (!before) return;
    const unknown = references.unread;
    this.amend(id, withLastReading(before, { ...before, secrets, variables, references, unknown }));
  }

  deploymentOn(id: FunctionId, target: TargetId): Deployment | undefined {
    return this.deployments.get(id)?.find((each) => each.target === target);
  }

  /** In place of the last one to the same target. */
  putDeployment(id: FunctionId, deployment: Deployment): void {
    const before = this.deployments.get(id) ?? [];
    const at = before.findIndex(({ target }) => target === deployment.target);
    this.deployments.set(id, at < 0 ? [...before, deployment] : before.with(at, deployment));
  }

  deploying(id: FunctionId): boolean {
    return this.deployments.get(id)?.some(({ state }) => state === 'running') ?? false;
  }

  hear(event: OfTheCore): void {
    if (event.type === 'vault') this.putVault(event.state);
    else if (event.type === 'log') this.logs.add(event.function, event.line);
    else if (event.type === 'logsLost') this.logs.lost();
    else if (event.type === 'env') this.languageChanged(event.function);
    else if (event.type === 'language') {
      this.language = event.state;
      this.languageChanged(null);
    } else this.put(event.summary);
  }

  putVault(state: VaultState): void {
    const opened = state === 'ready' && this.vault !== 'ready';
    this.vault = state;
    if (opened) this.vaultOpened();
  }

  /** The code is no longer what failed to be deployed. */
  #outdate(id: FunctionId): void {
    const before = this.deployments.get(id);
    if (!before?.some((each) => each.state === 'failed' && !each.outdated)) return;
    const now = before.map((each) => (each.state === 'failed' ? { ...each, outdated: true } : each));
    this.deployments.set(id, now);
  }

  /** What is wrong with the code itself: where it does not parse, or where it failed as it was deployed last. */
  problemOf(id: FunctionId): Failure | null {
    // Credentials are problems of their own.
    const placed = (each: Deployment) =>
      each.state === 'failed' && !each.outdated && each.failure.position && each.failure.code !== 'credentialsInCode'
        ? [each.failure]
        : [];
    return this.opened.get(id)?.problem ?? this.deployments.get(id)?.flatMap(placed)[0] ?? null;
  }
}

export const store = new Store();
