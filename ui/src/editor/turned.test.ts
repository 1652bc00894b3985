import { screen, waitFor } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { runCommand } from '../commands';
import { called, code, openWindow } from '../test-window';
import { turnedToCode } from './turned';

test('no server is started before somebody turns to the code, by a key, the pointer or a command', async () => {
  const { core, user } = await openWindow((core) => core.add('hello'));
  let turned = false;
  const turning = turnedToCode().then(() => (turned = true));
  await user.click(screen.getByRole('tab', { name: 'Secrets' }));
  await user.keyboard('{ArrowRight}');
  expect(turned).toBe(false);
  expect(called(core, 'start_language')).toHaveLength(0);
  await user.pointer({ target: code().contentDOM });
  await turning;
  runCommand('definition');
  await waitFor(() => expect(called(core, 'start_language')).toHaveLength(1));
});

test('another function that is opened or made turns to its code', async () => {
  const { user } = await openWindow((core) => {
    core.add('hello');
    core.add('other');
  });
  const turning = turnedToCode();
  await user.click(screen.getByRole('button', { name: /^other/ }));
  await turning;
});
