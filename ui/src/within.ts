/** Waits for something, but no longer than so many milliseconds: undefined where it takes longer. */
export function within<T>(time: number, awaited: Promise<T>): Promise<T | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), time));
  return Promise.race([awaited, late]);
}
