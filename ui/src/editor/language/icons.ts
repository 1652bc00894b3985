// A letter for what a completion is, in the colour of its kind.

import { element } from '../element';

/** What the protocol's kinds of completions are here. */
const KINDS: Record<number, Kind> = {
  2: 'function',
  3: 'function',
  4: 'function',
  5: 'property',
  6: 'variable',
  7: 'type',
  8: 'type',
  9: 'module',
  10: 'property',
  12: 'variable',
  13: 'type',
  14: 'keyword',
  17: 'module',
  19: 'module',
  20: 'constant',
  21: 'constant',
  22: 'type',
  25: 'type',
};

export type Kind = 'function' | 'property' | 'variable' | 'type' | 'module' | 'keyword' | 'constant' | 'text';

/** One glyph of the font of the code: thirty small drawings would take as long to paint as all the rest of the list. */
const LETTERS: Record<Kind, string> = {
  function: 'f',
  property: 'p',
  variable: 'v',
  type: 'T',
  module: 'm',
  keyword: 'k',
  constant: 'c',
  text: 'a',
};

export function kindOf(kind: number | undefined): Kind {
  return KINDS[kind ?? 1] ?? 'text';
}

export const icon = (kind: Kind): HTMLElement => {
  const letter = element('span', `cm-kind cm-kind-${kind}`, LETTERS[kind]);
  letter.setAttribute('aria-hidden', 'true');
  return letter;
};
