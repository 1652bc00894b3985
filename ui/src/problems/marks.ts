// Problems as they are drawn in the code: underlined, said under the pointer with what can be done, and the most
// likely of that at the end of a line. In a chunk that is loaded once the editor takes keys.

import { type Diagnostic, linter, setDiagnostics } from '@codemirror/lint';
import { type EditorState, type Extension, StateEffect, StateField, type Transaction } from '@codemirror/state';
import { activateHover, Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';
import { element } from '../editor/element';
import { type Action, offsetOf, type Problem } from './problems.svelte';
import { sourceWords } from './words';

/** A change that draws these problems, all of one file, in place of those that are drawn. */
export function draw(state: EditorState, problems: readonly Problem[]): Transaction {
  const diagnostics = problems.map((problem) => diagnosticOf(state, problem));
  const offers = new Map<number, Action[]>();
  for (const { from, actions } of problems) {
    const end = state.doc.lineAt(offsetOf(state.doc, from)).to;
    const inline = actions.filter(({ inline }) => inline);
    // A name that is used twice in a line is offered once.
    if (inline.length > 0) offers.set(end, [...new Set([...(offers.get(end) ?? []), ...inline])]);
  }
  return state.update(setDiagnostics(state, diagnostics), { effects: offer.of(offers) });
}

/** Says what is wrong at the caret's place, until the caret leaves it. */
export function explain(view: EditorView): void {
  const { from, to } = view.state.selection.main;
  activateHover(view, from, 1, {
    until: ({ docChanged, newSelection: { main } }) => docChanged || main.head < from || main.head > to,
  });
}

function diagnosticOf(state: EditorState, problem: Problem): Diagnostic {
  const { severity, message, actions, tag } = problem;
  return {
    ...rangeOf(state, problem),
    severity,
    message,
    source: sourceWords(problem),
    markClass: tag ? `cm-${tag}` : '',
    actions: actions.map(({ label, run }) => ({ name: label, apply: () => run() })),
  };
}

function rangeOf(state: EditorState, problem: Problem): { from: number; to: number } {
  const from = offsetOf(state.doc, problem.from);
  const to = offsetOf(state.doc, problem.to);
  if (to > from) return { from, to };
  const word = state.wordAt(from);
  const line = state.doc.lineAt(from);
  // At the end of a line nothing stands after the place: what stands before it is marked.
  const start = from === line.to ? Math.max(line.from, from - 1) : from;
  return { from: start, to: word && word.to > start ? word.to : Math.min(start + 1, line.to) };
}

/** What can be done at lines, by where they end. */
const offer = StateEffect.define<Map<number, Action[]>>();

class InlineActions extends WidgetType {
  constructor(readonly actions: Action[]) {
    super();
  }

  /** What says the same may act on another place. */
  override eq({ actions }: InlineActions): boolean {
    return actions.length === this.actions.length && actions.every((action, at) => action === this.actions[at]);
  }

  override toDOM(): HTMLElement {
    const line = element('span', 'cm-inline-actions');
    this.updateDOM(line);
    return line;
  }

  override updateDOM(line: HTMLElement): boolean {
    while (line.children.length > this.actions.length) line.lastChild?.remove();
    for (const [at, { label, name, run }] of this.actions.entries()) {
      const button = line.querySelectorAll('button')[at] ?? line.appendChild(inlineButton());
      // Where there are several, each says what it is about.
      button.textContent = this.actions.length > 1 ? (name ?? label) : label;
      button.setAttribute('aria-label', name ?? label);
      button.onclick = run;
    }
    return true;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

function inlineButton(): HTMLButtonElement {
  const button = element('button', 'cm-inline-action');
  button.type = 'button';
  // The list of problems has the same in the tab order; here Tab belongs to the code.
  button.tabIndex = -1;
  return button;
}

/** Between the code and a button over it. Less than there is before a button that follows the code. */
const CLEAR = 8;

/** How much of the line that is scrolled to its button takes, if it lies over it. */
let taken = 0;

/**
 * What is scrolled to is not left under the button of its line. The editor asks for margins elsewhere, too, and says nothing
 * about code that stands in them: they are there for the one scroll that follows.
 */
const besideButtons: Extension = [
  EditorView.scrollHandler.of((view, { head }) => {
    const { node } = view.domAtPos(head);
    const line = (node instanceof Element ? node : node.parentElement)?.closest('.cm-line');
    const button = line?.querySelector('.cm-inline-action');
    taken = button ? button.getBoundingClientRect().width + CLEAR : 0;
    return false;
  }),
  EditorView.scrollMargins.of(() => {
    const right = taken;
    taken = 0;
    return { right };
  }),
];

const inlineActions = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    let decorations = shown.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(offer)) continue;
      const widgets = [...effect.value].map(([end, actions]) =>
        Decoration.widget({ widget: new InlineActions(actions), side: 1 }).range(end),
      );
      decorations = Decoration.set(widgets, true);
    }
    return decorations;
  },
  provide: (field) => EditorView.decorations.from(field),
});

// WebKit takes the three parts of a decoration only one by one.
const underline = (colour: string) => ({
  backgroundImage: 'none',
  textDecorationLine: 'underline',
  textDecorationStyle: 'wavy',
  textDecorationColor: `var(--${colour})`,
  textUnderlineOffset: '4px',
  textDecorationSkipInk: 'none',
});

const theme = EditorView.theme({
  '.cm-lintRange-error': underline('fail'),
  '.cm-lintRange-warning': underline('warn'),
  '.cm-lintRange-info': underline('info'),
  '.cm-lintRange-hint': { ...underline('faint'), textDecorationStyle: 'dotted' },
  // Grey and not see-through, which would make the colours of code too faint to read. They stand within the mark.
  '.cm-lintRange.cm-unused, .cm-lintRange.cm-unused *': { textDecorationLine: 'none', color: 'var(--syn-com)' },
  '.cm-lintRange.cm-deprecated': { textDecorationLine: 'line-through', textDecorationStyle: 'solid' },
  '.cm-lintRange-active': { backgroundColor: 'var(--fail-wash)' },
  '.cm-diagnostic': {
    padding: '6px var(--gap-3)',
    fontFamily: 'var(--font-ui)',
    maxWidth: '480px',
    whiteSpace: 'pre-line',
    overflowWrap: 'anywhere',
  },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--fail)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--warn)' },
  '.cm-diagnostic-info': { borderLeft: '3px solid var(--info)' },
  '.cm-diagnostic-hint': { borderLeft: '3px solid var(--faint)' },
  '.cm-diagnosticText': { display: 'block' },
  '.cm-diagnosticSource': { marginTop: '2px', fontSize: 'var(--size-1)', color: 'var(--muted)', opacity: '1' },
  '.cm-diagnosticAction': {
    margin: '4px 8px 0 0',
    padding: '2px 8px',
    border: '1px solid var(--line)',
    borderRadius: '4px',
    font: 'var(--size-2)/1.3 var(--font-ui)',
    color: 'var(--text)',
    backgroundColor: 'var(--surface)',
    display: 'inline-block',
  },
  // It stands where the code ends, whatever is in sight: there the caret is drawn.
  '.cm-inline-actions': { paddingLeft: '18px' },
  // Where the line is longer than the window is wide, over its end. The others follow it: together they would hide the code.
  '.cm-inline-action:first-child': { position: 'sticky', right: '4px' },
  '.cm-inline-action': {
    // Half of the room is left to the code, in a small window with both panes.
    maxWidth: 'min(200px, (100cqw - var(--covered, 0px)) / 2)',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    verticalAlign: 'middle',
    marginRight: '4px',
    padding: '1px 8px',
    border: '0',
    borderRadius: '4px',
    font: '600 var(--size-2)/1.3 var(--font-ui)',
    color: 'var(--fail)',
    // As well to be read on the line of the caret, which has a colour of its own.
    background: 'linear-gradient(var(--fail-wash), var(--fail-wash)) var(--ground)',
    cursor: 'pointer',
  },
});

export const marks: Extension = [linter(null), inlineActions, besideButtons, theme];
