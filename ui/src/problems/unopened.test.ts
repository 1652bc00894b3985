import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { documents } from '../editor/documents';
import { openFunction } from '../functions/actions';
import { store } from '../state.svelte';
import { called, code, hold, openWindow } from '../test-window';
import { problems } from './problems.svelte';
import { lookThroughUnopened } from './unopened';

const LACKING = 'export default {\n  fetch(request, env) {\n    return env.API_KEY + env.TOKEN + env.DB\n  },\n}\n';
const row = (name: RegExp) => within(screen.getByRole('list', { name: 'Functions' })).findByRole('button', { name });

test('the list counts what is wrong with functions that nobody has opened', async () => {
  const { core } = await openWindow((core) => {
    for (const name of ['alpha', 'beta']) core.add(name, LACKING);
    core.add('gamma', undefined, { schedules: ['0 2 * * *'] });
  });
  await lookThroughUnopened(0);
  expect(await row(/beta.*2 errors, 1 warning/)).toBeTruthy();
  expect(await row(/gamma.*, 1 warning/)).toBeTruthy();
  const [, beta, gamma] = core.kept.map(({ summary }) => summary.id);
  expect(called(core, 'look_through')).toEqual([{ id: beta }, { id: gamma }]);
});

test('a function that was opened meanwhile counts what is known of it by then', async () => {
  const { core } = await openWindow((core) => core.add('alpha'));
  const kept = core.add('beta', LACKING);
  const { id } = kept.summary;
  store.put(kept.summary);
  const go = hold(core, 'look_through');
  const looked = lookThroughUnopened(0);
  await waitFor(() => expect(called(core, 'look_through')).toHaveLength(1));
  await openFunction(id);
  code().dispatch({ changes: { from: 0, to: code().state.doc.length } });
  await documents.flushAll();
  // The answer is of the time before.
  kept.text = LACKING;
  go();
  await looked;
  expect(problems.of(id)).toEqual([]);
});
