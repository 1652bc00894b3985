// Opens the whole window over a core in memory, for tests.

import { EditorView } from '@codemirror/view';
import { render, screen } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { tick } from 'svelte';
import App from './App.svelte';
import { documents } from './editor/documents';
import { listen, start } from './functions/actions';
import { later } from './later.svelte';
import { install } from './mock-door';
import { MockCore } from './mocks';
import { store } from './state.svelte';
import { asked } from './window';
// What the window loads later is read here already: a test should not wait for it on its own time.
import './RightPane.svelte';
import './functions/DeployMenu.svelte';
import './functions/FunctionMenu.svelte';
import './CommandPalette.svelte';
import './editor/FileTabs.svelte';
import './editor/reading';
import './credentials/DeployAnyway.svelte';
import './credentials/MoveToSecret.svelte';
import './credentials/VersionsStrip.svelte';
import './functions/NewFunction.svelte';
import './history/HistoryTab.svelte';
import './packages/PackageList.svelte';
import './problems/ProblemsPanel.svelte';
import './run/RunTab.svelte';
import 'svelte-sonner';
import './review/Diff.svelte';
import './review/Review.svelte';
import './targets/ChangeAddress.svelte';
import './targets/ImportWorker.svelte';
import './targets/Settings.svelte';

export async function openWindow(prepare: (core: MockCore) => void = () => {}) {
  const core = new MockCore();
  prepare(core);
  install(core);
  for (const { id } of store.functions) {
    documents.drop(id);
    store.remove(id);
  }
  Object.assign(store, {
    phase: 'starting',
    openId: null,
    openFailure: null,
    notice: null,
    dialog: null,
    dialogTarget: null,
    credential: null,
    renaming: false,
    namingFile: null,
  });
  Object.assign(store.layout, { tab: 'secrets', leftOpen: true, rightOpen: true, problemsOpen: false });
  const { container } = render(App);
  await start();
  await documents.loadReading();
  await later.load();
  await listen(asked);
  await tick();
  let user: UserEvent | undefined;
  return {
    core,
    container,
    /** Moves the focus in its own way, in all tests of the file from then on. */
    get user() {
      user ??= userEvent.setup();
      return user;
    },
  };
}

/** What the code editor holds. */
export function code(): EditorView {
  const view = EditorView.findFromDOM(screen.getByRole('textbox', { name: 'Code' }));
  if (!view) throw new Error('there is no editor');
  return view;
}

/** Types at the end of the code, as keys would. */
export function typeCode(text: string): void {
  const view = code();
  view.dispatch({ changes: { from: view.state.doc.length, insert: text }, userEvent: 'input.type' });
}

export function called(core: MockCore, command: string) {
  return core.calls.filter((each) => each.command === command).map((each) => each.args);
}

/** Has the core wait with its answers to a command. Returns how to let it go on. */
export function hold(core: MockCore, command: string): () => void {
  let go = () => {};
  core.gates.set(command, new Promise((resolve) => (go = resolve)));
  return () => {
    core.gates.delete(command);
    go();
  };
}
