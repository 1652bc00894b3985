// When typed text is saved: 300 ms after the last key, and at most 1 s after the first key that is not saved yet. While
// typing goes on, that is behind a key and not in the midst of the next one, which would be painted later for it.
//
// One save is in flight at a time and the newest text wins. A save that fails keeps the text and is tried again. Pure:
// the clock, the text and the saving itself are given to it.

import { PAINTED } from './painted';

export interface Clock {
  now(): number;
  after(milliseconds: number, run: () => void): () => void;
}

const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};

export type SaveState = 'saved' | 'unsaved' | 'saving' | 'failed';

interface AutosaveParts {
  /** The text as it stands now. Read only when a save starts, so that typing in a large file stays cheap. */
  read(): string;
  save(text: string): Promise<void>;
  changed(state: SaveState, error: unknown): void;
  clock?: Clock;
}

const QUIET = 300;
const LIMIT = 1000;
const RETRY = 3000;

export class Autosave {
  readonly #parts: AutosaveParts;
  readonly #clock: Clock;
  #edits = 0;
  #savedEdits = 0;
  #firstUnsavedAt = 0;
  #cancelTimer: () => void = () => {};
  #saving: Promise<boolean> | null = null;
  #failed = false;
  #stopped = false;

  constructor(parts: AutosaveParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
  }

  get clean(): boolean {
    return this.#savedEdits === this.#edits;
  }

  /** The text was edited. */
  touch(): void {
    if (this.#stopped) return;
    if (this.clean) this.#firstUnsavedAt = this.#clock.now();
    this.#edits++;
    // A running save schedules the next one itself, and so does a failed one.
    if (this.#saving || this.#failed) return;
    this.#parts.changed('unsaved', null);
    this.#schedule();
  }

  /** Saves now. True when the text as it stood at the call is saved. */
  async flush(): Promise<boolean> {
    const wanted = this.#edits;
    while (this.#savedEdits < wanted && !this.#stopped) {
      this.#cancelTimer();
      if (!(await (this.#saving ?? this.#save()))) return false;
    }
    return true;
  }

  /** Forgets the text: its function is gone. */
  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
  }

  #schedule(): void {
    this.#cancelTimer();
    const left = this.#firstUnsavedAt + LIMIT - this.#clock.now();
    const wait = left > QUIET ? QUIET : Math.max(0, Math.min(PAINTED, left));
    this.#cancelTimer = this.#clock.after(wait, () => void this.#save());
  }

  #save(): Promise<boolean> {
    this.#saving ??= this.#saveOnce().finally(() => {
      this.#saving = null;
    });
    return this.#saving;
  }

  async #saveOnce(): Promise<boolean> {
    const edits = this.#edits;
    const startedAt = this.#clock.now();
    this.#parts.changed('saving', null);
    try {
      await this.#parts.save(this.#parts.read());
    } catch (error) {
      if (this.#stopped) return false;
      this.#failed = true;
      this.#parts.changed('failed', error);
      this.#cancelTimer = this.#clock.after(RETRY, () => void this.#save());
      return false;
    }
    this.#failed = false;
    if (this.#stopped) return true;
    this.#savedEdits = edits;
    if (this.clean) {
      this.#parts.changed('saved', null);
    } else {
      this.#firstUnsavedAt = startedAt;
      this.#parts.changed('unsaved', null);
      this.#schedule();
    }
    return true;
  }
}
