// Where a name comes from and where it is used: jumps there, or lists the places below the code. What stands in a
// declaration that is none of the user's files is shown and not opened.

import { type Extension, Prec } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { readDeclaration } from '../../ipc';
import { isMac } from '../../platform';
import { store } from '../../state.svelte';
import { documents } from '../documents';
import { source } from '../setup';
import { client } from './client';
import { positionOf } from './edits';
import { closeList, showDeclaration, showPlaces } from './places';
import type { Location, LocationLink, Range } from './protocol';
import { say } from './say';

export interface Target {
  uri: string;
  /** What is named, and all of its declaration. */
  range: Range;
  whole: Range;
  /** The file of the function that it is in, the generated `Env`, or null for a declaration from elsewhere. */
  own: { path: string } | 'env' | null;
}

/** Where what stands at the caret, or at another place, is declared. */
export async function targetsAt(view: EditorView, at = view.state.selection.main.head): Promise<Target[]> {
  const { state } = view;
  const here = state.facet(source);
  const position = positionOf(state.doc, at);
  const links = await client.ask<(LocationLink | Location)[]>(state, 'textDocument/definition', { position });
  if (!here || !links) return [];
  return Promise.all(
    links.map(async (link) => {
      const uri = 'uri' in link ? link.uri : link.targetUri;
      const path = await client.pathOf(here.id, uri);
      const own = path !== null && documents.read(here.id, path);
      return {
        uri,
        range: 'uri' in link ? link.range : link.targetSelectionRange,
        whole: 'uri' in link ? link.range : link.targetRange,
        own: own ? { path } : path === 'env.d.ts' ? ('env' as const) : null,
      };
    }),
  );
}

export async function goToDefinition(view: EditorView, at = view.state.selection.main.head): Promise<void> {
  const here = view.state.facet(source);
  const targets = await targetsAt(view, at);
  const [first] = targets;
  if (!here || !first) return say(view, 'Where this is declared is not known.');
  if (first.own === 'env') {
    store.layout.showTab('secrets');
    return say(view, 'Declared by a secret or a variable of this function.');
  }
  if (first.own === null) return showElsewhere(view, first);
  const own = targets.flatMap((each) =>
    each.own && each.own !== 'env' ? [{ path: each.own.path, range: each.range }] : [],
  );
  if (own.length > 1) showPlaces(view, 'Declarations', own);
  else own.forEach(reveal);
}

async function showElsewhere(view: EditorView, { uri, range, whole }: Target): Promise<void> {
  const text = await readDeclaration(uri).catch(() => null);
  if (text === null) return say(view, 'This is declared outside of the function.');
  const name = decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
  const lines = text.split('\n').slice(whole.start.line, whole.end.line + 1);
  // A namespace can be a file of its own.
  showDeclaration(view, `${name}, line ${range.start.line + 1}`, lines.slice(0, 80).join('\n'));
}

export async function findReferences(view: EditorView): Promise<void> {
  const { state } = view;
  const here = state.facet(source);
  const locations = await client.ask<Location[]>(state, 'textDocument/references', {
    position: positionOf(state.doc, state.selection.main.head),
    context: { includeDeclaration: true },
  });
  if (!here) return;
  const found = await Promise.all(
    (locations ?? []).map(async ({ uri, range }) => ({ path: (await client.pathOf(here.id, uri)) ?? '', range })),
  );
  const own = found.filter(({ path }) => documents.read(here.id, path));
  if (own.length === 0) say(view, 'Nothing here is used anywhere.');
  else showPlaces(view, 'References', own);
}

export function reveal({ path, range }: { path: string; range: Range }): void {
  documents.reveal({ file: path, line: range.start.line + 1, column: range.start.character + 1 });
}

export const navigation: Extension = [
  EditorView.domEventHandlers({
    mousedown(event, view) {
      const mod = isMac ? event.metaKey : event.ctrlKey;
      const at = mod && event.button === 0 && !event.altKey && !event.shiftKey ? view.posAtCoords(event) : null;
      if (at === null) return false;
      event.preventDefault();
      view.dispatch({ selection: { anchor: at } });
      void goToDefinition(view, at);
      return true;
    },
  }),
  Prec.low(keymap.of([{ key: 'Escape', run: closeList }])),
];
