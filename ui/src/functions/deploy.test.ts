import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';
import { runCommand } from '../commands';
import { secret } from '../mocks';
import { called, code, hold, openWindow, typeCode } from '../test-window';

const deploy = () => screen.getByRole('button', { name: 'Deploy' });
const strip = () => screen.getByRole('status', { name: 'Deployment' });

test('Deploy says its number and the address when it is done', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  expect(screen.getByText('Draft', { selector: '.chip' })).toBeTruthy();
  await user.click(deploy());
  expect(await screen.findByText('Deployed #1')).toBeTruthy();
  expect(screen.getByText('Live', { selector: '.chip' })).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Copy address' })).toBeTruthy();
  const address = screen.getByText(/^localhost:\d+$/, { selector: 'header *' });
  expect(address.closest('.here')).not.toBeNull();
  await user.hover(address);
  expect((await screen.findByRole('tooltip')).textContent).toMatch(/^http:\/\/localhost:\d+\/\s*$/);
});

test('what was typed is saved before it is deployed', async () => {
  const { core, user } = await openWindow((core) => core.add('hello'));
  typeCode('// new\n');
  await user.click(deploy());
  await screen.findByText('Deployed #1');
  const order = core.calls.map((each) => each.command).filter((each) => each === 'save_file' || each === 'deploy');
  expect(order).toEqual(['save_file', 'deploy']);
  expect(called(core, 'save_file')[0]?.text).toContain('// new');
});

test('nothing is deployed while what was typed cannot be saved', async () => {
  const { core, user } = await openWindow((core) => core.add('hello'));
  core.refusals.set('save_file', { code: 'storage', message: 'The disk is full.', position: null });
  // However often: on a busy machine it is saved by itself before the button is pressed.
  core.refusals.delete = () => false;
  typeCode('// new\n');
  await user.click(deploy());
  expect(await within(strip()).findByText(/Not deployed\. The disk is full\./)).toBeTruthy();
  expect(called(core, 'deploy')).toHaveLength(0);
});

async function cancelBeforeItIsSaved({ core, user }: Awaited<ReturnType<typeof openWindow>>): Promise<void> {
  let save = () => {};
  core.gates.set('save_file', new Promise((resolve) => (save = resolve)));
  typeCode('// new\n');
  await user.click(deploy());
  await user.click(await screen.findByRole('button', { name: 'Cancel' }));
  save();
}

test('Cancel while what was typed is being saved deploys nothing', async () => {
  const opened = await openWindow((core) => core.add('hello'));
  await cancelBeforeItIsSaved(opened);
  expect(await within(strip()).findByText('Cancelled.')).toBeTruthy();
  expect(called(opened.core, 'deploy')).toHaveLength(0);
});

test('a deployment whose code uses a binding that is not there goes on, and says so until that is put away', async () => {
  const { user } = await openWindow((core) => core.add('hello', 'export const read = (env) => [env.DB, env.KV]\n'));
  vi.useFakeTimers({ toFake: ['setTimeout'], shouldAdvanceTime: true });
  try {
    await user.click(deploy());
    expect(await within(strip()).findByText('Deployed #1')).toBeTruthy();
    vi.advanceTimersByTime(60_000);
    const words =
      'DB and KV are not bound on Local, as far as Postern knows: they are undefined when the code runs there.';
    expect(await within(strip()).findByText(words)).toBeTruthy();
    await user.click(within(strip()).getByRole('button', { name: 'Dismiss' }));
    expect(within(strip()).queryByText(words)).toBeNull();
  } finally {
    vi.useRealTimers();
  }
});

test('a slow deployment shows the steps as they pass, and Cancel', async () => {
  const { core, user } = await openWindow((core) => {
    core.add('hello');
    core.stepTime = 120;
  });
  await user.click(deploy());
  const cancel = await screen.findByRole('button', { name: 'Cancel' });
  expect(within(strip()).getByText('Compiled')).toBeTruthy();
  expect(within(strip()).getByText('Switch')).toBeTruthy();
  await user.click(cancel);
  expect(called(core, 'cancel_deploy')).toHaveLength(1);
  expect(deploy().getAttribute('aria-disabled')).toBe('true');
  await screen.findByText('Deployed #1');
});

test('a failure stands with its place until it is dealt with, and goes there', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  typeCode('const = 3\n');
  await user.click(deploy());
  const place = await within(strip()).findByRole('button', { name: 'Line 6, column 7' });
  expect(screen.getByText('Failed', { selector: '.chip' })).toBeTruthy();
  expect(screen.getByText('Ln 6, Col 7')).toBeTruthy();
  code().dispatch({ selection: { anchor: 0 } });
  await user.click(place);
  expect(screen.getByText('Ln 6, Col 7')).toBeTruthy();
  await user.click(within(strip()).getByRole('button', { name: 'Dismiss' }));
  expect(within(strip()).queryByText(/Not deployed/)).toBeNull();
});

test('a failure from before the window was opened is shown, too', async () => {
  await openWindow((core) => {
    const failure = { code: 'start' as const, message: 'digest is not defined.', position: null };
    const kept = core.add('digest');
    kept.summary.local = { ...kept.summary.local, status: 'failed', failure, live: 4 };
  });
  expect(within(strip()).getByText(/Not deployed\. digest is not defined\./)).toBeTruthy();
});

test('missing secrets can be added from the failure', async () => {
  const { user } = await openWindow((core) =>
    core.add('hello', 'export default { fetch(request, env) { env.API_KEY } }'),
  );
  await user.click(deploy());
  await user.click(await within(strip()).findByRole('button', { name: 'Add API_KEY' }));
  await waitFor(() =>
    expect(screen.getByRole<HTMLInputElement>('textbox', { name: 'SECRET_NAME' }).value).toBe('API_KEY'),
  );
});

test('missing secrets are added one after the other, and one press goes on with the deployment', async () => {
  const { core, user } = await openWindow((core) =>
    core.add('hello', 'export default { fetch(request, env) { env.API_KEY + env.OTHER_KEY } }'),
  );
  const names = () =>
    within(strip())
      .getAllByRole('button')
      .map((each) => each.textContent?.trim());
  await user.click(deploy());
  await waitFor(() => expect(names()).toEqual(['Add API_KEY', 'Add OTHER_KEY', 'Retry', '']));
  await user.click(within(strip()).getByRole('button', { name: 'Add API_KEY' }));
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Value' })));
  await user.keyboard('made-up{Enter}');
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Add OTHER_KEY'));
  await user.keyboard('{Enter}made-up{Enter}');
  await waitFor(() => expect(document.activeElement?.textContent?.trim()).toBe('Deploy now'));
  expect(strip().textContent).toContain('Every name that the code uses has its value now.');
  await user.keyboard('{Enter}');
  await within(strip()).findByText(/^Deployed #/);
  expect(called(core, 'deploy')).toHaveLength(2);
});

test('of very many names a few are said and offered, and the next one in place of each that is added', async () => {
  const { user } = await openWindow((core) => {
    const names = Array.from({ length: 8 }, (_, at) => `env.KEY_${at}`);
    const kept = core.add('hello', `export default {\n  fetch(request, env) { return [${names}] },\n}\n`);
    const failure = { code: 'missingSecrets' as const, message: 'There is no KEY_0.', position: null };
    kept.summary.local = { ...kept.summary.local, status: 'failed', failure };
  });
  const offered = () => within(strip()).queryAllByRole('button', { name: /^Add / });
  const words = () => offered().map((button) => button.textContent);
  await waitFor(() => expect(words()).toEqual([0, 1, 2, 3, 4].map((at) => `Add KEY_${at}`)));
  await user.click(within(strip()).getByRole('button', { name: 'Add KEY_0' }));
  await user.keyboard('made-up{Enter}');
  await waitFor(() => expect(words()).toEqual([1, 2, 3, 4, 5].map((at) => `Add KEY_${at}`)));
  expect(strip().textContent).toContain('The code uses KEY_1, KEY_2, KEY_3, KEY_4, KEY_5 and 2 more, and no such');
});

test('what is live is said to be untouched only where something is live', async () => {
  const opened = await openWindow((core) => {
    const failure = { code: 'missingSecrets' as const, message: 'There is no API_KEY.', position: null };
    for (const [name, live] of Object.entries({ draft: null, known: 4 })) {
      const kept = core.add(name, 'export default { fetch(request, env) { env.API_KEY } }');
      kept.summary.local = { ...kept.summary.local, status: 'failed', failure, live };
    }
  });
  await waitFor(() => expect(strip().textContent).toContain('Add it in the Secrets tab, then deploy.'));
  expect(strip().textContent).not.toContain('untouched');
  await opened.user.click(screen.getByRole('button', { name: /^known/ }));
  await screen.findByRole('heading', { name: 'known' });
  await waitFor(() => expect(strip().textContent).toContain('then deploy. What is live is untouched.'));

  // As well where the deployment was cancelled before the core began.
  await cancelBeforeItIsSaved(opened);
  expect(await within(strip()).findByText('Cancelled. What is live is untouched.')).toBeTruthy();
});

test('of many credentials a few are named, so that what to do about them is seen', async () => {
  const { user } = await openWindow((core) => {
    // Made up, and put together here so that none stands in one piece.
    const keys = Array.from({ length: 5 }, (_, at) => `'${['sk', 'live', `7Hq2Zr90XwLbN4cVtKyD3${at}`].join('_')}',`);
    core.add('hello', `const keys = [\n${keys.join('\n')}\n]\nexport default { fetch() { return keys } }\n`);
  });
  await user.click(deploy());
  const key = 'a Stripe secret key at line';
  const words = `Not deployed. The code holds ${key} 2, ${key} 3, ${key} 4 and 2 more. Move each to a secret, or deploy anyway.`;
  expect(await within(strip()).findByText(words)).toBeTruthy();
  await user.click(within(strip()).getByRole('button', { name: 'Deploy anyway…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Deploy anyway' });
  expect(dialog.textContent).toContain('4 more are asked about next.');
});

test('a secret that has a value for another target only can be added for this one', async () => {
  const { user } = await openWindow((core) => {
    const kept = core.add('hello', 'export default { fetch(request, env) { env.API_KEY } }');
    kept.secrets.push(secret('API_KEY', { scope: { target: 1 } }));
    const failure = { code: 'missingSecrets' as const, message: 'There is no API_KEY.', position: null };
    kept.summary.local = { ...kept.summary.local, status: 'failed', failure };
  });
  await user.click(await within(strip()).findByRole('button', { name: 'Add API_KEY' }));
  await user.keyboard('made-up{Enter}');
  await waitFor(() => expect(strip().textContent).toContain('Every name that the code uses has its value now.'));
});

test('an address that is taken offers another port', async () => {
  const { user } = await openWindow((core) => {
    const kept = core.add('hello');
    const addressProblem = {
      code: 'portTaken' as const,
      message: 'Port 8787 is taken by another program.',
      position: null,
    };
    kept.summary.local = { ...kept.summary.local, address: 'http://localhost:8787/', addressProblem };
  });
  await user.click(screen.getByRole('button', { name: 'Use another port' }));
  expect(await screen.findByText('localhost:8801')).toBeTruthy();
});

test('after a secret changes the function says “Redeploy to apply”', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  await user.click(deploy());
  await screen.findByText('Deployed #1');
  await user.type(screen.getByRole('textbox', { name: 'SECRET_NAME' }), 'api key');
  await user.type(screen.getByRole('textbox', { name: 'Value' }), 'x{Enter}');
  expect(await screen.findByText('Redeploy to apply', { selector: '.chip' })).toBeTruthy();
});

test('the address is copied', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  await user.click(deploy());
  await screen.findByText('Deployed #1');
  const write = vi.spyOn(navigator.clipboard, 'writeText');
  await user.click(screen.getByRole('button', { name: 'Copy address' }));
  expect(write.mock.calls[0]?.[0]).toMatch(/^http:\/\/localhost:\d+\/$/);
});

test('a failure leaves the focus to whoever types elsewhere by then', async () => {
  const { core } = await openWindow((core) => core.add('hello', 'const = 3\n'));
  const value = screen.getByRole('textbox', { name: 'Value' });
  const go = hold(core, 'deploy');
  code().focus();
  runCommand('deploy');
  await waitFor(() => expect(called(core, 'deploy')).toHaveLength(1));
  value.focus();
  go();
  const place = await within(strip()).findByRole('button', { name: 'Line 1, column 7' });
  expect(document.activeElement).toBe(value);
  place.click();
  expect(code().hasFocus).toBe(true);

  const goOn = hold(core, 'deploy');
  code().dispatch({ selection: { anchor: 0 } });
  runCommand('deploy');
  runCommand('settings');
  await screen.findByRole('dialog', { name: 'Settings' });
  goOn();
  await within(strip()).findByText(/Not deployed/);
  expect(code().state.selection.main.head).toBe(0);
});
