// How what the language server says looks: lists of completions, documentation, signatures.

import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';

export const languageTheme: Extension = EditorView.theme({
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--font-code)',
    fontSize: 'var(--size-3)',
    maxHeight: '260px',
    minWidth: '260px',
    padding: '4px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    display: 'flex',
    alignItems: 'center',
    gap: '8px',
    padding: '0 6px',
    lineHeight: '24px',
    borderRadius: '4px',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent-wash)',
    color: 'var(--text)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600', color: 'var(--accent)' },
  '.cm-completionDetail': {
    marginLeft: 'auto',
    paddingLeft: 'var(--gap-4)',
    fontStyle: 'normal',
    fontFamily: 'var(--font-ui)',
    fontSize: 'var(--size-1)',
    color: 'var(--muted)',
  },
  '.cm-deprecated-option .cm-completionLabel': { textDecoration: 'line-through' },
  '.cm-kind': {
    width: '14px',
    height: '14px',
    flex: 'none',
    fill: 'none',
    stroke: 'var(--muted)',
    strokeWidth: '1.4',
    strokeLinejoin: 'round',
    strokeLinecap: 'round',
  },
  '.cm-kind-function': { stroke: 'var(--syn-fn)' },
  '.cm-kind-type': { stroke: 'var(--syn-type)' },
  '.cm-kind-keyword': { stroke: 'var(--syn-key)' },
  '.cm-kind-constant': { stroke: 'var(--syn-str)' },
  '.cm-completionInfo': {
    padding: 'var(--gap-2) var(--gap-3)',
    maxWidth: '420px',
    maxHeight: '300px',
    overflow: 'auto',
  },
  '.cm-hover, .cm-signature': {
    padding: 'var(--gap-2) var(--gap-3)',
    maxWidth: '560px',
    maxHeight: '300px',
    overflow: 'auto',
  },
  '.cm-signature-label, .cm-doc-code': {
    fontFamily: 'var(--font-code)',
    fontSize: 'var(--size-2)',
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
    margin: '0',
  },
  '.cm-signature-label strong': { color: 'var(--accent)' },
  '.cm-signature-count': { fontFamily: 'var(--font-ui)', fontSize: 'var(--size-1)', color: 'var(--muted)' },
  '.cm-doc': { fontFamily: 'var(--font-ui)', fontSize: 'var(--size-2)', lineHeight: '1.5', overflowWrap: 'anywhere' },
  '.cm-doc > * + *, .cm-signature > .cm-doc': { marginTop: '6px' },
  '.cm-doc ul': { paddingLeft: 'var(--gap-4)' },
  '.cm-doc hr': { border: '0', borderTop: '1px solid var(--line)' },
  '.cm-doc code': {
    fontFamily: 'var(--font-code)',
    padding: '0 3px',
    backgroundColor: 'var(--ground)',
    borderRadius: '3px',
  },
  // Within the colour of the grammar: the inner element decides.
  '.cm-semantic-function, .cm-semantic-function *': { color: 'var(--syn-fn)' },
  '.cm-semantic-type, .cm-semantic-type *': { color: 'var(--syn-type)' },
});
