//! The clock: runs deployed schedules on time while the app is open, one after the other where they are of one function, and
//! says what it skipped.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use super::{App, lock, now};
use crate::{
    deployment::TargetId,
    function::{FunctionId, SourceFile},
    schedule::Cron,
    store::deployments,
    target::RunError,
    wire::{Code, Failure, RunOutcome},
};

/// A run may take this long: the limit of the Workers runtime.
const RUN_LIMIT: Duration = Duration::from_secs(15 * 60);

/// The clock looks at least this often, since a sleep of the computer is only seen by looking.
const LOOK: Duration = Duration::from_secs(20);

/// A run that is found later than this was missed, and is skipped.
const LATE: i64 = 60_000;

/// Skipped runs are counted up to here.
const COUNTED: usize = 1000;

/// A clock that is set back by more than this means it, and runs again what has run; one set back by less is put right.
const SET_BACK: i64 = 60 * 60 * 1000;

/// A schedule that is deployed.
#[derive(Clone, Debug)]
struct Timed {
    function: FunctionId,
    cron: Cron,
    /// When it was deployed.
    since: i64,
}

/// Which schedules run or wait for their turn, function by function.
#[derive(Default)]
pub(super) struct Ticking(Mutex<HashMap<FunctionId, Turns>>);

#[derive(Default)]
struct Turns {
    crons: HashSet<String>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Ticking {
    /// What to wait for before a run begins. One that is due waits for another schedule of its function to end, and is skipped
    /// where it is that schedule's own run that goes on; one by hand waits for nothing.
    fn take(&self, id: FunctionId, cron: &str, waits: bool) -> Option<Arc<tokio::sync::Mutex<()>>> {
        let mut ticking = lock(&self.0);
        let turns = ticking.entry(id).or_default();
        let free = turns.crons.is_empty() || (waits && !turns.crons.contains(cron));
        free.then(|| {
            turns.crons.insert(cron.to_owned());
            turns.turn.clone()
        })
    }

    fn end(&self, id: FunctionId, cron: &str) {
        let mut ticking = lock(&self.0);
        if let Some(turns) = ticking.get_mut(&id) {
            turns.crons.remove(cron);
            if turns.crons.is_empty() {
                ticking.remove(&id);
            }
        }
    }
}

/// What the clock finds when it looks.
#[derive(Debug, PartialEq, Eq)]
enum Due {
    Run { at: i64 },
    Missed(Missed),
}

/// The first and the last run that nobody looked for in time, and how many there were (`COUNTED` at most are counted).
#[derive(Debug, PartialEq, Eq)]
struct Missed {
    first: i64,
    last: i64,
    count: usize,
    /// Nobody looked at all; otherwise the schedules could not be read.
    asleep: bool,
}

/// What came due between two looks, both in milliseconds since the Unix epoch.
fn due(cron: &Cron, looked: i64, now: i64, asleep: bool) -> Vec<Due> {
    let on_time = now - LATE;
    let missed = cron.next_after(looked).filter(|first| *first < on_time).map(|first| {
        let last = cron.last_before(on_time).unwrap_or(first);
        let count = cron.runs_after(looked).take_while(|run| *run < on_time).take(COUNTED).count();
        Due::Missed(Missed { first, last, count, asleep })
    });
    let runs = cron.runs_after(looked.max(on_time - 1)).take_while(|run| *run <= now);
    missed.into_iter().chain(runs.map(|at| Due::Run { at })).collect()
}

/// When the clock has looked last.
struct Clock {
    looked: i64,
    /// The same, also where the schedules could not be read.
    awake: i64,
    /// Whether it did not look for a while since it has read them.
    asleep: bool,
}

impl Clock {
    fn new(now: i64) -> Self {
        Self { looked: now, awake: now, asleep: false }
    }

    /// What came due since. Where the schedules could not be read, it is found at the next look.
    fn look<'t>(&mut self, now: i64, schedules: Option<&'t [Timed]>) -> Vec<(&'t Timed, Due)> {
        if self.looked - now > SET_BACK {
            self.looked = now;
        }
        self.asleep |= now - self.awake > LATE;
        self.awake = now;
        let Some(schedules) = schedules else {
            return Vec::new();
        };
        let asleep = std::mem::take(&mut self.asleep);
        let looked = self.looked;
        self.looked = looked.max(now);
        let due_of = |timed: &'t Timed| {
            // What came due before it was deployed is not its business. A clock that was set back tells nothing of that.
            let since = if timed.since <= now { looked.max(timed.since) } else { looked };
            due(&timed.cron, since, now, asleep).into_iter().map(move |due| (timed, due))
        };
        schedules.iter().flat_map(due_of).collect()
    }

    /// Until the next run, and never long.
    fn wait(&self, now: i64, schedules: &[Timed]) -> Duration {
        let next = schedules.iter().filter_map(|timed| timed.cron.next_after(self.looked)).min();
        next.map_or(LOOK, |next| Duration::from_millis(u64::try_from(next - now).unwrap_or(0)).min(LOOK))
    }
}

pub(super) fn start_clock(app: &App, now: impl Fn() -> i64 + Send + 'static) {
    let weak = Arc::downgrade(&app.0);
    let changed = app.0.schedules_changed.clone();
    tokio::spawn(async move {
        let mut clock = Clock::new(now());
        while let Some(inner) = weak.upgrade() {
            let app = App(inner);
            let read = app.deployed_schedules().await;
            if let Err(failure) = &read {
                tracing::warn!(code = ?failure.code, "the schedules could not be read");
            }
            for (timed, due) in clock.look(now(), read.as_deref().ok()) {
                app.came_due(timed.function, &timed.cron, due);
            }
            let wait = clock.wait(now(), read.as_deref().unwrap_or_default());
            // While it waits, the clock does not keep the app alive.
            drop(app);
            let _ = tokio::time::timeout(wait, changed.notified()).await;
        }
    });
}

impl App {
    async fn deployed_schedules(&self) -> Result<Vec<Timed>, Failure> {
        let deployed = self.0.store.read(deployments::local_schedules).await?;
        let timed = deployed
            .into_iter()
            .filter_map(|(function, text, since)| Some(Timed { function, cron: Cron::parse(&text).ok()?, since }));
        Ok(timed.collect())
    }

    fn came_due(&self, id: FunctionId, cron: &Cron, due: Due) {
        let (app, cron) = (self.clone(), cron.as_str().to_owned());
        tokio::spawn(async move {
            if app.runs_nothing(id).await {
                return;
            }
            match due {
                Due::Missed(missed) => app.note(id, format!("Skipped {missed} of {cron}: {}.", missed.why())),
                Due::Run { at } => {
                    let outcome = app.run(id, &cron, at, true).await;
                    if !outcome.ok {
                        app.note(id, format!("{cron}: {}", outcome.message));
                    }
                }
            }
        });
    }

    /// Whether what is deployed has no handler for its schedules, which was said when it was deployed.
    async fn runs_nothing(&self, id: FunctionId) -> bool {
        match self.0.store.read(move |db| deployments::live_code(db, id, TargetId::LOCAL)).await {
            Ok(Some((_, code))) => self.read_files(&code.files, false).await.unscheduled,
            _ => false,
        }
    }

    /// Says in the log of a function with schedules, deployed from these files just now, that they run nothing, if so.
    pub(super) async fn note_unscheduled(&self, id: FunctionId, files: &[SourceFile]) {
        if self.read_files(files, false).await.unscheduled {
            self.note(id, "Its schedules run nothing: the code has no scheduled handler.".to_owned());
        }
    }

    /// Runs the scheduled handler of what is deployed, now, as if this schedule had come due.
    pub async fn run_now(&self, id: FunctionId, schedule: &str) -> Result<RunOutcome, Failure> {
        let cron = Cron::parse(schedule)?;
        if self.0.store.read(move |db| deployments::live_code(db, id, TargetId::LOCAL)).await?.is_none() {
            return Err(Failure::new(Code::NotDeployed, "Deploy the function first: Run now runs what is deployed."));
        }
        Ok(self.run(id, cron.as_str(), now(), false).await)
    }

    async fn run(&self, id: FunctionId, cron: &str, at: i64, waits: bool) -> RunOutcome {
        let Some(turn) = self.0.ticking.take(id, cron, waits) else {
            return RunOutcome { ok: false, message: "Skipped: the run before it still goes on.".to_owned() };
        };
        let alone = turn.lock().await;
        let began = std::time::Instant::now();
        let ended = self.0.local.run_scheduled(id, cron, at, RUN_LIMIT).await;
        self.0.ticking.end(id, cron);
        drop(alone);
        let took = began.elapsed().as_millis();
        match ended {
            Ok(outcome) if outcome == "ok" => RunOutcome { ok: true, message: format!("Ran in {took} ms.") },
            Ok(outcome) => RunOutcome {
                ok: false,
                message: format!("Ended after {took} ms with “{outcome}”. The log says more."),
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

impl Missed {
    fn why(&self) -> &'static str {
        if self.asleep { "the computer was asleep" } else { "the schedules could not be read" }
    }
}

impl fmt::Display for Missed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last, count, .. } = *self;
        let or_more = if count == COUNTED { " or more" } else { "" };
        match count {
            1 => write!(f, "the run of {}", clock_time(first)),
            _ => write!(f, "{count} runs{or_more}, from {} to {}", clock_time(first), clock_time(last)),
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
        assert_eq!(due(&cron, 0, MINUTE - 1, true), []);
        assert_eq!(due(&cron, MINUTE - 1, MINUTE + 20, true), [Due::Run { at: MINUTE }]);
        assert_eq!(due(&cron, MINUTE + 20, MINUTE + 40, true), []);
    }

    #[test]
    fn what_was_slept_through_is_skipped_and_counted_and_the_newest_still_runs() {
        let cron = every_minute();
        let missed = Due::Missed(Missed { first: MINUTE, last: 9 * MINUTE, count: 9, asleep: true });
        assert_eq!(due(&cron, 0, 10 * MINUTE + 100, true), [missed, Due::Run { at: 10 * MINUTE }]);
    }

    #[test]
    fn after_a_long_sleep_the_last_run_is_told_and_the_newest_runs() {
        let cron = every_minute();
        let missed = Missed { first: MINUTE, last: 99_999 * MINUTE, count: COUNTED, asleep: true };
        let text = "1000 runs or more, from 1970-01-01 00:01 UTC to 1970-03-11 10:39 UTC";
        assert_eq!(missed.to_string(), text);
        assert_eq!(
            due(&cron, 0, 100_000 * MINUTE + 100, true),
            [Due::Missed(missed), Due::Run { at: 100_000 * MINUTE }]
        );
    }

    /// The runs that a clock finds at these times, in minutes.
    fn runs(clock: &mut Clock, looks: &[i64]) -> Vec<i64> {
        let schedules = [Timed { function: FunctionId(1), cron: every_minute(), since: 0 }];
        let found = looks.iter().flat_map(|minute| clock.look(minute * MINUTE + 5, Some(&schedules)));
        let run = |due| match due {
            Due::Run { at } => Some(at / MINUTE),
            Due::Missed(_) => None,
        };
        found.filter_map(|(_, due)| run(due)).collect()
    }

    #[test]
    fn a_clock_that_was_set_back_runs_nothing_twice() {
        let mut clock = Clock::new(99 * MINUTE + 5);
        assert_eq!(runs(&mut clock, &[100, 97, 98, 99, 100, 101]), [100, 101]);
        assert_eq!(runs(&mut clock, &[10, 11]), [11], "set back by more than an hour, it begins anew");
    }

    #[test]
    fn two_schedules_of_one_minute_both_run_and_none_runs_beside_itself() {
        let (ticking, id) = (Ticking::default(), FunctionId(1));
        let first = ticking.take(id, "*/10 * * * *", true).expect("it is free");
        let alone = first.try_lock().expect("nothing runs");
        let second = ticking.take(id, "0 0 * * *", true).expect("it waits");
        assert!(second.try_lock().is_err());
        assert!(ticking.take(id, "*/10 * * * *", true).is_none(), "its own run goes on");
        assert!(ticking.take(id, "5 5 * * *", false).is_none(), "by hand it would wait without a word");
        drop(alone);
        ticking.end(id, "*/10 * * * *");
        assert!(second.try_lock().is_ok());
        ticking.end(id, "0 0 * * *");
        assert!(ticking.take(id, "5 5 * * *", false).is_some());
    }

    #[test]
    fn a_schedule_runs_for_no_moment_before_it_was_deployed() {
        let timed = |since| [Timed { function: FunctionId(1), cron: every_minute(), since }];
        let found = |since, now| Clock::new(MINUTE - 5).look(now, Some(&timed(since))).len();
        assert_eq!(found(MINUTE + 5, MINUTE + 5), 0);
        assert_eq!(found(MINUTE + 5, 2 * MINUTE), 1);
        assert_eq!(found(99 * MINUTE, MINUTE + 5), 1, "the clock was set back since");
    }

    #[test]
    fn what_comes_due_while_the_schedules_cannot_be_read_runs_at_the_next_look() {
        let mut clock = Clock::new(5);
        assert!(clock.look(MINUTE + 5, None).is_empty());
        assert_eq!(runs(&mut clock, &[1]), [1]);
    }

    #[test]
    fn a_missed_run_says_whether_the_computer_slept_or_the_schedules_could_not_be_read() {
        let schedules = [Timed { function: FunctionId(1), cron: every_minute(), since: 0 }];
        // Looks of a clock that begins at 0, the last of which can read them.
        let why = |looks: &[i64]| {
            let mut clock = Clock::new(0);
            let (last, unread) = looks.split_last().expect("a look");
            unread.iter().for_each(|at| drop(clock.look(*at, None)));
            match &clock.look(*last, Some(&schedules))[0].1 {
                Due::Missed(missed) => missed.why(),
                Due::Run { at } => panic!("nothing was missed before {at}"),
            }
        };
        let every_look: Vec<i64> = (1..=15).map(|look| look * 20_000).collect();
        assert_eq!(why(&every_look), "the schedules could not be read");
        assert_eq!(why(&[5 * MINUTE]), "the computer was asleep");
        assert_eq!(why(&[5 * MINUTE, 5 * MINUTE + 20_000]), "the computer was asleep");
    }

    #[test]
    fn the_clock_waits_for_the_next_run_and_never_long() {
        let schedules = [Timed { function: FunctionId(1), cron: every_minute(), since: 0 }];
        let clock = Clock::new(MINUTE);
        assert_eq!(clock.wait(2 * MINUTE - 5, &schedules), Duration::from_millis(5));
        assert_eq!(clock.wait(3 * MINUTE, &schedules), Duration::ZERO);
        assert_eq!(clock.wait(MINUTE, &schedules), LOOK);
        assert_eq!(clock.wait(MINUTE, &[]), LOOK);
    }
}
