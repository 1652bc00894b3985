//! The clock: runs deployed schedules on time while the app is open, never two of one function at once, and says what
//! it skipped.

use std::{sync::Arc, time::Duration};

use super::{App, lock, now};
use crate::{
    function::FunctionId,
    schedule::Cron,
    store::deployments,
    target::RunError,
    wire::{Code, Failure, RunOutcome},
};

/// A run may take this long: the limit of the Workers runtime.
const RUN_LIMIT: Duration = Duration::from_secs(15 * 60);

/// The clock looks at least this often, since a sleep of the computer is only seen by looking.
const LOOK: Duration = Duration::from_secs(20);

/// A run that is found later than this was slept through, and is skipped.
const LATE: i64 = 60_000;

/// A schedule that is deployed.
#[derive(Clone, Debug)]
struct Timed {
    function: FunctionId,
    cron: Cron,
}

/// What the clock finds when it looks.
#[derive(Debug, PartialEq, Eq)]
enum Due {
    Run {
        at: i64,
    },
    /// The first and the last run that nobody was awake for, and how many there were (1,000 at most are counted).
    Slept {
        first: i64,
        last: i64,
        count: usize,
    },
}

/// What came due between two looks, both in milliseconds since the Unix epoch.
fn due(cron: &Cron, looked: i64, now: i64) -> Vec<Due> {
    let runs: Vec<i64> = cron.next_runs(looked, 1000).into_iter().take_while(|run| *run <= now).collect();
    let (slept, on_time): (Vec<i64>, Vec<i64>) = runs.into_iter().partition(|run| now - run > LATE);
    let slept = slept.first().zip(slept.last()).map(|(first, last)| Due::Slept {
        first: *first,
        last: *last,
        count: slept.len(),
    });
    slept.into_iter().chain(on_time.into_iter().map(|at| Due::Run { at })).collect()
}

pub(super) fn start_clock(app: &App) {
    let weak = Arc::downgrade(&app.0);
    let changed = app.0.schedules_changed.clone();
    tokio::spawn(async move {
        let mut looked = now();
        while let Some(inner) = weak.upgrade() {
            let app = App(inner);
            let timed = app.deployed_schedules().await.unwrap_or_default();
            let moment = now();
            for Timed { function, cron } in &timed {
                for due in due(cron, looked, moment) {
                    app.came_due(*function, cron, due);
                }
            }
            looked = moment;
            let next = timed.iter().filter_map(|timed| timed.cron.next_after(moment)).min();
            let wait =
                next.map_or(LOOK, |next| Duration::from_millis(u64::try_from(next - now()).unwrap_or(0)).min(LOOK));
            // While it waits, the clock does not keep the app alive.
            drop(app);
            let _ = tokio::time::timeout(wait, changed.notified()).await;
        }
    });
}

impl App {
    async fn deployed_schedules(&self) -> Result<Vec<Timed>, Failure> {
        let deployed = self.0.store.read(deployments::live_schedules).await?;
        let timed = deployed
            .into_iter()
            .filter_map(|(function, text)| Some(Timed { function, cron: Cron::parse(&text).ok()? }));
        Ok(timed.collect())
    }

    fn came_due(&self, id: FunctionId, cron: &Cron, due: Due) {
        match due {
            Due::Slept { first, last, count } => {
                let runs = if count == 1 {
                    format!("the run of {}", clock_time(first))
                } else {
                    format!("{count} runs, from {} to {}", clock_time(first), clock_time(last))
                };
                self.note(id, format!("Skipped {runs} of {}: the computer was asleep.", cron.as_str()));
            }
            Due::Run { at } => {
                let (app, cron) = (self.clone(), cron.as_str().to_owned());
                tokio::spawn(async move {
                    let outcome = app.run(id, &cron, at).await;
                    if !outcome.ok {
                        app.note(id, format!("{cron}: {}", outcome.message));
                    }
                });
            }
        }
    }

    /// Runs the scheduled handler of what is deployed, now, as if this schedule had come due.
    pub async fn run_now(&self, id: FunctionId, schedule: &str) -> Result<RunOutcome, Failure> {
        let cron = Cron::parse(schedule)?;
        if self.0.store.read(move |db| deployments::live(db, id)).await?.is_none() {
            return Err(Failure::new(Code::NotDeployed, "Deploy the function first: Run now runs what is deployed."));
        }
        Ok(self.run(id, cron.as_str(), now()).await)
    }

    async fn run(&self, id: FunctionId, cron: &str, at: i64) -> RunOutcome {
        if !lock(&self.0.ticking).insert(id) {
            return RunOutcome { ok: false, message: "Skipped: the run before it still goes on.".to_owned() };
        }
        let began = std::time::Instant::now();
        let ended = self.0.local.run_scheduled(id, cron, at, RUN_LIMIT).await;
        lock(&self.0.ticking).remove(&id);
        let took = began.elapsed().as_millis();
        match ended {
            Ok(outcome) if outcome.outcome == "ok" => RunOutcome { ok: true, message: format!("Ran in {took} ms.") },
            Ok(outcome) => RunOutcome {
                ok: false,
                message: format!("Ended after {took} ms with “{}”. The log says more.", outcome.outcome),
            },
            Err(error @ RunError::TimedOut(_)) => {
                // It may loop for ever, and would answer no call until it is ended.
                self.0.local.stop(id);
                RunOutcome { ok: false, message: Failure::from(error).message }
            }
            Err(error) => RunOutcome { ok: false, message: self.0.journal.redact(id, Failure::from(error).message) },
        }
    }
}

/// “2026-11-23 09:00 UTC”
fn clock_time(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map(|time| time.strftime("%Y-%m-%d %H:%M UTC").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn every_minute() -> Cron {
        Cron::parse("* * * * *").expect("a schedule")
    }

    #[test]
    fn a_run_is_due_once_and_at_its_own_time() {
        let cron = every_minute();
        assert_eq!(due(&cron, 0, MINUTE - 1), []);
        assert_eq!(due(&cron, MINUTE - 1, MINUTE + 20), [Due::Run { at: MINUTE }]);
        assert_eq!(due(&cron, MINUTE + 20, MINUTE + 40), []);
    }

    #[test]
    fn what_was_slept_through_is_skipped_and_counted_and_the_newest_still_runs() {
        let cron = every_minute();
        let found = due(&cron, 0, 10 * MINUTE + 100);
        assert_eq!(found, [Due::Slept { first: MINUTE, last: 9 * MINUTE, count: 9 }, Due::Run { at: 10 * MINUTE }]);
    }

    #[test]
    fn a_clock_that_was_set_back_runs_nothing_twice() {
        let cron = every_minute();
        assert_eq!(due(&cron, 10 * MINUTE, 5 * MINUTE), []);
    }
}
