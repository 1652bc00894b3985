// What is cut off, or says more, is told by the one tooltip of the window, and never by that of the system over it.

import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import { runCommand } from './commands';
import { runTime } from './format';
import { secret } from './mocks';
import { code, openWindow } from './test-window';

const NAMES = ['API_KEY', 'B_KEY', 'C_KEY', 'D_KEY', 'E_KEY'];

async function openFull() {
  const { user } = await openWindow((core) => {
    const { id } = core.targets.add('production');
    core.targets.scripts = [{ name: 'billing', changedAt: null, known: false, text: '', secrets: [] }];
    const kept = core.add('nightly', 'export default {\n  async scheduled(controller, env) { env.OTHER },\n}\n', {
      chosen: [0, id],
      schedules: ['0 2 * * *'],
    });
    kept.secrets.push(...NAMES.map((name) => secret(name)));
    kept.variables.push({ name: 'REGION', scope: 'all', value: 'eu1', stale: [] });
    kept.held.push({ name: 'OLD_KEY', target: id, lines: [] });
  });
  return user;
}

test('nothing has a tooltip of the system', async () => {
  const user = await openFull();
  const titled = () => [...document.querySelectorAll('[title]')].filter((each) => !code().dom.contains(each));
  expect(titled()).toEqual([]);
  await user.click(screen.getByRole('button', { name: 'Add OTHER' }));
  await user.type(screen.getByRole('textbox', { name: 'Value' }), 'x{Enter}');
  await user.click(screen.getByRole('button', { name: 'Deploy to 2 targets' }));
  await screen.findByText(/^Deployed #\d to production/);
  for (const tab of ['Run', 'History']) {
    await user.click(screen.getByRole('tab', { name: tab }));
    await waitFor(() => expect(screen.getAllByRole('listitem').length).toBeGreaterThan(1));
    expect(titled()).toEqual([]);
  }
  for (const [dialog, shown] of [
    ['settings', 'production'],
    ['import', 'billing'],
    ['review', 'B_KEY'],
  ] as const) {
    runCommand(dialog);
    const opened = await screen.findByRole('dialog');
    await within(opened).findAllByText(shown);
    expect(titled()).toEqual([]);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  }
});

test('a deployment tells when it was, and all the secrets that it bound', async () => {
  const user = await openFull();
  await user.click(screen.getByRole('button', { name: 'Add OTHER' }));
  await user.type(screen.getByRole('textbox', { name: 'Value' }), 'x{Enter}');
  await user.click(screen.getByRole('button', { name: 'Deploy to 2 targets' }));
  await screen.findByText(/^Deployed #\d to production/);
  await user.click(screen.getByRole('tab', { name: 'History' }));
  const list = within(await screen.findByRole('list', { name: 'Deployments' }));
  const said = async (what: Element | undefined) => {
    await user.hover(what as Element);
    return (await screen.findByRole('tooltip')).textContent?.trim();
  };
  const [time] = list.getAllByRole('time');
  expect(await said(time)).toBe(runTime(Date.parse((time as HTMLTimeElement).dateTime)));
  await user.unhover(time as Element);
  const [names] = list.getAllByText(/^API_KEY, B_KEY, C_KEY and 3 more/);
  expect(names?.textContent?.replace(/\s+/g, ' ').trim()).toBe(
    'API_KEY, B_KEY, C_KEY and 3 more: D_KEY, E_KEY and OTHER',
  );
  expect((await said(names))?.split('\n')).toEqual([...NAMES, 'OTHER']);
});
