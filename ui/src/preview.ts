// The window over a core in memory, for a browser: `npm run dev`, then /preview.html. `?empty`, `?vault=locked`,
// `?missing` and `?slow` show other states. Never part of the window that ships.

import type { Level } from './bindings/Level';
import type { VaultState } from './bindings/VaultState';
import { draftOn, HTTP_CODE, install, MockCore, secret } from './mocks';

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
install(core);
void import('./main');

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
