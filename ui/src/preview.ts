// The window over a core in memory, for a browser: `npm run dev`, then /preview.html. `?empty`, `?vault=locked`,
// `?missing`, `?files` and `?slow` show other states; `?targets` adds targets, with `&drift`, `&refused`, `&unfinished`, `&held`, `&long`;
// `?open=settings` opens a dialog and `?tab=history` a tab. Never part of the window that ships.

import type { Level } from './bindings/Level';
import type { VaultState } from './bindings/VaultState';
import { install } from './mock-door';
import { draftOn, HTTP_CODE, type Kept, MockCore, secret } from './mocks';

// As in the window: nothing may write to the prototype that all objects share.
Object.freeze(Object.prototype);

const CODE = `// Push new sign-ups to HubSpot and tell the team.
export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const contact = await request.json<Contact>()
    const response = await fetch("https://api.hubapi.com/crm/v3/objects/contacts", {
      method: "POST",
      headers: { Authorization: \`Bearer \${env.HUBSPOT_API_KEY}\` },
      body: JSON.stringify({ properties: contact }),
    })
    ctx.waitUntil(fetch(env.SLACK_WEBHOOK_URL))
    return new Response(null, { status: response.status })
  },
}
`;

const SCHEDULED = `export default {
  async scheduled(controller: ScheduledController, env: Env): Promise<void> {
    console.log("Report", controller.cron)
  },
}
`;

const options = new URLSearchParams(location.search);
const core = new MockCore();
core.stepTime = options.has('slow') ? 1500 : 12;
core.vault = (options.get('vault') as VaultState | null) ?? 'ready';
if (options.has('runtime')) {
  const message = 'The runtime is not where it was installed. Install Postern again, then Retry.';
  core.runtime = { ready: false, problem: { code: 'runtimeMissing', message, position: null } };
}
if (!options.has('empty')) fill();
if (options.has('targets')) fillTargets();
install(core);
void import('./main').then(arrange);

/** Opens what the address asks for, once the window is there. */
async function arrange(): Promise<void> {
  const [{ store }, { later }, { runCommand }] = await Promise.all([
    import('./state.svelte'),
    import('./later.svelte'),
    import('./commands'),
  ]);
  while (store.phase !== 'ready' || !later.RightPane) await new Promise((resolve) => setTimeout(resolve, 10));
  const tab = options.get('tab');
  if (tab) runCommand(`tab-${tab}`);
  const command = options.get('open');
  if (command) runCommand(command);
}

/** Two targets, and a function that was deployed to one of them several times. */
function fillTargets(): void {
  const ago = (minutes: number) => Date.now() - minutes * 60_000;
  const { targets } = core;
  const name = options.has('long') ? 'customer-facing-production-of-europe' : 'production';
  const production = targets.add(name, { accountName: 'Acme Corporation' });
  const staging = targets.add('staging', { baseUrl: 'https://workers.example.net/client/v4', suffix: '-staging' });
  targets.tokens.set('two', [
    { id: 'a', name: 'Acme Corporation', missing: [] },
    { id: 'b', name: 'Ada Lovelace', missing: ['Workers Scripts: Edit', 'Workers KV Storage: Edit'] },
  ]);
  targets.scripts = ['billing-webhook', 'hubspot-sync', 'image-resizer', 'old-cron'].map((name) => ({
    name,
    changedAt: ago(60 * 24 * 9),
    known: name === 'hubspot-sync',
    text: HTTP_CODE,
    secrets: ['API_KEY'],
  }));
  const [hubspot] = core.kept;
  if (!hubspot) return;
  const past = (number: number, minutes: number, more: Partial<Kept['deployments'][number]> = {}) => ({
    id: 1000 + number,
    target: production.id,
    number,
    outcome: 'past' as const,
    at: ago(minutes),
    message: '',
    failure: null,
    secrets: ['HUBSPOT_API_KEY', 'OLD_TOKEN'],
    variables: ['REGION'],
    text: CODE.replace('and tell the team', 'once').replace('    ctx.waitUntil(fetch(env.SLACK_WEBHOOK_URL))\n', ''),
    ...more,
  });
  const refused = { code: 'access' as const, message: 'Cloudflare refused the token. Replace it.', position: null };
  hubspot.deployments = [
    past(1, 60 * 24 * 20, { message: 'First version' }),
    past(2, 60 * 24 * 6, { target: 0, number: 2 }),
    past(3, 60 * 30, { message: 'Tell the team as well, and keep the old token until Friday' }),
    past(4, 90, { outcome: 'failed', failure: refused, message: 'Retry' }),
    past(5, 40, { outcome: 'live' }),
    past(6, 12, { target: 0, number: 3, outcome: 'live' }),
  ];
  hubspot.variables = [
    { name: 'REGION', scope: 'all', value: 'eu1', stale: [] },
    { name: 'REGION', scope: { target: staging.id }, value: 'na1', stale: [{ target: staging.id, bound: true }] },
    { name: 'TEAM_CHANNEL', scope: 'all', value: '#sign-ups', stale: [{ target: production.id, bound: false }] },
  ];
  hubspot.secrets = hubspot.secrets.map((each) => ({
    ...each,
    stale: [...each.stale, { target: production.id, bound: each.name === 'HUBSPOT_API_KEY' }],
  }));
  hubspot.secrets.push(secret('HUBSPOT_API_KEY', { scope: { target: staging.id }, changedAt: ago(600) }));
  if (options.has('held')) hubspot.held = [{ name: 'LEGACY_KEY', target: production.id, lines: [] }];
  hubspot.summary.chosen = options.has('long') ? [production.id] : [0, production.id];
  hubspot.summary.remote = [
    {
      ...draftOn(production.id),
      status: 'outdated',
      changes: ['code', 'secrets'],
      address: 'https://hubspot-sync.acme-corporation.workers.dev/',
      script: 'hubspot-sync',
      live: 5,
      unfinished: options.has('unfinished')
        ? [{ piece: 'schedules', failure: { code: 'remote', message: 'Cloudflare answered 500.', position: null } }]
        : [],
      failure: options.has('drift')
        ? {
            code: 'drift',
            message: 'ada@example.com deployed it with wrangler 2 hours ago. Nothing was changed. Review it first.',
            position: null,
          }
        : null,
    },
  ];
  targets.foreign = [['UPLOADS', 'r2_bucket']];
  if (options.has('drift')) {
    targets.drift.set(production.id, {
      version: 'v',
      at: ago(120),
      author: 'ada@example.com',
      source: 'wrangler',
      schedules: false,
    });
  }
  if (options.has('refused')) {
    const message = 'Cloudflare takes at most 5 schedules for a script; this function has 6. Remove one.';
    targets.refusals = [{ code: 'limit', message, position: null }];
  }
}

function fill(): void {
  const ago = (minutes: number) => Date.now() - minutes * 60_000;
  const live = { ...draftOn(0), status: 'live' as const, running: true };
  const hubspot = core.add('hubspot-sync', CODE);
  hubspot.summary.local = {
    ...live,
    status: 'outdated',
    changes: ['secrets'],
    address: 'http://localhost:8787/',
    live: 3,
  };
  hubspot.secrets = [
    secret('HUBSPOT_API_KEY', { changedAt: ago(2), stale: [{ target: 0, bound: true }] }),
    secret('SIGNING_KEY', { changedAt: ago(60 * 24 * 22), state: options.has('damaged') ? 'damaged' : 'sealed' }),
  ];
  if (options.has('files')) {
    const paths = [
      'contacts',
      'companies',
      'deals',
      'signatures',
      'retries',
      'mail/welcome',
      'mail/farewell',
      'slack/channels',
    ];
    hubspot.others = paths.map((path) => ({ path: `lib/${path}.ts`, text: `export const path = "${path}"\n` }));
  }
  if (!options.has('missing')) hubspot.secrets.push(secret('SLACK_WEBHOOK_URL', { changedAt: ago(70) }));
  const levels: Level[] = ['system', 'info', 'debug', 'warn', 'error'];
  const texts = [
    'Started in 38 ms.',
    'contact <b>ada@example.com</b> pushed',
    '{ "status": 201 }',
    'HubSpot answered slowly: 1,840 ms',
    'TypeError: contact.email is undefined',
  ];
  hubspot.log = Array.from({ length: 60 }, (_, index) => ({
    seq: index,
    at: ago(60 - index),
    level: levels[index % 5] ?? 'info',
    text: texts[index % 5] ?? '',
    stack: index % 5 === 4 ? '    at fetch (index.ts:8:46)' : '',
    position: index % 5 === 4 ? { file: 'index.ts', line: 8, column: 46 } : null,
  }));
  core.add('stripe-webhook', HTTP_CODE).summary.local = { ...live, address: 'http://localhost:8788/', live: 1 };
  const report = core.add('nightly-report', SCHEDULED, { schedules: ['0 2 * * *'] });
  report.summary.local = { ...live, address: null, live: 2, running: false };
  const digest = core.add('slack-digest', SCHEDULED, { schedules: ['0 9 * * 1-5', '0 18 * * 5'] });
  const failure = {
    code: 'start' as const,
    message: 'The code threw when it started: digest is not defined.',
    position: { file: 'index.ts', line: 3, column: 5 },
  };
  digest.summary.local = { ...live, status: 'failed', address: null, failure, live: 4, running: false };
  core.add('untitled-1');
}
