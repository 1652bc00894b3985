//! What the page can ask for about what is wrong with functions that are not open.

use postern::{app::App, function::FunctionId, wire::Saved};
use tauri::{State, command};

use super::Answer;

#[command]
pub(super) async fn look_through(app: State<'_, App>, id: FunctionId) -> Answer<Saved> {
    app.look_through(id).await
}
