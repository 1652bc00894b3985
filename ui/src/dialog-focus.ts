// Where the focus is when a dialog opens that begins with something to read: on the dialog, so that it is read out, and
// not on its Close button. A field that took the focus already keeps it.

export function restFocus(event: Event): void {
  event.preventDefault();
  const dialog = document.querySelector<HTMLElement>('[role=dialog]');
  if (dialog && !dialog.contains(document.activeElement)) dialog.focus();
}
