// The first question to the core, asked before the window's code is even read: the answer is there when the window is.

import type { FunctionId } from './bindings/FunctionId';
import type { Overview } from './bindings/Overview';
import { overview } from './ipc';

const LAST = 'postern.open';

/** Everything that the first frame shows. */
export const askFirst = (): Promise<Overview> => {
  const answer = overview(lastOpened());
  // Whoever takes it hears of a failure; until then it is not an unhandled one.
  answer.catch(() => {});
  return answer;
};

/** Which function the window opens with next time. */
export function rememberOpened(id: FunctionId): void {
  try {
    localStorage.setItem(LAST, String(id));
  } catch {
    // Then the first function opens next time.
  }
}

function lastOpened(): FunctionId | null {
  try {
    const id = Number(localStorage.getItem(LAST) ?? Number.NaN);
    return Number.isSafeInteger(id) ? id : null;
  } catch {
    return null;
  }
}
