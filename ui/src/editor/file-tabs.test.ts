// Tabs where there are more than fit. Nothing has a size here, so that the list is told its own.

import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { code, openWindow } from '../test-window';

const tabs = () => screen.findByRole('tablist', { name: 'Files' });
const showAll = () => screen.queryByRole('button', { name: 'Show all files' });

/** The window with three files, and room for as much of their tabs. */
async function withRoomFor(width: number) {
  const { user } = await openWindow((core) => {
    core.add('mine').others = ['lib/a.ts', 'lib/b.ts'].map((path) => ({ path, text: `// ${path}` }));
  });
  const list = await tabs();
  Object.defineProperties(list, { clientWidth: { value: width }, scrollWidth: { value: 300 } });
  await fireEvent.scroll(list);
  return { user, list };
}

test('where there are more tabs than fit, all files are listed, and one of them is opened', async () => {
  const { user } = await withRoomFor(200);
  await user.click(await screen.findByRole('button', { name: 'Show all files' }));
  const menu = within(await screen.findByRole('menu', { name: 'All files' }));
  const names = menu.getAllByRole('menuitemradio').map((each) => each.getAttribute('aria-label'));
  expect(names).toEqual(['index.ts', 'lib/a.ts', 'lib/b.ts']);
  expect(menu.getByRole('menuitemradio', { checked: true }).getAttribute('aria-label')).toBe('index.ts');
  await user.click(menu.getByRole('menuitemradio', { name: 'lib/b.ts' }));
  expect(screen.getByRole('tab', { name: 'lib/b.ts' }).getAttribute('aria-selected')).toBe('true');
  await waitFor(() => expect(code().hasFocus).toBe(true));
  expect(code().state.doc.toString()).toBe('// lib/b.ts');
});

test('the edge fades behind which there are more', async () => {
  const { list } = await withRoomFor(200);
  const fades = () => ['--left', '--right'].map((side) => list.style.getPropertyValue(side) !== '0px');
  expect(fades()).toEqual([false, true]);
  list.scrollLeft = 50;
  await fireEvent.scroll(list);
  expect(fades()).toEqual([true, true]);
  list.scrollLeft = 100;
  await fireEvent.scroll(list);
  expect(fades()).toEqual([true, false]);
});

test('tabs that all fit have no list beside them', async () => {
  const { list } = await withRoomFor(300);
  expect(list.classList.contains('fades')).toBe(false);
  expect(showAll()).toBeNull();
});

test('a wheel moves the tabs sideways', async () => {
  const { list } = await withRoomFor(200);
  await fireEvent.wheel(list, { deltaY: 40 });
  expect(list.scrollLeft).toBe(40);
  // A touchpad does so by itself.
  await fireEvent.wheel(list, { deltaX: 10, deltaY: 2 });
  expect(list.scrollLeft).toBe(40);
});
