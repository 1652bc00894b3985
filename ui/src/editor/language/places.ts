// A list of places below the code, walked by the arrow keys, or a declaration to be read there.

import { type Extension, StateEffect, StateField } from '@codemirror/state';
import { type EditorView, type Panel, showPanel } from '@codemirror/view';
import { documents } from '../documents';
import { element } from '../element';
import { compareFiles } from '../paths';
import { source } from '../setup';
import { codeBlock } from './markdown';
import { reveal } from './navigation';
import type { Range } from './protocol';

export interface FoundPlace {
  path: string;
  range: Range;
  /** Of one that is in none of the user's files: its line, and how it is shown. */
  elsewhere?: { text: string; show(): void };
}

type Shown = (view: EditorView) => Panel;

const shown = StateEffect.define<Shown | null>();

const panel = StateField.define<Shown | null>({
  create: () => null,
  update(before, transaction) {
    for (const effect of transaction.effects) if (effect.is(shown)) return effect.value;
    return before;
  },
  provide: (field) => showPanel.from(field),
});

export function closeList(view: EditorView): boolean {
  if (!view.state.field(panel, false)) return false;
  view.dispatch({ effects: shown.of(null) });
  view.focus();
  return true;
}

/** In the order of files and lines. The first one is chosen, and a key goes to the next. */
export function showPlaces(view: EditorView, title: string, places: FoundPlace[]): void {
  const sorted = [...places].sort(
    (a, b) =>
      compareFiles(a.path, b.path) ||
      a.range.start.line - b.range.start.line ||
      a.range.start.character - b.range.start.character,
  );
  view.dispatch({ effects: shown.of((editor) => list(editor, `${title} (${places.length})`, sorted)) });
}

export function showDeclaration(view: EditorView, title: string, code: string): void {
  view.dispatch({
    effects: shown.of((editor) => {
      const dom = frame(editor, title);
      const text = codeBlock(editor.state, code);
      text.tabIndex = 0;
      text.setAttribute('role', 'region');
      text.setAttribute('aria-label', title);
      dom.append(text);
      return { dom, mount: () => text.focus() };
    }),
  });
}

export function go(place: FoundPlace): void {
  if (place.elsewhere) place.elsewhere.show();
  else reveal(place);
}

function list(view: EditorView, title: string, places: FoundPlace[]): Panel {
  const dom = frame(view, title);
  const box = element('ul', 'cm-places');
  box.tabIndex = 0;
  box.setAttribute('role', 'listbox');
  box.setAttribute('aria-label', title);
  const id = view.state.facet(source)?.id ?? -1;
  const rows = places.map((place, index) => {
    const row = element('li', '');
    row.id = `place-${index}`;
    row.setAttribute('role', 'option');
    const line = place.range.start.line + 1;
    const text = documents.read(id, place.path);
    const own = text && line <= text.lines ? text.line(line).text : '';
    row.append(element('span', 'cm-place', `${place.path}:${line}`));
    row.append(element('code', '', (place.elsewhere?.text ?? own).trim()));
    row.onclick = () => {
      choose(index);
      go(place);
    };
    return row;
  });
  let chosen = 0;
  const choose = (index: number) => {
    chosen = Math.max(0, Math.min(rows.length - 1, index));
    for (const [at, row] of rows.entries()) row.setAttribute('aria-selected', String(at === chosen));
    box.setAttribute('aria-activedescendant', `place-${chosen}`);
    rows[chosen]?.scrollIntoView?.({ block: 'nearest' });
  };
  box.onkeydown = (event) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, Home: -rows.length, End: rows.length };
    const place = places[chosen];
    if (event.key in steps) choose(chosen + (steps[event.key] ?? 0));
    else if (event.key === 'Enter' && place) go(place);
    else return;
    event.preventDefault();
  };
  choose(0);
  box.append(...rows);
  dom.append(box);
  return { dom, mount: () => box.focus() };
}

function frame(view: EditorView, title: string): HTMLElement {
  const dom = element('div', 'cm-found');
  const head = element('div', 'cm-found-head');
  const close = element('button', 'icon-button plain', '×');
  close.type = 'button';
  close.setAttribute('aria-label', 'Close');
  close.onclick = () => closeList(view);
  head.append(element('h3', '', title), close);
  dom.append(head);
  dom.onkeydown = (event) => {
    if (event.key !== 'Escape' || !closeList(view)) return;
    event.preventDefault();
    event.stopPropagation();
  };
  return dom;
}

export const places: Extension = panel;
