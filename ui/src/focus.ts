// Where the keyboard is. An answer that comes late takes the focus only from where it was asked for; and what has the focus
// may go with what was done there, but it is not left to the page then: keys would go nowhere.

import { tick } from 'svelte';
import { documents } from './editor/documents';
import { store } from './state.svelte';

const toCode = () => documents.focus();

/** Nothing has it: what had it is gone, or was disabled when it was pressed, which is told with the next frame. */
export function focusIsLost(): boolean {
  const { activeElement } = document;
  return activeElement === null || activeElement === document.body || activeElement.matches(':disabled');
}

/** Whether the focus is in a part of the page, or nowhere. */
export function focusIsIn(part: Element | null): boolean {
  return part !== null && (focusIsLost() || part.contains(document.activeElement));
}

/** Called before a change that may take away what has the focus, which then goes to the code, unless said. */
export async function keepFocus(otherwise = toCode): Promise<void> {
  await tick();
  if (focusIsLost()) otherwise();
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
    if (focusIsLost() && store.dialog === null) toCode();
  });
  node.addEventListener('focusin', note);
  watch.observe(node, { childList: true, subtree: true });
  return () => {
    node.removeEventListener('focusin', note);
    watch.disconnect();
  };
}
