// TypeScript in the editor, in a chunk of its own that is loaded when somebody turns to the code: it joins each document
// through one extension.

import type { Extension } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { store } from '../../state.svelte';
import { quickFix, quickFixes } from './actions';
import { client } from './client';
import { completion } from './completion';
import { diagnostics } from './diagnostics';
import { formatDocument, organiseImports } from './format';
import { hover } from './hover';
import { findReferences, goToDefinition, navigation } from './navigation';
import { places } from './places';
import { renameSymbol, renaming } from './rename';
import { saying } from './say';
import { semantic } from './semantic';
import { signature } from './signature';
import { languageTheme } from './theme';

export { begin } from './asking';
export { format } from './format';
export { importsOf } from './moved-file';

store.languageChanged = (changedEnv) => {
  if (changedEnv === null) client.hear(store.language);
  else client.changed();
};
client.hear(store.language);

/** What the commands of the window do in the editor. */
export const actions = {
  definition: goToDefinition,
  references: findReferences,
  rename: renameSymbol,
  fix: quickFix,
  imports: organiseImports,
  format: formatDocument,
} satisfies Record<string, (view: EditorView) => Promise<void>>;

export const typescriptService: Extension = [
  completion,
  hover,
  signature,
  diagnostics,
  semantic,
  navigation,
  places,
  renaming,
  quickFixes,
  saying,
  languageTheme,
];
