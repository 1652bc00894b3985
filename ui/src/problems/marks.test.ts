import { EditorSelection } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { screen, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import { code, openWindow } from '../test-window';

const TWO_LINES = 'export default {\n  fetch: (_, env) => env.FIRST + env.SECOND,\n}\n';

async function buttons(): Promise<HTMLElement[]> {
  await openWindow((core) => core.add('hello', TWO_LINES));
  await screen.findByRole('button', { name: '2 errors' });
  return within(code().dom).findAllByRole('button', { name: /^Add secret/ });
}

test('of the buttons of a line one stays in sight, and what they stand in stays where the code ends', async () => {
  const [first, second] = await buttons();
  const positions = [first, second, first?.parentElement].map((each) => each && getComputedStyle(each).position);
  expect(positions[0]).toBe('sticky');
  expect(positions.slice(1)).not.toContain('sticky');
});

test('what is scrolled to is kept clear of the button of its line, and nothing else is', async () => {
  const [button] = await buttons();
  if (button) vi.spyOn(button, 'getBoundingClientRect').mockReturnValue(new DOMRect(0, 0, 80, 20));
  const { state } = code();
  const margin = () => Math.max(...state.facet(EditorView.scrollMargins).map((of) => of(code())?.right ?? 0));
  const scrollTo = (at: number) => {
    const how = { x: 'nearest', y: 'nearest', xMargin: 5, yMargin: 5 } as const;
    return state.facet(EditorView.scrollHandler).some((handle) => handle(code(), EditorSelection.cursor(at), how));
  };
  // The editor does it, by the margin.
  expect(scrollTo(TWO_LINES.indexOf('FIRST'))).toBe(false);
  expect(margin()).toBeGreaterThan(80);
  // What is said under the pointer is asked about then.
  expect(margin()).toBe(0);
  scrollTo(TWO_LINES.indexOf('SECOND,') + 'SECOND,'.length);
  expect(margin()).toBeGreaterThan(80);
  scrollTo(0);
  expect(margin()).toBe(0);
});
