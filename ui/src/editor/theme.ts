// How code looks: colours by the roles of `theme.css`, so that both themes come from one place.

import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const surface = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--ground)', color: 'var(--text)', fontSize: 'var(--size-3)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-code)', lineHeight: '21px', fontVariantLigatures: 'none' },
  '.cm-content': { padding: 'var(--gap-3) 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 var(--gap-4) 0 2px' },
  '.cm-cursor, .cm-dropCursor': { borderLeft: '2px solid var(--accent)', marginLeft: '-1px' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'var(--selection)',
  },
  '.cm-activeLine': { backgroundColor: 'var(--line-wash)' },
  // It lies over what is selected, whose colours are as light or as dark as can be read.
  '&.selecting .cm-activeLine': { backgroundColor: 'transparent' },
  // As high as their lines: heights in percent have WebKit lay out all that is in sight with each key.
  '.cm-gutters': { height: 'auto', backgroundColor: 'var(--ground)', color: 'var(--faint)', border: '0' },
  '.cm-gutter': { minHeight: '0' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--line-wash)', color: 'var(--text)' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '38px', padding: '0 2px 0 8px' },
  '.cm-foldGutter .cm-gutterElement': { width: '14px', textAlign: 'center', cursor: 'pointer', color: 'var(--faint)' },
  '.cm-foldGutter .cm-gutterElement > span': { opacity: '0' },
  '.cm-gutters:hover .cm-foldGutter .cm-gutterElement > span, .cm-foldGutter [title="Unfold line"]': { opacity: '1' },
  '.cm-foldPlaceholder': {
    backgroundColor: 'var(--raised)',
    border: '1px solid var(--line)',
    color: 'var(--muted)',
    padding: '0 4px',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--match)', outline: '1px solid var(--line)' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'transparent', color: 'var(--fail)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--match)' },
  '.cm-searchMatch': { backgroundColor: 'var(--accent-wash)', outline: '1px solid var(--accent)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--selection)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius)',
    color: 'var(--text)',
    width: 'max-content',
    // Little of the code around it is drawn anew with it.
    boxShadow: 'var(--shadow-near)',
    overflow: 'hidden',
    // Below dialogs and menus.
    zIndex: '8',
  },
  '.cm-panels': { backgroundColor: 'var(--surface)', color: 'var(--text)', zIndex: '2' },
  '.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-panel.cm-search': {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: '6px',
  },
  '.cm-panel.cm-search, .cm-panel.cm-dialog': {
    padding: 'var(--gap-2) 36px var(--gap-2) var(--gap-3)',
    fontFamily: 'var(--font-ui)',
  },
  '.cm-panel.cm-search :is(input, button, label)': { margin: '0' },
  '.cm-panel.cm-search br': { flexBasis: '100%', content: '""' },
  '.cm-panel.cm-search label, .cm-panel.cm-dialog label': {
    display: 'inline-flex',
    alignItems: 'center',
    gap: '4px',
    fontSize: 'var(--size-2)',
    color: 'var(--muted)',
    margin: '0',
  },
  '.cm-panel.cm-search [name=close], .cm-panel.cm-dialog .cm-dialog-close': {
    top: '9px',
    right: '8px',
    width: '24px',
    height: '24px',
    color: 'var(--muted)',
    fontSize: 'var(--size-4)',
    borderRadius: '4px',
    cursor: 'pointer',
  },
  '.cm-textfield': {
    height: '26px',
    width: '200px',
    margin: '0',
    padding: '0 var(--gap-2)',
    fontSize: 'var(--size-2)',
    fontFamily: 'var(--font-code)',
    color: 'var(--text)',
    backgroundColor: 'var(--ground)',
    border: '1px solid var(--field-line)',
    borderRadius: 'var(--radius)',
  },
  '.cm-button': {
    height: '26px',
    margin: '0',
    padding: '0 var(--gap-2)',
    fontSize: 'var(--size-2)',
    color: 'var(--text)',
    backgroundColor: 'var(--raised)',
    backgroundImage: 'none',
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius)',
    '&:active': { backgroundImage: 'none', backgroundColor: 'var(--ground)' },
  },
});

const selecting = EditorView.editorAttributes.compute(['selection'], ({ selection }): Record<string, string> => {
  return selection.ranges.some(({ empty }) => !empty) ? { class: 'selecting' } : {};
});

const colours = HighlightStyle.define([
  {
    tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.self, tags.null, tags.bool],
    color: 'var(--syn-key)',
  },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--syn-str)' },
  {
    tag: [
      tags.function(tags.variableName),
      tags.function(tags.propertyName),
      tags.function(tags.definition(tags.variableName)),
      tags.function(tags.definition(tags.propertyName)),
    ],
    color: 'var(--syn-fn)',
  },
  { tag: [tags.typeName, tags.className, tags.namespace, tags.number], color: 'var(--syn-type)' },
  { tag: tags.comment, color: 'var(--syn-com)' },
  { tag: tags.invalid, color: 'var(--fail)' },
]);

export const codeTheme: Extension = [surface, selecting, syntaxHighlighting(colours)];
