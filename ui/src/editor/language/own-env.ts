// An `Env` that the user wrote by hand stands in front of the one that follows the secrets. It may stay; the generated one
// is offered in its place.

import type { Text } from '@codemirror/state';
import { type Problem, placeAt } from '../../problems/problems.svelte';
import { documents } from '../documents';
import { typescript } from '../grammar';
import type { Source } from '../setup';

export function ownEnv(about: Source, text: Text): Problem[] {
  const found = find(text);
  if (!found) return [];
  return [
    {
      file: about.path,
      from: placeAt(text, found.name.from),
      to: placeAt(text, found.name.to),
      severity: 'hint',
      source: 'types',
      message: 'This Env stands in front of the one that Postern makes from the secrets and variables.',
      actions: [{ label: 'Use the generated Env', run: () => remove(about) }],
    },
  ];
}

/** Looked for again: the code may have moved since it was offered. */
function remove(about: Source): void {
  const text = documents.read(about.id, about.path);
  const found = text && find(text);
  if (!text || !found) return;
  const { from, to } = found.whole;
  // With its line, and with the empty line that set it apart.
  const end = text.lineAt(to).to === to ? Math.min(to + 1, text.length) : to;
  const next = text.lineAt(end);
  const gap = end < text.length && next.length === 0 ? Math.min(next.to + 1, text.length) : end;
  documents.edit(about, { changes: { from, to: gap }, userEvent: 'fix' });
}

interface Span {
  from: number;
  to: number;
}

/** `interface Env { … }` or `type Env = …` at the top of the file, exported or not. */
function find(text: Text): { name: Span; whole: Span } | null {
  const code = text.toString();
  if (!/\b(interface|type)\s+Env\b/.test(code)) return null;
  const { topNode } = typescript.language.parser.parse(code);
  for (let node = topNode.firstChild; node; node = node.nextSibling) {
    const exported = node.name === 'ExportDeclaration';
    const declaration = exported
      ? (node.getChild('InterfaceDeclaration') ?? node.getChild('TypeAliasDeclaration'))
      : node;
    if (declaration?.name !== 'InterfaceDeclaration' && declaration?.name !== 'TypeAliasDeclaration') continue;
    const name = declaration.getChild('TypeDefinition');
    if (name && code.slice(name.from, name.to) === 'Env') return { name, whole: node };
  }
  return null;
}
