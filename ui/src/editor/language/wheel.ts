// The wheel in a list of completions, of which only a part is drawn: turned on at the end of that part, it brings the next.

import { setSelectedCompletion } from '@codemirror/autocomplete';
import { type EditorView, ViewPlugin } from '@codemirror/view';

/** The option that follows what is drawn, or comes before it; null where there is none, or some of it is to be scrolled yet. */
function beyond(list: Element, down: boolean): number | null {
  if (!list.classList.contains(`cm-completionListIncomplete${down ? 'Bottom' : 'Top'}`)) return null;
  // Of a zoomed page, heights are whole numbers and places are not.
  const left = down ? list.scrollHeight - list.clientHeight - list.scrollTop : list.scrollTop;
  const drawn = list.querySelectorAll('li[id]');
  const number = /-(\d+)$/.exec((down ? drawn[drawn.length - 1] : drawn[0])?.id ?? '')?.[1];
  return left > 1 || number === undefined ? null : Number(number) + (down ? 1 : -1);
}

export const wheel = ViewPlugin.define((view: EditorView) => {
  const turned = ({ target, deltaY }: WheelEvent) => {
    const list = target instanceof Element ? target.closest('.cm-tooltip-autocomplete > ul') : null;
    const option = list && deltaY !== 0 ? beyond(list, deltaY > 0) : null;
    if (option !== null) view.dispatch({ effects: setSelectedCompletion(option) });
  };
  view.dom.addEventListener('wheel', turned, { passive: true });
  return { destroy: () => view.dom.removeEventListener('wheel', turned) };
});
