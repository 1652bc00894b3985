// Tells of what finished elsewhere. The library is loaded with the first toast.

import type { ExternalToast } from 'svelte-sonner';
import { later } from './later.svelte';

export const toast = {
  success: (title: string, more?: ExternalToast) => show('success', title, more),
  error: (title: string, more?: ExternalToast) => show('error', title, more),
  /** Stays until somebody puts it away. Where nothing was refused, nothing is said. */
  refusal: (title: string, why: string | null, more?: ExternalToast) => {
    if (why !== null) show('error', title, { description: why, duration: Number.POSITIVE_INFINITY, ...more });
  },
  dismiss: (id: string) => void import('svelte-sonner').then(({ toast }) => toast.dismiss(id)),
};

function show(kind: 'success' | 'error', title: string, more?: ExternalToast): void {
  void import('svelte-sonner').then(({ Toaster, toast }) => {
    later.Toaster = Toaster;
    toast[kind](title, more);
  });
}
