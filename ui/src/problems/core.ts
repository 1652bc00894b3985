// What the core knows to be wrong with a function's code: where it does not parse or its deployment failed, and the
// secrets that it names and that do not exist.

import type { Failure } from '../bindings/Failure';
import type { FunctionId } from '../bindings/FunctionId';
import type { MissingSecret } from '../bindings/MissingSecret';
import { focusSecretName } from '../commands';
import { documents } from '../editor/documents';
import { entryOf } from '../editor/paths';
import { type OpenFunction, store } from '../state.svelte';
import { type Problem, problems } from './problems.svelte';

/** What was taken already: its places may have moved since. */
const taken = new WeakMap<OpenFunction, Failure | null>();

/** Takes what the store knows of a function into its problems, unless newer text is about to be looked at. */
export function takeFromCore(id: FunctionId): void {
  const known = store.opened.get(id);
  const failure = store.problemOf(id);
  if (!known || (store.saves.get(id)?.state ?? 'saved') !== 'saved') return;
  if (taken.has(known) && taken.get(known) === failure) return;
  taken.set(known, failure);
  problems.put(id, null, 'code', failure ? [broken(failure, entryOf(known.files))] : []);
  problems.put(
    id,
    null,
    'secrets',
    known.references.missing.flatMap((each) => missing(id, each)),
  );
}

function broken({ message, position }: Failure, entry: string): Problem {
  const { file, line, column } = position ?? { file: entry, line: 1, column: 1 };
  const place = { line, column };
  return { file, from: place, to: place, severity: 'error', source: 'code', message, actions: [] };
}

function missing(id: FunctionId, { name, lines }: MissingSecret): Problem[] {
  const word = new RegExp(`\\b${name.replace(/\W/g, '')}\\b`);
  return lines.map(({ file, line }) => {
    const text = documents.read(id, file);
    const at = text && line <= text.lines ? text.line(line).text.search(word) : -1;
    const from = { line, column: Math.max(0, at) + 1 };
    return {
      file,
      from,
      to: at < 0 ? from : { line, column: from.column + name.length },
      severity: 'error',
      source: 'secrets',
      message: `There is no secret ${name} yet.`,
      actions: [{ label: 'Add secret', name: `Add secret ${name}`, inline: true, run: () => focusSecretName(name) }],
    };
  });
}
