// Where Tauri's own door would be, with the core in memory behind it.

import type { MockCore } from './mocks';

/** Puts the core where Tauri's door is. Returns how to say what the native menu says. */
export function install(core: MockCore): { menu(id: string): void } {
  const callbacks = new Map<number, (message: unknown) => void>();
  const listeners: { event: string; handler: number }[] = [];
  let next = 1;
  const internals = {
    metadata: { currentWindow: { label: 'main' }, currentWebview: { label: 'main' } },
    transformCallback(callback: (message: unknown) => void) {
      callbacks.set(next, callback);
      return next++;
    },
    unregisterCallback: (id: number) => callbacks.delete(id),
    async invoke(command: string, args: Record<string, unknown> = {}) {
      if (command !== 'plugin:event|listen') return command.startsWith('plugin:') ? null : core.call(command, args);
      listeners.push({ event: args.event as string, handler: args.handler as number });
      return listeners.length;
    },
  };
  Object.defineProperty(window, '__TAURI_INTERNALS__', { value: internals, configurable: true });
  return {
    menu(id) {
      for (const { event, handler } of listeners) {
        if (event === 'menu') callbacks.get(handler)?.({ event, id: handler, payload: id });
      }
    },
  };
}
