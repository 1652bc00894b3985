// When the language server is wanted: whoever opens the window only to seal or to deploy starts none. Another function that
// is opened or made wants it, too.

import type { ViewUpdate } from '@codemirror/view';
import { startLanguage } from '../ipc';
import { store } from '../state.svelte';

const TURNING = ['keydown', 'pointermove'];

let turned = () => {};

/** Resolves when somebody first turns to the code, with a key, the pointer, or by opening another function. */
export function turnedToCode(): Promise<void> {
  return new Promise((resolve) => {
    const look = ({ target }: Event) => {
      if (target instanceof Element && target.closest('.cm-editor')) turned();
    };
    turned = () => {
      for (const type of TURNING) removeEventListener(type, look, true);
      resolve();
    };
    for (const type of TURNING) addEventListener(type, look, true);
  });
}

/** Has it come up while the code is still on its way, and not with the first question about it. */
export function wantServer(): void {
  turned();
  // How it fares is told by its states.
  if (store.language.type === 'off') void startLanguage().catch(() => {});
}

/** The text that a key made; null where it was something else that happened. */
export function keyedBy({ transactions, state }: ViewUpdate) {
  return transactions.some((each) => each.isUserEvent('input.type')) ? state.doc : null;
}
