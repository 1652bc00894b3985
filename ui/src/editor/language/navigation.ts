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
import { closeList, type FoundPlace, go, showDeclaration, showPlaces } from './places';
import type { Location, LocationLink, Range } from './protocol';
import { say, sayNone, staysAt } from './say';

export interface Target {
  uri: string;
  /** What is named, and all of its declaration. */
  range: Range;
  whole: Range;
  /** The file of the function that it is in, the generated `Env`, or null for a declaration from elsewhere. */
  own: { path: string } | 'env' | null;
}

/** Where what stands at the caret, or at another place, is declared. */
export async function targetsAt(view: EditorView, at = view.state.selection.main.head): Promise<Target[] | undefined> {
  const { state } = view;
  const here = state.facet(source);
  const position = positionOf(state.doc, at);
  const links = await client.ask<(LocationLink | Location)[]>(state, 'textDocument/definition', { position });
  if (!here || !links) return links === undefined ? undefined : [];
  return Promise.all(
    links.map(async (link) => {
      const uri = 'uri' in link ? link.uri : link.targetUri;
      const target = {
        uri,
        range: 'uri' in link ? link.range : link.targetSelectionRange,
        whole: 'uri' in link ? link.range : link.targetRange,
      };
      const path = (await client.pathOf(here.id, uri)) ?? '';
      if (path === 'env.d.ts') return { ...target, own: 'env' as const };
      // What an import of text yields is declared beside the file, and is all of it.
      const declared = path.replace(/\.d\.(\w+)\.ts$/, '.$1');
      const own = documents.read(here.id, declared) && { path: declared };
      return { ...target, range: declared === path ? target.range : START, own };
    }),
  );
}

const START = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

export async function goToDefinition(view: EditorView, at = view.state.selection.main.head): Promise<void> {
  const { state } = view;
  const here = state.facet(source);
  const targets = await targetsAt(view, at);
  if (!staysAt(view, state)) return;
  const first = targets?.[0];
  if (!here || !targets || !first) return sayNone(view, targets, 'Where this is declared is not known.');
  if (first.own === 'env') {
    store.layout.showTab('secrets');
    return say(view, 'Declared by a secret or a variable of this function.');
  }
  const read = reader();
  const found = await Promise.all(targets.map((each) => placeOf(view, each, read)));
  if (!staysAt(view, state)) return;
  const places = found.filter((place) => place !== null);
  const [only] = places;
  if (!only) say(view, 'This is declared outside of the function.');
  else if (places.length === 1) go(only);
  else showPlaces(view, 'Declarations', places);
}

/** Reads each declaration once. */
function reader(): (uri: string) => Promise<string | null> {
  const texts = new Map<string, Promise<string | null>>();
  return (uri) => {
    const text = texts.get(uri) ?? readDeclaration(uri).catch(() => null);
    texts.set(uri, text);
    return text;
  };
}

/** Null for one that can't be read. */
async function placeOf(
  view: EditorView,
  { uri, range, whole, own }: Target,
  read: (uri: string) => Promise<string | null>,
): Promise<FoundPlace | null> {
  if (own === 'env') return null;
  if (own) return { path: own.path, range };
  const lines = (await read(uri))?.split('\n');
  if (!lines) return null;
  const path = decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
  // A namespace can be a file of its own.
  const code = lines.slice(whole.start.line, Math.min(whole.end.line + 1, whole.start.line + 80)).join('\n');
  const show = () => showDeclaration(view, `${path}, line ${range.start.line + 1}`, code);
  return { path, range, elsewhere: { text: lines[range.start.line] ?? '', show } };
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
  if (!staysAt(view, state)) return;
  const own = found.filter(({ path }) => documents.read(here.id, path));
  if (own.length === 0) sayNone(view, locations, 'Nothing here is used anywhere.');
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
      view.focus();
      void goToDefinition(view, at);
      return true;
    },
  }),
  Prec.low(keymap.of([{ key: 'Escape', run: closeList }])),
];
