// A secret's value exactly as it was typed or pasted, kept beside its text box.
//
// A textarea turns CRLF and CR into LF, and a PEM with CRLF must arrive to the byte. So the text box shows the value
// with LF only, and every edit of what it shows is carried over to the exact text here. Nothing here is reactive or
// stored: the value lives in this object until `clear`.

const MAX_VALUE = 5 * 1024;

export class ExactValue {
  #exact = '';

  get text(): string {
    return this.#exact;
  }

  /** The value as a textarea shows it. */
  get shown(): string {
    return asShown(this.#exact);
  }

  clear(): void {
    this.#exact = '';
  }

  /** Puts `text` in place of what is shown from `start` to `end`, and returns where the caret stands then. */
  insert(text: string, start: number, end: number): number {
    const before = this.#exact.slice(0, this.#exactIndex(start));
    this.#exact = before + text + this.#exact.slice(this.#exactIndex(end));
    return asShown(before + text).length;
  }

  /**
   * The same for text from the clipboard, whose line breaks a browser may have made LF on the way: `mend` puts in the
   * ones that were copied, in their order, where that text still stands.
   */
  paste(text: string, start: number, end: number): { caret: number; mend: (breaks: string[] | null) => void } {
    const at = this.#exactIndex(start);
    const caret = this.insert(text, start, end);
    const mend = (breaks: string[] | null) => {
      const lines = text.split('\n');
      if (breaks?.length !== lines.length - 1 || !this.#exact.startsWith(text, at)) return;
      const exact = lines.reduce((before, line, index) => before + breaks[index - 1] + line);
      this.#exact = this.#exact.slice(0, at) + exact + this.#exact.slice(at + text.length);
    };
    return { caret, mend };
  }

  /** Carries over an edit that the text box made by itself: it shows `shown` now, with the caret at `caret`. */
  edited(shown: string, caret: number): void {
    const old = this.shown;
    if (shown === old) return;
    // An edit ends at the caret, unless the browser put it elsewhere: then the longest common end is taken.
    const afterCaret = shown.slice(caret);
    let end = old.endsWith(afterCaret) ? afterCaret.length : commonEnd(old, shown);
    const start = commonStart(old, shown, Math.min(old.length, shown.length) - end);
    end = Math.min(end, old.length - start, shown.length - start);
    this.insert(shown.slice(start, shown.length - end), start, old.length - end);
  }

  /** The place in the exact text of a place in the shown text. */
  #exactIndex(shownIndex: number): number {
    let exact = 0;
    for (let shown = 0; shown < shownIndex && exact < this.#exact.length; shown++) {
      exact += this.#exact.startsWith('\r\n', exact) ? 2 : 1;
    }
    return exact;
  }
}

/** One sentence saying why the value can't be sealed, or null. */
export function valueProblem(value: string): string | null {
  if (value === '') return 'Type or paste a value.';
  if (value.includes('\0')) return "A value can't contain a NUL byte.";
  const bytes = new TextEncoder().encode(value).length;
  if (bytes > MAX_VALUE) {
    return `A value has at most 5 KiB (5,120 bytes); this one has ${bytes.toLocaleString('en')}.`;
  }
  return null;
}

export function endsWithLineBreak(value: string): boolean {
  return /[\r\n]$/.test(value);
}

function asShown(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

function commonStart(a: string, b: string, limit: number): number {
  let length = 0;
  while (length < limit && a[length] === b[length]) length++;
  return length;
}

function commonEnd(a: string, b: string): number {
  const limit = Math.min(a.length, b.length);
  let length = 0;
  while (length < limit && a[a.length - 1 - length] === b[b.length - 1 - length]) length++;
  return length;
}
