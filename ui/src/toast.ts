// Tells of what finished elsewhere. The library is loaded with the first toast.

import type { ExternalToast } from 'svelte-sonner';
import { later } from './later.svelte';

export const toast = {
  success: (title: string, more?: ExternalToast) => show('success', title, more),
  error: (title: string, more?: ExternalToast) => show('error', title, more),
};

function show(kind: 'success' | 'error', title: string, more?: ExternalToast): void {
  void import('svelte-sonner').then(({ Toaster, toast }) => {
    later.Toaster = Toaster;
    toast[kind](title, more);
  });
}
