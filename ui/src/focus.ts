// Where the keyboard is: an answer that comes late takes the focus only from where it was asked for.

/** Whether the focus is in a part of the page, or nowhere: a button that was pressed and is disabled has lost it. */
export function focusIsIn(part: Element | null): boolean {
  const { activeElement } = document;
  return part !== null && (activeElement === null || activeElement === document.body || part.contains(activeElement));
}
