// Inputs that format what is typed, with the caret kept where the person put it.

/** Formats the input's text in place and returns it. What stands left of the caret stays left of it. */
export function formatInPlace(input: HTMLInputElement, format: (typed: string) => string): string {
  const formatted = format(input.value);
  if (formatted !== input.value) {
    const caret = format(input.value.slice(0, input.selectionStart ?? input.value.length)).length;
    input.value = formatted;
    input.setSelectionRange(caret, caret);
  }
  return formatted;
}

/** Ready to be typed over. Selecting alone does not move the focus everywhere. */
export function focusAndSelect(input: HTMLInputElement | undefined): void {
  input?.focus();
  input?.select();
}
