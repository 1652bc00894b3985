// The door to the core: one function for each command, and the only file that imports @tauri-apps.
//
// Every function rejects with a `Failure`, whatever went wrong. Nothing here keeps state.

import { Channel, invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { getCurrentWindow } from '@tauri-apps/api/window';
import type { Deployed } from './bindings/Deployed';
import type { Event } from './bindings/Event';
import type { Failure } from './bindings/Failure';
import type { FunctionDetail } from './bindings/FunctionDetail';
import type { FunctionId } from './bindings/FunctionId';
import type { FunctionSummary } from './bindings/FunctionSummary';
import type { LogLine } from './bindings/LogLine';
import type { Overview } from './bindings/Overview';
import type { Progress } from './bindings/Progress';
import type { RunOutcome } from './bindings/RunOutcome';
import type { RuntimeState } from './bindings/RuntimeState';
import type { Saved } from './bindings/Saved';
import type { ScheduleReading } from './bindings/ScheduleReading';
import type { SecretInfo } from './bindings/SecretInfo';
import type { VaultState } from './bindings/VaultState';

/** Everything at once, with the function that was open `last`, or else the first one. */
export const overview = (last: FunctionId | null) => call<Overview>('overview', { last });

/** Hears what happens without having been asked for, for the life of the page. */
export const watch = (hear: (event: Event) => void) =>
  call<void>('watch', { channel: channel<Event[]>((events) => events.forEach(hear)) });

export const openFunction = (id: FunctionId) => call<FunctionDetail>('open_function', { id });

/** Without a name the core finds one that is free. */
export const createFunction = (template: string, name: string | null) =>
  call<FunctionDetail>('create_function', { template, name });

export const renameFunction = (id: FunctionId, name: string) => call<FunctionSummary>('rename_function', { id, name });

export const duplicateFunction = (id: FunctionId) => call<FunctionDetail>('duplicate_function', { id });

/** Asks first, in a native dialog; false when that was cancelled. */
export const deleteFunction = (id: FunctionId) => call<boolean>('delete_function', { id });

export const saveFile = (id: FunctionId, path: string, text: string) => call<Saved>('save_file', { id, path, text });

export const setSchedules = (id: FunctionId, schedules: string[]) =>
  call<FunctionSummary>('set_schedules', { id, schedules });

export const readSchedule = (expression: string) => call<ScheduleReading>('read_schedule', { expression });

/** The line breaks of a text that was just pasted, as they were copied; null where the clipboard holds another text. */
export const pastedLineBreaks = (text: string) =>
  call<string[] | null>('pasted_line_breaks', { text }).catch(() => null);

export const createSecret = (id: FunctionId, name: string, value: string) =>
  call<SecretInfo[]>('create_secret', { id, name, value });

export const replaceSecret = (id: FunctionId, name: string, value: string) =>
  call<SecretInfo[]>('replace_secret', { id, name, value });

/** Asks first, in a native dialog; null when that was cancelled. */
export const deleteSecret = (id: FunctionId, name: string) => call<SecretInfo[] | null>('delete_secret', { id, name });

export const deploy = (id: FunctionId, passed: (progress: Progress) => void) =>
  call<Deployed>('deploy', { id, progress: channel(passed) });

export const cancelDeploy = (id: FunctionId) => call<void>('cancel_deploy', { id });

export const runNow = (id: FunctionId, schedule: string) => call<RunOutcome>('run_now', { id, schedule });

/** Ends the function's process; the next call starts it again. */
export const stopFunction = (id: FunctionId) => call<void>('stop_function', { id });

export const readLog = (id: FunctionId) => call<LogLine[]>('read_log', { id });

export const clearLog = (id: FunctionId) => call<void>('clear_log', { id });

/** Takes another port, for when the function's own is taken. */
export const changeAddress = (id: FunctionId) => call<FunctionSummary>('change_address', { id });

export const retryVault = () => call<VaultState>('retry_vault');

/** Asks first, in a native dialog. */
export const startNewVault = () => call<VaultState>('start_new_vault');

export const retryRuntime = () => call<RuntimeState>('retry_runtime');

/** Hears the native menu's items, by the id of their command. */
export const onMenu = (hear: (command: string) => void) => listen<string>('menu', (event) => hear(event.payload));

/** Asks `mayClose` before the window closes. */
export const onClose = (mayClose: () => Promise<boolean>) =>
  getCurrentWindow().onCloseRequested(async (event) => {
    if (!(await mayClose())) event.preventDefault();
  });

/** What was thrown, as a `Failure`. */
export function asFailure(thrown: unknown): Failure {
  if (isFailure(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'internal', message, position: null };
}

function isFailure(thrown: unknown): thrown is Failure {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown;
}

async function call<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (thrown) {
    throw asFailure(thrown);
  }
}

function channel<T>(hear: (message: T) => void): Channel<T> {
  const made = new Channel<T>();
  made.onmessage = hear;
  return made;
}
