// What is said to the server behind a handler that has no types of its own, as code from documentation mostly has none:
// that it is one. Its parameters get their types by that, and `env` its secrets.

import { ensureSyntaxTree, type syntaxTree } from '@codemirror/language';
import type { ChangeSet, EditorState, Text } from '@codemirror/state';

type SyntaxNode = ReturnType<typeof syntaxTree>['topNode'];

/** What the server sees at an offset of the text, and the user does not. */
export interface Said {
  at: number;
  text: string;
}

/** Checked as well. */
const CHECKED = ' satisfies ExportedHandler<Env> & Record<string, unknown>';
/** Types for parameters that have none, and no new error whatever else is there. */
const HINTED = ' satisfies ExportedHandler<Env> | object';

/**
 * For the entry of a function. Null where it exports no such object, or where its end can't be told in mid-typing;
 * `unread` where the grammar takes longer than `patience` milliseconds for what it has not read yet.
 */
export function saidOf(state: EditorState, patience: number): Said | null | 'unread' {
  const { doc } = state;
  const tree = ensureSyntaxTree(state, doc.length, patience);
  if (!tree) return 'unread';
  const handler = exported(tree.topNode, (node) => doc.sliceString(node.from, node.to));
  if (handler?.lastChild?.name !== '}') return null;
  const line = doc.lineAt(handler.to);
  // Where more follows, that may say what it is; and nothing that is shown moves.
  if (!/^;?\s*$/.test(line.text.slice(handler.to - line.from))) return null;
  const members = handler.getChildren('Property').map(parameters);
  if (members.length > 0 && members.every((types) => types?.every((typed) => !typed))) {
    return { at: handler.to, text: CHECKED };
  }
  return members.some((types) => types?.includes(false)) ? { at: handler.to, text: HINTED } : null;
}

/** Behind the same brace after changes that led to this text; null where that is gone. */
export function moved(said: Said, changes: ChangeSet, text: Text): Said | null {
  const at = changes.mapPos(said.at, -1);
  return text.sliceString(at - 1, at) === '}' ? { ...said, at } : null;
}

/** `export default { … }`, or the object that is exported as the default by its name. */
function exported(top: SyntaxNode, text: (node: SyntaxNode) => string): SyntaxNode | null {
  const exports = top.getChildren('ExportDeclaration');
  const direct = exports.find((each) => each.getChild('default'));
  if (direct) return direct.getChild('ObjectExpression') ?? declared(top, direct.getChild('VariableName'), text);
  for (const { firstChild } of exports.flatMap((each) => each.getChildren('ExportGroup'))) {
    for (let name = firstChild; name; name = name.nextSibling) {
      const as = name.nextSibling;
      if (as?.name === 'as' && as.nextSibling && text(as.nextSibling) === 'default') return declared(top, name, text);
    }
  }
  return null;
}

function declared(top: SyntaxNode, name: SyntaxNode | null, text: (node: SyntaxNode) => string): SyntaxNode | null {
  const names = top.getChildren('VariableDeclaration').flatMap((each) => each.getChildren('VariableDefinition'));
  const equals = name && names.find((each) => text(each) === text(name))?.nextSibling;
  const value = equals?.name === 'Equals' ? equals.nextSibling : null;
  return value?.name === 'ObjectExpression' ? value : null;
}

/** Of a member that is a function, whether each of its parameters has a type. */
function parameters(member: SyntaxNode): boolean[] | null {
  const written = member.getChild('ArrowFunction') ?? member.getChild('FunctionExpression') ?? member;
  const list = written.getChild('ParamList');
  if (!list) return null;
  const types: boolean[] = [];
  for (let node = list.firstChild; node; node = node.nextSibling) {
    if (node.name === 'TypeAnnotation') types[types.length - 1] = true;
    else if (node.name === 'VariableDefinition' || node.name.endsWith('Pattern')) types.push(false);
  }
  return types;
}
