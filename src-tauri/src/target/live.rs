//! Which process of a function is live. Starts one when a call finds none, once however many calls wait for it;
//! replaces it, stops it, and notices when it has ended by itself.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hyper::Method;
use tokio::net::UnixStream;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::process::{Door, Process, Unreached, Visit};
use super::workerd::{self, StartError};
use super::{Reporter, Runtime, Signal};
use crate::deployment::Bundle;

/// Yields the bundle to start; an error's text is answered as it is, so it carries no secret.
pub type Starter = Arc<dyn Fn() -> BoxFuture<'static, Result<Bundle, String>> + Send + Sync>;

/// Why no process answers, in words that may be shown to anybody who calls.
#[derive(Clone, Debug)]
pub(super) struct Unavailable(pub Arc<str>);

#[derive(Clone)]
pub(super) struct Live(Arc<Shared>);

struct Shared {
    runtime: Arc<Runtime>,
    reporter: Reporter,
    starter: Starter,
    tokio: Handle,
    state: Mutex<State>,
}

struct State {
    now: Now,
    /// Replaced, and finishing what they have begun.
    retiring: Vec<Process>,
}

enum Now {
    Down,
    Starting { task: AbortHandle, done: watch::Sender<Done> },
    Up(Process),
}

#[derive(Clone)]
enum Done {
    NotYet,
    Up,
    Failed(Unavailable),
}

/// Rounds for one call: a process found dead, one started in its place, and one round to spare for a switch meanwhile.
/// A process that ends as soon as it is up is not started for ever.
const ATTEMPTS: usize = 4;

const BUSY: &str = "The function has too many calls at once. Try again when some of them are answered.";

impl Live {
    pub(super) fn new(runtime: Arc<Runtime>, reporter: Reporter, starter: Starter) -> Self {
        let state = Mutex::new(State { now: Now::Down, retiring: Vec::new() });
        Self(Arc::new(Shared { runtime, reporter, starter, tokio: Handle::current(), state }))
    }

    /// How long a call may have no answer before that is said.
    pub(super) fn silence(&self) -> Duration {
        self.0.runtime.limits.silence
    }

    pub(super) async fn note_silence(&self, method: &Method, path: &str) {
        let seconds = self.silence().as_secs();
        let note = format!("{method} {path} has had no answer for {seconds} s. Stop, in the function's menu, ends it.");
        self.0.reporter.note(note).await;
    }

    /// A connection to the live process, started first where there is none.
    pub(super) async fn reach(&self, door: Door) -> Result<(Visit, UnixStream), Unavailable> {
        for _ in 0..ATTEMPTS {
            let mut done = match self.enter_or_start() {
                Ok(visit) => match visit.connect(door).await {
                    Ok(stream) => return Ok((visit, stream)),
                    // It ended between being picked and being called; the next round starts another.
                    Err(Unreached::Gone) => continue,
                    Err(Unreached::Busy) => return Err(Unavailable(BUSY.into())),
                },
                Err(done) => done,
            };
            // The sender goes only after it has said how it went.
            if let Ok(done) = done.wait_for(|done| !matches!(done, Done::NotYet)).await
                && let Done::Failed(why) = &*done
            {
                return Err(why.clone());
            }
        }
        Err(Unavailable("The function's process ends as soon as it has started.".into()))
    }

    fn enter_or_start(&self) -> Result<Visit, watch::Receiver<Done>> {
        let mut state = self.0.state();
        match &state.now {
            Now::Up(process) if let Some(visit) = process.visit() => return Ok(visit),
            Now::Starting { done, .. } => return Err(done.subscribe()),
            Now::Up(_) | Now::Down => {}
        }
        let (done, receiver) = watch::channel(Done::NotYet);
        let task = self.0.tokio.spawn(Arc::clone(&self.0).start(done.clone())).abort_handle();
        state.now = Now::Starting { task, done };
        Err(receiver)
    }

    /// New calls go to this process. The one before finishes what it has begun, within the limit.
    pub(super) fn switch(&self, process: Process) {
        {
            let mut state = self.0.state();
            state.retiring.retain(|old| !old.has_ended());
            match std::mem::replace(&mut state.now, Now::Up(process)) {
                Now::Down => {}
                Now::Starting { task, done } => {
                    task.abort();
                    done.send_replace(Done::Up);
                }
                Now::Up(old) => {
                    old.retire(self.0.runtime.limits.drain);
                    state.retiring.push(old);
                }
            }
        }
        self.0.watch();
    }

    /// Ends every process of the function now, also those that drain; what they have begun breaks off.
    pub(super) fn stop(&self) {
        {
            let mut state = self.0.state();
            // Dropping a process kills it.
            state.retiring.clear();
            if let Now::Starting { task, done } = std::mem::replace(&mut state.now, Now::Down) {
                task.abort();
                done.send_replace(Done::Failed(Unavailable("The function was stopped.".into())));
            }
        }
        self.0.announce();
    }

    pub(super) fn is_up(&self) -> bool {
        self.0.state().now.is_up()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that may panic happens between two changes that belong together.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn start(self: Arc<Self>, done: watch::Sender<Done>) {
        // A starter that panics must not leave its callers waiting.
        let started = std::panic::AssertUnwindSafe(self.start_one()).catch_unwind().await;
        let started = started.unwrap_or_else(|_| Err(Unavailable("The function could not be started.".into())));
        {
            let mut state = self.state();
            // Stopped or replaced meanwhile: what was started here is not wanted, and dropped.
            if !matches!(&state.now, Now::Starting { done: current, .. } if current.same_channel(&done)) {
                return;
            }
            let (next, how) = match started {
                Ok(process) => (Now::Up(process), Done::Up),
                Err(why) => (Now::Down, Done::Failed(why)),
            };
            state.now = next;
            done.send_replace(how);
        }
        self.watch();
    }

    async fn start_one(&self) -> Result<Process, Unavailable> {
        let bundle = (self.starter)().await.map_err(|text| Unavailable(text.into()))?;
        let error = match workerd::start(&self.runtime, self.reporter.clone(), bundle).await {
            Ok(process) => return Ok(process),
            Err(error) => error,
        };
        let shown = match &error {
            // Words of the function's own may quote a secret: they go where the redactor sees them, and only there.
            StartError::Refused { .. } | StartError::Io(_) => {
                "The function did not start. Its Run tab in Postern says why.".to_owned()
            }
            StartError::RuntimeMissing(_) | StartError::TimedOut(_) | StartError::Inherited(_) => error.to_string(),
        };
        let text = format!("It did not start. {error}");
        self.reporter.note(text).await;
        Err(Unavailable(shown.into()))
    }

    /// Says that the process is up, and later that it has ended.
    fn watch(self: &Arc<Self>) {
        self.announce();
        let ended = match &self.state().now {
            Now::Up(process) => process.ended(),
            Now::Down | Now::Starting { .. } => return,
        };
        let shared = Arc::downgrade(self);
        self.tokio.spawn(async move {
            ended.await;
            if let Some(shared) = shared.upgrade() {
                shared.announce();
            }
        });
    }

    /// Tells the app whether the function runs: what is so when the app has room to hear it, so that two changes in a
    /// row cannot be told in the wrong order.
    fn announce(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        self.tokio.spawn(async move {
            let Ok(room) = shared.reporter.signals.reserve().await else {
                return;
            };
            let state = shared.state();
            room.send(Signal::Running(shared.reporter.id, state.now.is_up()));
        });
    }
}

impl Now {
    fn is_up(&self) -> bool {
        matches!(self, Self::Up(process) if !process.has_ended())
    }
}
