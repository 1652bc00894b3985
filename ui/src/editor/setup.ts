// The code editor's extensions: everything that a text box for TypeScript does by itself.
//
// A language server joins through its own compartment; nothing here knows of one.

import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, codeFolding, foldGutter, foldKeymap, indentOnInput, indentUnit } from '@codemirror/language';
import { Compartment, EditorState, type Extension, Facet, Prec } from '@codemirror/state';
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
  tooltips,
} from '@codemirror/view';
import type { FunctionId } from '../bindings/FunctionId';
import { isComposing } from '../platform';
import { indentation } from './indentation';
import { sizeLimit } from './limit';
import { steps } from './steps';
import { codeTheme } from './theme';

/** The grammar of the code and the marks of problems in it. They are loaded once the editor takes keys. */
export const reading = new Compartment();

/** What an editor learns from the language server, once that is loaded. */
export const language = new Compartment();

/** The file of a function. */
export interface Source {
  id: FunctionId;
  path: string;
}

/** Between what is said about the code and the edge of the window. */
const MARGIN = 8;

/** Which file an editor holds; null while it holds none. */
export const source = Facet.define<Source, Source | null>({ combine: (sources) => sources[0] ?? null });

/**
 * WebKit types into the text that holds the selection, whatever has the focus: what stands in no text box leaves the keys
 * to it. The editor has its own selection, and sets the other one when it has the focus again.
 */
function leaveSelection(): void {
  if (document.hasFocus()) getSelection()?.removeAllRanges();
}

/** Words of the library, as they are written elsewhere in the window. */
const PHRASES = {
  next: 'Next',
  previous: 'Previous',
  all: 'All',
  'match case': 'Match case',
  regexp: 'Regular expression',
  'by word': 'Whole word',
  replace: 'Replace',
  'replace all': 'Replace all',
  go: 'Go',
};

/** Where what is said about the code may stand: over the panes at its sides, and not over the bar with Deploy. */
function besideTheBar({ scrollDOM }: EditorView) {
  return { left: MARGIN, top: scrollDOM.getBoundingClientRect().top, right: innerWidth - MARGIN, bottom: innerHeight };
}

export function codeExtensions(known: Extension, learned: Extension, extra: Extension): Extension {
  return [
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightSpecialChars(),
    history(),
    steps,
    foldGutter({ openText: '⌄', closedText: '›' }),
    codeFolding(),
    drawSelection(),
    dropCursor(),
    EditorState.allowMultipleSelections.of(true),
    EditorState.tabSize.of(2),
    indentUnit.compute(['doc'], ({ doc }) => indentation(doc)),
    indentOnInput(),
    bracketMatching(),
    rectangularSelection(),
    crosshairCursor(),
    highlightActiveLine(),
    EditorState.phrases.of(PHRASES),
    sizeLimit,
    codeTheme,
    tooltips({ tooltipSpace: besideTheBar }),
    // Before every key map: an input method has its keys to itself, also before it has put anything in.
    Prec.highest(EditorView.domEventHandlers({ keydown: isComposing })),
    EditorView.domEventHandlers({ blur: leaveSelection }),
    EditorView.contentAttributes.of({
      'aria-label': 'Code',
      tabindex: '0',
      spellcheck: 'false',
      autocorrect: 'off',
      autocapitalize: 'off',
      autocomplete: 'off',
    }),
    keymap.of([...historyKeymap, ...foldKeymap, ...defaultKeymap, indentWithTab]),
    reading.of(known),
    language.of(learned),
    extra,
  ];
}
