// The last 1,000 lines of each function's output, as text, by when they were said. Lines that arrive together are drawn
// together.

import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { Failure } from '../bindings/Failure';
import type { FunctionId } from '../bindings/FunctionId';
import type { LogLine } from '../bindings/LogLine';

export const MAX_LINES = 1000;
const FRAME = 16;

export class Logs {
  readonly #lines = new SvelteMap<FunctionId, LogLine[]>();
  readonly #failures = new SvelteMap<FunctionId, Failure>();
  readonly #loaded = new SvelteSet<FunctionId>();
  readonly #arrived = new Map<FunctionId, LogLine[]>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  of(id: FunctionId): LogLine[] {
    return this.#lines.get(id) ?? [];
  }

  /** Takes what the core has kept; lines that were heard meanwhile stay. */
  load(id: FunctionId, kept: LogLine[]): void {
    this.#lines.set(id, merged(kept, this.of(id)));
    this.#loaded.add(id);
    this.#failures.delete(id);
  }

  /** What the core keeps is to be read again. */
  lost(): void {
    this.#loaded.clear();
  }

  loaded(id: FunctionId): boolean {
    return this.#loaded.has(id);
  }

  /** Why what the core has kept could not be read; lines that are heard from now on are shown all the same. */
  failure(id: FunctionId): Failure | null {
    return this.#failures.get(id) ?? null;
  }

  fail(id: FunctionId, failure: Failure): void {
    this.#failures.set(id, failure);
  }

  add(id: FunctionId, line: LogLine): void {
    const waiting = this.#arrived.get(id);
    if (waiting) waiting.push(line);
    else this.#arrived.set(id, [line]);
    this.#timer ??= setTimeout(() => this.#draw(), FRAME);
  }

  clear(id: FunctionId): void {
    this.#arrived.delete(id);
    this.#lines.set(id, []);
  }

  drop(id: FunctionId): void {
    this.#arrived.delete(id);
    this.#lines.delete(id);
    this.#failures.delete(id);
  }

  #draw(): void {
    this.#timer = null;
    for (const [id, lines] of this.#arrived) this.#lines.set(id, merged(this.of(id), lines));
    this.#arrived.clear();
  }
}

/**
 * Both lists, each line once, by when it was said: an exception takes another way than the console, and is heard after
 * what was said since. The oldest beyond the limit are dropped.
 */
function merged(older: LogLine[], newer: LogLine[]): LogLine[] {
  const heard = older.reduce((last, { seq }) => Math.max(last, seq), -1);
  const all = [...older, ...newer.filter(({ seq }) => seq > heard)];
  return all.sort((a, b) => a.at - b.at || a.seq - b.seq).slice(-MAX_LINES);
}
