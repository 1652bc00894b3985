import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
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
