import { currentCompletions, selectedCompletion } from '@codemirror/autocomplete';
import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { code } from '../../test-window';
import { open, type } from './test-language';

test('the wheel goes on where what is drawn of a list ends, both ways', async () => {
  const items = Array.from({ length: 50 }, (_, i) => ({ label: `name${i}`, sortText: String(i).padStart(2, '0') }));
  await open({ 'textDocument/completion': () => ({ isIncomplete: false, items }) });
  code().dispatch({ selection: { anchor: code().state.doc.length } });
  type(' n');
  await waitFor(() => expect(currentCompletions(code().state)).toHaveLength(50));
  const drawn = () => within(screen.getByRole('listbox')).getAllByRole('option');
  const turn = (deltaY: number) =>
    drawn()[0]?.dispatchEvent(new WheelEvent('wheel', { deltaY, bubbles: true, cancelable: true }));
  const label = (option?: HTMLElement) => option?.querySelector('.cm-completionLabel')?.textContent;
  const ends = () => [label(drawn()[0]), label(drawn().at(-1))];
  expect(ends()).toEqual(['name0', 'name19']);
  turn(-1);
  expect(ends()).toEqual(['name0', 'name19']);
  turn(1);
  expect(ends()).toEqual(['name20', 'name39']);
  expect(selectedCompletion(code().state)?.label).toBe('name20');
  turn(-1);
  expect(ends()).toEqual(['name0', 'name19']);
  expect(selectedCompletion(code().state)?.label).toBe('name19');
});
