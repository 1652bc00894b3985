// Tells of what finished elsewhere. The library comes with what is loaded later; a toast waits for it.

import type { ExternalToast } from 'svelte-sonner';

export const toast = {
  success: (title: string, more?: ExternalToast) => show('success', title, more),
  error: (title: string, more?: ExternalToast) => show('error', title, more),
};

function show(kind: 'success' | 'error', title: string, more?: ExternalToast): void {
  void import('svelte-sonner').then(({ toast }) => toast[kind](title, more));
}
