// What the core in memory keeps of a function, and how it reads code: with a few patterns, where the real core parses.

import type { Allowed } from './bindings/Allowed';
import type { Failure } from './bindings/Failure';
import type { FunctionDetail } from './bindings/FunctionDetail';
import type { FunctionSummary } from './bindings/FunctionSummary';
import type { HeldSecret } from './bindings/HeldSecret';
import type { Line } from './bindings/Line';
import type { LogLine } from './bindings/LogLine';
import type { Names } from './bindings/Names';
import type { PackageWish } from './bindings/PackageWish';
import type { PastDeployment } from './bindings/PastDeployment';
import type { Saved } from './bindings/Saved';
import type { SecretInfo } from './bindings/SecretInfo';
import type { SourceFile } from './bindings/SourceFile';
import type { Status } from './bindings/Status';
import type { TargetId } from './bindings/TargetId';
import type { TargetState } from './bindings/TargetState';
import type { Template } from './bindings/Template';
import type { VariableInfo } from './bindings/VariableInfo';
import type { VaultState } from './bindings/VaultState';
import { credentialsOf } from './mock-credentials';

type KeptSecret = Omit<SecretInfo, 'lines'>;
type KeptVariable = Omit<VariableInfo, 'lines'>;

interface KeptDeployment extends PastDeployment {
  text: string;
  variables: string[];
}

export interface Kept {
  summary: FunctionSummary;
  path: string;
  text: string;
  /** Its files beside the entry. */
  others: SourceFile[];
  secrets: KeptSecret[];
  variables: KeptVariable[];
  held: HeldSecret[];
  log: LogLine[];
  deployments: KeptDeployment[];
  /** Values that were moved to secrets, and those that may be deployed, with why. */
  moved: Map<string, string>;
  allowed: Map<string, Allowed>;
  /** Those that were let pass while the vault was closed. */
  allowedNow: Set<string>;
  vault: () => VaultState;
  /** Versions by name. */
  installed: Map<string, string>;
}

export const TEMPLATES: Template[] = [
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

/** A sealed secret for all targets, that is live as it is. */
export function secret(name: string, more: Partial<KeptSecret> = {}): KeptSecret {
  return { name, scope: 'all', changedAt: Date.now(), state: 'sealed', stale: [], ...more };
}

/** How a function that was never deployed stands on a target. */
export function draftOn(target: TargetId): TargetState {
  return {
    target,
    status: 'draft',
    changes: [],
    address: null,
    script: null,
    addressProblem: null,
    failure: null,
    live: null,
    unfinished: [],
    running: false,
  };
}

/** The summary with the worst status of its targets; one that is not chosen counts once it is deployed. */
export function told({ summary }: Kept): FunctionSummary {
  const states = [summary.local, ...summary.remote].filter(
    ({ target, status }) => summary.chosen.includes(target) || status !== 'draft',
  );
  const order: Status[] = ['failed', 'outdated', 'draft', 'live'];
  return { ...summary, status: order.find((each) => states.some(({ status }) => status === each)) ?? 'draft' };
}

export function detailOf(kept: Kept): FunctionDetail {
  return {
    summary: told(kept),
    files: filesOf(kept),
    compatibilityDate: '2026-11-17',
    ...namesOf(kept),
    credentials: credentialsOf(kept),
    packages: packagesOf(kept),
    problem: problemOf(kept),
    unscheduled: !triggerOf(kept.text).scheduled && !problemOf(kept),
  };
}

/** What follows from the code, without the code. */
export function savedOf(kept: Kept): Saved {
  const { files: _, compatibilityDate: __, ...saved } = detailOf(kept);
  return saved;
}

export function triggerOf(text: string): FunctionSummary['trigger'] {
  return { http: /\bfetch\(request/.test(text), scheduled: /\bscheduled\(/.test(text) };
}

function filesOf({ path, text, others }: Kept): SourceFile[] {
  return [{ path, text }, ...others];
}

function linesWith(kept: Kept, pattern: RegExp): { line: Line; match: string }[] {
  return filesOf(kept).flatMap(({ path, text }) =>
    text.split('\n').flatMap((words, index) => {
      return [...words.matchAll(pattern)].map(({ index: at, 0: all, 1: match = all }) => {
        const end = at + all.length + 1;
        return { line: { file: path, line: index + 1, column: end - match.length, end }, match };
      });
    }),
  );
}

/** Of code that does not parse, nothing is known. */
function uses(kept: Kept): Map<string, Line[]> {
  const found = new Map<string, Line[]>();
  if (problemOf(kept)) return found;
  for (const { line, match } of linesWith(kept, /env\.([A-Z0-9_]+)/g)) {
    found.set(match, [...(found.get(match) ?? []), line]);
  }
  return found;
}

export function namesOf(kept: Kept): Names {
  return { secrets: secretsOf(kept), variables: variablesOf(kept), references: referencesOf(kept) };
}

function secretsOf(kept: Kept): SecretInfo[] {
  const found = uses(kept);
  return kept.secrets.map((secret) => ({ ...secret, lines: found.get(secret.name) ?? [] }));
}

function variablesOf(kept: Kept): VariableInfo[] {
  const found = uses(kept);
  return kept.variables.map((variable) => ({ ...variable, lines: found.get(variable.name) ?? [] }));
}

export function referencesOf(kept: Kept): FunctionDetail['references'] {
  const has = new Set([...kept.secrets, ...kept.variables, ...kept.held].map(({ name }) => name));
  const unknown = [...uses(kept)].flatMap(([name, lines]) => (has.has(name) ? [] : [{ name, lines }]));
  const declared = new Map(
    linesWith(kept, /(\w+: (?:KVNamespace|D1Database))/g).map(({ match }) => declaration(match)),
  );
  const isForeign = ({ name }: { name: string }) => name.length < 3 || declared.has(name);
  const missing = unknown.filter((each) => !isForeign(each));
  const foreign = unknown
    .filter(isForeign)
    .map((each) => ({ ...each, declared: declared.get(each.name) ?? null, targets: [] }));
  const dynamic = linesWith(kept, /env\[/g).map(({ line }) => line);
  const unread = problemOf(kept) ? filesOf(kept).map(({ path }) => path) : [];
  return { missing, foreign, dynamic, held: kept.held, unread };
}

function declaration(match: string): [string, string] {
  const [name = '', type = ''] = match.split(': ');
  return [name, type];
}

function packagesOf(kept: Kept): FunctionDetail['packages'] {
  const found = new Map<string, Line[]>([...kept.installed.keys()].map((name) => [name, []]));
  for (const { line, match } of linesWith(kept, /from ['"]([\w@][^'":]*)['"]/g)) {
    found.set(match, [...(found.get(match) ?? []), line]);
  }
  return [...found].map(([name, lines]) => ({ name, lines, version: kept.installed.get(name) ?? null }));
}

export function changePackages(kept: Kept, wish: PackageWish): void {
  if (wish.type === 'install') for (const { name } of packagesOf(kept)) kept.installed.set(name, '1.0.0');
  else if (wish.type === 'remove') kept.installed.delete(wish.name);
}

export function problemOf(kept: Kept): Failure | null {
  const [first] = linesWith(kept, /.*const =/g);
  if (!first) return null;
  const { file, line, end } = first.line;
  const position = { file, line, column: end - 1 };
  return { code: 'compile', message: 'Expected a name, but found “=”.', position };
}

export function readSchedule(expression: string) {
  if (expression.split(/\s+/).length !== 5) {
    const message = 'A schedule has five fields: minute, hour, day of month, month, weekday.';
    throw { code: 'invalidSchedule', message, position: null } satisfies Failure;
  }
  const midnight = Date.UTC(2026, 10, 24, 2);
  return { words: 'At 02:00, every day.', next: [0, 1, 2, 3, 4].map((day) => midnight + day * 86_400_000) };
}
