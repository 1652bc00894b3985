// Secrets and variables with a value for each target: in the order of their names, the one for all targets first.

import type { Scope } from '../bindings/Scope';
import type { TargetId } from '../bindings/TargetId';
import { scopeKey } from '../targets/target';

interface Scoped {
  name: string;
  scope: Scope;
}

export function grouped<T extends Scoped>(list: T[]): T[] {
  const place = ({ scope }: T) => (scope === 'all' ? -1 : scope.target);
  return [...list].sort((a, b) => a.name.localeCompare(b.name, 'en') || place(a) - place(b));
}

export function sameScope(a: Scope, b: Scope): boolean {
  return scopeKey(a) === scopeKey(b);
}

/** Whether a target gets what has this scope. */
export function reaches(scope: Scope, target: TargetId): boolean {
  return scope === 'all' || scope.target === target;
}

/** What a list is keyed by. */
export function keyOf({ name, scope }: Scoped): string {
  return `${name} ${scopeKey(scope)}`;
}
