//! What the page can ask for about packages.

use postern::{
    app::App,
    function::FunctionId,
    wire::{FunctionDetail, PackageWish},
};
use tauri::{State, command, ipc::Channel};

use super::Answer;

#[command]
pub(super) async fn change_packages(
    app: State<'_, App>,
    id: FunctionId,
    wish: PackageWish,
    progress: Channel<usize>,
) -> Answer<FunctionDetail> {
    app.change_packages(id, wish, |come| drop(progress.send(come))).await
}
