import { expect, test } from 'vitest';
import { place } from './info';

const box = (left: number, top: number, width: number, height: number) => ({
  left,
  top,
  right: left + width,
  bottom: top + height,
});
const page = box(0, 0, 1000, 600);
const documentation = box(0, 0, 400, 100);

test('documentation stands beside its completion, on the side that has room', () => {
  expect(place(box(100, 100, 300, 260), box(100, 140, 300, 24), documentation, page, null)).toEqual({
    style: 'top: 40px; max-width: 420px; max-height: 300px',
    class: 'cm-completionInfo-right',
  });
  expect(place(box(650, 100, 300, 260), box(650, 140, 300, 24), documentation, page, null)).toMatchObject({
    style: expect.stringContaining('max-width: 420px'),
    class: 'cm-completionInfo-left',
  });
});

test('where there is less room it is narrower, and still beside the list', () => {
  expect(place(box(300, 100, 400, 260), box(300, 140, 400, 24), documentation, page, null)).toEqual({
    style: 'top: 40px; max-width: 300px; max-height: 300px',
    class: 'cm-completionInfo-right',
  });
});

test('it does not reach below the window', () => {
  expect(place(box(100, 300, 300, 260), box(100, 540, 300, 24), documentation, page, null).style).toContain(
    'top: 200px;',
  );
});

test('where there is no room beside it, it stands under all of the list or over it, and on no completion', () => {
  expect(place(box(150, 100, 700, 260), box(150, 140, 700, 24), documentation, page, null)).toEqual({
    style: 'left: 0; top: 264px; max-width: 420px; max-height: 236px',
    class: 'cm-completionInfo-under',
  });
  expect(place(box(150, 320, 700, 260), box(150, 340, 700, 24), documentation, page, null)).toEqual({
    style: 'left: 0; bottom: 264px; max-width: 420px; max-height: 300px',
    class: 'cm-completionInfo-over',
  });
});

test('there it does not stand on the line that is typed either', () => {
  const above = box(150, 296, 10, 24);
  expect(place(box(150, 320, 700, 260), box(150, 340, 700, 24), documentation, page, above).style).toContain(
    'bottom: 288px;',
  );
  const below = box(150, 360, 10, 24);
  expect(place(box(150, 100, 700, 260), box(150, 140, 700, 24), documentation, page, below).style).toContain(
    'top: 288px;',
  );
});
