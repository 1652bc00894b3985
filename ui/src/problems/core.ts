// What the core knows to be wrong with a function's code: where it does not parse or its deployment failed, the secrets
// that it names and that do not exist, names that are no secret's, where it cannot be told which it names, the credentials
// in it, the packages that it imports and that are not installed, and schedules without a handler.

import type { Failure } from '../bindings/Failure';
import type { ForeignName } from '../bindings/ForeignName';
import type { FunctionId } from '../bindings/FunctionId';
import type { Line } from '../bindings/Line';
import type { MissingSecret } from '../bindings/MissingSecret';
import type { PackageInfo } from '../bindings/PackageInfo';
import type { Saved } from '../bindings/Saved';
import { focusSecretName, focusVariable } from '../commands';
import { problemOf as credential } from '../credentials/actions';
import { entryOf } from '../editor/paths';
import { SAVED } from '../editor/saves';
import { packages as installing } from '../packages/work.svelte';
import { foreignWords } from '../secrets/foreign';
import { type OpenFunction, store } from '../state.svelte';
import { type Action, comparePlaces, type Problem, problems, type Source } from './problems.svelte';

const SOURCES: Source[] = ['code', 'secrets', 'credentials', 'packages', 'schedules'];

/** What was taken already: its places may have moved since. */
const taken = new WeakMap<OpenFunction, { failure: Failure | null; idle: boolean }>();

/** Takes what the store knows of a function into its problems, unless newer text is about to be looked at. */
export function takeFromCore(id: FunctionId): void {
  const known = store.opened.get(id);
  const failure = store.problemOf(id);
  if (!known || (store.saves.get(id) ?? SAVED).state !== 'saved') return;
  const idle = isIdle(id, known);
  const before = taken.get(known);
  if (before?.failure === failure && before.idle === idle) return;
  taken.set(known, { failure, idle });
  const found = foundIn(id, known, failure, entryOf(known.files));
  const used = usedIn(id, known);
  const { unread } = known.references;
  // In mid-typing, marks stay with the words that they are about, which may have moved since the file was read.
  const holds = new Set(used.map(({ message }) => message));
  const stays = ({ file, message, from, to }: Problem) =>
    unread.includes(file) && holds.has(message) && comparePlaces(from, to) < 0;
  const elsewhere = used.filter(({ file }) => !unread.includes(file));
  problems.put(id, null, SOURCES, [...found, ...elsewhere], stays);
}

/** Takes what follows from the code of a function that was not opened yet: where its files are is not known. */
export function takeUnopened(id: FunctionId, known: Saved): void {
  problems.put(id, null, SOURCES, [...foundIn(id, known, known.problem, entryOf([])), ...usedIn(id, known)]);
}

type Known = Pick<Saved, 'references' | 'credentials' | 'packages' | 'unscheduled'>;

function foundIn(id: FunctionId, known: Known, failure: Failure | null, entry: string): Problem[] {
  return [
    ...(failure ? [broken(failure, entry)] : []),
    ...(isIdle(id, known) ? [runningNothing(entry)] : []),
    ...known.credentials.map((each) => credential(id, each)),
  ];
}

/** It has schedules, which run nothing. */
function isIdle(id: FunctionId, { unscheduled }: Known): boolean {
  return unscheduled && store.crons(id).length > 0;
}

function usedIn(id: FunctionId, { references, packages }: Known): Problem[] {
  const { missing, foreign, dynamic } = references;
  return [
    ...missing.flatMap(lacking),
    ...foreign.flatMap(unbound),
    ...dynamic.map(untold),
    ...packages.filter(({ version }) => version === null).flatMap((each) => notInstalled(id, each)),
  ];
}

function broken({ message, position }: Failure, entry: string): Problem {
  const { file, line, column } = position ?? { file: entry, line: 1, column: 1 };
  const place = { line, column };
  return { file, from: place, to: place, severity: 'error', source: 'code', message, actions: [] };
}

function runningNothing(file: string): Problem {
  const place = { line: 1, column: 1 };
  const message = 'The code has no scheduled handler, so its schedules run nothing.';
  return { file, from: place, to: place, severity: 'warning', source: 'schedules', message, actions: [] };
}

/** What is found again has the actions that it had, and is the same problem. */
const additions = new WeakMap<MissingSecret, Action[]>();

function lacking(missing: MissingSecret): Problem[] {
  const { name, lines } = missing;
  const actions = additions.get(missing) ?? [
    { label: 'Add secret', name: `Add secret ${name}`, inline: true, run: () => focusSecretName(name) },
    { label: 'Add variable', name: `Add variable ${name}`, run: () => focusVariable(name) },
  ];
  additions.set(missing, actions);
  const message = `There is no secret ${name} yet.`;
  return lines.map((line) => ({ ...at(line), severity: 'error', message, actions }));
}

/** Where a target has it, there is nothing to be done about it. */
function unbound(foreign: ForeignName): Problem[] {
  const severity = foreign.targets.length > 0 ? 'info' : 'warning';
  return foreign.lines.map((line) => ({ ...at(line), severity, message: foreignWords(foreign), actions: [] }));
}

function untold(line: Line): Problem {
  const message = 'Postern cannot tell which secrets are used here.';
  return { ...at(line), severity: 'hint', message, actions: [] };
}

function at({ file, line, column, end }: Line) {
  return { file, from: { line, column }, to: { line, column: end }, source: 'secrets' as const };
}

function notInstalled(id: FunctionId, { name, lines }: PackageInfo): Problem[] {
  const install = { label: 'Install', name: `Install ${name}`, inline: true, run: () => void installing.install(id) };
  const message = `${name} is not installed in this function.`;
  return lines.map((line) => ({ ...at(line), severity: 'error', source: 'packages', message, actions: [install] }));
}
