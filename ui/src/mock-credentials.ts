// How the core in memory tells credentials from other text: by two formats, where the real one knows hundreds, and by the
// values that it was given.

import type { CredentialInCode } from './bindings/CredentialInCode';
import type { LeakedValue } from './bindings/LeakedValue';
import type { MovedToSecret } from './bindings/MovedToSecret';
import type { Position } from './bindings/Position';
import { type Kept, savedOf, secret } from './mock-code';
import { refuse } from './mock-targets';

export function onCredentials(command: string, kept: Kept, args: Record<string, unknown>): unknown {
  const text = (name: string) => args[name] as string;
  const at = args.at as Position;
  switch (command) {
    case 'credential_pasted':
      return pasted(kept, text('text'), args.from as Position, args.to as Position);
    case 'allow_credential':
      return allow(kept, at, text('reason'));
    case 'withdraw_allowance':
      return allow(kept, at, null);
    case 'move_to_secret':
      return moveToSecret(kept, text('text'), at, text('name'));
    case 'leaked_values':
      return leakedValues(kept);
    case 'remove_versions':
      return removeVersions(kept, text('name'));
    default:
      return credentialsOf(kept);
  }
}

const KEY = /sk_live_[A-Za-z0-9]{20,}/;
const PEM = /-----BEGIN PRIVATE KEY-----[\w+/=\s]{40,}-----END PRIVATE KEY-----/;
const FORMATS = new RegExp(`${KEY.source}|${PEM.source}`, 'g');

export function credentialsOf(kept: Kept, text = kept.text): CredentialInCode[] {
  return [...text.matchAll(FORMATS)].map(({ 0: value, index: at }) => {
    const [what, suggested] = PEM.test(value)
      ? ['a private key', 'PRIVATE_KEY']
      : ['a Stripe secret key', 'STRIPE_SECRET_KEY'];
    const open = kept.vault() === 'ready';
    const name = open ? kept.moved.get(value) : undefined;
    return {
      from: placeAt(kept, text, at),
      to: placeAt(kept, text, at + value.length),
      what: name ? `the value of ${name}` : what,
      name: name ?? suggested,
      held: name !== undefined,
      allowed: open || kept.allowedNow.has(value) ? (kept.allowed.get(value) ?? null) : null,
    };
  });
}

function placeAt({ path }: Kept, text: string, offset: number): Position {
  const lines = text.slice(0, offset).split('\n');
  return { file: path, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

function offsetOf(text: string, { line, column }: Position): number {
  const before = text.split('\n').slice(0, line - 1);
  return before.reduce((sum, { length }) => sum + length + 1, 0) + column - 1;
}

function pasted(kept: Kept, text: string, from: Position, to: Position): CredentialInCode | null {
  const within = (found: CredentialInCode) => {
    const at = offsetOf(text, found.from);
    return at >= offsetOf(text, from) && at < offsetOf(text, to);
  };
  return credentialsOf(kept, text).find(within) ?? null;
}

/** Takes the place of a whole literal, or of a word of its own. */
function moveToSecret(kept: Kept, text: string, at: Position, name: string): MovedToSecret {
  const found = credentialsOf(kept, text).find(({ from }) => from.line === at.line && from.column === at.column);
  if (!found) return refuse('notFound', 'There is no credential at this place any more. Nothing was changed.');
  const [from, to] = [offsetOf(text, found.from), offsetOf(text, found.to)];
  const value = text.slice(from, to);
  const quoted = /['"`]/.test(text[from - 1] ?? '') ? 1 : 0;
  const [start, end] = [from - quoted, to + quoted];
  const used = found.held ? found.name : name;
  const insert = `env.${used}`;
  kept.text = text.slice(0, start) + insert + text.slice(end);
  if (!found.held) kept.secrets = [...kept.secrets, secret(used)];
  kept.moved.set(value, used);
  const edit = { from: placeAt(kept, text, start), to: placeAt(kept, text, end), insert };
  return { name: used, edits: [edit], saved: savedOf(kept), leaked: leakedValues(kept) };
}

function allow(kept: Kept, at: Position, reason: string | null): CredentialInCode[] {
  const value = kept.text.slice(offsetOf(kept.text, at)).match(FORMATS)?.[0] ?? '';
  if (reason === null) kept.allowed.delete(value);
  else kept.allowed.set(value, { reason, at: Date.now() });
  if (reason !== null && kept.vault() !== 'ready') kept.allowedNow.add(value);
  return credentialsOf(kept);
}

/** Nothing of an earlier vault is known in a new one. */
export function loseValues(kept: Kept): void {
  kept.secrets = kept.secrets.map((each) => ({ ...each, state: 'needsReentry' }));
  kept.allowed.clear();
  kept.moved.clear();
}

/** Whatever has become of the secret since. */
function leakedValues(kept: Kept): LeakedValue[] {
  if (kept.vault() !== 'ready') return [];
  const names = [...new Set(kept.moved.values())].sort();
  return names.flatMap((name) => {
    const values = [...kept.moved].flatMap(([value, moved]) => (moved === name ? [value] : []));
    const versions = kept.deployments
      .filter(({ text }) => values.some((value) => text.includes(value)))
      .map(({ id, target, number, outcome }) => ({ id, target, number, live: outcome === 'live' }))
      .reverse();
    return versions.length > 0 ? [{ name, versions }] : [];
  });
}

/** Null where none can go. */
function removeVersions(kept: Kept, name: string): LeakedValue[] | null {
  const leaked = leakedValues(kept).find((each) => each.name === name);
  const going = new Set(leaked?.versions.flatMap(({ id, live }) => (live ? [] : [id])));
  if (going.size === 0) return null;
  kept.deployments = kept.deployments.filter(({ id }) => !going.has(id));
  return leakedValues(kept);
}
