// How times, sizes, lists of lines and file positions are written for people.

const MINUTE = 60_000;
const STEPS: [number, string][] = [
  [7 * 24 * 60 * MINUTE, 'week'],
  [24 * 60 * MINUTE, 'day'],
  [60 * MINUTE, 'hour'],
  [MINUTE, 'minute'],
];

/** “2 minutes ago”; anything under a minute, or from a clock that is ahead, is “just now”. */
export function ago(at: number, now: number): string {
  for (const [length, unit] of STEPS) {
    const count = Math.floor((now - at) / length);
    if (count >= 1) return `${count} ${plural(count, unit)} ago`;
  }
  return 'just now';
}

export function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}

/** “lib/key.ts, 2 problems” */
export function withProblems(path: string, count: number): string {
  return count === 0 ? path : `${path}, ${count} ${plural(count, 'problem')}`;
}

/** “A”, “A and B”, “A, B and C”. */
export function listed(words: string[]): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}

/** “640 bytes”, “12 KB”, “1.4 MB”. */
export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** “14:03:07.120”, in local time, as log lines show it. */
export function clockTime(at: number): string {
  const time = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${clock}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

/** “24 Nov 2026”, in local time. */
export function dayWords(at: number): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' }).format(at);
}

/** “Tue 24 Nov, 02:00”, in the given time zone or the local one; “Tue, 29 Feb 2028, 00:00” where it is in another year. */
export function runTime(at: number, timeZone?: string, now = Date.now()): string {
  const year = new Intl.DateTimeFormat('en-GB', { year: 'numeric', timeZone });
  return new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: year.format(at) === year.format(now) ? undefined : 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  }).format(at);
}

/** The address without its scheme and last slash, as a chip shows it. */
export function shortAddress(address: string): string {
  return address.replace(/^https?:\/\//, '').replace(/\/$/, '');
}
