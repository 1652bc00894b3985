import { readFileSync } from 'node:fs';
import { waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { problems } from '../problems/problems.svelte';
import { store } from '../state.svelte';
import { code, openWindow } from '../test-window';

type Rgb = [number, number, number];

const TOKENS = ['--text', '--syn-key', '--syn-str', '--syn-fn', '--syn-type', '--syn-com', '--fail'];
const [dark = '', light = ''] = readFileSync('src/theme.css', 'utf8').split('prefers-color-scheme: light');

function colour(theme: string, role: string): { rgb: Rgb; alpha: number } {
  const hex = theme.match(new RegExp(`${role}: #([0-9a-f]{6,8});`))?.[1] ?? '';
  const [r = 0, g = 0, b = 0, a = 255] = hex.match(/../g)?.map((part) => Number.parseInt(part, 16)) ?? [];
  return { rgb: [r, g, b], alpha: a / 255 };
}

/** WCAG 2.2, “relative luminance” and “contrast ratio”. */
function luminance(rgb: Rgb): number {
  const [r = 0, g = 0, b = 0] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Rgb, b: Rgb): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

test.each([
  ['dark', dark],
  ['light', light],
])('in the %s theme, code can be read where it is selected, and what is selected is seen', (_, theme) => {
  const { rgb: ground } = colour(theme, '--ground');
  const { rgb: wash, alpha } = colour(theme, '--line-wash');
  const activeLine = ground.map((part, at) => part * (1 - alpha) + (wash[at] ?? 0) * alpha) as Rgb;
  const { rgb: selection } = colour(theme, '--selection');
  for (const role of TOKENS) {
    for (const behind of [ground, activeLine, selection]) {
      expect(contrast(colour(theme, role).rgb, behind), role).toBeGreaterThanOrEqual(4.5);
    }
  }
  expect(contrast(selection, ground)).toBeGreaterThan(1.1);
});

test('the wash of the line with the caret does not lie over what is selected', async () => {
  await openWindow((core) => core.add('hello'));
  const view = code();
  const wash = () => getComputedStyle(view.dom.querySelector('.cm-activeLine') ?? view.dom).backgroundColor;
  view.dispatch({ selection: { anchor: 2 } });
  expect(view.dom.classList.contains('selecting')).toBe(false);
  view.dispatch({ selection: { anchor: 2, head: 5 } });
  expect(view.dom.classList.contains('selecting')).toBe(true);
  expect(wash()).toBe('transparent');
});

test('what is not used is grey in a colour that can be read, and not see-through', async () => {
  // The colour of comments, of which the contrast is told above.
  document.documentElement.style.setProperty('--syn-com', '#808080');
  await openWindow((core) => core.add('hello', 'const unused = 1\nexport default {}\n'));
  const from = { line: 1, column: 7 };
  problems.put(
    store.openId ?? 0,
    'index.ts',
    ['types'],
    [
      {
        file: 'index.ts',
        from,
        to: { line: 1, column: 13 },
        severity: 'hint',
        source: 'types',
        message: 'm',
        actions: [],
        tag: 'unused',
      },
    ],
  );
  const mark = await waitFor(() => {
    const found = code().dom.querySelector('.cm-unused');
    if (!found) throw new Error('not drawn yet');
    return found;
  });
  for (const part of [mark, ...mark.querySelectorAll('*')]) {
    expect(getComputedStyle(part).color).toBe('#808080');
    expect(getComputedStyle(part).opacity || '1').toBe('1');
  }
});
