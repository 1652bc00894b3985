// Problems in words: how many there are, and who says so.

import type { FunctionId } from '../bindings/FunctionId';
import { plural } from '../format';
import { type Problem, problems, type Severity, type Source } from './problems.svelte';

const SOURCES: Record<Source, string> = {
  code: 'Code',
  secrets: 'Secrets',
  types: 'TypeScript',
  credentials: 'Credentials',
  packages: 'Packages',
  schedules: 'Schedules',
};

export const SEVERITY_WORDS: Record<Severity, string> = {
  error: 'Error',
  warning: 'Warning',
  info: 'Information',
  hint: 'Hint',
};

/** “TypeScript 2304”. */
export function sourceWords({ source, code }: Problem): string {
  return code ? `${SOURCES[source]} ${code}` : SOURCES[source];
}

/** “2 errors, 1 warning”; empty where there is neither. */
export function countWords(id: FunctionId): string {
  const words = (severity: 'error' | 'warning') => {
    const count = problems.count(id, severity);
    return count > 0 ? [`${count} ${plural(count, severity)}`] : [];
  };
  return [...words('error'), ...words('warning')].join(', ');
}
