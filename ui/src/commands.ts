// Every command of the window: its words, its keys, and when it can be used.
//
// The native menu, the keys, the palette and the buttons all come through `runCommand`, so that one press does one thing.

import { flushSync } from 'svelte';
import type { FunctionId } from './bindings/FunctionId';
import type { Scope } from './bindings/Scope';
import type { TargetId } from './bindings/TargetId';
import type { Zoom } from './bindings/Zoom';
import { documents, type LanguageAction } from './editor/documents';
import { chooseFiles, deleteFile, makeTypeScript } from './editor/files';
import { entryOf } from './editor/paths';
import { keepFocus } from './focus';
import { deleteFunction, duplicateFunction, openFunction, stopFunction } from './functions/actions';
import { deploy } from './functions/deploy';
import * as ipc from './ipc';
import { later } from './later.svelte';
import type { RightTab } from './layout.svelte';
import { chordWords, isChord, isComposing, isMac } from './platform';
import { type Dialog, store } from './state.svelte';
import { LOCAL } from './targets/target';

export interface Command {
  id: string;
  title: string;
  chord?: string;
  /** Where keyboards differ in how the same is typed. */
  alsoChords?: string[];
  /** Whether its keys mean it and not the next command with the same ones; always, unless said. */
  meant?: () => boolean;
  /** Whether it can be used now; always, unless said. */
  enabled?: () => boolean;
  /** Whether its keys are taken while a dialog is open, too. */
  inDialogs?: boolean;
  run(): void;
}

/** Where focus goes by name; the components that own the fields put themselves here. */
export const focusTargets: {
  search?: () => void;
  problems?: () => void;
  /** The function whose row in the list has the focus; it may be another than the open one. */
  listed?: () => FunctionId | undefined;
  /** With a name the focus goes to its value, and when that is sealed to what `then` says. */
  secretName?: (name?: string, scope?: Scope, then?: () => void) => void;
  variableName?: (name: string) => void;
} = {};

const anyOpen = () => store.openId !== null;
const anyTarget = () => store.targets.length > 0;
/** A function that Deploy deploys elsewhere: there is something to review. */
const goesElsewhere = () => store.current?.chosen.some((id) => id !== LOCAL) === true;

const severalFiles = () => (store.detail?.files.length ?? 0) > 1;
/** The entry keeps its name and stays. */
const notTheEntry = () => severalFiles() && store.shownFile !== entryOf(store.detail?.files ?? []);

const isJavaScript = () => anyOpen() && entryOf(store.detail?.files ?? []) === 'index.js';

function withOpen(run: (id: number) => void): () => void {
  return () => {
    if (store.openId !== null) run(store.openId);
  };
}

/** What the language server does at the caret. */
function act(action: LanguageAction, title: string, chord: string): Command {
  return { id: action, title, chord, enabled: anyOpen, run: () => void documents.act(action) };
}

function zoom(by: Zoom, title: string, chord: string): Command {
  return { id: `zoom-${by}`, title, chord, inDialogs: true, run: () => void ipc.zoom(by).catch(() => {}) };
}

/** On macOS Alt with an arrow goes from word to word. */
const arrow = (key: string) => (isMac ? `Mod+Alt+${key}` : `Alt+${key}`);

export const commands: Command[] = [
  { id: 'new-function', title: 'New function', chord: 'Mod+N', run: () => openDialog('new-function') },
  { id: 'go-to-function', title: 'Go to function', chord: 'Mod+P', run: goToFunction },
  { id: 'command-palette', title: 'Every command', chord: 'Mod+Shift+P', run: () => openDialog('palette') },
  { id: 'deploy', title: 'Deploy', chord: 'Mod+Enter', enabled: anyOpen, run: withOpen((id) => void deploy(id)) },
  {
    id: 'review',
    title: 'Review and deploy',
    chord: 'Mod+Shift+Enter',
    enabled: goesElsewhere,
    run: () => openDialog('review'),
  },
  { id: 'save', title: 'Save', chord: 'Mod+S', enabled: anyOpen, run: withOpen((id) => void documents.save(id)) },
  {
    id: 'find',
    title: 'Find in code',
    chord: 'Mod+F',
    enabled: anyOpen,
    run: () => find('openSearchPanel'),
  },
  {
    id: 'go-to-line',
    title: 'Go to line',
    chord: 'Mod+Alt+G',
    enabled: anyOpen,
    run: () => find('gotoLine'),
  },
  { ...act('rename', 'Rename symbol', 'F2'), id: 'rename-symbol', meant: () => documents.focused },
  { id: 'rename', title: 'Rename function', chord: 'F2', enabled: anyOpen, run: rename },
  { id: 'new-file', title: 'New file', enabled: anyOpen, run: () => nameFile('new') },
  { id: 'add-file', title: 'Add a file…', enabled: anyOpen, run: withOpen(chooseFiles) },
  { id: 'rename-file', title: 'Rename file', enabled: notTheEntry, run: () => nameFile('shown') },
  { id: 'to-typescript', title: 'Rename index.js to index.ts', enabled: isJavaScript, run: withOpen(makeTypeScript) },
  { id: 'delete-file', title: 'Delete file…', enabled: notTheEntry, run: withOpen(deleteShownFile) },
  { id: 'next-file', title: 'Next file', chord: 'Mod+PageDown', enabled: severalFiles, run: () => documents.step(1) },
  {
    id: 'previous-file',
    title: 'Previous file',
    chord: 'Mod+PageUp',
    enabled: severalFiles,
    run: () => documents.step(-1),
  },
  act('definition', 'Go to definition', 'F12'),
  act('references', 'Find references', 'Shift+F12'),
  {
    id: 'back',
    title: 'Go back',
    chord: arrow('ArrowLeft'),
    enabled: anyOpen,
    run: () => documents.stepThroughJumps(-1),
  },
  {
    id: 'forward',
    title: 'Go forward',
    chord: arrow('ArrowRight'),
    enabled: anyOpen,
    run: () => documents.stepThroughJumps(1),
  },
  act('fix', 'Quick fix', 'Mod+.'),
  act('format', 'Format document', 'Alt+Shift+F'),
  act('imports', 'Organise imports', 'Alt+Shift+O'),
  { id: 'packages', title: 'Packages…', enabled: anyOpen, run: () => openDialog('packages') },
  { id: 'duplicate', title: 'Duplicate function', enabled: anyOpen, run: withOpen((id) => void duplicateFunction(id)) },
  {
    id: 'stop',
    title: 'Stop function',
    enabled: () => store.current?.local.running === true,
    run: withOpen((id) => void stopFunction(id)),
  },
  {
    id: 'change-address',
    title: 'Change address…',
    enabled: () => store.current?.remote.some(({ live, script }) => live !== null && script !== null) ?? false,
    run: () => openDialog('address'),
  },
  { id: 'delete', title: 'Delete function…', enabled: anyOpen, run: withOpen((id) => void deleteFunction(id)) },
  { id: 'import', title: 'Import a Worker…', enabled: anyTarget, run: () => openDialog('import') },
  { id: 'settings', title: 'Settings', chord: 'Mod+,', run: () => openDialog('settings') },
  { id: 'focus-secret', title: 'New secret', chord: 'Mod+Shift+S', enabled: anyOpen, run: () => focusSecretName() },
  { id: 'tab-secrets', title: 'Secrets tab', chord: 'Alt+1', run: () => showTab('secrets') },
  { id: 'tab-run', title: 'Run tab', chord: 'Alt+2', run: () => showTab('run') },
  { id: 'tab-history', title: 'History tab', chord: 'Alt+3', run: () => showTab('history') },
  { id: 'next-problem', title: 'Next problem', chord: 'F8', enabled: anyOpen, run: () => documents.stepToProblem(1) },
  {
    id: 'previous-problem',
    title: 'Previous problem',
    chord: 'Shift+F8',
    enabled: anyOpen,
    run: () => documents.stepToProblem(-1),
  },
  { id: 'problems', title: 'Problems', chord: 'Mod+Shift+M', enabled: anyOpen, run: toggleProblems },
  {
    ...zoom('in', 'Zoom in', 'Mod+='),
    // With Shift, on a keyboard that has it elsewhere, and beside the digits.
    alsoChords: ['Mod+Shift++', 'Mod++'],
  },
  zoom('out', 'Zoom out', 'Mod+-'),
  zoom('reset', 'Reset zoom', 'Mod+0'),
  { id: 'toggle-left', title: 'Show or hide functions', chord: 'Mod+B', run: toggleLeft },
  { id: 'toggle-right', title: 'Show or hide the right pane', chord: 'Mod+Alt+B', run: toggleRight },
  { id: 'focus-code', title: 'Back to the code', chord: 'Escape', enabled: anyOpen, run: backToCode },
];

export function runCommand(id: string): void {
  const command = commands.find((each) => each.id === id);
  if (!command || !(command.enabled?.() ?? true)) return;
  leaveMenu();
  command.run();
}

/** A menu holds the focus, even against a dialog: it closes as by Escape, and gives back the focus before another takes it. */
function leaveMenu(): void {
  const menu = document.querySelector('[role=menu][data-state=open]');
  if (!menu) return;
  menu.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
  flushSync();
  // Its button may be of no use now.
  void keepFocus();
}

/** The keys of a command as this system writes them. */
export function keysOf(id: string): string {
  const chord = commands.find((each) => each.id === id)?.chord;
  return chord ? chordWords(chord) : '';
}

let lastFromKeys = { chord: '', at: Number.NEGATIVE_INFINITY };

/** The native menu's way in. A system that hands a key to both the page and the menu is heard once. */
export function runFromMenu(id: string): void {
  const chord = commands.find((each) => each.id === id)?.chord;
  if (chord === lastFromKeys.chord && performance.now() - lastFromKeys.at < 200) return;
  runCommand(id);
}

/** Takes a key press before the focused element does; Escape belongs to whoever is focused first. */
export function runFromKeys(event: KeyboardEvent): void {
  if (isComposing(event)) return;
  const command = commands.find(
    ({ chord, alsoChords, meant, inDialogs }) =>
      (store.dialog === null || inDialogs) &&
      chord &&
      chord !== 'Escape' &&
      (isChord(event, chord) || alsoChords?.some((each) => isChord(event, each))) &&
      (meant?.() ?? true),
  );
  if (!command?.chord) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.repeat) return;
  lastFromKeys = { chord: command.chord, at: performance.now() };
  runCommand(command.id);
}

/** Escape goes back to the code when nothing nearer wanted it. */
export function runFromEscape(event: KeyboardEvent): void {
  if (event.key !== 'Escape' || event.defaultPrevented || isComposing(event) || store.dialog !== null) return;
  const within = event.target instanceof Element ? event.target : null;
  if (within?.closest('[role=menu]')) return;
  // In the code it is nearest, unless a pane lies over it.
  if (within?.closest('.cm-editor') && !(store.layout.narrow && store.layout.rightOpen)) return;
  runCommand('focus-code');
}

/** Opens the Secrets tab with the caret in SECRET_NAME, or in Value when the name is already known. */
export function focusSecretName(name?: string, scope?: Scope, then?: () => void): void {
  inSecretsTab(() => focusTargets.secretName?.(name, scope, then));
}

/** Opens the Secrets tab with the caret in the value of a variable to be. */
export function focusVariable(name: string): void {
  inSecretsTab(() => focusTargets.variableName?.(name));
}

function inSecretsTab(run: () => void): void {
  if (!later.RightPane) return void later.load().then(() => inSecretsTab(run));
  store.layout.showTab('secrets');
  // The tab is drawn at once, so that what is typed next lands there.
  flushSync();
  run();
}

/** Opens a dialog; one that is about a target may be told which. */
export function openDialog(dialog: Dialog, target: TargetId | null = null): void {
  leaveMenu();
  store.dialogTarget = target;
  store.dialog = dialog;
}

function goToFunction(): void {
  if (!store.layout.leftOpen) store.layout.toggleLeft();
  // A key that waited for the window is heard before the list is there, and what is typed next is for its field.
  later.around = true;
  flushSync();
  focusTargets.search?.();
}

/** Of what has the focus: a file's tab, a function in the list, or else the open function. */
function rename(): void {
  if (document.activeElement?.closest('[role=tablist][aria-label=Files]')) runCommand('rename-file');
  else {
    const listed = focusTargets.listed?.();
    if (listed !== undefined) void openFunction(listed);
    store.renaming = true;
  }
}

/** Pressed before the search is there, it waits for it. */
async function find(run: 'openSearchPanel' | 'gotoLine'): Promise<void> {
  documents.command((await documents.loadReading())[run]);
}

function nameFile(which: 'new' | 'shown'): void {
  store.namingFile = which;
}

function deleteShownFile(id: number): void {
  if (store.shownFile !== null) void deleteFile(id, store.shownFile);
}

function showTab(tab: RightTab): void {
  void keepFocus(() => document.querySelector<HTMLElement>('[role=tab][aria-controls][data-state=active]')?.focus());
  store.layout.showTab(tab);
}

function toggleLeft(): void {
  void keepFocus();
  store.layout.toggleLeft();
}

function toggleRight(): void {
  void keepFocus();
  store.layout.rightOpen = !store.layout.rightOpen;
}

/** Opens the list, goes to it where it is open, and closes it where the focus is in it. */
function toggleProblems(): void {
  const { layout } = store;
  if (!layout.problemsOpen) layout.problemsOpen = true;
  else if (document.activeElement?.closest('[aria-label=Problems]')) {
    layout.problemsOpen = false;
    documents.focus();
  } else focusTargets.problems?.();
}

function backToCode(): void {
  if (store.layout.narrow) store.layout.rightOpen = false;
  documents.focus();
}
