//! The display's clipboards, and pasting from them for real. What is pasted was on the clipboard to the byte, CRLF too.

use std::{
    io::{BufRead, BufReader, Write},
    process::{ChildStdin, ChildStdout, Stdio},
};

use crate::{desktop::Desktop, process::Process, window::Window};

/// Debian's own Python has the bindings; another one, earlier in the path, may not.
pub(crate) const PYTHON: &str = "/usr/bin/python3";

/// The program that answers for a clipboard, for as long as it is there.
pub(crate) struct Clipboard {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _owner: Process,
}

impl Clipboard {
    /// CLIPBOARD has what was copied, PRIMARY what is selected.
    fn start(desktop: &Desktop, which: &str) -> Self {
        let mut command = desktop.command(PYTHON);
        command.args(["-c", include_str!("clipboard.py"), which]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut owner = Process::start(command);
        let (input, output) = (owner.stdin().expect("it was piped"), owner.stdout().expect("it was piped"));
        Self { input, output: BufReader::new(output), _owner: owner }
    }

    fn set(&mut self, text: &str) {
        let line = serde_json::to_string(text).expect("a text is JSON");
        writeln!(self.input, "{line}").expect("the clipboard's owner listens");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("it answers");
        assert_eq!(answer.trim_end(), "ready", "the clipboard needs the packages python3-gi and gir1.2-gtk-3.0");
    }
}

impl Window {
    /// Puts a text on the clipboard.
    pub(crate) fn copy(&self, text: &str) {
        self.clipboard.borrow_mut().get_or_insert_with(|| Clipboard::start(&self.desktop, "CLIPBOARD")).set(text);
    }

    /// Has a text be what is selected in another window.
    pub(crate) fn select_elsewhere(&self, text: &str) {
        self.selection.borrow_mut().get_or_insert_with(|| Clipboard::start(&self.desktop, "PRIMARY")).set(text);
    }

    /// Pastes the text with Ctrl+V, as a keyboard does, into what has the focus.
    #[track_caller]
    pub(crate) fn paste(&self, text: &str) {
        self.copy(text);
        self.press_for_real("ctrl+v");
    }

    /// Puts this in place of all of the code, by a real paste, and waits until it is saved.
    #[track_caller]
    pub(crate) fn write_code(&self, code: &str) {
        self.text_box("Code").click();
        self.press("Control+a");
        self.paste(code);
        crate::wait::becomes(code.to_owned(), || self.code());
        self.wait_until_saved();
    }

    #[track_caller]
    pub(crate) fn wait_until_saved(&self) {
        crate::wait::until("the code is saved", || {
            let said = "return [...document.querySelectorAll('footer span')].some((span) => span.textContent.trim() === 'Saved')";
            self.script(said, vec![]).as_bool() == Some(true)
        });
    }
}
