//! Native dialogs. Only the button that names the deed does it: Escape, Return and closing the dialog cancel.

use postern::{app::Question, wire::Failure};
#[cfg(not(target_os = "linux"))]
use rfd::{AsyncMessageDialog, MessageButtons, MessageDialogResult, MessageLevel};

/// `deed`: the word on the button that does it. Where there is no question, nobody is asked.
pub(super) async fn confirmed(question: impl Into<Option<&Question>>, deed: &str) -> bool {
    match question.into() {
        Some(question) => confirm(&question.title, &question.consequence, deed).await,
        None => true,
    }
}

pub(super) async fn confirm_new_vault() -> bool {
    let consequence = "The secrets stay listed and say “Needs re-entry”: their values can only be opened with the key \
                       that is gone. Credentials in code that were let pass stop deployments again, and versions that \
                       hold a value which was moved to a secret are no longer named. What is deployed and running goes \
                       on until it is stopped.";
    confirm("Start a new vault?", consequence, "Start a new vault").await
}

/// rfd's dialog gives the first button the focus, so that Return does the deed, and does not say which of its own names
/// was pressed. On Linux GTK is asked itself: Cancel is the default, and the dialog belongs to the window.
#[cfg(target_os = "linux")]
async fn confirm(title: &str, consequence: &str, deed: &str) -> bool {
    use gtk::{ButtonsType, DialogFlags, MessageDialog, MessageType, ResponseType, prelude::*};

    let (answer, answered) = tokio::sync::oneshot::channel();
    let (title, consequence, deed) = (title.to_owned(), consequence.to_owned(), deed.to_owned());
    gtk::glib::MainContext::default().invoke(move || {
        let windows = gtk::Window::list_toplevels().into_iter();
        let parent = windows.filter_map(|window| window.downcast::<gtk::ApplicationWindow>().ok()).next();
        let dialog =
            MessageDialog::new(parent.as_ref(), DialogFlags::MODAL, MessageType::Warning, ButtonsType::None, &title);
        dialog.set_secondary_text(Some(&consequence));
        dialog.add_button("Cancel", ResponseType::Cancel);
        dialog.add_button(&deed, ResponseType::Accept);
        dialog.set_default_response(ResponseType::Cancel);
        let answer = std::cell::Cell::new(Some(answer));
        dialog.connect_response(move |dialog, response| {
            if let Some(answer) = answer.take() {
                // Whoever asked may have gone with the window.
                let _ = answer.send(response == ResponseType::Accept);
                dialog.close();
            }
        });
        dialog.show_all();
    });
    answered.await.unwrap_or(false)
}

#[cfg(not(target_os = "linux"))]
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
    say("Postern can't start", &failure.message);
    std::process::exit(1);
}

/// rfd's own GTK thread would wait for the one that is waiting here.
#[cfg(target_os = "linux")]
fn say(title: &str, text: &str) {
    use gtk::{ButtonsType, DialogFlags, MessageDialog, MessageType, prelude::*};

    let nobody = None::<&gtk::Window>;
    let dialog = MessageDialog::new(nobody, DialogFlags::MODAL, MessageType::Error, ButtonsType::Close, title);
    dialog.set_secondary_text(Some(text));
    dialog.run();
}

#[cfg(not(target_os = "linux"))]
fn say(title: &str, text: &str) {
    rfd::MessageDialog::new().set_level(MessageLevel::Error).set_title(title).set_description(text).show();
}
