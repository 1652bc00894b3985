// Starts the window: draws it, fills it from the core, and listens to the core, the menu and the closing of the window.

import { mount } from 'svelte';
import { toast } from 'svelte-sonner';
import App from './App.svelte';
import { runFromMenu } from './commands';
import { documents } from './editor/documents';
import { begin } from './functions/actions';
import { onClose, onMenu } from './ipc';
import './theme.css';

// The core is asked before anything is drawn. script/bench reads the mark: from then on the editor takes keys.
void begin().then(() => performance.mark('editor'));
mount(App, { target: document.getElementById('app') ?? document.body });
void onMenu(runFromMenu);

let warned = false;
void onClose(async () => {
  const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), 3000));
  if (warned || (await Promise.race([documents.flushAll(), late]))) return true;
  warned = true;
  toast.error('Not everything you typed is saved', {
    description: 'The window stays open. Close it again to leave without saving.',
    duration: Number.POSITIVE_INFINITY,
  });
  return false;
});
