// TypeScript in the editor, in a chunk of its own that is loaded once the editor takes keys: it starts the language
// server, and joins each document through one extension.

import type { Extension } from '@codemirror/state';
import { store } from '../../state.svelte';
import { client } from './client';
import { completion } from './completion';
import { diagnostics } from './diagnostics';
import { hover } from './hover';
import { semantic } from './semantic';
import { signature } from './signature';
import { languageTheme } from './theme';

store.languageChanged = (changedEnv) => {
  if (changedEnv === null) client.hear(store.language);
  else client.changed();
};
client.hear(store.language);

export const typescriptService: Extension = [completion, hover, signature, diagnostics, semantic, languageTheme];
