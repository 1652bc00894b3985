// How the core in memory tells credentials from other text: by one format, where the real one knows hundreds, and by the
// values that it was given.

import type { CredentialInCode } from './bindings/CredentialInCode';
import type { LeakedValue } from './bindings/LeakedValue';
import type { MovedToSecret } from './bindings/MovedToSecret';
import type { Position } from './bindings/Position';
import { detailOf, type Kept, secret } from './mock-code';
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

const FORMAT = /sk_live_[A-Za-z0-9]{20,}/g;

export function credentialsOf(kept: Kept, text = kept.text): CredentialInCode[] {
  return text.split('\n').flatMap((line, index) =>
    [...line.matchAll(FORMAT)].map(({ 0: value, index: at }) => {
      const place = (column: number): Position => ({ file: kept.path, line: index + 1, column });
      const name = kept.moved.get(value);
      return {
        from: place(at + 1),
        to: place(at + 1 + value.length),
        what: name ? `the value of ${name}` : 'a Stripe secret key',
        name: name ?? 'STRIPE_SECRET_KEY',
        held: name !== undefined,
        allowed: kept.allowed.get(value) ?? null,
      };
    }),
  );
}

function pasted(kept: Kept, text: string, from: Position, to: Position): CredentialInCode | null {
  const within = (found: CredentialInCode) =>
    found.from.line === from.line && found.from.column >= from.column && found.from.column < to.column;
  return credentialsOf(kept, text).find(within) ?? null;
}

/** Takes the place of a whole literal, or of a word of its own. */
function moveToSecret(kept: Kept, text: string, at: Position, name: string): MovedToSecret {
  const found = credentialsOf(kept, text).find(({ from }) => from.line === at.line && from.column === at.column);
  if (!found) return refuse('notFound', 'There is no credential at this place any more. Nothing was changed.');
  const lines = text.split('\n');
  const line = lines[at.line - 1] ?? '';
  const value = line.slice(found.from.column - 1, found.to.column - 1);
  const quoted = /['"]/.test(line[found.from.column - 2] ?? '') ? 1 : 0;
  const [start, end] = [found.from.column - 1 - quoted, found.to.column - 1 + quoted];
  const used = found.held ? found.name : name;
  const insert = `env.${used}`;
  lines[at.line - 1] = line.slice(0, start) + insert + line.slice(end);
  kept.text = lines.join('\n');
  if (!found.held) kept.secrets = [...kept.secrets, secret(used)];
  kept.moved.set(value, used);
  const { files: _, compatibilityDate: __, ...saved } = detailOf(kept);
  const edit = { from: { ...found.from, column: start + 1 }, to: { ...found.to, column: end + 1 }, insert };
  return { name: used, edits: [edit], saved, leaked: leakedValues(kept) };
}

function allow(kept: Kept, at: Position, reason: string | null): CredentialInCode[] {
  const line = kept.text.split('\n')[at.line - 1] ?? '';
  const value = line.slice(at.column - 1).match(FORMAT)?.[0] ?? '';
  if (reason === null) kept.allowed.delete(value);
  else kept.allowed.set(value, { reason, at: Date.now() });
  return credentialsOf(kept);
}

/** Whatever has become of the secret since. */
function leakedValues(kept: Kept): LeakedValue[] {
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
