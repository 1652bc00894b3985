//! What the page can ask for. A command translates and never decides; what destroys asks first, natively.

use postern::{
    app::App,
    function::FunctionId,
    logs::LogLine,
    secret::TypedValue,
    wire::{
        Deployed, Event, Failure, FunctionDetail, FunctionSummary, Overview, Progress, RunOutcome, RuntimeState, Saved,
        ScheduleReading, SecretInfo, VaultState,
    },
};
use tauri::{AppHandle, State, command, ipc::Channel};
use zeroize::Zeroizing;

use super::{clipboard, dialogs, watcher::Watcher};

type Answer<T> = Result<T, Failure>;

/// Every command, in the order of the sections below; `build.rs` and the capability list the same names.
pub(super) fn handler() -> impl Fn(tauri::ipc::Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        overview,
        watch,
        open_function,
        create_function,
        rename_function,
        duplicate_function,
        delete_function,
        save_file,
        set_schedules,
        read_schedule,
        pasted_line_breaks,
        create_secret,
        replace_secret,
        delete_secret,
        deploy,
        cancel_deploy,
        run_now,
        stop_function,
        read_log,
        clear_log,
        change_address,
        retry_vault,
        start_new_vault,
        retry_runtime,
    ]
}

// The window

#[command]
async fn overview(app: State<'_, App>, last: Option<FunctionId>) -> Answer<Overview> {
    app.overview(last).await
}

#[command]
async fn watch(app: State<'_, App>, watcher: State<'_, Watcher>, channel: Channel<Vec<Event>>) -> Answer<()> {
    watcher.forward(app.inner().clone(), channel);
    Ok(())
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
async fn delete_function(app: State<'_, App>, id: FunctionId) -> Answer<bool> {
    if !dialogs::confirm_deletion(&app.describe_function_deletion(id).await?).await {
        return Ok(false);
    }
    app.delete_function(id).await.map(|()| true)
}

#[command]
async fn save_file(app: State<'_, App>, id: FunctionId, path: String, text: String) -> Answer<Saved> {
    app.save_file(id, path, text).await
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
    value: TypedValue,
) -> Answer<Vec<SecretInfo>> {
    app.create_secret(id, &name, value).await
}

#[command]
async fn replace_secret(
    app: State<'_, App>,
    id: FunctionId,
    name: String,
    value: TypedValue,
) -> Answer<Vec<SecretInfo>> {
    app.replace_secret(id, &name, value).await
}

#[command]
async fn delete_secret(app: State<'_, App>, id: FunctionId, name: String) -> Answer<Option<Vec<SecretInfo>>> {
    if !dialogs::confirm_deletion(&app.describe_secret_deletion(id, &name).await?).await {
        return Ok(None);
    }
    app.delete_secret(id, &name).await.map(Some)
}

// Deploying and running

#[command]
async fn deploy(app: State<'_, App>, id: FunctionId, progress: Channel<Progress>) -> Answer<Deployed> {
    // A page that went away no longer counts the steps; the deployment goes on.
    app.deploy(id, |step| drop(progress.send(Progress { step }))).await
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
