import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import type { FunctionSummary } from '../bindings/FunctionSummary';
import { statusReason } from '../functions/status';
import { store } from '../state.svelte';
import { called, openWindow, typeCode } from '../test-window';
import { packages } from './work.svelte';

const HONO = "import { Hono } from 'hono'\nimport { z } from 'zod'\nexport default new Hono()\n";
const strip = () => within(screen.getByRole('status', { name: 'Packages' }));

test('what the code imports is offered once, in place, and installed with one press', async () => {
  const { core, user } = await openWindow((core) => core.add('api', HONO));
  expect(strip().getByText('Install hono and zod into this function?')).toBeTruthy();
  await user.click(strip().getByRole('button', { name: 'Install' }));
  await waitFor(() => expect(strip().queryByRole('button')).toBeNull());
  expect(called(core, 'change_packages').map(({ wish }) => wish)).toEqual([{ type: 'install' }]);
});

test('an offer that is put away comes back with another name only', async () => {
  const { user } = await openWindow((core) => core.add('api', HONO));
  await user.click(strip().getByRole('button', { name: 'Not now' }));
  expect(strip().queryByText(/Install/)).toBeNull();
  typeCode("import { Router } from 'itty-router'\n");
  expect(await strip().findByText(/Install hono, zod and itty-router/, {}, { timeout: 3000 })).toBeTruthy();
});

test('an import that is not installed is a problem, with Install beside it', async () => {
  const { core, user } = await openWindow((core) => core.add('api', HONO));
  await user.keyboard('{Control>}{Shift>}m{/Shift}{/Control}');
  const list = within(await screen.findByRole('list', { name: 'Problems' }));
  expect(list.getByRole('button', { name: /zod is not installed in this function.*line 2/s })).toBeTruthy();
  await user.click(list.getByRole('button', { name: 'Install hono' }));
  await waitFor(() => expect(called(core, 'change_packages')).toHaveLength(1));
});

test('what npm says stays until it is dealt with, and Retry tries the same again', async () => {
  const { core, user } = await openWindow((core) => core.add('api', HONO));
  const message = 'npm is not on this machine. Get it with Node.js at nodejs.org.';
  core.refusals.set('change_packages', { code: 'packages', message, position: null });
  await user.click(strip().getByRole('button', { name: 'Install' }));
  expect(await strip().findByText(message)).toBeTruthy();
  await user.click(strip().getByRole('button', { name: 'Retry' }));
  await waitFor(() => expect(strip().queryByRole('button')).toBeNull());
  expect(called(core, 'change_packages')).toHaveLength(2);
});

test('Retry of a removal says what is removed', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('api', HONO).installed = new Map([['left', '1.0.0']]);
  });
  core.refusals.set('change_packages', { code: 'packages', message: 'npm failed.', position: null });
  await packages.change(core.kept[0]?.summary.id ?? 0, { type: 'remove', name: 'left' }, 'left');
  let go = () => {};
  core.gates.set('change_packages', new Promise((resolve) => (go = resolve)));
  await user.click(await strip().findByRole('button', { name: 'Retry' }));
  expect(await strip().findByText('Removing left')).toBeTruthy();
  go();
  await strip().findByText('Install hono and zod into this function?');
});

test('an installation can be cancelled while it runs', async () => {
  const { core, user } = await openWindow((core) => core.add('api', HONO));
  let go = () => {};
  core.gates.set('change_packages', new Promise((resolve) => (go = resolve)));
  await user.click(strip().getByRole('button', { name: 'Install' }));
  expect(await strip().findByText(/Installing hono and zod/)).toBeTruthy();
  await user.click(strip().getByRole('button', { name: 'Cancel' }));
  expect(called(core, 'cancel_deploy')).toHaveLength(1);
  core.refusals.set('change_packages', { code: 'cancelled', message: 'Cancelled.', position: null });
  go();
  expect(await strip().findByText(/Install hono and zod into this function/)).toBeTruthy();
});

test('the list of packages shows versions and uses, and removes one', async () => {
  const { core, user } = await openWindow((core) => {
    const kept = core.add('api', HONO);
    kept.installed = new Map([
      ['hono', '4.2.1'],
      ['left', '1.0.0'],
      ['zod', '3.0.0'],
    ]);
  });
  await user.click(screen.getByRole('button', { name: 'Function menu' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Packages…' }));
  const dialog = within(await screen.findByRole('dialog', { name: 'Packages' }));
  const rows = dialog.getAllByRole('listitem').map((row) => row.textContent?.replace(/\s+/g, ' ').trim());
  expect(rows).toEqual([
    'hono 4.2.1 1 import Remove',
    'left 1.0.0 not used in code Remove',
    'zod 3.0.0 1 import Remove',
  ]);
  await user.click(dialog.getByRole('button', { name: 'Remove left' }));
  await waitFor(() => expect(dialog.queryByText('left')).toBeNull());
  expect(called(core, 'change_packages').map(({ wish }) => wish)).toEqual([{ type: 'remove', name: 'left' }]);
});

test('packages that were changed in a function that was left are told as what was done', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('api', HONO).installed = new Map([['left', '1.0.0']]);
    core.add('other');
  });
  const id = core.kept[0]?.summary.id ?? 0;
  await user.click(screen.getByRole('button', { name: /^other/ }));
  await packages.change(id, { type: 'remove', name: 'left' }, 'left');
  expect(await screen.findByText('Removed left from api')).toBeTruthy();
  await packages.install(id);
  expect(await screen.findByText('Installed hono and zod into api')).toBeTruthy();
  await packages.change(id, { type: 'update' }, 'packages');
  expect(await screen.findByText('Updated packages of api')).toBeTruthy();
});

test('what is live asks to be deployed again once its packages have changed, and the plan says why', async () => {
  const { user } = await openWindow((core) => {
    const { id } = core.targets.add('production');
    core.add('api', HONO, { chosen: [id] }).installed = new Map([
      ['hono', '4.2.1'],
      ['left', '1.0.0'],
      ['zod', '3.0.0'],
    ]);
  });
  await user.click(screen.getByRole('button', { name: 'Deploy to production' }));
  expect(await screen.findByText('Live', { selector: '.chip' })).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Function menu' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Packages…' }));
  await user.click(await screen.findByRole('button', { name: 'Remove left' }));
  expect(await screen.findByText('Redeploy to apply', { selector: '.chip' })).toBeTruthy();
  expect(statusReason(store.functions[0] as FunctionSummary)).toBe(
    'production: packages have changed since deployment #1.',
  );
  await user.keyboard('{Escape}');
  await user.keyboard('{Control>}{Shift>}{Enter}{/Shift}{/Control}');
  const review = within(await screen.findByRole('dialog', { name: 'Review and deploy to production' }));
  expect(await review.findByText('Its packages have changed since the last deployment.')).toBeTruthy();
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});
