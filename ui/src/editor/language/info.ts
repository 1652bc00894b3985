// Where the documentation of a completion stands: beside the list, as wide as there is room, or else under or over all of the
// list. Never on other completions, which is where CodeMirror puts it in a narrow window, or on the line that is typed.

import type { Rect } from '@codemirror/view';

export const WIDEST = 420;
/** Less makes a column of words, where lines are better. */
const NARROWEST = 240;
export const HIGHEST = 300;
const GAP = 4;

interface Place {
  style: string;
  class: string;
}

/** `line`: of the caret, which the list hangs on. */
export function place(list: Rect, option: Rect, info: Rect, space: Rect, line: Rect | null): Place {
  const [left, right] = [list.left - space.left, space.right - list.right];
  const width = Math.min(WIDEST, info.right - info.left);
  const enough = Math.min(width, NARROWEST);
  const onTheRight = right >= enough || right >= left;
  const room = onTheRight ? right : left;
  if (room < enough) return underOrOver(list, info, space, line ?? list);
  // What is made narrower becomes higher.
  const height = Math.min(HIGHEST, ((info.bottom - info.top) * width) / Math.min(width, room));
  const top = Math.max(space.top, Math.min(option.top, space.bottom - height));
  return {
    style: `top: ${top - list.top}px; ${atMost(room, space.bottom - top)}`,
    class: `cm-completionInfo-${onTheRight ? 'right' : 'left'}`,
  };
}

function underOrOver(list: Rect, info: Rect, space: Rect, line: Rect): Place {
  const top = Math.min(list.top, line.top) - GAP;
  const bottom = Math.max(list.bottom, line.bottom) + GAP;
  const [over, under] = [top - space.top, space.bottom - bottom];
  const isUnder = under >= Math.min(over, info.bottom - info.top);
  const edge = isUnder ? `top: ${bottom - list.top}px` : `bottom: ${list.bottom - top}px`;
  return {
    style: `left: 0; ${edge}; ${atMost(space.right - list.left, isUnder ? under : over)}`,
    class: `cm-completionInfo-${isUnder ? 'under' : 'over'}`,
  };
}

const atMost = (width: number, height: number) =>
  `max-width: ${Math.min(WIDEST, width)}px; max-height: ${Math.min(HIGHEST, height)}px`;
