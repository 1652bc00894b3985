// What the window remembers from start to start, in local storage. Where that is off, full, or holds what another version
// wrote, it only means that something is not remembered.

/** Null where there is nothing. */
export function recall(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

/** Of a list, what is of this kind. */
export function recallAll<T>(key: string, is: (held: unknown) => held is T): T[] {
  const held = recall(key);
  return Array.isArray(held) ? held.filter(is) : [];
}

export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // As above.
  }
}
