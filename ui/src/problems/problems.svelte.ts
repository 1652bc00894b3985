// What is known to be wrong with the code of each function, from whoever knows it: the compiler, the names that the code
// uses, its types, the credentials in it, its packages.
//
// Each source replaces its own list and no other's. Between two looks of a source an edit moves the places behind it, so
// that a mark stays at the words it is about. Nothing here knows how they are drawn.

import { type ChangeDesc, ChangeSet, type Text } from '@codemirror/state';
import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { FunctionId } from '../bindings/FunctionId';
import { compareFiles } from '../editor/paths';

export type Severity = 'error' | 'warning' | 'info' | 'hint';
export type Source = 'code' | 'secrets' | 'types' | 'credentials' | 'packages' | 'schedules';

/** Lines and columns count from 1, columns in UTF-16 code units. */
export interface Place {
  line: number;
  column: number;
}

export interface Action {
  label: string;
  /** What it is called where its label alone does not say what it is about. */
  name?: string;
  /** Whether it stands at the end of the line of code, too. */
  inline?: boolean;
  run(): void;
}

export interface Problem {
  file: string;
  from: Place;
  /** The same as `from` where only a place is known: what stands there is marked. */
  to: Place;
  /** A hint is drawn in the code and listed nowhere. */
  severity: Severity;
  source: Source;
  message: string;
  /** What its source calls it, such as a number of the TypeScript compiler. */
  code?: string;
  tag?: 'unused' | 'deprecated';
  actions: Action[];
}

/** What happened to a file's text. */
interface Edit {
  before: Text;
  changes: ChangeDesc;
  after: Text;
}

const NONE: readonly Problem[] = [];
const NOTHING: (problem: Problem) => boolean = () => false;
const RANKS: Severity[] = ['error', 'warning', 'info', 'hint'];
/** The numbers that TypeScript gives to errors of syntax. */
const SYNTAX = /^1\d{3}$/;
/** There is no such module, for a name or for what importing it does. */
const NO_MODULE = /^(2307|2882)$/;
/** How long after a key the places that it moved are told. */
const QUIET = 200;

export class Problems {
  /** In the order of the code, before the edits that follow. */
  readonly #known = new Map<FunctionId, readonly Problem[]>();
  /** What was edited since, by file: a key is followed by the next one sooner than by a look at all places. */
  readonly #edits = new Map<FunctionId, Map<string, Edit>>();
  /** What is known, as it was last told: a key that only moves places is not worth drawing a list again. */
  readonly #told = new SvelteMap<FunctionId, readonly Problem[]>();
  /** Each list of what is known, without what is said twice in it. */
  readonly #saidOnce = new WeakMap<readonly Problem[], readonly Problem[]>();
  /** Those whose text was edited since they were drawn: marks moved with it, which is not always where they belong. */
  readonly #stale = new Set<FunctionId>();
  readonly #timers = new Map<FunctionId, ReturnType<typeof setTimeout>>();
  /** Told of every new list, and of the file it is about, null where it is all of them; the editor draws its marks then. */
  changed: (id: FunctionId, file: string | null) => void = () => {};

  /**
   * What some sources know of a function's file, or of all of them where `file` is null, in place of what they knew, apart
   * from what `stays` where it has moved to.
   */
  put(id: FunctionId, file: string | null, sources: readonly Source[], list: Problem[], stays = NOTHING): void {
    const before = this.#now(id);
    const replaced = (each: Problem) =>
      sources.includes(each.source) && (file === null || each.file === file) && !stays(each);
    const [gone, others] = [before.filter(replaced), before.filter((each) => !replaced(each))];
    const found = [...list].sort(inOrder);
    // Most looks find what the one before them found.
    if (gone.length === found.length && gone.every((each, at) => isSame(each, found[at]))) {
      if (this.#stale.delete(id)) this.changed(id, null);
      return;
    }
    this.#know(id, file, [...others, ...found]);
  }

  /** Of a file that has another name now; each source says it anew in its own time. */
  rename(id: FunctionId, from: string, to: string): void {
    const known = this.#now(id);
    if (!known.some(({ file }) => file === from)) return;
    this.#know(
      id,
      to,
      known.map((each) => (each.file === from ? { ...each, file: to } : each)),
    );
  }

  /** A file is gone. */
  forget(id: FunctionId, file: string): void {
    const known = this.#now(id);
    const others = known.filter((each) => each.file !== file);
    if (others.length !== known.length) this.#know(id, file, others);
  }

  /** In the order of the code. */
  of(id: FunctionId): readonly Problem[] {
    this.#told.get(id);
    const known = this.#now(id);
    const before = this.#saidOnce.get(known);
    if (before) return before;
    const once = saidOnce(known);
    this.#saidOnce.set(known, once);
    return once;
  }

  /** What a list shows: all but the hints. */
  listed(id: FunctionId): readonly Problem[] {
    return this.of(id).filter(({ severity }) => severity !== 'hint');
  }

  count(id: FunctionId, severity: Severity): number {
    return this.of(id).reduce((sum, each) => sum + (each.severity === severity ? 1 : 0), 0);
  }

  /** The one after a place, or before it, beginning again at the other end. */
  next(id: FunctionId, file: string, at: Place, direction: 1 | -1): Problem | null {
    const all = untrack(() => this.listed(id));
    const list = direction === 1 ? all : [...all].reverse();
    const beyond = (each: Problem) => (compareFiles(each.file, file) || comparePlaces(each.from, at)) * direction > 0;
    return list.find(beyond) ?? list[0] ?? null;
  }

  /** The text of a file was edited. */
  moved(id: FunctionId, file: string, changes: ChangeDesc, before: Text, after: Text): void {
    if (!this.#known.get(id)?.some((each) => each.file === file)) return;
    if (this.#edits.get(id)?.get(file)?.after !== before) this.#now(id);
    const edits = this.#edits.get(id) ?? new Map<string, Edit>();
    const earlier = edits.get(file) ?? { before, changes: ChangeSet.empty(before.length) };
    edits.set(file, { before: earlier.before, changes: earlier.changes.composeDesc(changes), after });
    this.#edits.set(id, edits);
    this.#stale.add(id);
    clearTimeout(this.#timers.get(id));
    this.#timers.set(
      id,
      setTimeout(() => this.#tell(id), QUIET),
    );
  }

  drop(id: FunctionId): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.#known.delete(id);
    this.#edits.delete(id);
    this.#stale.delete(id);
    this.#told.delete(id);
  }

  #know(id: FunctionId, file: string | null, list: Problem[]): void {
    this.#stale.delete(id);
    this.#known.set(id, list.sort(inOrder));
    this.#tell(id);
    this.changed(id, file);
  }

  #tell(id: FunctionId): void {
    this.#told.set(id, this.#now(id));
  }

  /** In the order of the code, as the places are now. */
  #now(id: FunctionId): readonly Problem[] {
    const known = this.#known.get(id) ?? NONE;
    const edits = this.#edits.get(id);
    if (!edits) return known;
    this.#edits.delete(id);
    const now = known.map((each) => movedWith(edits.get(each.file), each));
    this.#known.set(id, now);
    return now;
  }
}

/** A place within what was deleted is where that stood. */
function movedWith(edit: Edit | undefined, problem: Problem): Problem {
  if (!edit) return problem;
  const { before, changes, after } = edit;
  const move = (place: Place, side: number) => placeAt(after, changes.mapPos(offsetOf(before, place), side));
  const [from, to] = [move(problem.from, 1), move(problem.to, -1)];
  return { ...problem, from, to: comparePlaces(to, from) < 0 ? from : to };
}

export const problems = new Problems();

/** Kept inside the text. */
export function offsetOf(text: Text, { line, column }: Place): number {
  const at = text.line(Math.max(1, Math.min(line, text.lines)));
  return Math.min(at.from + Math.max(0, column - 1), at.to);
}

export function placeAt(text: Text, offset: number): Place {
  const line = text.lineAt(offset);
  return { line: line.number, column: offset - line.from + 1 };
}

/**
 * What the core says, the language server says again: a name that has no secret has no type, either, a package that is
 * not installed has no module, and code that does not parse does so for neither.
 */
function saidOnce(known: readonly Problem[]): readonly Problem[] {
  const said = known.filter(({ source }) => source === 'secrets' || source === 'code' || source === 'packages');
  const again = ({ file, from, to, code }: Problem) =>
    said.some((each) => {
      if (each.file !== file) return false;
      if (each.source === 'code') return SYNTAX.test(code ?? '');
      if (each.source === 'secrets') return comparePlaces(each.from, from) === 0;
      // The name stands within its quotes.
      return NO_MODULE.test(code ?? '') && comparePlaces(from, each.from) <= 0 && comparePlaces(each.to, to) <= 0;
    });
  return said.length === 0 ? known : known.filter((each) => each.source !== 'types' || !again(each));
}

/** Actions of the same words may be about another place. */
function isSame(a: Problem, b: Problem | undefined): boolean {
  if (!b || comparePlaces(a.from, b.from) !== 0 || comparePlaces(a.to, b.to) !== 0) return false;
  const [said, again] = [saidBy(a), saidBy(b)];
  return said.length === again.length && said.every((each, at) => each === again[at]);
}

const saidBy = ({ from, to, actions, ...words }: Problem) => [...Object.values(words), ...actions];

function inOrder(a: Problem, b: Problem): number {
  return (
    compareFiles(a.file, b.file) ||
    comparePlaces(a.from, b.from) ||
    RANKS.indexOf(a.severity) - RANKS.indexOf(b.severity)
  );
}

export function comparePlaces(a: Place, b: Place): number {
  return a.line - b.line || a.column - b.column;
}
