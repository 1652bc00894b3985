// Starts the window: draws it, fills it from the core, and listens to the core, the menu and the closing of the window.

import { mount } from 'svelte';
import { toast } from 'svelte-sonner';
import App from './App.svelte';
import { runFromMenu } from './commands';
import { documents } from './editor/documents';
import { start } from './functions/actions';
import { onClose, onMenu, watch } from './ipc';
import { store } from './state.svelte';
import './theme.css';

const filling = start();
mount(App, { target: document.getElementById('app') ?? document.body });
void filling.then(() => {
  if (document.activeElement === document.body) documents.focus();
  // script/bench reads when this was.
  performance.mark('editor');
});

void watch((event) => store.hear(event)).catch(() => {});
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
