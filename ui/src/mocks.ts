// A core in memory, for tests and for looking at the window in a browser. It stands where Tauri's own door would, so
// that `ipc.ts` is used as it is. It is imported by tests and by `preview.ts`, never by the window.
//
// It reads code with a few patterns where the real core parses it, and has no encryption: values are kept in `values`
// so that a test can compare what arrived.

import type { Event } from './bindings/Event';
import type { Failure } from './bindings/Failure';
import type { FunctionDetail } from './bindings/FunctionDetail';
import type { FunctionSummary } from './bindings/FunctionSummary';
import type { LogLine } from './bindings/LogLine';
import type { Overview } from './bindings/Overview';
import type { Progress } from './bindings/Progress';
import type { Saved } from './bindings/Saved';
import type { SecretInfo } from './bindings/SecretInfo';
import type { Step } from './bindings/Step';
import type { Template } from './bindings/Template';
import type { VaultState } from './bindings/VaultState';

type Arguments = Record<string, unknown>;

interface Kept {
  summary: FunctionSummary;
  text: string;
  secrets: { name: string; changedAt: number; state: SecretInfo['state']; redeploy: boolean }[];
  log: LogLine[];
}

const TEMPLATES: Template[] = [
  { id: 'http', title: 'HTTP', sentence: 'Answers requests at an address of its own.' },
  { id: 'scheduled', title: 'Scheduled', sentence: 'Runs by itself, at the times you give.' },
  { id: 'webhook', title: 'Webhook', sentence: 'Takes a webhook and checks its signature with a secret.' },
  { id: 'api', title: 'Call an API', sentence: 'Calls another service with an API key from a secret.' },
];

export const HTTP_CODE = `export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return new Response("Hello")
  },
}
`;

/** Never used again, as in the real core: tests share the window's store. */
let nextId = 1;

export class MockCore {
  kept: Kept[] = [];
  vault: VaultState = 'ready';
  runtime: Overview['runtime'] = { ready: true, problem: null };
  /** What the clipboard says of the text that was pasted. */
  pastedLineBreaks: string[] | null = null;
  /** What arrived as a secret's value, by name. */
  values = new Map<string, string>();
  /** Every command that was called, in order. */
  calls: { command: string; args: Arguments }[] = [];
  /** The next call of a command is refused with this. */
  refusals = new Map<string, Failure>();
  /** Commands that wait until this is resolved. */
  gates = new Map<string, Promise<void>>();
  stepTime = 0;
  #watchers: ((events: Event[]) => void)[] = [];

  add(name: string, text = HTTP_CODE, more: Partial<FunctionSummary> = {}): Kept {
    const local = {
      status: 'draft' as const,
      changes: [],
      address: null,
      addressProblem: null,
      failure: null,
      live: null,
      running: false,
    };
    const summary = { id: nextId++, name, trigger: triggerOf(text), schedules: [], local, ...more };
    const kept: Kept = { summary, text, secrets: [], log: [] };
    this.kept.push(kept);
    return kept;
  }

  emit(event: Event): void {
    for (const watcher of this.#watchers) watcher([event]);
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
    const text = (name: string) => args[name] as string;
    switch (command) {
      case 'overview':
        return {
          functions: this.kept.map((each) => each.summary),
          open: this.#first(args.last as number | null),
          templates: TEMPLATES,
          vault: this.vault,
          runtime: this.runtime,
        } satisfies Overview;
      case 'watch':
        this.#watchers.push((args.channel as { onmessage(events: Event[]): void }).onmessage);
        return null;
      case 'open_function':
        return detailOf(this.#find(id));
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
        return this.#save(id, text('text'));
      case 'set_schedules':
        return this.#change(id, { schedules: args.schedules as string[] });
      case 'read_schedule':
        return readSchedule(text('expression'));
      case 'pasted_line_breaks':
        return this.pastedLineBreaks;
      case 'create_secret':
      case 'replace_secret':
        this.values.set(text('name'), text('value'));
        return this.#putSecret(id, text('name'));
      case 'delete_secret':
        this.#find(id).secrets = this.#find(id).secrets.filter((secret) => secret.name !== args.name);
        return secretsOf(this.#find(id));
      case 'deploy':
        return this.#deploy(id, args.progress as { onmessage(progress: Progress): void });
      case 'run_now':
        return { ok: true, message: 'Ran in 12 ms.' };
      case 'read_log':
        return this.#find(id).log;
      case 'change_address':
        return this.#change(id, {}, { address: 'http://localhost:8801/', addressProblem: null });
      case 'retry_vault':
      case 'start_new_vault':
        this.vault = 'ready';
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
    const kept = this.kept.find((each) => each.summary.id === id);
    if (!kept) throw { code: 'notFound', message: 'There is no such function.', position: null } satisfies Failure;
    return kept;
  }

  #create(name: string, template: string): Kept {
    if (this.kept.some((each) => each.summary.name === name)) {
      throw { code: 'nameTaken', message: `There is a function ${name} already.`, position: null } satisfies Failure;
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

  #change(
    id: number,
    summary: Partial<FunctionSummary>,
    local: Partial<FunctionSummary['local']> = {},
  ): FunctionSummary {
    const kept = this.#find(id);
    kept.summary = { ...kept.summary, ...summary, local: { ...kept.summary.local, ...local } };
    return kept.summary;
  }

  #save(id: number, text: string): Saved {
    const kept = this.#find(id);
    kept.text = text;
    const live = kept.summary.local.live !== null;
    const summary = this.#change(
      id,
      { trigger: triggerOf(text) },
      live ? { status: 'outdated', changes: ['code'] } : {},
    );
    return { summary, secrets: secretsOf(kept), references: referencesOf(kept), problem: problemOf(text) };
  }

  #putSecret(id: number, name: string): SecretInfo[] {
    const kept = this.#find(id);
    const live = kept.summary.local.live !== null;
    const others = kept.secrets.filter((secret) => secret.name !== name);
    kept.secrets = [...others, { name, changedAt: Date.now(), state: 'sealed' as const, redeploy: live }].sort((a, b) =>
      a.name.localeCompare(b.name),
    );
    if (live)
      this.emit({ type: 'function', summary: this.#change(id, {}, { status: 'outdated', changes: ['secrets'] }) });
    return secretsOf(kept);
  }

  async #deploy(id: number, progress: { onmessage(progress: Progress): void }) {
    const kept = this.#find(id);
    const failed = (failure: Failure): never => {
      this.#change(id, {}, { status: 'failed', failure });
      this.emit({ type: 'function', summary: kept.summary });
      throw failure;
    };
    const problem = problemOf(kept.text);
    if (problem) failed(problem);
    for (const step of ['compiled', 'checked', 'opened', 'started', 'switched'] satisfies Step[]) {
      if (this.stepTime > 0) await new Promise((resolve) => setTimeout(resolve, this.stepTime));
      const names = referencesOf(kept).missing.map((each) => each.name);
      if (step === 'checked' && names.length > 0) {
        const message = `The code uses ${names.join(' and ')}, which ${names.length > 1 ? 'are' : 'is'} not created yet.`;
        failed({ code: 'missingSecrets', message, position: null });
      }
      progress.onmessage({ step });
    }
    const number = (kept.summary.local.live ?? 0) + 1;
    kept.secrets = kept.secrets.map((secret) => ({ ...secret, redeploy: false }));
    const address = kept.summary.local.address ?? `http://localhost:${8786 + id}/`;
    const summary = this.#change(
      id,
      {},
      { status: 'live', changes: [], live: number, address, failure: null, running: true },
    );
    return { number, summary, secrets: secretsOf(kept) };
  }
}

/** Puts the core where Tauri's door is. Returns how to say what the native menu says. */
export function install(core: MockCore): { menu(id: string): void } {
  const callbacks = new Map<number, (message: unknown) => void>();
  const listeners: { event: string; handler: number }[] = [];
  let next = 1;
  const internals = {
    metadata: { currentWindow: { label: 'main' }, currentWebview: { label: 'main' } },
    transformCallback(callback: (message: unknown) => void) {
      callbacks.set(next, callback);
      return next++;
    },
    unregisterCallback: (id: number) => callbacks.delete(id),
    async invoke(command: string, args: Arguments = {}) {
      if (command !== 'plugin:event|listen') return command.startsWith('plugin:') ? null : core.call(command, args);
      listeners.push({ event: args.event as string, handler: args.handler as number });
      return listeners.length;
    },
  };
  Object.defineProperty(window, '__TAURI_INTERNALS__', { value: internals, configurable: true });
  return {
    menu(id) {
      for (const { event, handler } of listeners) {
        if (event === 'menu') callbacks.get(handler)?.({ event, id: handler, payload: id });
      }
    },
  };
}

function detailOf(kept: Kept): FunctionDetail {
  return {
    summary: kept.summary,
    files: [{ path: 'index.ts', text: kept.text }],
    compatibilityDate: '2026-11-17',
    secrets: secretsOf(kept),
    references: referencesOf(kept),
    problem: problemOf(kept.text),
  };
}

function triggerOf(text: string): FunctionSummary['trigger'] {
  return { http: /\bfetch\(request/.test(text), scheduled: /\bscheduled\(/.test(text) };
}

function uses(text: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const [index, line] of text.split('\n').entries()) {
    for (const [, name = ''] of line.matchAll(/env\.([A-Z0-9_]+)/g))
      found.set(name, [...(found.get(name) ?? []), index + 1]);
  }
  return found;
}

function secretsOf(kept: Kept): SecretInfo[] {
  const found = uses(kept.text);
  return kept.secrets.map((secret) => ({ ...secret, lines: found.get(secret.name) ?? [] }));
}

function referencesOf(kept: Kept): FunctionDetail['references'] {
  const has = new Set(kept.secrets.map((secret) => secret.name));
  const missing = [...uses(kept.text)].flatMap(([name, lines]) => (has.has(name) ? [] : [{ name, lines }]));
  const dynamic = kept.text.split('\n').flatMap((line, index) => (line.includes('env[') ? [index + 1] : []));
  return { missing, dynamic };
}

function problemOf(text: string): Failure | null {
  const line = text.split('\n').findIndex((each) => each.includes('const ='));
  if (line < 0) return null;
  const column = (text.split('\n')[line]?.indexOf('=') ?? 0) + 1;
  return {
    code: 'compile',
    message: 'Expected a name, but found “=”.',
    position: { file: 'index.ts', line: line + 1, column },
  };
}

function readSchedule(expression: string) {
  if (expression.split(/\s+/).length !== 5) {
    const message = 'A schedule has five fields: minute, hour, day of month, month, weekday.';
    throw { code: 'invalidSchedule', message, position: null } satisfies Failure;
  }
  const midnight = Date.UTC(2026, 10, 24, 2);
  return { words: 'At 02:00, every day.', next: [0, 1, 2, 3, 4].map((day) => midnight + day * 86_400_000) };
}
