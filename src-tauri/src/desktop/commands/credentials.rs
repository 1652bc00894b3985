//! What the page can ask for about credentials in code.

use postern::{
    app::App,
    function::{FunctionId, Position},
    wire::{CredentialInCode, LeakedValue, MovedToSecret},
};
use tauri::{State, command};

use super::{super::dialogs, Answer};

#[command]
pub(super) async fn credentials(app: State<'_, App>, id: FunctionId) -> Answer<Vec<CredentialInCode>> {
    app.credentials(id).await
}

#[command]
pub(super) async fn credential_pasted(
    app: State<'_, App>,
    id: FunctionId,
    text: String,
    from: Position,
    to: Position,
) -> Answer<Option<CredentialInCode>> {
    app.credential_pasted(id, text, from, to).await
}

#[command]
pub(super) async fn allow_credential(
    app: State<'_, App>,
    id: FunctionId,
    at: Position,
    reason: String,
) -> Answer<Vec<CredentialInCode>> {
    app.allow_credential(id, at, reason).await
}

#[command]
pub(super) async fn withdraw_allowance(
    app: State<'_, App>,
    id: FunctionId,
    at: Position,
) -> Answer<Vec<CredentialInCode>> {
    app.withdraw_allowance(id, at).await
}

#[command]
pub(super) async fn move_to_secret(
    app: State<'_, App>,
    id: FunctionId,
    text: String,
    at: Position,
    to: Position,
    name: String,
) -> Answer<MovedToSecret> {
    app.move_to_secret(id, text, at, to, name).await
}

#[command]
pub(super) async fn leaked_values(app: State<'_, App>, id: FunctionId) -> Answer<Vec<LeakedValue>> {
    app.leaked_values(id).await
}

#[command]
pub(super) async fn remove_versions(
    app: State<'_, App>,
    id: FunctionId,
    name: String,
) -> Answer<Option<Vec<LeakedValue>>> {
    let Some(question) = app.describe_version_removal(id, &name).await? else { return Ok(None) };
    let confirmed = dialogs::confirmed(&question, "Remove").await;
    Ok(if confirmed { Some(app.remove_versions(id, &name).await?) } else { None })
}
