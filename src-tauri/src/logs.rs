//! What functions say: the last 1,000 lines of each, redacted before they are kept.
//!
//! Lines live in memory only. Nothing here knows where a line came from or who will read it.

mod redaction;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

pub use redaction::Redactor;

use serde::{Deserialize, Serialize};

use crate::function::{FunctionId, Level, Position};

/// Lines kept for each function.
pub const KEPT: usize = 1000;

/// A line longer than this is cut, after redaction.
const MAX_LINE: usize = 16 * 1024;

/// One line of a function's output, redacted and mapped to its TypeScript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// Grows by one for each line of a function.
    pub seq: u64,
    pub at: i64,
    pub level: Level,
    pub text: String,
    /// Frames of an exception, one a line; empty for anything else.
    pub stack: String,
    /// Where it was thrown, for a click.
    pub position: Option<Position>,
}

/// What one line is made of, before it has a number.
pub struct Entry {
    pub at: i64,
    pub level: Level,
    pub text: String,
    pub stack: String,
    pub position: Option<Position>,
}

/// The journals of all functions.
#[derive(Default)]
pub struct Journal {
    functions: Mutex<HashMap<FunctionId, Lines>>,
}

#[derive(Default)]
struct Lines {
    next: u64,
    kept: VecDeque<LogLine>,
    /// The values of a version that is being started. If that fails, the next attempt takes its place.
    starting: Option<Redactor>,
    /// The values of the version that runs, then of those that it replaced, which may still drain.
    running: VecDeque<Redactor>,
}

/// Replaced versions whose values are still recognised. More than these drain at once only under a script.
const DRAINING: usize = 16;

impl Lines {
    fn redact(&self, text: String) -> String {
        self.starting.iter().chain(&self.running).fold(text, |text, redactor| redactor.redact(text))
    }

    fn run(&mut self, values: Redactor) {
        self.running.push_front(values);
        self.running.truncate(1 + DRAINING);
    }
}

impl Journal {
    /// These are the values of a version that is about to be tried: from now on they are taken out, too.
    pub fn starting_with(&self, function: FunctionId, values: Redactor) {
        self.functions().entry(function).or_default().starting = Some(values);
    }

    /// The version that was tried is the one that runs.
    pub fn started(&self, function: FunctionId) {
        if let Some(lines) = self.functions().get_mut(&function)
            && let Some(values) = lines.starting.take()
        {
            lines.run(values);
        }
    }

    /// What was deployed before runs again, with these values.
    pub fn running_with(&self, function: FunctionId, values: Redactor) {
        self.functions().entry(function).or_default().run(values);
    }

    /// Nothing of the function runs any more: its values are wiped.
    pub fn forget_values(&self, function: FunctionId) {
        if let Some(lines) = self.functions().get_mut(&function) {
            lines.running.clear();
        }
    }

    /// Keeps the line and answers it as it was kept.
    pub fn push(&self, function: FunctionId, entry: Entry) -> LogLine {
        let mut functions = self.functions();
        let lines = functions.entry(function).or_default();
        let redacted = |text: String| cut(lines.redact(text));
        let line = LogLine {
            seq: lines.next,
            at: entry.at,
            level: entry.level,
            text: redacted(entry.text),
            stack: redacted(entry.stack),
            position: entry.position,
        };
        lines.next += 1;
        lines.kept.push_back(line.clone());
        if lines.kept.len() > KEPT {
            lines.kept.pop_front();
        }
        line
    }

    /// A text about this function with its values taken out, for errors that quote it.
    pub fn redact(&self, function: FunctionId, text: String) -> String {
        match self.functions().get(&function) {
            Some(lines) => lines.redact(text),
            None => text,
        }
    }

    pub fn read(&self, function: FunctionId) -> Vec<LogLine> {
        self.functions().get(&function).map(|lines| lines.kept.iter().cloned().collect()).unwrap_or_default()
    }

    pub fn clear(&self, function: FunctionId) {
        if let Some(lines) = self.functions().get_mut(&function) {
            lines.kept.clear();
        }
    }

    /// The function is deleted: its lines and the values to recognise go.
    pub fn forget(&self, function: FunctionId) {
        self.functions().remove(&function);
    }

    fn functions(&self) -> MutexGuard<'_, HashMap<FunctionId, Lines>> {
        // Each change to a journal is whole before anything can panic.
        self.functions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cut(mut text: String) -> String {
    if text.len() > MAX_LINE {
        text.truncate(text.floor_char_boundary(MAX_LINE));
        text.push_str(" … (cut)");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: FunctionId = FunctionId(1);

    fn entry(text: &str) -> Entry {
        Entry { at: 0, level: Level::Info, text: text.to_owned(), stack: String::new(), position: None }
    }

    #[test]
    fn the_last_thousand_lines_stay_and_numbers_go_on() {
        let journal = Journal::default();
        for number in 0..KEPT + 5 {
            journal.push(ID, entry(&number.to_string()));
        }
        let lines = journal.read(ID);
        assert_eq!((lines.len(), lines[0].seq, lines[KEPT - 1].text.as_str()), (KEPT, 5, "1004"));
        journal.clear(ID);
        assert_eq!(journal.push(ID, entry("after")).seq, 1005);
    }

    #[test]
    fn a_value_is_redacted_before_the_line_is_cut() {
        let journal = Journal::default();
        journal.running_with(ID, Redactor::new([("KEY", "not-a-real-key-1")]));
        let long = format!("{}not-a-real-key-1", "x".repeat(MAX_LINE - 8));
        assert!(!journal.push(ID, entry(&long)).text.contains("not-a-re"));
    }

    #[test]
    fn the_values_of_what_runs_or_drains_are_taken_out_whatever_is_tried_meanwhile() {
        let journal = Journal::default();
        let values = |number: u32| Redactor::new([("KEY", format!("not-a-real-key-{number}").as_str())]);
        journal.running_with(ID, values(1));
        journal.starting_with(ID, values(2));
        journal.started(ID);
        for failing in 3..=20 {
            journal.starting_with(ID, values(failing));
        }
        let said = journal.push(ID, entry("not-a-real-key-1; not-a-real-key-2; not-a-real-key-20"));
        assert_eq!(said.text, "[KEY]; [KEY]; [KEY]");
        journal.forget_values(ID);
        assert_eq!(journal.push(ID, entry("not-a-real-key-1")).text, "not-a-real-key-1");
    }
}
