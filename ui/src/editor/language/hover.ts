// What stands under the pointer: its type and its documentation.

import type { Extension } from '@codemirror/state';
import { type EditorView, hoverTooltip, type Tooltip } from '@codemirror/view';
import { client } from './client';
import { positionOf, spanOf } from './edits';
import { markdown } from './markdown';
import type { Hover } from './protocol';

async function explain(view: EditorView, pos: number): Promise<Tooltip | null> {
  const { state } = view;
  const hover = await client.ask<Hover>(state, 'textDocument/hover', { position: positionOf(state.doc, pos) });
  if (!hover?.contents.value.trim() || view.state.doc !== state.doc) return null;
  const { from, to } = hover.range ? spanOf(state.doc, hover.range) : { from: pos, to: pos };
  return {
    pos: from,
    end: to,
    above: true,
    create: () => {
      const dom = markdown(state, hover.contents);
      dom.classList.add('cm-hover');
      return { dom };
    },
  };
}

export const hover: Extension = hoverTooltip(explain, { hoverTime: 300, hideOnChange: true });
