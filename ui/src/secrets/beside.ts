// Where the focus goes when its row is deleted: to Delete in the row beside, or else to what the caller says.

import { tick } from 'svelte';
import { focusIsLost } from '../focus';

/** Asked before the row goes; what it answers is called once it may be gone. */
export function besideOf(row: HTMLElement | undefined, otherwise?: () => void): () => Promise<void> {
  const beside = row?.nextElementSibling ?? row?.previousElementSibling;
  return async () => {
    await tick();
    if (row?.isConnected || !focusIsLost()) return;
    const next = beside?.querySelector<HTMLElement>('button[aria-label^="Delete"]');
    if (next) next.focus();
    else otherwise?.();
  };
}
