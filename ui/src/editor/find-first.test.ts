import { render, screen } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import App from '../App.svelte';
import { runCommand } from '../commands';
import { start } from '../functions/actions';
import { install } from '../mock-door';
import { MockCore } from '../mocks';

test('a search that is asked for before it is loaded opens once it is, above the code', async () => {
  const core = new MockCore();
  core.add('hello', 'two two');
  install(core);
  render(App);
  await start();
  runCommand('find');
  const field = await screen.findByRole('textbox', { name: 'Find' });
  expect(field.closest('.cm-panels-top')).toBeTruthy();
});
