// Names that are no secret's, in words: what they may be, and what the code finds there when it runs.

import type { ForeignName } from '../bindings/ForeignName';
import type { TargetId } from '../bindings/TargetId';
import { listed } from '../format';
import { targetName } from '../targets/target';

export function foreignWords({ name, declared, targets }: ForeignName): string {
  if (targets.length > 0) {
    return `${name} is bound on ${listed(targets.map(targetName))}, where it is kept. Elsewhere it is undefined.`;
  }
  if (declared !== null) {
    return `${name} is declared as ${declared}, a binding that Postern does not have. It is undefined when the code runs.`;
  }
  return (
    `${name} can't be the name of a secret (letters, digits and _, at least 3). If it is a binding, Postern does not ` +
    'have it: it is undefined when the code runs.'
  );
}

/** Of names that a target has no binding of, where a deployment there goes on all the same. */
export function unboundWords(names: string[], target: TargetId): string {
  const [are, they] = names.length === 1 ? ['is', 'it is'] : ['are', 'they are'];
  const where = targetName(target);
  return `${listed(names)} ${are} not bound on ${where}, as far as Postern knows: ${they} undefined when the code runs there.`;
}
