//! Native dialogs, read and pressed by their names through AT-SPI, as assistive technology does.

use serde::Deserialize;

use crate::{
    clipboard::PYTHON,
    wait::{found, until},
    window::Window,
};

#[derive(Debug, Deserialize)]
pub(crate) struct Dialog {
    pub(crate) texts: Vec<String>,
    pub(crate) buttons: Vec<String>,
}

impl Dialog {
    /// Everything it says.
    pub(crate) fn text(&self) -> String {
        self.texts.join("\n")
    }
}

impl Window {
    /// Waits for a native dialog and answers what it says.
    #[track_caller]
    pub(crate) fn native_dialog(&self) -> Dialog {
        found("a native dialog is shown", || self.look_for_dialog(None))
    }

    /// Presses a button of the native dialog, and waits until the dialog is gone.
    #[track_caller]
    pub(crate) fn press_in_dialog(&self, button: &str) {
        let dialog = self.look_for_dialog(Some(button)).expect("a native dialog is shown");
        assert!(dialog.buttons.iter().any(|name| name == button), "there is no button {button} in {dialog:?}");
        self.wait_until_no_dialog();
    }

    #[track_caller]
    pub(crate) fn wait_until_no_dialog(&self) {
        until("the native dialog is gone", || self.look_for_dialog(None).is_none());
    }

    pub(crate) fn look_for_dialog(&self, press: Option<&str>) -> Option<Dialog> {
        let arguments: Vec<&str> = ["-c", include_str!("dialog.py")].into_iter().chain(press).collect();
        let seen = self.desktop.run(PYTHON, &arguments);
        (!seen.is_empty()).then(|| serde_json::from_str(&seen).expect("a dialog"))
    }
}
