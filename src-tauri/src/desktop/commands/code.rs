//! What the page can ask for about code: that it is kept, and what follows from it.

use postern::{app::App, function::FunctionId, wire::Saved};
use tauri::{State, command};

use super::Answer;

#[command]
pub(super) async fn save_file(app: State<'_, App>, id: FunctionId, path: String, text: String) -> Answer<Saved> {
    app.save_file(id, path, text).await
}

#[command]
pub(super) async fn look_through(app: State<'_, App>, id: FunctionId) -> Answer<Saved> {
    app.look_through(id).await
}
