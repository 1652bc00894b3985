// The parts of the window that are loaded once the editor takes keys, a moment after the start.

class Later {
  /** Null until they are there; then for good. */
  parts = $state.raw<typeof import('./around') | null>(null);

  async load(): Promise<void> {
    this.parts = await import('./around');
  }
}

export const later = new Later();
