//! Native dialogs. Only the button that names the deed does it: Escape, Return and closing the dialog cancel.

use postern::{app::Deletion, wire::Failure};
use rfd::{AsyncMessageDialog, MessageButtons, MessageDialogResult, MessageLevel};

pub(super) async fn confirm_deletion(deletion: &Deletion) -> bool {
    confirm(&deletion.title, &deletion.consequence, "Delete").await
}

pub(super) async fn confirm_new_vault() -> bool {
    let consequence = "The secrets stay listed and say “Needs re-entry”: their values can only be opened with the key \
                       that is gone. What is deployed and running goes on until it is stopped.";
    confirm("Start a new vault?", consequence, "Start a new vault").await
}

async fn confirm(title: &str, consequence: &str, deed: &str) -> bool {
    let answer = AsyncMessageDialog::new()
        .set_level(MessageLevel::Warning)
        .set_title(title)
        .set_description(consequence)
        .set_buttons(MessageButtons::OkCancelCustom(deed.to_owned(), "Cancel".to_owned()))
        .show()
        .await;
    answer == MessageDialogResult::Custom(deed.to_owned())
}

/// There is no window to say it in: the program says it and ends.
pub(super) fn cannot_start(failure: &Failure) -> ! {
    eprintln!("postern: {}", failure.message);
    rfd::MessageDialog::new()
        .set_level(MessageLevel::Error)
        .set_title("Postern can't start")
        .set_description(format!("Postern can't start.\n\n{}", failure.message))
        .show();
    std::process::exit(1);
}
