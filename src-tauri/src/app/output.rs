//! From what a running function says to a line in its journal: mapped, redacted, then told to the window.

use std::sync::{Arc, Weak};

use tokio::sync::mpsc::Receiver;

use super::{App, Inner, lock, now};
use crate::{
    function::{FunctionId, Level, Output},
    logs::Entry,
    target::{Limits, Signal},
    wire::Event,
};

/// Listens for as long as the app is there.
pub(super) fn listen(app: &App, mut signals: Receiver<Signal>) {
    let app: Weak<Inner> = Arc::downgrade(&app.0);
    tokio::spawn(async move {
        while let Some(signal) = signals.recv().await {
            let Some(inner) = app.upgrade() else { return };
            let app = App(inner);
            match signal {
                Signal::Output(id, output) => app.heard(id, output),
                Signal::Running(id, running) => {
                    app.0.journal.is_up(id, running);
                    app.wipe_values_later();
                    app.tell_standing(id).await;
                }
            }
        }
    });
}

impl App {
    fn heard(&self, id: FunctionId, output: Output) {
        let maps = lock(&self.0.stack_maps).get(&id).cloned();
        let map = |text: &str| maps.as_ref().map_or_else(|| (text.to_owned(), None), |maps| maps.map(text));
        let (stack, position) = map(output.stack.as_deref().unwrap_or_default());
        let (text, _) = map(&output.text);
        self.write_line(id, Entry { at: output.at, level: output.level, text, stack, position });
    }

    /// A deployment is over. Unless it has switched, nothing will run with its values.
    pub(super) fn end_attempt(&self, id: FunctionId) {
        self.0.journal.attempt_over(id);
        self.wipe_values_later();
    }

    /// What has ended or was replaced by now may drain and be heard for a while; then its values go.
    fn wipe_values_later(&self) {
        let app = Arc::downgrade(&self.0);
        let limits = Limits::default();
        let heard = limits.drain + limits.start;
        tokio::spawn(async move {
            tokio::time::sleep(heard).await;
            if let Some(app) = app.upgrade() {
                app.journal.wipe_values(heard);
            }
        });
    }

    /// Says something about a function in its own log.
    pub(super) fn note(&self, id: FunctionId, text: String) {
        self.write_line(id, Entry { at: now(), level: Level::System, text, stack: String::new(), position: None });
    }

    fn write_line(&self, id: FunctionId, entry: Entry) {
        if let Some(line) = self.0.journal.push(id, entry) {
            self.tell(Event::Log { function: id, line });
        }
    }
}
