//! The language server: TypeScript's own native compiler as a process that is started when the editor first wants it,
//! started anew when it ends, and stopped when nobody types. It is told what to see of a function (`Project`) and relays
//! what the page asks; it knows nothing of where code and names come from.
//!
//! Each process is a *session*. What belongs to one is refused in the next: the page then opens its documents anew.

mod framing;
mod handshake;
mod order;
mod overlays;
mod server;
mod session;

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until};

pub use overlays::Project;
pub use server::{Answer, Refused};

use crate::function::FunctionId;
use crate::spawn::Spawner;
use server::{Process, Server};
use session::{Message, Session};

/// What the package of the server holds.
#[derive(Clone, Debug)]
pub struct Tools {
    /// The compiler. Its `lib.*.d.ts` lie beside it.
    pub program: PathBuf,
    /// The declarations of the Workers runtime.
    pub types: PathBuf,
    /// The folder with those of Node.
    pub node: PathBuf,
}

impl Tools {
    /// As set-up lays them out.
    pub fn within(folder: &Path) -> Self {
        let program = if cfg!(windows) { "postern-typescript.exe" } else { "postern-typescript" };
        Self {
            program: folder.join(program),
            types: folder.join("workers.d.ts"),
            // Outside of such a folder, every name in there would be offered with an import, at ten times the cost.
            node: folder.join("node_modules/@types/node"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody asked for it, or nobody has for a while.
    Off,
    Starting,
    /// `restarted`: the one before ended by itself.
    Ready {
        session: u64,
        restarted: bool,
    },
    Restarting,
    /// It is not tried again before somebody asks.
    Failed(String),
}

/// Without a message from the page, until the process is stopped.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// How long a question may take. What takes longer never ends, and nothing else is answered meanwhile.
const PATIENCE: Duration = Duration::from_secs(20);

/// All that the page may ask of more than one document: what another name for a file changes.
const RENAMING: &str = "workspace/willRenameFiles";

/// Before the second, third … start within a minute; after the last it is given up.
const PAUSES: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(250), Duration::from_secs(1), Duration::from_secs(3)];

/// A handle; clones share the process.
#[derive(Clone)]
pub struct Language(Arc<Inner>);

struct Inner {
    tools: Tools,
    idle: Duration,
    state: watch::Sender<State>,
    /// Whether a process is wanted, and how often another one was asked for.
    wanted: watch::Sender<(bool, u64)>,
    session: Mutex<Option<Session>>,
    started: Mutex<bool>,
}

impl Language {
    /// Starts nothing yet.
    pub fn new(tools: Tools) -> Self {
        Self::with_idle(tools, IDLE)
    }

    pub fn with_idle(tools: Tools, idle: Duration) -> Self {
        let (state, wanted) = (watch::Sender::new(State::Off), watch::Sender::new((false, 0)));
        Self(Arc::new(Inner { tools, idle, state, wanted, session: Mutex::default(), started: Mutex::default() }))
    }

    pub fn state(&self) -> State {
        self.0.state.borrow().clone()
    }

    pub fn states(&self) -> watch::Receiver<State> {
        self.0.state.subscribe()
    }

    /// Sees to it that a process runs. `states` tell how that goes.
    pub fn start(&self) {
        let mut started = lock(&self.0.started);
        if !*started {
            *started = true;
            tokio::spawn(keep(self.clone(), self.0.wanted.subscribe()));
        }
        self.0.wanted.send_if_modified(|(on, _)| !std::mem::replace(on, true));
    }

    /// Ends the process, if one runs, and starts another.
    pub fn restart(&self) {
        self.0.wanted.send_modify(|(_, round)| *round += 1);
        self.start();
    }

    /// Ends the process. The app is closing.
    pub async fn shutdown(&self) {
        self.0.wanted.send_modify(|(on, _)| *on = false);
        let mut states = self.states();
        // Whoever does not come to an end within this is killed with the app.
        let off = states.wait_for(|state| matches!(state, State::Off | State::Failed(_)));
        drop(tokio::time::timeout(Duration::from_secs(1), off).await);
    }

    /// Shows a function to the server, or what is new about one. The address of its folder is answered.
    pub fn open(&self, session: u64, id: FunctionId, project: &Project) -> Result<String, Refused> {
        let mut current = self.session(session)?;
        let open = current.as_mut().expect("it was just found");
        if open.is_full() && !open.sees(id) {
            drop(current);
            self.restart();
            return Err(Refused::Gone);
        }
        open.used = Instant::now();
        open.show(id, project, &self.0.tools);
        Ok(project.uri())
    }

    /// Whether the function was shown to the server that runs.
    pub fn sees(&self, id: FunctionId) -> bool {
        lock(&self.0.session).as_ref().is_some_and(|open| open.sees(id))
    }

    /// Tells the server what is new about a function that it sees. Answers whether that is anything.
    pub fn update(&self, id: FunctionId, project: &Project) -> bool {
        let mut current = lock(&self.0.session);
        let Some(open) = current.as_mut().filter(|open| open.sees(id)) else { return false };
        open.show(id, project, &self.0.tools)
    }

    /// Has the server look again at what lies in the folder of a function: another one has taken its place. Answers
    /// whether it sees the function.
    pub fn renew(&self, id: FunctionId, project: &Project) -> bool {
        let mut current = lock(&self.0.session);
        let Some(open) = current.as_mut().filter(|open| open.sees(id)) else { return false };
        open.show(id, project, &self.0.tools);
        open.renew(id, project);
        true
    }

    /// The text of a declaration that is none of the user's: of the language, of the runtime, of a package below
    /// `packages`. Nothing else is read.
    pub fn declaration(&self, uri: &str, packages: &Path) -> Option<String> {
        let path = overlays::path_of(uri)?.canonicalize().ok()?;
        let declares = path.to_str()?.ends_with(".d.ts") || path.to_str()?.ends_with(".d.mts");
        let folders = [self.0.tools.types.parent()?, packages];
        let known = folders.iter().any(|folder| folder.canonicalize().is_ok_and(|folder| path.starts_with(folder)));
        (declares && known).then(|| std::fs::read_to_string(path).ok())?
    }

    /// Takes a function from the server: it was deleted.
    pub fn close(&self, id: FunctionId) {
        let mut current = lock(&self.0.session);
        if let Some(open) = current.as_mut() {
            open.forget(id);
        }
    }

    /// Tells the server something, in the order of the page's numbers.
    pub fn tell(&self, session: u64, number: u64, method: String, params: Value) -> Result<(), Refused> {
        self.send(session, number, Message { method, params, answer: None })
    }

    /// Asks the server something, in the order of the page's numbers.
    pub async fn ask(&self, session: u64, number: u64, method: String, params: Value) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.send(session, number, Message { method, params, answer: Some(answer) })?;
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(answer) => answer.unwrap_or(Err(Refused::Gone)),
            Err(_) => {
                // Only if it is still the one that hangs.
                if self.session(session).is_ok() {
                    self.restart();
                }
                Err(Refused::Gone)
            }
        }
    }

    fn send(&self, session: u64, number: u64, message: Message) -> Result<(), Refused> {
        let method = message.method.as_str();
        if !(method.starts_with("textDocument/") || method.ends_with("/resolve") || method == RENAMING) {
            return Err(Refused::Said(format!("The page may not ask for {method}.")));
        }
        let mut current = self.session(session)?;
        current.as_mut().expect("it was just found").send(number, message);
        Ok(())
    }

    fn session(&self, number: u64) -> Result<MutexGuard<'_, Option<Session>>, Refused> {
        let current = lock(&self.0.session);
        match &*current {
            Some(open) if open.number == number => Ok(current),
            _ => Err(Refused::Gone),
        }
    }
}

/// Why a process is no longer.
enum Ending {
    /// By itself, or it never started.
    Lost(io::Error),
    Idle,
    /// Another one is wanted, or none.
    Asked,
}

/// Keeps a process for as long as one is wanted.
async fn keep(language: Language, mut wanted: watch::Receiver<(bool, u64)>) {
    let inner = &language.0;
    let spawner = match Spawner::new() {
        Ok(spawner) => spawner,
        Err(error) => {
            *lock(&inner.started) = false;
            return drop(inner.state.send_replace(State::Failed(failure(&error))));
        }
    };
    let mut losses: VecDeque<Instant> = VecDeque::new();
    for session in 1.. {
        if wanted.wait_for(|(on, _)| *on).await.is_err() {
            return;
        }
        wanted.mark_unchanged();
        let restarted = !losses.is_empty();
        inner.state.send_replace(if restarted { State::Restarting } else { State::Starting });
        let ending = match Server::start(&spawner, &inner.tools.program).await {
            Ok((server, process)) => run(inner, &mut wanted, session, server, process, restarted).await,
            Err(error) => Ending::Lost(error),
        };
        match ending {
            Ending::Asked => {
                losses.clear();
                if !wanted.borrow().0 {
                    inner.state.send_replace(State::Off);
                }
            }
            Ending::Idle => {
                losses.clear();
                inner.wanted.send_modify(|(on, _)| *on = false);
                inner.state.send_replace(State::Off);
            }
            Ending::Lost(error) => {
                tracing::warn!(%error, "the language server ended");
                let now = Instant::now();
                losses.push_back(now);
                losses.retain(|lost| now - *lost < Duration::from_secs(60));
                match PAUSES.get(losses.len() - 1).filter(|_| error.kind() != io::ErrorKind::NotFound) {
                    Some(pause) => {
                        inner.state.send_replace(State::Restarting);
                        tokio::select! { () = sleep(*pause) => {}, _ = wanted.changed() => {} }
                    }
                    None => {
                        losses.clear();
                        inner.wanted.send_modify(|(on, _)| *on = false);
                        inner.state.send_replace(State::Failed(failure(&error)));
                    }
                }
            }
        }
    }
}

/// From the moment in which a process answers to its end.
async fn run(
    inner: &Inner,
    wanted: &mut watch::Receiver<(bool, u64)>,
    number: u64,
    server: Server,
    mut process: Process,
    restarted: bool,
) -> Ending {
    *lock(&inner.session) = Some(Session::new(number, server));
    inner.state.send_replace(State::Ready { session: number, restarted });
    let ending = {
        let mut ended = std::pin::pin!(process.ended());
        loop {
            let due = lock(&inner.session).as_ref().map_or_else(Instant::now, |open| open.used) + inner.idle;
            tokio::select! {
                error = &mut ended => break Ending::Lost(error),
                _ = wanted.changed() => break Ending::Asked,
                () = sleep_until(due) => {
                    if lock(&inner.session).as_ref().is_none_or(|open| open.used + inner.idle <= Instant::now()) {
                        break Ending::Idle;
                    }
                }
            }
        }
    };
    *lock(&inner.session) = None;
    process.end().await;
    ending
}

fn failure(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => {
            "TypeScript is missing beside Postern. The code is untouched, without completion. Install Postern again (in \
             a checkout: run script/setup), then Restart."
                .to_owned()
        }
        _ => format!(
            "TypeScript ended ({error}) and was started anew in vain. The code is untouched. Restart tries again."
        ),
    }
}

/// What these locks hold is changed in one step each, so that a panic leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
