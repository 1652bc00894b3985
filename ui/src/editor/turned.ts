// When the language server is wanted: whoever opens the window only to seal or to deploy starts none. Another function that
// is opened or made starts it, too.

import { startLanguage } from '../ipc';
import { store } from '../state.svelte';

const TURNING = ['keydown', 'pointermove'];

/** Resolves when somebody first turns to the code, with a key or the pointer. */
export function turnedToCode(): Promise<void> {
  return new Promise((resolve) => {
    const turned = ({ target }: Event) => {
      if (!(target instanceof Element && target.closest('.cm-editor'))) return;
      for (const type of TURNING) removeEventListener(type, turned, true);
      resolve();
    };
    for (const type of TURNING) addEventListener(type, turned, true);
  });
}

/** Has it come up while the code is still on its way, and not with the first question about it. */
export function wantServer(): void {
  // How it fares is told by its states.
  if (store.language.type === 'off') void startLanguage().catch(() => {});
}
