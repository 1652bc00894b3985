// Renaming where a name stands for two things: in `{ total }` for a variable and for the property of that name. The server
// renames both. Here the one that was not meant keeps its name: an answer in JSON has the keys that it had.

import { ensureSyntaxTree } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';
import { offsetOf } from './edits';
import type { TextEdit } from './protocol';

/** How long the grammar may read a file, in milliseconds. */
const PATIENCE = 100;

type Role = 'variable' | 'property' | 'both';

/** What the name that begins here is. */
export function roleOf(state: EditorState, from: number): Role {
  const node = ensureSyntaxTree(state, from + 1, PATIENCE)?.resolveInner(from, 1);
  const within = node?.parent?.name;
  if (node?.name === 'PropertyDefinition' && within === 'Property') return node.nextSibling ? 'property' : 'both';
  if (node?.name === 'VariableDefinition' && within === 'PatternProperty')
    return node.prevSibling ? 'variable' : 'both';
  return node?.name === 'PropertyDefinition' || node?.name === 'PropertyName' ? 'property' : 'variable';
}

/**
 * The edits of a file that give `name` another one, where its role is this one. At both, the variable is meant: so what is
 * none of the function's own files, without a state, is left alone.
 */
export function ofRole(state: EditorState | undefined, edits: TextEdit[], name: string, role: Role): TextEdit[] {
  if (!state) return role === 'both' ? [] : edits;
  return edits.flatMap((edit) => {
    const here = roleOf(state, offsetOf(state.doc, edit.range.start));
    const { newText } = edit;
    if (here !== 'both') return role === 'both' && here === 'property' ? [] : edit;
    return { ...edit, newText: role === 'property' ? `${newText}: ${name}` : `${name}: ${newText}` };
  });
}
