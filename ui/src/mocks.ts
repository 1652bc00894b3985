// A core in memory, for tests and for looking at the window in a browser. It stands where Tauri's own door would, so
// that `ipc.ts` is used as it is. It is imported by tests and by `preview.ts`, never by the window.
//
// How it reads code is in `mock-code.ts`, what it deploys in `mock-targets.ts`. It has no encryption: values are kept in
// `values` so that a test can compare what arrived.

import type { Change } from './bindings/Change';
import type { Event } from './bindings/Event';
import type { Failure } from './bindings/Failure';
import type { FunctionDetail } from './bindings/FunctionDetail';
import type { FunctionSummary } from './bindings/FunctionSummary';
import type { Names } from './bindings/Names';
import type { Order } from './bindings/Order';
import type { Overview } from './bindings/Overview';
import type { PackageWish } from './bindings/PackageWish';
import type { Progress } from './bindings/Progress';
import type { Saved } from './bindings/Saved';
import type { Scope } from './bindings/Scope';
import type { SourceFile } from './bindings/SourceFile';
import type { TargetId } from './bindings/TargetId';
import type { TargetInfo } from './bindings/TargetInfo';
import type { TargetState } from './bindings/TargetState';
import type { VaultState } from './bindings/VaultState';
import {
  changePackages,
  detailOf,
  draftOn,
  HTTP_CODE,
  type Kept,
  namesOf,
  readSchedule,
  savedOf,
  secret,
  TEMPLATES,
  told,
  triggerOf,
} from './mock-code';
import { loseValues, onCredentials } from './mock-credentials';
import { change, MockTargets, refuse } from './mock-targets';

export { draftOn, HTTP_CODE, type Kept, secret } from './mock-code';

type Arguments = Record<string, unknown>;

/** Never used again, as in the real core: tests share the window's store. */
let nextId = 1;
/** The same for the sessions of the language server. */
let nextSession = 1;

export class MockCore {
  kept: Kept[] = [];
  targets = new MockTargets();
  vault: VaultState = 'ready';
  runtime: Overview['runtime'] = { ready: true, problem: null };
  /** What the clipboard says of the text that was pasted. */
  pastedLineBreaks: string[] | null = null;
  /** What arrived as a secret's value, by name, and by name and target where it is for one. */
  values = new Map<string, string>();
  /** Every command that was called, in order. */
  calls: { command: string; args: Arguments }[] = [];
  /** The next call of a command is refused with this. */
  refusals = new Map<string, Failure>();
  /** Commands that wait until this is resolved. */
  gates = new Map<string, Promise<void>>();
  /** What the language server answers. */
  language: (method: string, params: Arguments) => unknown = () => null;
  /** The text of each declaration that is read. */
  declaration = 'declare const declared: true\n';
  #happened: Event[] = [];
  #somethingHappens = () => {};

  set stepTime(time: number) {
    this.targets.stepTime = time;
  }

  add(name: string, text = HTTP_CODE, more: Partial<FunctionSummary> = {}): Kept {
    const summary: FunctionSummary = {
      id: nextId++,
      name,
      trigger: triggerOf(text),
      schedules: [],
      status: 'draft',
      local: draftOn(0),
      remote: [],
      chosen: [0],
      ...more,
    };
    const kept: Kept = {
      summary,
      path: 'index.ts',
      text,
      others: [],
      secrets: [],
      variables: [],
      held: [],
      log: [],
      deployments: [],
      moved: new Map(),
      allowed: new Map(),
      allowedNow: new Set(),
      vault: () => this.vault,
      installed: new Map(),
    };
    this.kept.push(kept);
    return kept;
  }

  emit(event: Event): void {
    this.#happened.push(event);
    this.#somethingHappens();
  }

  async call(command: string, args: Arguments): Promise<unknown> {
    this.calls.push({ command, args });
    await this.gates.get(command);
    const refusal = this.refusals.get(command);
    if (refusal) {
      this.refusals.delete(command);
      throw refusal;
    }
    const id = args.id as number;
    const target = args.target as TargetId;
    const scope = args.scope as Scope;
    const text = (name: string) => args[name] as string;
    const hear = (progress: Progress) => (args.progress as { onmessage(progress: Progress): void }).onmessage(progress);
    switch (command) {
      case 'overview':
        return {
          functions: this.kept.map(told),
          open: this.#first(args.last as number | null),
          templates: TEMPLATES,
          targets: this.targets.list,
          vault: this.vault,
          runtime: this.runtime,
        } satisfies Overview;
      case 'start_language':
      case 'restart_language':
        this.emit({ type: 'language', state: { type: 'ready', session: nextSession++, restarted: false } });
        return null;
      case 'open_in_language':
        return `file:///functions/${id}/`;
      case 'read_declaration':
        return this.declaration;
      case 'ask_language':
        return this.language(text('method'), args.params as Arguments);
      case 'watch':
        if (args.first) return [{ type: 'logsLost' }] satisfies Event[];
        while (this.#happened.length === 0) {
          await new Promise<void>((happens) => {
            this.#somethingHappens = happens;
          });
        }
        return this.#happened.splice(0);
      case 'open_function':
        return detailOf(this.#find(id));
      case 'look_through':
        return savedOf(this.#find(id));
      case 'create_function':
        return detailOf(this.#create(text('name') ?? this.#freeName(), text('template')));
      case 'duplicate_function':
        return detailOf(this.add(`${this.#find(id).summary.name}-2`, this.#find(id).text));
      case 'rename_function':
        return this.#change(id, { name: text('name') });
      case 'delete_function':
        this.kept = this.kept.filter((each) => each.summary.id !== id);
        return true;
      case 'save_file':
        return this.#save(id, text('path'), text('text'));
      case 'create_file':
        return this.#changeFiles(id, (others) => [...others, { path: text('path'), text: text('text') }]);
      case 'rename_file':
        return this.#changeFiles(id, (others) =>
          others.map((file) => (file.path === text('path') ? { ...file, path: text('to') } : file)),
        );
      case 'delete_file':
        return this.#changeFiles(id, (others) => others.filter((file) => file.path !== text('path')));
      case 'set_schedules':
        return this.#change(id, { schedules: args.schedules as string[] });
      case 'read_schedule':
        return readSchedule(text('expression'));
      case 'pasted_line_breaks':
        return this.pastedLineBreaks;
      case 'create_secret':
      case 'replace_secret':
        this.values.set(text('name') + (scope === 'all' ? '' : ` ${scope.target}`), text('value'));
        return this.#putSecret(id, text('name'), scope);
      case 'delete_secret':
        this.#find(id).secrets = without(this.#find(id).secrets, text('name'), scope);
        return namesOf(this.#find(id));
      case 'credentials':
      case 'credential_pasted':
      case 'allow_credential':
      case 'withdraw_allowance':
      case 'move_to_secret':
      case 'leaked_values':
      case 'remove_versions':
        return onCredentials(command, this.#find(id), args);
      case 'set_variable':
        return this.#putVariable(id, text('name'), scope, text('value'));
      case 'delete_variable':
        this.#find(id).variables = without(this.#find(id).variables, text('name'), scope);
        return namesOf(this.#find(id));
      case 'check_token':
        return { accounts: this.targets.check(text('token')) };
      case 'add_target':
        return this.targets.addChecked(args.target as TargetInfo, text('token'));
      case 'replace_token':
        this.targets.sealed.set(this.targets.name(target), text('token'));
        return null;
      case 'remove_target':
        return this.#removeTarget(target);
      case 'choose_targets':
        return this.#choose(id, args.chosen as TargetId[]);
      case 'remote_scripts':
        return this.targets.scripts.map(({ text: _, secrets: __, ...script }) => script);
      case 'import_script':
        return detailOf(this.#import(target, text('script')));
      case 'plan':
        return this.targets.plan(this.#find(id), target);
      case 'change_packages':
        changePackages(this.#find(id), args.wish as PackageWish);
        this.#outdate(this.#find(id), 'packages');
        return detailOf(this.#find(id));
      case 'deploy':
        return this.#telling(id, this.targets.deploy(this.#find(id), target, args.order as Order, hear));
      case 'finish_deployment':
        return this.#finish(id, target);
      case 'history':
        return this.#find(id)
          .deployments.map(({ text: _, variables: __, ...past }) => past)
          .reverse();
      case 'read_deployment':
        return this.targets.read(this.#deployed(args.deployment as number), args.deployment as number);
      case 'roll_back': {
        const kept = this.#deployed(args.deployment as number);
        const over = args.over as string | null;
        return this.#telling(kept.summary.id, this.targets.rollBack(kept, args.deployment as number, over, hear));
      }
      case 'move_script':
        return this.#telling(id, this.targets.move(this.#find(id), target, text('name'), hear));
      case 'kept_deployments':
        return this.targets.kept;
      case 'keep_deployments':
        return this.targets.keep(args.count as number);
      case 'run_now':
        return { ok: true, message: 'Ran in 12 ms.' };
      case 'read_log':
        return this.#find(id).log;
      case 'change_address':
        return this.#change(id, {}, { address: 'http://localhost:8801/', addressProblem: null });
      case 'start_new_vault':
      case 'retry_vault':
        if (command === 'start_new_vault') this.kept.forEach(loseValues);
        this.vault = 'ready';
        this.emit({ type: 'vault', state: 'ready' });
        return this.vault;
      case 'retry_runtime':
        this.runtime = { ready: true, problem: null };
        return this.runtime;
      default:
        return null;
    }
  }

  #first(last: number | null): FunctionDetail | null {
    const kept = this.kept.find((each) => each.summary.id === last) ?? this.kept[0];
    return kept ? detailOf(kept) : null;
  }

  #find(id: number): Kept {
    return this.kept.find((each) => each.summary.id === id) ?? refuse('notFound', 'There is no such function.');
  }

  #deployed(deployment: number): Kept {
    const has = ({ deployments }: Kept) => deployments.some((each) => each.id === deployment);
    return this.kept.find(has) ?? refuse('notFound', 'There is no such deployment.');
  }

  #create(name: string, template: string): Kept {
    if (this.kept.some((each) => each.summary.name === name)) {
      refuse('nameTaken', `There is a function ${name} already.`);
    }
    const scheduled =
      'export default {\n  async scheduled(controller, env, ctx) {\n    console.log(controller.cron)\n  },\n}\n';
    return this.add(name, template === 'scheduled' ? scheduled : HTTP_CODE);
  }

  #freeName(): string {
    let number = 1;
    while (this.kept.some((each) => each.summary.name === `untitled-${number}`)) number++;
    return `untitled-${number}`;
  }

  #change(id: number, summary: Partial<FunctionSummary>, local: Partial<TargetState> = {}): FunctionSummary {
    const kept = this.#find(id);
    kept.summary = { ...kept.summary, ...summary };
    change(kept, 0, local);
    return told(kept);
  }

  /** What is live anywhere is no longer what a deployment would make. */
  #outdate(kept: Kept, because: Change, targets?: TargetId[]): void {
    const states = [kept.summary.local, ...kept.summary.remote].filter(({ live }) => live !== null);
    targets ??= states.map(({ target }) => target);
    for (const target of targets) change(kept, target, { status: 'outdated', changes: [because] });
  }

  #save(id: number, path: string, text: string): Saved {
    const kept = this.#find(id);
    const other = kept.others.find((each) => each.path === path);
    if (!other && path !== kept.path) refuse('notFound', `There is no such file.`);
    if (other) other.text = text;
    else kept.text = text;
    kept.summary = { ...kept.summary, trigger: triggerOf(kept.text) };
    this.#outdate(kept, 'code');
    return savedOf(kept);
  }

  #changeFiles(id: number, change: (others: SourceFile[]) => SourceFile[]): FunctionDetail {
    const kept = this.#find(id);
    kept.others = change(kept.others);
    return detailOf(kept);
  }

  #putSecret(id: number, name: string, scope: Scope): Names {
    const kept = this.#find(id);
    const stale = this.targets.stale(kept, name, scope);
    const others = without(kept.secrets, name, scope);
    kept.secrets = [...others, secret(name, { scope, stale })].sort((a, b) => a.name.localeCompare(b.name));
    kept.held = kept.held.filter((each) => each.name !== name);
    const targets = stale.map(({ target }) => target);
    this.#outdate(kept, 'secrets', targets);
    if (targets.length > 0) this.emit({ type: 'function', summary: told(kept) });
    return namesOf(kept);
  }

  #putVariable(id: number, name: string, scope: Scope, value: string): Names {
    const kept = this.#find(id);
    const stale = this.targets.stale(kept, name, scope);
    const others = without(kept.variables, name, scope);
    kept.variables = [...others, { name, scope, value, stale }].sort((a, b) => a.name.localeCompare(b.name));
    const targets = stale.map(({ target }) => target);
    this.#outdate(kept, 'variables', targets);
    if (targets.length > 0) this.emit({ type: 'function', summary: told(kept) });
    return namesOf(kept);
  }

  #choose(id: number, chosen: TargetId[]): FunctionSummary {
    const kept = this.#find(id);
    if (chosen.length === 0) refuse('notFound', 'Choose at least one target.');
    kept.summary = { ...kept.summary, chosen };
    for (const target of chosen) if (target !== 0) change(kept, target, {});
    return told(kept);
  }

  #removeTarget(target: TargetId): TargetInfo[] {
    this.targets.list = this.targets.list.filter((each) => each.id !== target);
    for (const kept of this.kept) {
      const chosen = kept.summary.chosen.filter((each) => each !== target);
      const remote = kept.summary.remote.filter((each) => each.target !== target);
      kept.summary = { ...kept.summary, remote, chosen: chosen.length > 0 ? chosen : [0] };
      kept.secrets = kept.secrets.filter(({ scope }) => scope === 'all' || scope.target !== target);
      kept.variables = kept.variables.filter(({ scope }) => scope === 'all' || scope.target !== target);
    }
    return this.targets.list;
  }

  #import(target: TargetId, name: string): Kept {
    const script = this.targets.scripts.find((each) => each.name === name);
    if (!script) return refuse('notFound', `There is no Worker ${name}.`);
    script.known = true;
    const kept = this.add(name, script.text, { chosen: [target] });
    kept.path = 'index.js';
    kept.held = script.secrets.map((name) => ({ name, target, lines: [] }));
    change(kept, target, { script: name, status: 'live', address: `https://${name}.acme.workers.dev/` });
    return kept;
  }

  #finish(id: number, target: TargetId): FunctionSummary {
    change(this.#find(id), target, { unfinished: [] });
    return told(this.#find(id));
  }

  /** A failure is told as an event, too. */
  async #telling<T>(id: number, deployment: Promise<T>): Promise<T> {
    try {
      return await deployment;
    } catch (thrown) {
      this.emit({ type: 'function', summary: told(this.#find(id)) });
      throw thrown;
    }
  }
}

function without<T extends { name: string; scope: Scope }>(list: T[], name: string, scope: Scope): T[] {
  const key = JSON.stringify(scope);
  return list.filter((each) => each.name !== name || JSON.stringify(each.scope) !== key);
}
