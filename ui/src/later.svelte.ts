// The parts of the window that are loaded once the editor takes keys, a moment after the start, and those that are
// loaded when they are first opened.

import type { Component } from 'svelte';
import type { Dialog } from './state.svelte';

type Chunk = Promise<{ default: Component }>;

const DIALOGS: Record<Dialog, () => Chunk> = {
  'new-function': () => import('./functions/NewFunction.svelte'),
  palette: () => import('./CommandPalette.svelte'),
  settings: () => import('./targets/Settings.svelte'),
  address: () => import('./targets/ChangeAddress.svelte'),
  packages: () => import('./packages/PackageList.svelte'),
  import: () => import('./targets/ImportWorker.svelte'),
  'move-to-secret': () => import('./credentials/MoveToSecret.svelte'),
  'deploy-anyway': () => import('./credentials/DeployAnyway.svelte'),
  review: () => import('./review/Review.svelte'),
};

class Later {
  /** The list of functions and the status bar. At the start the code comes a frame before them. */
  around = $state(true);

  /** Null until it is there; then for good. */
  RightPane = $state.raw<typeof import('./RightPane.svelte').default | null>(null);

  /** Where toasts are shown; null until there is a first one. */
  Toaster = $state.raw<typeof import('svelte-sonner').Toaster | null>(null);

  async load(): Promise<void> {
    this.RightPane = (await import('./RightPane.svelte')).default;
    (await import('./middle-click')).listenToMiddleClicks();
  }

  dialog(which: Dialog): Chunk {
    return DIALOGS[which]();
  }
}

export const later = new Later();
