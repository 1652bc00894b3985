// What is wrong with the code, drawn in it: where it does not parse, and the secrets it names that do not exist.

import { type Diagnostic, setDiagnostics } from '@codemirror/lint';
import { type EditorState, type Extension, StateEffect, StateField, type Transaction } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';
import type { Failure } from '../bindings/Failure';
import type { MissingSecret } from '../bindings/MissingSecret';

/** Asks for the secret of this name; the Secrets tab listens. */
export type AddSecret = (name: string) => void;

export function problemsTransaction(
  state: EditorState,
  problem: Failure | null,
  missing: MissingSecret[],
  add: AddSecret,
): Transaction {
  const places = missing.flatMap((secret) => placesOf(state, secret));
  const diagnostics: Diagnostic[] = places.map(({ name, from, to }) => ({
    from,
    to,
    severity: 'error',
    message: `There is no secret ${name} yet.`,
  }));
  if (problem) diagnostics.push(problemDiagnostic(state, problem));
  diagnostics.sort((a, b) => a.from - b.from);
  return state.update(setDiagnostics(state, diagnostics), { effects: offer.of({ places, add }) });
}

/** The place of a position that counts lines and columns from 1, kept inside the text. */
export function offsetOf(state: EditorState, line: number, column: number): number {
  const at = state.doc.line(Math.max(1, Math.min(line, state.doc.lines)));
  return Math.min(at.from + Math.max(0, column - 1), at.to);
}

function problemDiagnostic(state: EditorState, { message, position }: Failure): Diagnostic {
  const from = offsetOf(state, position?.line ?? 1, position?.column ?? 1);
  const word = state.wordAt(from);
  const line = state.doc.lineAt(from);
  // At the end of a line nothing stands after the place: what stands before it is marked.
  const start = from === line.to ? Math.max(line.from, from - 1) : from;
  return {
    from: start,
    to: word && word.to > start ? word.to : Math.min(start + 1, line.to),
    severity: 'error',
    message,
  };
}

interface Place {
  name: string;
  from: number;
  to: number;
}

function placesOf(state: EditorState, { name, lines }: MissingSecret): Place[] {
  return lines.flatMap((number) => {
    if (number > state.doc.lines) return [];
    const line = state.doc.line(number);
    const at = line.text.search(new RegExp(`\\b${name.replace(/\W/g, '')}\\b`));
    return at < 0 ? [] : [{ name, from: line.from + at, to: line.from + at + name.length }];
  });
}

const offer = StateEffect.define<{ places: Place[]; add: AddSecret }>();

class AddSecretButton extends WidgetType {
  constructor(
    readonly name: string,
    readonly add: AddSecret,
  ) {
    super();
  }

  override eq(other: AddSecretButton): boolean {
    return other.name === this.name;
  }

  override toDOM(): HTMLElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'cm-missing-secret';
    button.textContent = 'Add secret';
    button.setAttribute('aria-label', `Add secret ${this.name}`);
    // The Secrets tab offers the same in the tab order; here Tab belongs to the code.
    button.tabIndex = -1;
    button.onclick = () => this.add(this.name);
    return button;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

/** “Add secret” at the end of each line that names a secret which does not exist. */
export const missingSecrets: Extension = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    let decorations = shown.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(offer)) continue;
      const { places, add } = effect.value;
      const ends = new Map(places.map((place) => [transaction.state.doc.lineAt(place.from).to, place.name]));
      decorations = Decoration.set(
        [...ends].map(([end, name]) =>
          Decoration.widget({ widget: new AddSecretButton(name, add), side: 1 }).range(end),
        ),
        true,
      );
    }
    return decorations;
  },
  provide: (field) => EditorView.decorations.from(field),
});
