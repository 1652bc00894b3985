//! What the page can ask for. A command translates and never decides; what destroys asks first, natively.

use postern::{
    app::App,
    deployment::TargetId,
    function::FunctionId,
    logs::LogLine,
    secret::{Scope, TypedValue},
    wire::{
        Changed, Code, Deployed, Event, Failure, FunctionDetail, FunctionSummary, Names, Order, Overview,
        PastDeployment, Plan, Progress, RemoteScript, RunOutcome, RuntimeState, ScheduleReading, TargetInfo,
        TokenCheck, VaultState,
    },
};
use tauri::{AppHandle, State, command, ipc::Channel};
use zeroize::Zeroizing;

use super::{clipboard, closing, dialogs, watcher::Watcher, zoom};
use language::*;
use packages::*;

mod code;
mod credentials;
mod language;
mod packages;

type Answer<T> = Result<T, Failure>;

/// Every command, in the order of the sections below, with those of the folder's files where they belong; `build.rs` and
/// the capability list the same names.
pub(super) fn handler() -> impl Fn(tauri::ipc::Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        overview,
        watch,
        closing::hear_close,
        closing::close_window,
        zoom::zoom,
        open_function,
        code::look_through,
        create_function,
        rename_function,
        duplicate_function,
        delete_function,
        code::save_file,
        create_file,
        rename_file,
        delete_file,
        set_schedules,
        read_schedule,
        pasted_line_breaks,
        create_secret,
        replace_secret,
        delete_secret,
        credentials::credentials,
        credentials::credential_pasted,
        credentials::allow_credential,
        credentials::withdraw_allowance,
        credentials::move_to_secret,
        credentials::leaked_values,
        credentials::remove_versions,
        set_variable,
        delete_variable,
        check_token,
        add_target,
        replace_token,
        remove_target,
        choose_targets,
        remote_scripts,
        import_script,
        plan,
        deploy,
        finish_deployment,
        history,
        read_deployment,
        roll_back,
        move_script,
        kept_deployments,
        keep_deployments,
        change_packages,
        cancel_deploy,
        run_now,
        stop_function,
        read_log,
        clear_log,
        change_address,
        retry_vault,
        start_new_vault,
        retry_runtime,
        start_language,
        restart_language,
        open_in_language,
        tell_language,
        ask_language,
        read_declaration,
    ]
}

// The window

#[command]
async fn overview(app: State<'_, App>, last: Option<FunctionId>) -> Answer<Overview> {
    app.overview(last).await
}

#[command]
async fn watch(app: State<'_, App>, watcher: State<'_, Watcher>, first: bool) -> Answer<Vec<Event>> {
    watcher.next(&app, first).await.ok_or_else(|| Failure::new(Code::Internal, "Another page is told what happens."))
}

// Functions

#[command]
async fn open_function(app: State<'_, App>, id: FunctionId) -> Answer<FunctionDetail> {
    app.open_function(id).await
}

#[command]
async fn create_function(app: State<'_, App>, template: String, name: Option<String>) -> Answer<FunctionDetail> {
    app.create_function(&template, name.as_deref()).await
}

#[command]
async fn rename_function(app: State<'_, App>, id: FunctionId, name: String) -> Answer<FunctionSummary> {
    app.rename_function(id, &name).await
}

#[command]
async fn duplicate_function(app: State<'_, App>, id: FunctionId) -> Answer<FunctionDetail> {
    app.duplicate_function(id).await
}

#[command]
async fn delete_function(app: State<'_, App>, id: FunctionId, here_only: bool) -> Answer<bool> {
    if !dialogs::confirmed(&app.describe_function_deletion(id, here_only).await?, "Delete").await {
        return Ok(false);
    }
    app.delete_function(id, here_only).await.map(|()| true)
}

#[command]
async fn create_file(app: State<'_, App>, id: FunctionId, path: String, text: String) -> Answer<FunctionDetail> {
    app.create_file(id, &path, text).await
}

#[command]
async fn rename_file(app: State<'_, App>, id: FunctionId, path: String, to: String) -> Answer<FunctionDetail> {
    app.rename_file(id, &path, &to).await
}

#[command]
async fn delete_file(app: State<'_, App>, id: FunctionId, path: String) -> Answer<Option<FunctionDetail>> {
    if !dialogs::confirmed(&app.describe_file_deletion(id, &path).await?, "Delete").await {
        return Ok(None);
    }
    app.delete_file(id, &path).await.map(Some)
}

#[command]
async fn set_schedules(app: State<'_, App>, id: FunctionId, schedules: Vec<String>) -> Answer<FunctionSummary> {
    app.set_schedules(id, schedules).await
}

#[command]
async fn read_schedule(app: State<'_, App>, expression: String) -> Answer<ScheduleReading> {
    app.read_schedule(&expression)
}

// Secrets

#[command]
async fn pasted_line_breaks(app: AppHandle, text: Zeroizing<String>) -> Answer<Option<Vec<String>>> {
    Ok(clipboard::line_breaks(&app, &text).await)
}

#[command]
async fn create_secret(
    app: State<'_, App>,
    id: FunctionId,
    name: String,
    scope: Scope,
    value: TypedValue,
) -> Answer<Names> {
    app.create_secret(id, &name, scope, value).await
}

#[command]
async fn replace_secret(
    app: State<'_, App>,
    id: FunctionId,
    name: String,
    scope: Scope,
    value: TypedValue,
) -> Answer<Names> {
    app.replace_secret(id, &name, scope, value).await
}

#[command]
async fn delete_secret(app: State<'_, App>, id: FunctionId, name: String, scope: Scope) -> Answer<Option<Names>> {
    if !dialogs::confirmed(&app.describe_secret_deletion(id, &name, scope).await?, "Delete").await {
        return Ok(None);
    }
    app.delete_secret(id, &name, scope).await.map(Some)
}

// Variables

#[command]
async fn set_variable(app: State<'_, App>, id: FunctionId, name: String, scope: Scope, value: String) -> Answer<Names> {
    app.set_variable(id, &name, scope, value).await
}

#[command]
async fn delete_variable(app: State<'_, App>, id: FunctionId, name: String, scope: Scope) -> Answer<Names> {
    app.delete_variable(id, &name, scope).await
}

// Targets

#[command]
async fn check_token(app: State<'_, App>, base_url: String, token: TypedValue) -> Answer<TokenCheck> {
    app.check_token(&base_url, token).await
}

#[command]
async fn add_target(app: State<'_, App>, target: TargetInfo, token: TypedValue) -> Answer<Vec<TargetInfo>> {
    app.add_target(target, token).await
}

#[command]
async fn replace_token(app: State<'_, App>, target: TargetId, token: TypedValue) -> Answer<()> {
    app.replace_token(target, token).await
}

#[command]
async fn remove_target(app: State<'_, App>, target: TargetId) -> Answer<Option<Vec<TargetInfo>>> {
    if !dialogs::confirmed(&app.describe_target_removal(target).await?, "Remove").await {
        return Ok(None);
    }
    app.remove_target(target).await.map(Some)
}

#[command]
async fn choose_targets(app: State<'_, App>, id: FunctionId, chosen: Vec<TargetId>) -> Answer<FunctionSummary> {
    app.choose_targets(id, chosen).await
}

#[command]
async fn remote_scripts(app: State<'_, App>, target: TargetId) -> Answer<Vec<RemoteScript>> {
    app.remote_scripts(target).await
}

#[command]
async fn import_script(app: State<'_, App>, target: TargetId, script: String) -> Answer<FunctionDetail> {
    app.import_script(target, &script).await
}

// Deploying and running

#[command]
async fn plan(app: State<'_, App>, id: FunctionId, target: TargetId) -> Answer<Plan> {
    app.plan(id, target).await
}

#[command]
async fn deploy(
    app: State<'_, App>,
    id: FunctionId,
    target: TargetId,
    order: Order,
    progress: Channel<Progress>,
) -> Answer<Deployed> {
    // A page that went away no longer hears how far it is; the deployment goes on.
    app.deploy(id, target, order, |heard| drop(progress.send(heard))).await
}

#[command]
async fn finish_deployment(app: State<'_, App>, id: FunctionId, target: TargetId) -> Answer<FunctionSummary> {
    app.finish_deployment(id, target).await
}

#[command]
async fn history(app: State<'_, App>, id: FunctionId) -> Answer<Vec<PastDeployment>> {
    app.history(id).await
}

#[command]
async fn read_deployment(app: State<'_, App>, deployment: i64) -> Answer<Changed> {
    app.read_deployment(deployment).await
}

/// Asks first; nothing is answered when that was cancelled.
#[command]
async fn roll_back(
    app: State<'_, App>,
    deployment: i64,
    over: Option<String>,
    progress: Channel<Progress>,
) -> Answer<Option<Deployed>> {
    if !dialogs::confirmed(&app.describe_rollback(deployment).await?, "Roll back").await {
        return Ok(None);
    }
    app.roll_back(deployment, over, |heard| drop(progress.send(heard))).await.map(Some)
}

/// Asks first; nothing is answered when that was cancelled.
#[command]
async fn move_script(
    app: State<'_, App>,
    id: FunctionId,
    target: TargetId,
    name: String,
    progress: Channel<Progress>,
) -> Answer<Option<Deployed>> {
    if !dialogs::confirmed(&app.describe_move(id, target, &name).await?, "Change address").await {
        return Ok(None);
    }
    app.move_script(id, target, &name, |heard| drop(progress.send(heard))).await.map(Some)
}

#[command]
async fn kept_deployments(app: State<'_, App>) -> Answer<i64> {
    app.kept_deployments().await
}

/// Asks first where some would go; nothing is answered when that was cancelled.
#[command]
async fn keep_deployments(app: State<'_, App>, count: i64) -> Answer<Option<i64>> {
    if !dialogs::confirmed(app.describe_keeping(count).await?.as_ref(), "Forget").await {
        return Ok(None);
    }
    app.keep_deployments(count).await.map(Some)
}

#[command]
async fn cancel_deploy(app: State<'_, App>, id: FunctionId) -> Answer<()> {
    app.cancel_deploy(id);
    Ok(())
}

#[command]
async fn run_now(app: State<'_, App>, id: FunctionId, schedule: String) -> Answer<RunOutcome> {
    app.run_now(id, &schedule).await
}

#[command]
async fn stop_function(app: State<'_, App>, id: FunctionId) -> Answer<()> {
    app.stop_function(id).await;
    Ok(())
}

#[command]
async fn read_log(app: State<'_, App>, id: FunctionId) -> Answer<Vec<LogLine>> {
    Ok(app.read_log(id))
}

#[command]
async fn clear_log(app: State<'_, App>, id: FunctionId) -> Answer<()> {
    app.clear_log(id);
    Ok(())
}

#[command]
async fn change_address(app: State<'_, App>, id: FunctionId) -> Answer<FunctionSummary> {
    app.change_address(id).await
}

// What everything stands on

#[command]
async fn retry_vault(app: State<'_, App>) -> Answer<VaultState> {
    Ok(app.retry_vault().await)
}

#[command]
async fn start_new_vault(app: State<'_, App>) -> Answer<VaultState> {
    if !dialogs::confirm_new_vault().await {
        return Ok(app.vault_state());
    }
    app.start_new_vault().await
}

#[command]
async fn retry_runtime(app: State<'_, App>) -> Answer<RuntimeState> {
    Ok(app.runtime_state())
}
