import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commands } from './commands';

/** On Linux the menu only writes the keys beside its words: the page listens for them. */
test('the menu has the commands of the page, with the keys that they have there', () => {
  const menu = readFileSync('../src-tauri/src/desktop/menu.rs', 'utf8');
  const items = [...menu.matchAll(/^ {4}\("([a-z-]+)", "[^"]+", (?:.*\{ )?"([^"]*)"(?: \})?\),$/gm)];
  const written = items
    .map(([, id, key]) => [id, key?.replace('CmdOrCtrl', 'Mod')])
    .filter(([id]) => !id?.startsWith('edit-'));
  expect(written.length).toBeGreaterThan(30);

  const keys = (id?: string) => commands.find((command) => command.id === id)?.chord?.replace('Arrow', '') ?? '';
  expect(written).toEqual(written.map(([id]) => [id, keys(id)]));
  expect(written.filter(([id]) => !commands.some((command) => command.id === id))).toEqual([]);
});
