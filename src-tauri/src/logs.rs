//! What functions say: the last 1,000 lines of each, redacted before they are kept.
//!
//! Lines live in memory only. Nothing here knows where a line came from or who will read it.

mod redaction;
mod values;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

pub use redaction::Redactor;

use serde::{Deserialize, Serialize};
use values::Values;

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
    /// `None` once a function is deleted: what its process still had to say is dropped. Ids are never used again.
    functions: Mutex<HashMap<FunctionId, Option<Lines>>>,
}

#[derive(Default)]
struct Lines {
    next: u64,
    kept: VecDeque<LogLine>,
    values: Values,
}

impl Journal {
    /// These are the values of a version that is about to be tried: from now on they are taken out, too.
    pub fn starting_with(&self, function: FunctionId, values: Redactor) {
        self.values(function, |held| held.starting_with(values));
    }

    /// The version that was tried failed or was given up.
    pub fn attempt_over(&self, function: FunctionId) {
        self.values(function, Values::attempt_over);
    }

    /// The version that was tried is the one that runs.
    pub fn started(&self, function: FunctionId) {
        self.values(function, Values::started);
    }

    /// What was deployed before runs again, with these values.
    pub fn running_with(&self, function: FunctionId, values: Redactor) {
        self.values(function, |held| held.running_with(values));
    }

    /// Whether a process of the function is up, as its output tells in its turn.
    pub fn is_up(&self, function: FunctionId, up: bool) {
        self.values(function, |held| held.is_up(up));
    }

    /// Wipes the values that no process has had for so long.
    pub fn wipe_values(&self, unused_for: Duration) {
        for lines in self.functions().values_mut().flatten() {
            lines.values.wipe(unused_for);
        }
    }

    /// Keeps the line and answers it as it was kept; `None` for a function that is deleted.
    pub fn push(&self, function: FunctionId, entry: Entry) -> Option<LogLine> {
        let mut functions = self.functions();
        let lines = lines(&mut functions, function)?;
        let redacted = |text: String| cut(lines.values.redact(text));
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
        Some(line)
    }

    /// A text about this function with its values taken out, for errors that quote it.
    pub fn redact(&self, function: FunctionId, text: String) -> String {
        match lines(&mut self.functions(), function) {
            Some(lines) => lines.values.redact(text),
            None => "The function is deleted.".to_owned(),
        }
    }

    pub fn read(&self, function: FunctionId) -> Vec<LogLine> {
        match self.functions().get(&function) {
            Some(Some(lines)) => lines.kept.iter().cloned().collect(),
            _ => Vec::new(),
        }
    }

    pub fn clear(&self, function: FunctionId) {
        if let Some(lines) = lines(&mut self.functions(), function) {
            lines.kept.clear();
        }
    }

    /// The function is deleted: its lines and the values to recognise go.
    pub fn forget(&self, function: FunctionId) {
        self.functions().insert(function, None);
    }

    fn values(&self, function: FunctionId, change: impl FnOnce(&mut Values)) {
        if let Some(lines) = lines(&mut self.functions(), function) {
            change(&mut lines.values);
        }
    }

    fn functions(&self) -> MutexGuard<'_, HashMap<FunctionId, Option<Lines>>> {
        // Each change to a journal is whole before anything can panic.
        self.functions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lines(functions: &mut HashMap<FunctionId, Option<Lines>>, function: FunctionId) -> Option<&mut Lines> {
    functions.entry(function).or_insert_with(|| Some(Lines::default())).as_mut()
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

    fn push(journal: &Journal, text: &str) -> LogLine {
        journal.push(ID, entry(text)).expect("it is not deleted")
    }

    #[test]
    fn the_last_thousand_lines_stay_and_numbers_go_on() {
        let journal = Journal::default();
        for number in 0..KEPT + 5 {
            push(&journal, &number.to_string());
        }
        let lines = journal.read(ID);
        assert_eq!((lines.len(), lines[0].seq, lines[KEPT - 1].text.as_str()), (KEPT, 5, "1004"));
        journal.clear(ID);
        assert_eq!(push(&journal, "after").seq, 1005);
    }

    #[test]
    fn a_value_is_redacted_before_the_line_is_cut() {
        let journal = Journal::default();
        journal.running_with(ID, Redactor::new([("KEY", "not-a-real-key-1")]));
        let long = format!("{}not-a-real-key-1", "x".repeat(MAX_LINE - 8));
        assert!(!push(&journal, &long).text.contains("not-a-re"));
    }

    #[test]
    fn a_deleted_function_says_nothing_more() {
        let journal = Journal::default();
        journal.running_with(ID, Redactor::new([("KEY", "not-a-real-key-1")]));
        push(&journal, "before");
        journal.forget(ID);
        journal.running_with(ID, Redactor::new([("KEY", "not-a-real-key-1")]));
        assert_eq!(journal.push(ID, entry("not-a-real-key-1")), None);
        assert_eq!(journal.read(ID), []);
        assert!(!journal.redact(ID, "not-a-real-key-1".to_owned()).contains("real"));
    }
}
