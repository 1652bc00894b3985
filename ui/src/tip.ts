// The attributes that give an element a tooltip with its words and, for a command, its keys. `Tooltip.svelte` draws it.

import { commands, keysOf } from './commands';
import { isMac } from './platform';

export function tip(text: string, command?: string) {
  const chord = commands.find(({ id }) => id === command)?.chord;
  return {
    'data-tip': text,
    'data-tip-keys': command ? keysOf(command) : undefined,
    'aria-keyshortcuts': chord?.replace('Mod', isMac ? 'Meta' : 'Control'),
  };
}
