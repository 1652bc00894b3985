// The functions that nobody has opened since the start: what the core knows to be wrong with their code is asked for, so
// that the list counts it. What the language server knows comes once a function is open.

import { lookThrough } from '../ipc';
import { store } from '../state.svelte';
import { takeUnopened } from './core';

/** How long it rests before each function: whoever types has the core and the page for themselves. */
const REST = 50;

/** One function after the other, in the order of the list. */
export async function lookThroughUnopened(rest = REST): Promise<void> {
  for (const { id } of store.functions) {
    await new Promise((resolve) => setTimeout(resolve, rest));
    if (!isUnopened(id)) continue;
    const known = await lookThrough(id).catch(() => null);
    // Meanwhile it may have been opened, which is newer, or deleted.
    if (known && isUnopened(id)) takeUnopened(id, known);
  }
}

function isUnopened(id: number): boolean {
  return !store.opened.has(id) && store.functions.some((each) => each.id === id);
}
