//! Keys: in the page by WebDriver, and for real through the display where they are the system's business too.

use std::{thread, time::Duration};

use fantoccini::{
    actions::{InputSource, KeyAction, KeyActions},
    key::Key,
};

use crate::window::Window;

impl Window {
    /// Presses a key for each character, into what has the focus.
    #[track_caller]
    pub(crate) fn type_text(&self, text: &str) {
        let mut actions = KeyActions::new("keys".to_owned());
        for value in text.chars().map(|character| if character == '\n' { Key::Enter.into() } else { character }) {
            actions = actions.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.wait_for(self.client().perform_actions(actions)).expect("keys are taken");
    }

    /// “Control+Shift+S”: each goes down in its order, and up in the other.
    #[track_caller]
    pub(crate) fn press(&self, chord: &str) {
        let keys: Vec<char> = chord.split('+').map(key).collect();
        let mut actions = KeyActions::new("keys".to_owned());
        for value in &keys {
            actions = actions.then(KeyAction::Down { value: *value });
        }
        for value in keys.iter().rev() {
            actions = actions.then(KeyAction::Up { value: *value });
        }
        self.wait_for(self.client().perform_actions(actions)).expect("keys are taken");
    }

    /// Presses it in the list of completions that has just appeared. So young a list leaves a key to the line, for which it
    /// may have been meant.
    #[track_caller]
    pub(crate) fn press_in_completions(&self, chord: &str) {
        thread::sleep(Duration::from_millis(100));
        self.press(chord);
    }

    /// Presses keys as a keyboard does: whatever has the focus of the display gets them. “ctrl+v”.
    #[track_caller]
    pub(crate) fn press_for_real(&self, chord: &str) {
        self.desktop.run("xdotool", &["key", "--clearmodifiers", chord]);
    }
}

fn key(name: &str) -> char {
    match name {
        "Alt" => Key::Alt.into(),
        "Control" => Key::Control.into(),
        "Delete" => Key::Delete.into(),
        "Down" => Key::Down.into(),
        "End" => Key::End.into(),
        "Enter" => Key::Enter.into(),
        "Escape" => Key::Escape.into(),
        "F2" => Key::F2.into(),
        "F12" => Key::F12.into(),
        "F8" => Key::F8.into(),
        "Home" => Key::Home.into(),
        "PageDown" => Key::PageDown.into(),
        "PageUp" => Key::PageUp.into(),
        "Left" => Key::Left.into(),
        "Right" => Key::Right.into(),
        "Shift" => Key::Shift.into(),
        "Tab" => Key::Tab.into(),
        one => one.chars().next().filter(|_| one.len() == 1).unwrap_or_else(|| panic!("no key is called {one}")),
    }
}
