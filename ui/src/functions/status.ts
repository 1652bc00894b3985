// How a function's status is said and drawn: a shape and a word, never colour alone.

import type { FunctionSummary } from '../bindings/FunctionSummary';
import type { Status } from '../bindings/Status';
import type { TargetState } from '../bindings/TargetState';
import { listed } from '../format';
import { LOCAL, targetName } from '../targets/target';

export const STATUS_WORDS: Record<Status, string> = {
  draft: 'Draft',
  live: 'Live',
  outdated: 'Redeploy to apply',
  failed: 'Failed',
};

/** More than the word, for a tooltip: each target where there are several. */
export function statusReason({ local, remote, chosen }: FunctionSummary): string {
  const shown = [local, ...remote].filter(({ target, live }) => live !== null || chosen.includes(target));
  if (shown.length === 1 && shown[0]?.target === LOCAL) return targetReason(local);
  return shown.map((state) => `${targetName(state.target)}: ${uncapital(targetReason(state))}`).join('\n');
}

function targetReason({ status, changes, live, failure }: TargetState): string {
  if (status === 'outdated') {
    const plural = changes.length > 1 || ['packages', 'secrets', 'variables', 'settings'].includes(changes[0] ?? '');
    return `${capital(listed(changes))} ${plural ? 'have' : 'has'} changed since deployment #${live}.`;
  }
  if (status === 'failed') {
    const still = live === null ? 'Nothing is live.' : `Deployment #${live} still answers.`;
    return `${failure?.message ?? 'The last deployment failed.'} ${still}`;
  }
  if (status === 'live') return live === null ? 'Live.' : `Deployment #${live} is live.`;
  return 'Not deployed yet.';
}

/** “HTTP”, the schedule, or what else the list shows at the right of a name. */
export function kindOf({ trigger, schedules }: FunctionSummary): string {
  const [first] = schedules;
  if (trigger.scheduled && first && !trigger.http)
    return schedules.length > 1 ? `${first} +${schedules.length - 1}` : first;
  return triggerWords(trigger);
}

export function triggerWords({ http, scheduled }: FunctionSummary['trigger']): string {
  if (http && scheduled) return 'HTTP, Scheduled';
  if (http) return 'HTTP';
  return scheduled ? 'Scheduled' : 'No handler';
}

function uncapital(words: string): string {
  return /^[A-Z][a-z]/.test(words) ? words.charAt(0).toLowerCase() + words.slice(1) : words;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
