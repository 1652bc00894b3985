// Documentation as it is shown: the little Markdown that declarations are commented in, made into elements. Text stays
// text: nothing of it is ever read as HTML.

import { highlightingFor } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';
import { highlightCode } from '@lezer/highlight';
import { element } from '../element';
import { typescript } from '../grammar';
import type { Markup } from './protocol';

export function markdown(state: EditorState, markup: Markup | string): HTMLElement {
  const { kind, value } = typeof markup === 'string' ? { kind: 'markdown', value: markup } : markup;
  const root = element('div', 'cm-doc');
  if (kind === 'plaintext') {
    root.append(element('p', '', value));
    return root;
  }
  const parts = value.split(/^[ \t]*```/m);
  parts.forEach((part, index) => {
    // Between two fences stands code, its language in the first line.
    if (index % 2 === 1) root.append(codeBlock(state, part.replace(/^[^\n]*\n?/, '').trimEnd()));
    else for (const block of part.split(/\n\s*\n/)) if (block.trim()) root.append(paragraph(block.trim()));
  });
  return root;
}

/** A piece of TypeScript in the colours of the editor. */
export function codeBlock(state: EditorState, code: string): HTMLElement {
  const block = element('pre', 'cm-doc-code');
  const tree = typescript.language.parser.parse(code);
  const highlighter = { style: (tags: Parameters<typeof highlightingFor>[1]) => highlightingFor(state, tags) };
  highlightCode(
    code,
    tree,
    highlighter,
    (text, classes) => block.append(classes ? element('span', classes, text) : text),
    () => block.append('\n'),
  );
  return block;
}

function paragraph(text: string): HTMLElement {
  if (/^(---+|\*\*\*+)$/.test(text)) return element('hr', '');
  const lines = text.split('\n');
  if (lines.every((line) => /^\s*([-*]|\d+\.)\s/.test(line))) {
    const list = element('ul', '');
    for (const line of lines) list.append(inline(element('li', ''), line.replace(/^\s*([-*]|\d+\.)\s/, '')));
    return list;
  }
  return inline(element('p', ''), text.replace(/^#+\s+/, ''));
}

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|(?<![\w*])\*([^*\s][^*]*)\*|\[([^\]]+)\]\([^)]*\)|<?(https?:\/\/[^\s<>)]+)>?/;

/** Links are shown as their words: the window opens nothing. */
function inline(into: HTMLElement, text: string): HTMLElement {
  let rest = text;
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    const [all, code, strong, emphasis, link, address] = found;
    into.append(rest.slice(0, found.index));
    if (code !== undefined) into.append(element('code', '', code));
    else if (strong !== undefined) into.append(inline(element('strong', ''), strong));
    else if (emphasis !== undefined) into.append(inline(element('em', ''), emphasis));
    else if (link !== undefined) inline(into, link);
    else into.append(address ?? '');
    rest = rest.slice(found.index + all.length);
  }
  into.append(rest.replaceAll(/\\([*_`[\]\\])/g, '$1'));
  return into;
}
