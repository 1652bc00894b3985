import { screen, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import { store } from '../state.svelte';
import { openWindow } from '../test-window';
import { packages } from './work.svelte';

const HONO = "import { Hono } from 'hono'\nexport default new Hono()\n";

/** What a start knows before anything was asked. */
async function start() {
  vi.resetModules();
  const anew = await import('./work.svelte');
  const { store: loaded } = await import('../state.svelte');
  for (const [id, opened] of store.opened) loaded.opened.set(id, opened);
  return anew.packages;
}

test('an offer that was put away is put away at the next start, too', async () => {
  const { core, user } = await openWindow((core) => core.add('api', HONO));
  const id = core.kept[0]?.summary.id ?? 0;
  expect((await start()).asks(id)).toBe(true);
  const strip = within(screen.getByRole('status', { name: 'Packages' }));
  await user.click(strip.getByRole('button', { name: 'Not now' }));
  expect(packages.asks(id)).toBe(false);
  expect((await start()).asks(id)).toBe(false);
});
