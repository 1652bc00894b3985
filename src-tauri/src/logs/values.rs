//! Which secrets a function's processes were given, for as long as one of them may still print them.
//!
//! A version's values are held from before its process starts until nothing of it can be in a pipe any more. How long
//! that takes, the caller says when it wipes.

use std::time::{Duration, Instant};

use super::Redactor;

#[derive(Default)]
pub(super) struct Values {
    /// Of a version that is being tried.
    starting: Option<Redactor>,
    /// Of the version that runs, or that the next call starts.
    running: Option<Redactor>,
    /// Since when no process of `running` is up, as far as was heard.
    down: Option<Instant>,
    /// Of what was replaced or failed, and since when: its process may drain, and its last lines may be on their way.
    leaving: Vec<(Instant, Redactor)>,
}

impl Values {
    pub(super) fn starting_with(&mut self, values: Redactor) {
        self.attempt_over();
        self.starting = Some(values);
    }

    pub(super) fn attempt_over(&mut self) {
        let failed = self.starting.take();
        self.leave(failed);
    }

    pub(super) fn started(&mut self) {
        if let Some(values) = self.starting.take() {
            self.running_with(values);
        }
    }

    pub(super) fn running_with(&mut self, values: Redactor) {
        let replaced = self.running.replace(values);
        self.leave(replaced);
        self.down = None;
    }

    pub(super) fn is_up(&mut self, up: bool) {
        self.down = (!up).then(Instant::now);
    }

    /// Drops what nothing has used for so long.
    pub(super) fn wipe(&mut self, unused_for: Duration) {
        let due = |since: Instant| since.elapsed() >= unused_for;
        self.leaving.retain(|(since, _)| !due(*since));
        if self.down.is_some_and(due) {
            self.running = None;
        }
    }

    pub(super) fn redact(&self, text: String) -> String {
        let leaving = self.leaving.iter().map(|(_, values)| values);
        Redactor::redact_all(self.starting.iter().chain(&self.running).chain(leaving), text)
    }

    /// The same values are held once, however often they are tried.
    fn leave(&mut self, values: Option<Redactor>) {
        if let Some(values) = values {
            self.leaving.retain(|(_, known)| *known != values);
            self.leaving.push((Instant::now(), values));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(number: u32) -> Redactor {
        Redactor::new([("KEY", format!("not-a-real-key-{number:02}").as_str())])
    }

    fn knows(held: &Values, number: u32) -> bool {
        !held.redact(format!("not-a-real-key-{number:02}.")).contains("real")
    }

    #[test]
    fn what_runs_drains_or_is_tried_is_known_whatever_else_is_tried() {
        let mut held = Values::default();
        held.running_with(values(1));
        held.starting_with(values(2));
        held.started();
        for failing in 3..=40 {
            held.starting_with(values(failing));
        }
        held.wipe(Duration::from_secs(30));
        assert!((1..=40).all(|number| knows(&held, number)));
        held.wipe(Duration::ZERO);
        let known: Vec<u32> = (1..=40).filter(|number| knows(&held, *number)).collect();
        assert_eq!(known, [2, 40], "what runs, and what is tried");
    }

    #[test]
    fn an_attempt_that_is_over_leaves_nothing_in_the_end() {
        let mut held = Values::default();
        held.starting_with(values(1));
        held.attempt_over();
        assert!(knows(&held, 1), "its last lines may be on their way");
        held.wipe(Duration::ZERO);
        assert!(!knows(&held, 1));
    }

    #[test]
    fn what_is_down_is_wiped_and_what_has_started_again_meanwhile_is_not() {
        let mut held = Values::default();
        held.running_with(values(1));
        held.is_up(false);
        held.running_with(values(2));
        held.wipe(Duration::ZERO);
        assert!(knows(&held, 2), "it starts, and nobody has heard yet that it is up");

        // The end of the process before is heard late.
        held.is_up(false);
        held.is_up(true);
        held.wipe(Duration::ZERO);
        assert!(knows(&held, 2));

        held.is_up(false);
        held.wipe(Duration::ZERO);
        assert!(!knows(&held, 2));
    }

    #[test]
    fn the_same_values_are_held_once() {
        let mut held = Values::default();
        for _ in 0..100 {
            held.starting_with(values(1));
        }
        assert_eq!(held.leaving.len(), 1);
    }
}
