import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commands } from './commands';

/** On Linux the menu only writes the keys beside its words: the page listens for them. */
test('the menu has the commands of the page, with the keys that they have there', () => {
  const menu = readFileSync('../src-tauri/src/desktop/menu.rs', 'utf8');
  const items = [...menu.matchAll(/\("([a-z-]+)", "[^"]+", (?:.*\{ )?"([^"]*)"(?: \})?\)/g)];
  const written = items.map(([, id = '', key = '']) => [id, key.replace('CmdOrCtrl', 'Mod')] as const);
  // What is the system's own, or GTK's.
  const ours = written.filter(([id]) => id !== 'quit' && !/^edit-|^undo$|^redo$/.test(id));
  expect(ours).toHaveLength(37);

  const keys = (id: string) => commands.find((command) => command.id === id)?.chord?.replace('Arrow', '') ?? '';
  expect(ours).toEqual(ours.map(([id]) => [id, keys(id)]));
  expect(ours.filter(([id]) => !commands.some((command) => command.id === id))).toEqual([]);
});
