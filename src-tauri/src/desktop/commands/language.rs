//! What the page asks of the language server.

use postern::{app::App, function::FunctionId};
use serde_json::{Value, value::RawValue};
use tauri::{State, command};

use super::Answer;

#[command]
pub(super) async fn start_language(app: State<'_, App>) -> Answer<()> {
    app.start_language();
    Ok(())
}

#[command]
pub(super) async fn restart_language(app: State<'_, App>) -> Answer<()> {
    app.restart_language();
    Ok(())
}

#[command]
pub(super) async fn open_in_language(app: State<'_, App>, session: u64, id: FunctionId) -> Answer<String> {
    app.open_in_language(session, id).await
}

#[command]
pub(super) async fn tell_language(
    app: State<'_, App>,
    session: u64,
    number: u64,
    method: String,
    params: Value,
) -> Answer<()> {
    app.tell_language(session, number, method, params)
}

#[command]
pub(super) async fn ask_language(
    app: State<'_, App>,
    session: u64,
    number: u64,
    method: String,
    params: Value,
) -> Answer<Box<RawValue>> {
    app.ask_language(session, number, method, params).await
}

#[command]
pub(super) async fn read_declaration(app: State<'_, App>, uri: String) -> Answer<String> {
    app.read_declaration(uri).await
}
