// Starts the window: draws it, fills it from the core, and listens to the core, the menu and the closing of the window.

import { flushSync, mount } from 'svelte';
import { toStore } from 'svelte/store';
import App from './App.svelte';
import type { Overview } from './bindings/Overview';
import { runFromMenu } from './commands';
import { documents } from './editor/documents';
import { leaveOff } from './editor/left-off';
import { turnedToCode } from './editor/turned';
import { listen, start } from './functions/actions';
import type { OfTheWindow } from './hearing';
import { asFailure, closeWindow, hearClose } from './ipc';
import { later } from './later.svelte';
import { store } from './state.svelte';
import { forWords } from './targets/target';
import { toast } from './toast';
import { within } from './within';
import './theme.css';

export async function open(answer: Promise<Overview>): Promise<void> {
  const filled = start(answer);
  await dressed();
  // The code is drawn once, with everything in it. A core that takes longer than is noticed is waited for in sight.
  await within(150, filled);
  later.around = store.phase === 'starting';
  mount(App, { target: document.getElementById('app') ?? document.body });
  flushSync();
  await filled;
  documents.focus();
  // script/bench reads the mark: from now on the editor takes keys, and is painted. The rest has its turn.
  performance.mark('editor');
  await new Promise((resolve) => setTimeout(resolve));
  later.around = true;
  const read = documents.loadReading().then(() => later.load());
  const heard = Promise.all([read, listen(asked)]);
  void heard.then(() => import('./problems/unopened')).then(({ lookThroughUnopened }) => lookThroughUnopened());
  // The language server comes once its states are heard and somebody turns to the code.
  void Promise.all([heard, turnedToCode()]).then(() => documents.loadLanguage());
}

/** The first lines of the page wait for nothing. What is drawn needs the page and its style: the editor measures itself. */
async function dressed(): Promise<void> {
  if (document.readyState === 'loading') await happens(document, 'DOMContentLoaded');
  const sheets = [...document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]')];
  const loaded = Promise.all(sheets.filter(({ sheet }) => !sheet).map((link) => happens(link, 'load')));
  // A window without its style is better than none.
  await within(1000, loaded);
}

function happens(target: EventTarget, type: string): Promise<unknown> {
  return new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));
}

/** By the native menu, or by the system. */
export function asked(event: OfTheWindow): void {
  if (event.type === 'menu') runFromMenu(event.command);
  else void close();
}

async function close(): Promise<void> {
  hearClose().catch(() => {});
  documents.command((view) => documents.shown && leaveOff(view, documents.shown));
  if (!(await mayClose())) return;
  await closeWindow().catch((thrown) => {
    toast.error('The window could not be closed', { description: asFailure(thrown).message });
  });
}

let warned = false;

const allSaved = () => refusals().length === 0 && [...store.saves.values()].every(({ state }) => state === 'saved');

async function mayClose(): Promise<boolean> {
  const saved = await within(warned ? 500 : 3000, documents.flushAll());
  // What is typed of variables and schedules goes with the code, or is refused.
  if ((saved && refusals().length === 0) || warned) return true;
  warned = true;
  // What is typed after all was saved is another matter.
  const stop = toStore(allSaved).subscribe((all) => {
    if (!all) return;
    warned = false;
    queueMicrotask(() => stop());
  });
  const why = [...refusals(), 'The window stays open. Close it again to leave without saving.'].join(' ');
  toast.refusal('Not everything you typed is saved', why);
  return false;
}

/** Of what is not seen in the code: it may be in a function that is not shown. */
function refusals(): string[] {
  const values = [...store.typed.values()].map(
    ({ id, name, scope, refusal }) =>
      `The value of ${name}${forWords(scope)} in ${store.name(id)} is not saved${refusal === null ? '.' : `: ${refusal}`}`,
  );
  return [...values, ...[...store.schedules.values()].flatMap(({ unsaved }) => unsaved)];
}
