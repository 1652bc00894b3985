// How far the files of a function are saved, in one word for all of them.

import type { Save } from '../state.svelte';
import type { Autosave } from './autosave';

export const SAVED: Save = { state: 'saved', failure: null };

/** The one that most needs to be said. */
export function worst(saves: Save[]): Save {
  const is = (wanted: Save['state']) => saves.find(({ state }) => state === wanted);
  return is('failed') ?? is('saving') ?? is('unsaved') ?? SAVED;
}

/** What is typed elsewhere than in the code and goes with it: how to hand it over now. */
export const alongside = new Set<() => Promise<unknown>>();

/** Saves each now; true when everything typed in them is saved. */
export async function allSaved(list: { autosave: Autosave }[]): Promise<boolean> {
  const beside = [...alongside].map((save) => save());
  const saved = await Promise.all(list.map(({ autosave }) => autosave.flush()));
  await Promise.all(beside);
  return saved.every(Boolean);
}
