// What differs between macOS and the others for the person at the keyboard.

export const isMac = /Mac/.test(navigator.userAgent);

/** A chord such as “Mod+Shift+P”, as this system writes it. */
export function chordWords(chord: string): string {
  const parts = chord.replace('Arrow', '').split('+');
  if (!isMac) return parts.map((part) => (part === 'Mod' ? 'Ctrl' : part)).join('+');
  const symbols: Record<string, string> = { Mod: '⌘', Shift: '⇧', Alt: '⌥', Enter: '↩', Left: '←', Right: '→' };
  return parts.map((part) => symbols[part] ?? part).join('');
}

/** Whether a key press is this chord. Letters are compared by what they type, or by their place on other layouts. */
export function isChord(event: KeyboardEvent, chord: string): boolean {
  // The last key may be a plus itself.
  const parts = chord.slice(0, -1).split('+');
  const key = `${parts.pop()}${chord.at(-1)}`;
  const mod = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  const noMod = !event.metaKey && !event.ctrlKey;
  if (!(parts.includes('Mod') ? mod : noMod)) return false;
  if (event.shiftKey !== parts.includes('Shift') || event.altKey !== parts.includes('Alt')) return false;
  if (event.key.toLowerCase() === key.toLowerCase()) return true;
  const typesLatin = /^[\x21-\x7e]$/.test(event.key) && !event.altKey;
  return !typesLatin && (event.code === `Key${key}` || event.code === `Digit${key}`);
}

/** Whether a key is an input method's. WebKit ends a composition before it tells of the key that has ended it. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Of a dialog, which Escape closes unless it is an input method's. */
export function keepForInputMethod(event: KeyboardEvent): void {
  if (isComposing(event)) event.preventDefault();
}

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // WebKitGTK has the clipboard only through the older command.
    const field = document.createElement('textarea');
    const focused = document.activeElement;
    field.value = text;
    field.style.cssText = 'position: fixed; opacity: 0';
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}
