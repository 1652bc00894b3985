// What the files that can't be read said when they could be. In mid-typing a file does not parse, and what it uses would
// be forgotten and found again with every statement.

import type { Line } from './bindings/Line';
import type { OpenFunction } from './state.svelte';

interface Named {
  name: string;
  lines: Line[];
}

/** What is known now, and of the files that can't be read, what was known before. Lines there are those of that time. */
export function withLastReading(before: OpenFunction | undefined, now: OpenFunction): OpenFunction {
  const unread = new Set(now.references.unread);
  if (!before || unread.size === 0) return now;
  const within = (lines: Line[]) => lines.filter(({ file }) => unread.has(file));
  const { secrets, variables, references, packages } = before;
  const used = new Map<string, Line[]>();
  for (const { name, lines } of [
    ...secrets,
    ...variables,
    ...references.missing,
    ...references.foreign,
    ...references.held,
  ]) {
    used.set(name, within(lines));
  }
  const imported = new Map(packages.map(({ name, lines }) => [name, within(lines)]));
  const also =
    (known: Map<string, Line[]>) =>
    <T extends Named>(each: T): T => ({ ...each, lines: withMore(each.lines, known.get(each.name) ?? []) });
  const bound = new Set([...now.secrets, ...now.variables, ...now.references.held].map(({ name }) => name));
  const still = ({ name, lines }: Named) => !bound.has(name) && within(lines).length > 0;
  // What became of a name that is bound no longer is told once its file can be read: so far it is missing.
  const lost = new Map([...secrets, ...variables].map(({ name, lines }) => [name, { name, lines }]));
  for (const { name } of now.references.foreign) lost.delete(name);
  return {
    ...now,
    unknown: before.unknown.filter((file) => unread.has(file)),
    secrets: now.secrets.map(also(used)),
    variables: now.variables.map(also(used)),
    references: {
      ...now.references,
      missing: joined(now.references.missing, [...references.missing, ...lost.values()].filter(still), also(used)),
      foreign: joined(now.references.foreign, references.foreign.filter(still), also(used)),
      dynamic: withMore(now.references.dynamic, within(references.dynamic)),
      held: now.references.held.map(also(used)),
    },
    packages: joined(
      now.packages,
      packages.filter(({ lines }) => within(lines).length > 0),
      also(imported),
    ),
  };
}

function joined<T extends Named>(now: T[], before: T[], complete: (each: T) => T): T[] {
  const names = new Set(now.map(({ name }) => name));
  const more = before.filter(({ name }) => !names.has(name)).map((each) => ({ ...each, lines: [] }));
  return [...now, ...more].map(complete).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Of a file that says something now, what it says now. */
function withMore(lines: Line[], before: Line[]): Line[] {
  const files = new Set(lines.map(({ file }) => file));
  return [...lines, ...before.filter(({ file }) => !files.has(file))];
}
