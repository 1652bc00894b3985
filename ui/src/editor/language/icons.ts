// A small picture for what a completion is, drawn in the colour of its kind.

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

const PATHS: Record<Kind, string> = {
  // A cube, a tag, a pair of brackets, a diamond, a box with a lid, an angle, a pair of bars, lines.
  function: 'M8 1.8 13.4 5v6L8 14.2 2.6 11V5zM2.6 5 8 8.1 13.4 5M8 8.1v6.1',
  property: 'M2 3.5h5.5L14 10l-4 4-6.5-6.5z M5 6.2h.01',
  variable: 'M5.5 3H3v10h2.5M10.5 3H13v10h-2.5M6.2 6l3.6 4M9.8 6l-3.6 4',
  type: 'M8 2l6 6-6 6-6-6z',
  module: 'M2.5 5.5h11v8h-11zM4 2.5h8l1.5 3h-11z',
  keyword: 'M5.5 4 2 8l3.5 4M10.5 4 14 8l-3.5 4',
  constant: 'M3 6h10M3 10h10',
  text: 'M3 4h10M3 8h10M3 12h6',
};

export function kindOf(kind: number | undefined): Kind {
  return KINDS[kind ?? 1] ?? 'text';
}

export function icon(kind: Kind): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', `cm-kind cm-kind-${kind}`);
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', PATHS[kind]);
  svg.append(path);
  return svg;
}
