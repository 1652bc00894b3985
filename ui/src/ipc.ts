// The door to the core: one function for each command, and the only file that imports @tauri-apps.
//
// Every function rejects with a `Failure`, whatever went wrong. Nothing here keeps state.

import { Channel, invoke } from '@tauri-apps/api/core';
import type { Changed } from './bindings/Changed';
import type { CredentialInCode } from './bindings/CredentialInCode';
import type { Deployed } from './bindings/Deployed';
import type { Event } from './bindings/Event';
import type { Failure } from './bindings/Failure';
import type { FunctionDetail } from './bindings/FunctionDetail';
import type { FunctionId } from './bindings/FunctionId';
import type { FunctionSummary } from './bindings/FunctionSummary';
import type { LeakedValue } from './bindings/LeakedValue';
import type { LogLine } from './bindings/LogLine';
import type { MovedToSecret } from './bindings/MovedToSecret';
import type { Names } from './bindings/Names';
import type { Order } from './bindings/Order';
import type { Overview } from './bindings/Overview';
import type { PackageWish } from './bindings/PackageWish';
import type { PastDeployment } from './bindings/PastDeployment';
import type { Plan } from './bindings/Plan';
import type { Position } from './bindings/Position';
import type { Progress } from './bindings/Progress';
import type { RemoteScript } from './bindings/RemoteScript';
import type { RunOutcome } from './bindings/RunOutcome';
import type { RuntimeState } from './bindings/RuntimeState';
import type { Saved } from './bindings/Saved';
import type { ScheduleReading } from './bindings/ScheduleReading';
import type { Scope } from './bindings/Scope';
import type { TargetId } from './bindings/TargetId';
import type { TargetInfo } from './bindings/TargetInfo';
import type { TokenCheck } from './bindings/TokenCheck';
import type { VaultState } from './bindings/VaultState';
import type { Zoom } from './bindings/Zoom';

/** Everything at once, with the function that was open `last`, or else the first one. */
export const overview = (last: FunctionId | null) => call<Overview>('overview', { last });

/** What has happened and was not told yet, once there is something. A page's first question is answered with how things stand. */
export const watch = (first: boolean) => call<Event[]>('watch', { first });

export const openFunction = (id: FunctionId) => call<FunctionDetail>('open_function', { id });

/** What follows from the code of a function that is not open. */
export const lookThrough = (id: FunctionId) => call<Saved>('look_through', { id });

/** Without a name the core finds one that is free. */
export const createFunction = (template: string, name: string | null) =>
  call<FunctionDetail>('create_function', { template, name });

export const renameFunction = (id: FunctionId, name: string) => call<FunctionSummary>('rename_function', { id, name });

export const duplicateFunction = (id: FunctionId) => call<FunctionDetail>('duplicate_function', { id });

/** Asks first, in a native dialog; false when that was cancelled. `hereOnly`: what is deployed elsewhere goes on. */
export const deleteFunction = (id: FunctionId, hereOnly: boolean) => call<boolean>('delete_function', { id, hereOnly });

export const saveFile = (id: FunctionId, path: string, text: string) => call<Saved>('save_file', { id, path, text });

export const createFile = (id: FunctionId, path: string, text: string) =>
  call<FunctionDetail>('create_file', { id, path, text });

export const renameFile = (id: FunctionId, path: string, to: string) =>
  call<FunctionDetail>('rename_file', { id, path, to });

/** Asks first, in a native dialog; null when that was cancelled. */
export const deleteFile = (id: FunctionId, path: string) => call<FunctionDetail | null>('delete_file', { id, path });

export const setSchedules = (id: FunctionId, schedules: string[]) =>
  call<FunctionSummary>('set_schedules', { id, schedules });

export const readSchedule = (expression: string) => call<ScheduleReading>('read_schedule', { expression });

/** The line breaks of a text that was just pasted, as they were copied; null where the clipboard holds another text. */
export const pastedLineBreaks = (text: string) =>
  call<string[] | null>('pasted_line_breaks', { text }).catch(() => null);

export const createSecret = (id: FunctionId, name: string, scope: Scope, value: string) =>
  call<Names>('create_secret', { id, name, scope, value });

export const replaceSecret = (id: FunctionId, name: string, scope: Scope, value: string) =>
  call<Names>('replace_secret', { id, name, scope, value });

/** Asks first, in a native dialog; null when that was cancelled. */
export const deleteSecret = (id: FunctionId, name: string, scope: Scope) =>
  call<Names | null>('delete_secret', { id, name, scope });

/** What in the saved code looks like a credential, or is a value that is known. */
export const credentials = (id: FunctionId) => call<CredentialInCode[]>('credentials', { id });

/** What was pasted between two places of the text, where it is a credential. */
export const credentialPasted = (id: FunctionId, text: string, from: Position, to: Position) =>
  call<CredentialInCode | null>('credential_pasted', { id, text, from, to });

/** Lets the one that begins there be deployed, for a reason. */
export const allowCredential = (id: FunctionId, at: Position, reason: string) =>
  call<CredentialInCode[]>('allow_credential', { id, at, reason });

export const withdrawAllowance = (id: FunctionId, at: Position) =>
  call<CredentialInCode[]>('withdraw_allowance', { id, at });

/** Seals what stands there in the text, and saves the text with `env.NAME` in its place. */
export const moveToSecret = (id: FunctionId, text: string, at: Position, to: Position, name: string) =>
  call<MovedToSecret>('move_to_secret', { id, text, at, to, name });

/** The values that were moved to secrets and stand in the code of deployments that are kept. */
export const leakedValues = (id: FunctionId) => call<LeakedValue[]>('leaked_values', { id });

/** Asks first, in a native dialog; null when that was cancelled, or where none is left that can go. Answers what is left. */
export const removeVersions = (id: FunctionId, name: string) =>
  call<LeakedValue[] | null>('remove_versions', { id, name });

/** Makes a variable or changes it. */
export const setVariable = (id: FunctionId, name: string, scope: Scope, value: string) =>
  call<Names>('set_variable', { id, name, scope, value });

export const deleteVariable = (id: FunctionId, name: string, scope: Scope) =>
  call<Names>('delete_variable', { id, name, scope });

/** What the token is good for. Nothing is kept. */
export const checkToken = (baseUrl: string, token: string) => call<TokenCheck>('check_token', { baseUrl, token });

/** The id of `target` is not used. */
export const addTarget = (target: TargetInfo, token: string) => call<TargetInfo[]>('add_target', { target, token });

export const replaceToken = (target: TargetId, token: string) => call<void>('replace_token', { target, token });

/** Asks first, in a native dialog; null when that was cancelled. */
export const removeTarget = (target: TargetId) => call<TargetInfo[] | null>('remove_target', { target });

/** Where Deploy deploys the function to from now on. */
export const chooseTargets = (id: FunctionId, chosen: TargetId[]) =>
  call<FunctionSummary>('choose_targets', { id, chosen });

export const remoteScripts = (target: TargetId) => call<RemoteScript[]>('remote_scripts', { target });

export const importScript = (target: TargetId, script: string) =>
  call<FunctionDetail>('import_script', { target, script });

/** What a deployment would change on a target elsewhere. */
export const plan = (id: FunctionId, target: TargetId) => call<Plan>('plan', { id, target });

export const deploy = (id: FunctionId, target: TargetId, order: Order, heard: (progress: Progress) => void) =>
  call<Deployed>('deploy', { id, target, order, progress: channel(heard) });

/** Tries again what failed after a deployment went live. */
export const finishDeployment = (id: FunctionId, target: TargetId) =>
  call<FunctionSummary>('finish_deployment', { id, target });

export const history = (id: FunctionId) => call<PastDeployment[]>('history', { id });

/** The code of a deployment beside that of the one before it. */
export const readDeployment = (deployment: number) => call<Changed>('read_deployment', { deployment });

/** Asks first, in a native dialog; null when that was cancelled. */
export const rollBack = (deployment: number, over: string | null, heard: (progress: Progress) => void) =>
  call<Deployed | null>('roll_back', { deployment, over, progress: channel(heard) });

/** Gives it another script, and so another address. Asks first, in a native dialog; null when that was cancelled. */
export const moveScript = (id: FunctionId, target: TargetId, name: string, heard: (progress: Progress) => void) =>
  call<Deployed | null>('move_script', { id, target, name, progress: channel(heard) });

export const keptDeployments = () => call<number>('kept_deployments');

/** Asks first where some would go, in a native dialog; null when that was cancelled. */
export const keepDeployments = (count: number) => call<number | null>('keep_deployments', { count });

/** `hear` is told how many packages have come. It is cancelled as a deployment is. */
export const changePackages = (id: FunctionId, wish: PackageWish, hear: (come: number) => void) =>
  call<FunctionDetail>('change_packages', { id, wish, progress: channel(hear) });

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

/** Starts the language server where it does not run; events tell how that goes. */
export const startLanguage = () => call<void>('start_language');

/** Ends the language server, if it runs, and starts it. */
export const restartLanguage = () => call<void>('restart_language');

/** Shows a function to the language server; answers the address of its folder, with a slash at its end. */
export const openInLanguage = (session: number, id: FunctionId) => call<string>('open_in_language', { session, id });

/** Messages of a session reach the server in the order of their numbers, from 0 on. */
export const tellLanguage = (session: number, number: number, method: string, params: object) =>
  call<void>('tell_language', { session, number, method, params });

export const askLanguage = <T>(session: number, number: number, method: string, params: object) =>
  call<T>('ask_language', { session, number, method, params });

/** The text of a declaration that the language server named: of the runtime, of the language, of a package. */
export const readDeclaration = (uri: string) => call<string>('read_declaration', { uri });

/** The core closes the window without us where we do not say that we have heard that it is to be closed. */
export const hearClose = () => call<void>('hear_close');

/** Draws everything in the window larger, smaller or in its usual size, also from the next start on. */
export const zoom = (by: Zoom) => call<void>('zoom', { by });

export const closeWindow = () => call<void>('close_window');

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
