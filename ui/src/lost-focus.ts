// What has the focus may go with what was done there. It is not left to the page then: keys would go nowhere.

import { tick } from 'svelte';
import { documents } from './editor/documents';
import { store } from './state.svelte';

const toCode = () => documents.focus();

/** Called before a change that may take away what has the focus, which then goes to the code, unless said. */
export async function keepFocus(otherwise = toCode): Promise<void> {
  await tick();
  if (lost()) otherwise();
}

/** Of whatever is in an element, however it goes. */
export function keepsFocus(node: HTMLElement): () => void {
  let last: EventTarget | null = null;
  const note = ({ target }: FocusEvent) => {
    last = target;
  };
  const watch = new MutationObserver(() => {
    if (!(last instanceof Element) || last.isConnected) return;
    last = null;
    if (lost() && store.dialog === null) documents.focus();
  });
  node.addEventListener('focusin', note);
  watch.observe(node, { childList: true, subtree: true });
  return () => {
    node.removeEventListener('focusin', note);
    watch.disconnect();
  };
}

function lost(): boolean {
  return document.activeElement === document.body;
}
