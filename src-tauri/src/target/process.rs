//! One running workerd: who is inside, when it may go, and that it goes. `workerd` starts it.
//!
//! A process is counted as used while somebody holds a `Visit`. It ends when it is killed, when it is idle for long
//! enough, or, once replaced, when the last visit and the last call that outlived its answer (`waitUntil`) are over.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::run_folder::ProcessFolder;

/// A running process. Dropping it kills it at once.
pub struct Process(Arc<Shared>);

struct Shared {
    state: watch::Sender<State>,
    http: PathBuf,
    trigger: PathBuf,
}

#[derive(Clone, Copy)]
struct State {
    phase: Phase,
    visits: usize,
    /// Calls that the tail saw begin and not yet end. Below zero for a moment when it told them out of order.
    calls: isize,
    /// When a visit or call last began or ended.
    changed: Instant,
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Serving,
    /// Replaced; killed at this time at the latest.
    Retiring(Instant),
    /// No visit may begin any more.
    Ending(Ending),
    Ended,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Ending {
    Killed,
    Idle,
    Retired,
    /// By itself.
    Lost,
}

/// How long a call waits for room, where there are too many at once.
const PATIENCE: Duration = Duration::from_secs(5);

/// Time for the tail to tell of a call after the call's answer is through.
const TAIL_GRACE: Duration = Duration::from_millis(100);

impl Process {
    /// A process that is about to start, with its sockets in this folder; and the two that tell what becomes of it.
    pub(super) fn new(folder: &ProcessFolder) -> (Self, Calls, Fate) {
        let now = Instant::now();
        let state = State { phase: Phase::Serving, visits: 0, calls: 0, changed: now };
        let (http, trigger) = (folder.http(), folder.trigger());
        let shared = Arc::new(Shared { state: watch::Sender::new(state), http, trigger });
        (Self(Arc::clone(&shared)), Calls(Arc::clone(&shared)), Fate(shared))
    }

    /// `None` when it has ended or is about to.
    pub(super) fn visit(&self) -> Option<Visit> {
        let entered = self.0.state.send_if_modified(|state| {
            let open = matches!(state.phase, Phase::Serving | Phase::Retiring(_));
            if open {
                state.visits += 1;
                state.changed = Instant::now();
            }
            open
        });
        entered.then(|| Visit(Arc::clone(&self.0)))
    }

    /// Ends it when what it has begun is over, and `limit` from now at the latest.
    pub(super) fn retire(&self, limit: Duration) {
        self.0.go(Phase::Retiring(Instant::now() + limit));
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(self.0.state.borrow().phase, Phase::Ending(_) | Phase::Ended)
    }

    /// Resolves when the process is gone, whoever holds what.
    pub(super) fn ended(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut state = self.0.state.subscribe();
        async move {
            // An error means that whoever watched the process is gone, and the process with it.
            drop(state.wait_for(|state| state.phase == Phase::Ended).await);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.go(Phase::Ending(Ending::Killed));
    }
}

impl Shared {
    /// Phases only go forward.
    fn go(&self, phase: Phase) {
        self.state.send_if_modified(|state| {
            let forward = matches!(state.phase, Phase::Serving | Phase::Retiring(_));
            if forward {
                state.phase = phase;
            }
            forward
        });
    }
}

/// Somebody is inside: a request until its answer is through, a scheduled run until its outcome.
pub(super) struct Visit(Arc<Shared>);

/// Which of its two sockets.
#[derive(Clone, Copy)]
pub(super) enum Door {
    /// For the function's own requests.
    Http,
    /// For scheduled runs.
    Trigger,
}

impl Visit {
    /// A process that nobody listens for has ended before anybody noticed, and is not visited again. Any other error
    /// is of the moment and says nothing about the process: its backlog is full, or the app has no descriptor left.
    pub(super) async fn connect(&self, door: Door) -> Result<UnixStream, Unreached> {
        let path = match door {
            Door::Http => &self.0.http,
            Door::Trigger => &self.0.trigger,
        };
        let given_up = Instant::now() + PATIENCE;
        loop {
            match UnixStream::connect(path).await {
                Ok(stream) => return Ok(stream),
                Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound) => {
                    self.0.go(Phase::Ending(Ending::Lost));
                    return Err(Unreached::Gone);
                }
                Err(_) if Instant::now() >= given_up => return Err(Unreached::Busy),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

/// Why a visit came to no connection.
#[derive(Debug, PartialEq)]
pub(super) enum Unreached {
    /// The process has ended.
    Gone,
    /// It has more calls than it or the app can take.
    Busy,
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.0.state.send_modify(|state| {
            state.visits -= 1;
            state.changed = Instant::now();
        });
    }
}

/// What the tail counts.
pub(super) struct Calls(Arc<Shared>);

impl Calls {
    pub(super) fn begun(&self) {
        self.count(1);
    }

    pub(super) fn ended(&self) {
        self.count(-1);
    }

    fn count(&self, by: isize) {
        self.0.state.send_modify(|state| {
            state.calls += by;
            state.changed = Instant::now();
        });
    }
}

/// In the hands of whoever holds the child itself.
pub(super) struct Fate(Arc<Shared>);

impl Fate {
    /// The child answers; from now on it may be idle.
    pub(super) fn has_started(&self) {
        self.0.state.send_modify(|state| state.changed = Instant::now());
    }

    /// Resolves when it is time for the process to go; from then on no visit begins.
    pub(super) async fn time_to_go(&self, idle: Duration) -> Ending {
        let mut watched = self.0.state.subscribe();
        loop {
            let due = watched.borrow_and_update().due(idle);
            tokio::select! {
                _ = watched.changed() => {}
                () = reached(due) => {
                    if let Some(ending) = self.try_end(idle) {
                        return ending;
                    }
                }
            }
        }
    }

    /// A visit may have begun since `due` was read; then this is not the time.
    fn try_end(&self, idle: Duration) -> Option<Ending> {
        let mut ending = None;
        self.0.state.send_if_modified(|state| {
            if state.due(idle).is_none_or(|due| due > Instant::now()) {
                return false;
            }
            let why = match state.phase {
                Phase::Ending(why) => why,
                Phase::Retiring(_) => Ending::Retired,
                Phase::Serving | Phase::Ended => Ending::Idle,
            };
            ending = Some(why);
            state.phase = Phase::Ending(why);
            true
        });
        ending
    }

    /// The child has ended by itself: nobody may enter, while its last words are heard.
    pub(super) fn is_ending(&self) {
        self.0.go(Phase::Ending(Ending::Lost));
    }

    pub(super) fn has_ended(&self) {
        self.0.state.send_modify(|state| state.phase = Phase::Ended);
    }
}

async fn reached(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}

impl State {
    /// When the process is to go if nothing changes until then.
    fn due(&self, idle: Duration) -> Option<Instant> {
        match self.phase {
            Phase::Ending(_) | Phase::Ended => Some(self.changed),
            Phase::Serving => (self.visits == 0).then(|| self.changed + idle),
            Phase::Retiring(limit) if self.visits == 0 && self.calls <= 0 => Some(limit.min(self.changed + TAIL_GRACE)),
            Phase::Retiring(limit) => Some(limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::run_folder::RunFolder;

    fn process(root: &tempfile::TempDir) -> (Process, Calls, Fate) {
        let run = RunFolder::open(root.path().into()).unwrap();
        Process::new(&run.for_process().unwrap())
    }

    #[tokio::test]
    async fn a_process_that_takes_no_connection_is_not_visited_again() {
        let root = tempfile::tempdir().unwrap();
        let (process, _calls, fate) = process(&root);
        let visit = process.visit().unwrap();
        assert_eq!(visit.connect(Door::Http).await.err(), Some(Unreached::Gone));
        assert!(process.has_ended());
        assert!(process.visit().is_none());
        assert!(fate.time_to_go(Duration::from_secs(600)).await == Ending::Lost);
    }

    #[tokio::test]
    async fn a_process_that_is_busy_stays() {
        let root = tempfile::tempdir().unwrap();
        let (process, _calls, _fate) = process(&root);
        let visit = process.visit().unwrap();
        std::fs::create_dir(process.0.http.parent().unwrap()).unwrap();
        let socket = tokio::net::UnixSocket::new_stream().unwrap();
        socket.bind(&process.0.http).unwrap();
        let listener = socket.listen(0).unwrap();

        let waiting = visit.connect(Door::Http).await.unwrap();
        let mut another = std::pin::pin!(visit.connect(Door::Http));
        let early = tokio::time::timeout(Duration::from_millis(100), &mut another).await;
        assert!(early.is_err(), "there is no room");
        assert!(!process.has_ended());

        drop((waiting, listener.accept().await.unwrap()));
        assert!(another.await.is_ok());
    }

    #[tokio::test]
    async fn a_replaced_process_waits_for_visits_and_for_calls_that_outlive_their_answer() {
        let root = tempfile::tempdir().unwrap();
        let (process, calls, fate) = process(&root);
        let visit = process.visit().unwrap();
        calls.begun();
        process.retire(Duration::from_secs(600));
        let mut leaving = std::pin::pin!(fate.time_to_go(Duration::ZERO));
        for done in [Box::new(move || drop(visit)) as Box<dyn FnOnce()>, Box::new(move || calls.ended())] {
            let early = tokio::time::timeout(TAIL_GRACE * 2, &mut leaving).await;
            assert!(early.is_err(), "something still goes on");
            done();
        }
        assert!(leaving.await == Ending::Retired);
        assert!(process.visit().is_none());
    }

    #[tokio::test]
    async fn dropping_it_ends_it_whoever_is_inside() {
        let root = tempfile::tempdir().unwrap();
        let (process, _calls, fate) = process(&root);
        let _visit = process.visit().unwrap();
        drop(process);
        assert!(fate.time_to_go(Duration::from_secs(600)).await == Ending::Killed);
    }
}
