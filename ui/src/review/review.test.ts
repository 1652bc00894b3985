import { screen, waitFor, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';
import type { Code } from '../bindings/Code';
import type { TargetState } from '../bindings/TargetState';
import { draftOn, HTTP_CODE, type Kept, type MockCore, secret } from '../mocks';
import { store } from '../state.svelte';
import { called, openWindow, typeCode } from '../test-window';

const strip = () => screen.getByRole('status', { name: 'Deployment' });

/** A function that goes to production, with a secret. */
function elsewhere(core: MockCore, more: Partial<Kept['summary']> = {}): Kept {
  const { id } = core.targets.add('production');
  const kept = core.add('hello', undefined, { chosen: [id], ...more });
  kept.secrets.push(secret('API_KEY'));
  return kept;
}

async function deployed(prepare: (core: MockCore) => void = () => {}) {
  const window = await openWindow((core) => {
    elsewhere(core);
    prepare(core);
  });
  await window.user.click(screen.getByRole('button', { name: 'Deploy to production' }));
  await screen.findByText('Deployed #1 to production');
  return window;
}

test('a deployment elsewhere shows its steps and bytes, and the address when it is done', async () => {
  const { core, user } = await openWindow((core) => {
    elsewhere(core);
    core.stepTime = 150;
  });
  await user.click(screen.getByRole('button', { name: 'Deploy to production' }));
  expect(await within(strip()).findByText('Deploying to production')).toBeTruthy();
  expect(await within(strip()).findByText('Upload 6 KB of 12 KB, 50 %')).toBeTruthy();
  expect(within(strip()).getByText('Secrets opened')).toBeTruthy();
  expect(within(strip()).getByRole('button', { name: 'Cancel' })).toBeTruthy();
  expect(await within(strip()).findByText('Deployed #1 to production')).toBeTruthy();
  expect(within(strip()).getByText('hello.acme.workers.dev')).toBeTruthy();
  expect(called(core, 'deploy')[0]).toMatchObject({ target: 1, order: { message: '', over: null } });
});

test('a target that asks to wait, and an answer that was lost, are said', async () => {
  const { user } = await openWindow((core) => {
    elsewhere(core);
    core.stepTime = 250;
    core.targets.interlude = [{ type: 'waiting', seconds: 12 }, { type: 'asking' }];
  });
  await user.click(screen.getByRole('button', { name: 'Deploy to production' }));
  expect(await screen.findByText('production asks to wait 12 seconds.')).toBeTruthy();
  expect(await screen.findByText('The answer was lost. Asking what became of it…')).toBeTruthy();
  expect(await screen.findByText('Deployed #1 to production', undefined, { timeout: 4000 })).toBeTruthy();
});

test('several targets are deployed one after another, Local first, and one that fails does not keep the next', async () => {
  const { core, user } = await openWindow((core) => {
    const { id } = core.targets.add('production');
    const staging = core.targets.add('staging');
    core.targets.drift.set(id, { version: 'v9', at: null, author: null, source: 'wrangler', schedules: false });
    core.add('hello', undefined, { chosen: [staging.id, id, 0] });
  });
  await user.click(screen.getByRole('button', { name: 'Deploy to 3 targets' }));
  expect(await screen.findByText('Deployed #1 to staging')).toBeTruthy();
  expect(called(core, 'deploy').map(({ target }) => target)).toEqual([0, 1, 2]);
  expect(within(strip()).getByText('Deployed #1')).toBeTruthy();
  expect(within(strip()).getByText(/^Not deployed to production\./)).toBeTruthy();
  const addresses = await screen.findByRole('button', { name: 'Addresses' });
  expect(addresses.dataset.tip).toMatch(/^http:\/\/localhost:\d+\/\nhttps:\/\/hello\.acme\.workers\.dev\/$/);
});

test('code that does not compile is tried on the first target only', async () => {
  const { core, user } = await openWindow((core) => {
    core.targets.add('production');
    core.add('hello', undefined, { chosen: [0, 1] });
  });
  typeCode('const = 3\n');
  await user.click(screen.getByRole('button', { name: 'Deploy to 2 targets' }));
  await within(strip()).findByText(/^Not deployed\./);
  expect(called(core, 'deploy')).toHaveLength(1);
});

test('Cancel that comes too late for one target keeps it from the next', async () => {
  const { core, user } = await openWindow((core) => {
    core.targets.add('production');
    core.add('hello', undefined, { chosen: [0, 1] });
    core.stepTime = 120;
  });
  await user.click(screen.getByRole('button', { name: 'Deploy to 2 targets' }));
  await user.click(await screen.findByRole('button', { name: 'Cancel' }));
  await within(strip()).findByText('Deployed #1');
  await waitFor(() => expect(store.deploying(core.kept[0]?.summary.id ?? 0)).toBe(false));
  expect(called(core, 'deploy').map(({ target }) => target)).toEqual([0]);
});

test('the arrow chooses the targets, and keeps at least one', async () => {
  const { core, user } = await openWindow((core) => {
    core.targets.add('production');
    core.add('hello');
  });
  await user.click(screen.getByRole('button', { name: 'Deploy options' }));
  const local = await screen.findByRole('menuitemcheckbox', { name: 'Local' });
  expect(local.getAttribute('aria-disabled')).toBe('true');
  const review = screen.getByRole('menuitem', { name: /^Review and deploy/ });
  expect(review.getAttribute('aria-disabled')).toBe('true');
  await user.hover(review);
  expect((await screen.findByRole('tooltip')).textContent).toContain('Only Local is chosen.');
  await user.click(screen.getByRole('menuitemcheckbox', { name: 'production' }));
  await waitFor(() => expect(called(core, 'choose_targets')[0]?.chosen).toEqual([0, 1]));
  await waitFor(() => expect(review.hasAttribute('data-tip')).toBe(false));
  await user.click(screen.getByRole('menuitemcheckbox', { name: 'Local' }));
  await waitFor(() => expect(called(core, 'choose_targets')[1]?.chosen).toEqual([1]));
  await user.keyboard('{Escape}');
  expect(await screen.findByRole('button', { name: 'Deploy to production' })).toBeTruthy();
});

test('targets that are chosen before the first answer are all chosen', async () => {
  const { core, user } = await openWindow((core) => {
    core.targets.add('production');
    core.targets.add('staging');
    core.add('hello');
  });
  let answer = () => {};
  core.gates.set('choose_targets', new Promise((resolve) => (answer = resolve)));
  await user.click(screen.getByRole('button', { name: 'Deploy options' }));
  await user.click(await screen.findByRole('menuitemcheckbox', { name: 'production' }));
  await user.click(screen.getByRole('menuitemcheckbox', { name: 'staging' }));
  answer();
  await waitFor(() => expect(core.kept[0]?.summary.chosen).toEqual([0, 1, 2]));
  await user.keyboard('{Escape}');
  expect(await screen.findByRole('button', { name: 'Deploy to 3 targets' })).toBeTruthy();
});

test('the plan says what is added, changed, removed and kept, and Deploy sends it with a message', async () => {
  const { core, user } = await deployed((core) => {
    core.kept[0]?.secrets.push(secret('OLD_KEY'));
    core.targets.foreign = [['UPLOADS', 'r2_bucket']];
  });
  const [kept] = core.kept;
  if (kept) kept.secrets = [...kept.secrets.filter(({ name }) => name !== 'OLD_KEY'), secret('NEW_KEY')];
  typeCode('// more\n');
  await user.keyboard('{Control>}{Shift>}{Enter}{/Shift}{/Control}');
  const dialog = await screen.findByRole('dialog', { name: 'Review and deploy to production' });
  const secrets = await within(dialog).findByRole('list', { name: 'Secrets' });
  const said = within(secrets)
    .getAllByRole('listitem')
    .map((item) => item.textContent?.replace(/\s+/g, ' ').trim());
  expect(said).toEqual(['+ NEW_KEY added', '− OLD_KEY removed', '= API_KEY kept, not sent again']);
  expect(within(dialog).getByText(/r2_bucket/)).toBeTruthy();
  const diff = await within(dialog).findByRole('textbox', { name: 'Changes of index.ts' });
  expect(diff.textContent).toContain('// more');
  await user.type(within(dialog).getByRole('textbox', { name: 'Message' }), 'Adds more');
  await user.click(within(dialog).getByRole('button', { name: 'Deploy' }));
  expect(await screen.findByText('Deployed #2 to production')).toBeTruthy();
  expect(called(core, 'deploy')[1]?.order).toEqual({ message: 'Adds more', over: null });
});

test('the plan names what the target has no binding of, and nothing that it keeps', async () => {
  const { user } = await openWindow((core) => {
    elsewhere(core).text = 'export const read = (env) => [env.DB, env.KV]\n';
    core.targets.foreign = [['KV', 'kv_namespace']];
  });
  await user.keyboard('{Control>}{Shift>}{Enter}{/Shift}{/Control}');
  const dialog = await screen.findByRole('dialog', { name: 'Review and deploy to production' });
  const words = 'DB is not bound on production, as far as Postern knows: it is undefined when the code runs there.';
  expect(await within(dialog).findByText(words)).toBeTruthy();
  await user.click(within(dialog).getByRole('button', { name: 'Deploy' }));
  expect(await within(strip()).findByText(words)).toBeTruthy();
});

test('a first deployment says so, and Cancel deploys nothing', async () => {
  const { core, user } = await openWindow((core) => elsewhere(core));
  await user.keyboard('{Control>}{Shift>}{Enter}{/Shift}{/Control}');
  expect(await screen.findByText(/First deployment/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(called(core, 'deploy')).toHaveLength(0);
});

test('what stands in the way is said, and disables Deploy', async () => {
  const { user } = await openWindow((core) => {
    elsewhere(core);
    core.targets.refusals = [{ code: 'limit', message: 'At most 5 schedules; this has 6.', position: null }];
  });
  await user.keyboard('{Control>}{Shift>}{Enter}{/Shift}{/Control}');
  const dialog = await screen.findByRole('dialog');
  expect(await within(dialog).findByText('At most 5 schedules; this has 6.')).toBeTruthy();
  expect(within(dialog).getByRole('button', { name: 'Deploy' })).toHaveProperty('disabled', true);
});

test('a plan that cannot be made says why, and Retry makes it', async () => {
  const { core, user } = await openWindow((core) => elsewhere(core));
  core.refusals.set('plan', { code: 'remote', message: 'Cloudflare did not answer.', position: null });
  await user.keyboard('{Control>}{Shift>}{Enter}{/Shift}{/Control}');
  expect(await screen.findByText('Cloudflare did not answer.')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Retry' }));
  expect(await screen.findByText(/First deployment/)).toBeTruthy();
});

test('drift is reviewed, and Take mine deploys over what was looked at', async () => {
  const { core, user } = await deployed();
  core.targets.drift.set(1, {
    version: 'v7',
    at: Date.now() - 7_200_000,
    author: 'ada@example.com',
    source: 'wrangler',
    schedules: false,
  });
  await user.click(screen.getByRole('button', { name: 'Deploy to production' }));
  await user.click(await within(strip()).findByRole('button', { name: 'Review…' }));
  expect(await screen.findByText('Deployed by ada@example.com with wrangler, 2 hours ago.')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Take mine' }));
  expect(await screen.findByText(/^Deployed #\d to production/)).toBeTruthy();
  expect(called(core, 'deploy').at(-1)?.order).toEqual({ message: '', over: 'v7' });
});

test('schedules that somebody else changed are said to be others', async () => {
  const { user } = await openWindow((core) => {
    elsewhere(core);
    const drift = { version: 'schedules: 0 3 * * *', at: null, author: null, source: null, schedules: true };
    core.targets.drift.set(1, drift);
  });
  await user.keyboard('{Control>}{Shift>}{Enter}{/Shift}{/Control}');
  expect(await screen.findByText('Its schedules are others now.')).toBeTruthy();
  expect(screen.queryByText(/^Deployed by/)).toBeNull();
});

test('Keep theirs leaves what is there', async () => {
  const { core, user } = await openWindow((core) => {
    elsewhere(core);
    core.targets.drift.set(1, { version: 'v7', at: null, author: null, source: null, schedules: false });
  });
  await user.keyboard('{Control>}{Shift>}{Enter}{/Shift}{/Control}');
  await user.click(await screen.findByRole('button', { name: 'Keep theirs' }));
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(called(core, 'deploy')).toHaveLength(0);
});

test('a token that is refused leads to the settings', async () => {
  const { core, user } = await openWindow((core) => elsewhere(core));
  core.refusals.set('deploy', { code: 'access', message: 'The token was refused.', position: null });
  await user.click(screen.getByRole('button', { name: 'Deploy to production' }));
  await user.click(await within(strip()).findByRole('button', { name: 'Open settings' }));
  expect(await screen.findByRole('dialog', { name: 'Settings' })).toBeTruthy();
});

test('a schedule that was not set is said as it is, and Retry sets it', async () => {
  const { core, user } = await openWindow((core) => {
    elsewhere(core);
    const failure = { code: 'remote' as const, message: 'Cloudflare answered 500.', position: null };
    core.targets.unfinished = [{ piece: 'schedules', failure }];
  });
  await user.click(screen.getByRole('button', { name: 'Deploy to production' }));
  expect(await screen.findByText('Live, schedule not set: Cloudflare answered 500.')).toBeTruthy();
  core.refusals.set('finish_deployment', { code: 'remote', message: 'Still 500.', position: null });
  await user.click(within(strip()).getByRole('button', { name: 'Retry' }));
  expect(await screen.findByText('Still 500.')).toBeTruthy();
  await user.click(within(strip()).getByRole('button', { name: 'Retry' }));
  await waitFor(() => expect(screen.queryByText(/schedule not set/)).toBeNull());
});

test('why a schedule was not set again is said of its function only', async () => {
  const { core, user } = await openWindow((core) => {
    const { id } = core.targets.add('production');
    const failure = { code: 'remote' as const, message: 'Cloudflare answered 500.', position: null };
    for (const name of ['alpha', 'beta']) {
      const kept = core.add(name, undefined, { chosen: [id] });
      const state = { status: 'live' as const, live: 1, script: name, unfinished: [{ piece: 'schedules', failure }] };
      kept.summary.remote = [{ ...draftOn(id), ...state } as TargetState];
    }
  });
  core.refusals.set('finish_deployment', { code: 'access', message: 'The token is gone.', position: null });
  await user.click(await within(strip()).findByRole('button', { name: 'Retry' }));
  await within(strip()).findByText('The token is gone.');
  await user.click(screen.getByRole('button', { name: /^beta/ }));
  await screen.findByRole('heading', { name: 'beta' });
  expect(within(strip()).getByText(/schedule not set/)).toBeTruthy();
  expect(within(strip()).queryByText('The token is gone.')).toBeNull();
});

test('why versions were not removed is said of their function only', async () => {
  const { core, user } = await openWindow((core) => {
    const past = { target: 0, number: 1, outcome: 'past' as const, at: 0, message: '', failure: null };
    for (const [id, name] of ['alpha', 'beta'].entries()) {
      const kept = core.add(name);
      kept.moved.set('Hello', `KEY_${name}`);
      kept.deployments.push({ ...past, id, secrets: [], variables: [], text: HTTP_CODE });
    }
  });
  core.refusals.set('remove_versions', { code: 'storage', message: 'The disk is full.', position: null });
  await user.click(await within(strip()).findByRole('button', { name: /^Remove/ }));
  await within(strip()).findByText('The disk is full.');
  await user.click(screen.getByRole('button', { name: /^beta/ }));
  expect(await within(strip()).findByText(/KEY_beta/)).toBeTruthy();
  expect(within(strip()).queryByText('The disk is full.')).toBeNull();
});

const refusals: [Code, string][] = [
  ['access', 'The token was refused.'],
  ['drift', 'What is there was deployed by ada@example.com, and not from here.'],
];

test.each(refusals)('a delete that a target refuses (%s) can be made here only', async (code, message) => {
  const { core, user } = await deployed();
  core.refusals.set('delete_function', { code, message, position: null });
  await user.click(screen.getByRole('button', { name: 'Function menu' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Delete…' }));
  expect(await screen.findByText('hello was not deleted')).toBeTruthy();
  // The menu lets go of the pointer a moment after it has closed.
  await waitFor(() => expect(document.body.style.pointerEvents).not.toBe('none'));
  await user.click(screen.getByRole('button', { name: 'Delete here only' }));
  await waitFor(() => expect(screen.queryByRole('heading', { name: 'hello' })).toBeNull());
  expect(called(core, 'delete_function').map(({ hereOnly }) => hereOnly)).toEqual([false, true]);
});

test('the history has every deployment with its outcome, and the way back to each', async () => {
  const { core, user } = await deployed();
  await user.click(screen.getByRole('tab', { name: 'History' }));
  const list = await screen.findByRole('list', { name: 'Deployments' });
  const said = () =>
    within(list)
      .getAllByRole('listitem')
      .map((item) => item.textContent?.replace(/\s+/g, ' ').trim());
  expect(said()).toEqual(['#1 production Live just now API_KEY']);
  typeCode('// second\n');
  await user.click(screen.getByRole('button', { name: 'Deploy to production' }));
  await screen.findByText('Deployed #2 to production');
  await waitFor(() => expect(said()).toHaveLength(2));
  await user.click(screen.getByRole('button', { name: 'What changed in #2 on production' }));
  const diff = await screen.findByRole('textbox', { name: 'Changes of index.ts' });
  expect(diff.textContent).toContain('// second');
  await user.click(screen.getByRole('button', { name: 'What changed in #1 on production' }));
  const secrets = await within(list).findByRole('list', { name: 'Secrets' });
  expect(secrets.textContent?.replace(/\s+/g, ' ').trim()).toBe('+ API_KEY added');
  await user.click(screen.getByRole('button', { name: 'Roll back to #1 on production' }));
  expect(await screen.findByText('Rolled back to #1 on production')).toBeTruthy();
  await waitFor(() => expect(said()[0]).toContain('#3 production Live'));
  expect(core.kept[0]?.deployments.at(-1)?.text).toBe(HTTP_CODE);
});

test('a rollback over what somebody else deployed goes through only when that is asked for', async () => {
  const { core, user } = await deployed();
  await user.click(screen.getByRole('button', { name: 'Deploy to production' }));
  await screen.findByText('Deployed #2 to production');
  core.targets.drift.set(1, { version: 'v7', at: null, author: null, source: 'dash', schedules: false });
  await user.keyboard('{Alt>}3{/Alt}');
  await user.click(await screen.findByRole('button', { name: 'Roll back to #1 on production' }));
  expect(await within(strip()).findByText(/^Not rolled back on production\./)).toBeTruthy();
  let look = () => {};
  core.gates.set('plan', new Promise((resolve) => (look = resolve)));
  const anyway = within(strip()).getByRole<HTMLButtonElement>('button', { name: 'Roll back anyway' });
  await user.click(anyway);
  expect(anyway.getAttribute('aria-disabled')).toBe('true');
  expect(document.activeElement).toBe(anyway);
  await user.click(anyway);
  look();
  expect(await screen.findByText('Rolled back to #1 on production')).toBeTruthy();
  expect(called(core, 'roll_back').map(({ over }) => over)).toEqual([null, 'v7']);
});

test('a history with nothing in it says what it is for, and deploys', async () => {
  const { user } = await openWindow((core) => core.add('hello'));
  await user.click(screen.getByRole('tab', { name: 'History' }));
  const tab = screen.getByRole('tabpanel');
  await user.click(await within(tab).findByRole('button', { name: 'Deploy' }));
  expect(await within(tab).findByRole('list', { name: 'Deployments' })).toBeTruthy();
});
