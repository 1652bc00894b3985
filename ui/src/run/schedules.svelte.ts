// The schedules of a function as they are typed: read while that goes on, and saved when they are valid. What is not saved
// outlives the tab: it may be refused when that is gone.

import type { FunctionId } from '../bindings/FunctionId';
import type { RunOutcome } from '../bindings/RunOutcome';
import type { ScheduleReading } from '../bindings/ScheduleReading';
import { alongside } from '../editor/saves';
import * as ipc from '../ipc';
import { store } from '../state.svelte';
import { toast } from '../toast';

export interface Row {
  key: number;
  text: string;
  /** What the core has for this row; null while it has nothing. */
  saved: string | null;
  reading: ScheduleReading | null;
  problem: string | null;
  outcome: RunOutcome | null;
  running: boolean;
  /** Removed last: it keeps its place, to be brought back. */
  removed: boolean;
}

const READ_AFTER = 250;

let nextKey = 0;

export class Schedules {
  // The rows are their own from here on: an answer must not overwrite what is being typed.
  rows = $state<Row[]>([]);
  /** Why they were not saved as a whole. */
  failed = $state<string | null>(null);
  /** Whether the tab shows them. */
  shown = false;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();
  /** All that is read or saved now. */
  #going: Promise<unknown> = Promise.resolve();
  /** One after the other: what was sent before must not overtake what is sent later. */
  #saving: Promise<void> = Promise.resolve();
  /** Whether a toast says that something is not saved. */
  #told = false;

  constructor(
    readonly id: FunctionId,
    saved: string[],
  ) {
    this.rows = saved.map((text) => row(text, text));
    for (const { key } of this.rows) void this.read(key);
  }

  find(key: number): Row | undefined {
    return this.rows.find((each) => each.key === key);
  }

  /** What would be lost with the window, in sentences. */
  get unsaved(): string[] {
    const name = store.name(this.id);
    if (this.failed !== null) return [`The schedules of ${name} are not saved: ${this.failed}`];
    const lost = this.rows.filter(
      ({ text, saved, removed }) => !removed && text.trim() !== '' && text.trim() !== saved,
    );
    return lost.map(
      ({ text, problem }) =>
        `The schedule ${text.trim()} of ${name} is not saved${problem === null ? '.' : `: ${problem}`}`,
    );
  }

  add(): void {
    this.rows.push(row('', null));
  }

  type(key: number, text: string): void {
    const changed = this.find(key);
    if (!changed) return;
    changed.text = text;
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        void this.read(key);
      }, READ_AFTER),
    );
  }

  /** Reads again those whose next run has been. */
  lookAgain(): void {
    const past = this.rows.filter(({ reading, removed }) => {
      const next = reading?.next[0];
      return !removed && next !== undefined && next <= Date.now();
    });
    // What is being typed has a timer of its own.
    for (const { key } of past) if (!this.#timers.has(key)) void this.read(key);
  }

  read(key: number): Promise<void> {
    return this.#noted(this.#read(key));
  }

  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save());
    return this.#noted(this.#saving);
  }

  #noted(going: Promise<void>): Promise<void> {
    this.#going = Promise.all([this.#going, going]);
    return going;
  }

  async #read(key: number): Promise<void> {
    const text = this.find(key)?.text.trim();
    if (text === undefined) return;
    let reading: ScheduleReading | null = null;
    let problem: string | null = null;
    if (text !== '') {
      try {
        reading = await ipc.readSchedule(text);
      } catch (thrown) {
        problem = ipc.asFailure(thrown).message;
      }
    }
    const read = this.find(key);
    // Newer text is read by its own timer.
    if (!read || read.text.trim() !== text) return;
    read.reading = reading;
    read.problem = problem;
    if (reading && read.saved !== text) {
      read.saved = text;
      await this.save();
    }
  }

  async #save(): Promise<void> {
    this.failed = null;
    const saved = this.rows.flatMap(({ saved, removed }) => (saved === null || removed ? [] : [saved]));
    try {
      store.put(await ipc.setSchedules(this.id, [...new Set(saved)]));
    } catch (thrown) {
      this.failed = ipc.asFailure(thrown).message;
    }
  }

  /** Reads and saves at once what was typed last, saves again what was refused, and waits for what is under way. */
  async settle(): Promise<void> {
    const again = this.failed !== null;
    const keys = [...this.#timers.keys()];
    this.#timers.forEach(clearTimeout);
    this.#timers.clear();
    for (const key of keys) void this.read(key);
    let going: Promise<unknown>;
    do {
      going = this.#going;
      await going;
    } while (going !== this.#going);
    if (again && this.failed !== null) await this.save();
    if (this.shown || this.unsaved.length > 0 || store.schedules.get(this.id) !== this) return;
    store.schedules.delete(this.id);
    if (this.#told) toast.dismiss(this.#toast);
  }

  /** False where there was nothing in it to bring back. */
  remove(removed: Row): boolean {
    clearTimeout(this.#timers.get(removed.key));
    this.#timers.delete(removed.key);
    const empty = removed.saved === null && removed.text.trim() === '';
    this.rows = this.rows.filter((each) => !(empty ? each.key === removed.key : each.removed));
    removed.removed = !empty;
    return !empty;
  }

  /** The tab goes, in which a refusal would be seen. */
  async leave(): Promise<void> {
    this.shown = false;
    await this.settle();
    if (this.shown || store.schedules.get(this.id) !== this) return;
    this.#told = true;
    toast.refusal(`A schedule of ${store.name(this.id)} was not saved`, this.unsaved.join(' '), { id: this.#toast });
  }

  get #toast(): string {
    return `schedules ${this.id}`;
  }
}

function row(text: string, saved: string | null): Row {
  return { key: nextKey++, text, saved, reading: null, problem: null, outcome: null, running: false, removed: false };
}

/** Those that are typed, or else those that the core has. */
export function schedulesOf(id: FunctionId, saved: string[]): Schedules {
  const typed = store.schedules.get(id) ?? new Schedules(id, saved);
  store.schedules.set(id, typed);
  return typed;
}

// A deployment takes what was typed last, and so does closing the window.
alongside.add(() => Promise.all([...store.schedules.values()].map((each) => each.settle())));
