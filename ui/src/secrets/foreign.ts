// Names that are no secret's, in words: what they may be, and what the code finds there when it runs.

import type { ForeignName } from '../bindings/ForeignName';
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
