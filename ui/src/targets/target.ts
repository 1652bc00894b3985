// What is said of targets, and of the scopes of values: which targets a secret or a variable is for.

import type { Scope } from '../bindings/Scope';
import type { Stale } from '../bindings/Stale';
import type { TargetId } from '../bindings/TargetId';
import type { TargetInfo } from '../bindings/TargetInfo';
import { store } from '../state.svelte';

/** The runtime on this machine. */
export const LOCAL: TargetId = 0;

/** No target: opens the settings at the form for a new one. */
export const NEW: TargetId = -1;

export const CLOUDFLARE = 'https://api.cloudflare.com/client/v4';
/** Where a token is made, as text to copy: the window opens nothing. */
export const TOKENS_PAGE = 'https://dash.cloudflare.com/profile/api-tokens';

export function targetName(id: TargetId): string {
  if (id === LOCAL) return 'Local';
  return store.targets.find((each) => each.id === id)?.name ?? 'a target that was removed';
}

/** The host of a target that is not Cloudflare's own; null for that. */
export function otherHost({ baseUrl }: TargetInfo): string | null {
  if (baseUrl.replace(/\/$/, '') === CLOUDFLARE) return null;
  return URL.canParse(baseUrl) ? new URL(baseUrl).host : baseUrl;
}

/** A scope as the value of an option. */
export function scopeKey(scope: Scope): string {
  return scope === 'all' ? 'all' : String(scope.target);
}

export function scopeOf(key: string): Scope {
  return key === 'all' ? 'all' : { target: Number(key) };
}

/** “ for production”, after a name that may have a value for each target; nothing where it is for all. */
export function forWords(scope: Scope): string {
  return scope === 'all' ? '' : ` for ${targetName(scope.target)}`;
}

/** What is live with another value of a secret or variable, or without it. */
export function staleWords({ target, bound }: Stale): string {
  if (target === LOCAL) return 'redeploy to apply';
  return bound ? `changed since ${targetName(target)}` : `not on ${targetName(target)}`;
}
