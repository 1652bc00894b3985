// What is the same as before stays the same object, so that nothing is drawn again for it.

/** `now`, made of the parts of `before` wherever they say the same. Both are plain values, as IPC brings them. */
export function shared<T>(before: unknown, now: T): T {
  if (before === now || typeof before !== 'object' || typeof now !== 'object' || !before || !now) return now;
  if (Array.isArray(before) !== Array.isArray(now)) return now;
  const [was, is] = [before as Record<string, unknown>, now as Record<string, unknown>];
  const keys = Object.keys(is);
  const parts = keys.map((key) => shared(was[key], is[key]));
  if (keys.length === Object.keys(was).length && keys.every((key, at) => key in was && was[key] === parts[at])) {
    return before as T;
  }
  return (Array.isArray(now) ? parts : Object.fromEntries(keys.map((key, at) => [key, parts[at]]))) as T;
}
