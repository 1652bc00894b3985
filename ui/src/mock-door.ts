// Where Tauri's own door would be, with the core in memory behind it.

import type { MockCore } from './mocks';

/** Puts the core where Tauri's door is. Channels are handed over as they are: it calls them itself. */
export function install(core: MockCore): void {
  let next = 1;
  const internals = {
    transformCallback: () => next++,
    unregisterCallback: () => {},
    invoke: (command: string, args: Record<string, unknown> = {}) => core.call(command, args),
  };
  Object.defineProperty(window, '__TAURI_INTERNALS__', { value: internals, configurable: true });
}
