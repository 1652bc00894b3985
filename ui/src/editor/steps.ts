// A step to undo that nothing else joins. It may be made in several files, each of which has a history of its own: what is
// undone or made again in one of them is so in all.

import { invertedEffects, isolateHistory, redo, undo } from '@codemirror/commands';
import {
  type EditorState,
  type Extension,
  StateEffect,
  type Transaction,
  type TransactionSpec,
} from '@codemirror/state';

const step = StateEffect.define<number>();

let made = 0;

/** What each of the files' changes carries. */
export function oneStep(): Pick<TransactionSpec, 'annotations' | 'effects'> {
  made++;
  return { annotations: isolateHistory.of('full'), effects: step.of(made) };
}

/** Histories keep it with the changes. */
export const steps: Extension = invertedEffects.of(({ effects }) => effects.filter((effect) => effect.is(step)));

/**
 * What takes back in another file what a transaction took back, or makes it again. Null where that is not what the file's
 * history has next: something was typed there since.
 */
export function counterpart(of: Transaction, state: EditorState): Transaction | null {
  const number = stepOf(of);
  const command = of.isUserEvent('undo') ? undo : of.isUserEvent('redo') ? redo : null;
  if (number === null || !command) return null;
  let next: Transaction | null = null;
  const dispatch = (transaction: Transaction) => {
    if (stepOf(transaction) === number) next = transaction;
  };
  command({ state, dispatch });
  return next;
}

function stepOf({ effects }: Transaction): number | null {
  for (const effect of effects) if (effect.is(step)) return effect.value;
  return null;
}
