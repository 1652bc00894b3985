//! Where functions run: on this computer, or on Cloudflare's network, which `cloudflare` is all of.
//!
//! The local target runs deployed functions in real workerd processes, each behind a stable local address.
//!
//! Read in this order: `gateway` owns an address, `live` knows which process answers there and starts one when a call
//! finds none, `workerd` starts it, `process` is it while it runs. Nothing is known here of where bundles come from
//! or what becomes of output: a `Starter` yields the one, `Signal`s carry the other.

pub mod cloudflare;

// The local target, from the address inwards.
mod gateway;
// One request.
mod forward;
// Which process answers it.
mod live;
// How that process came to be.
mod workerd;
mod workerd_config;
// What it is from then on.
mod process;
mod scheduled;
// What it says.
mod console;
mod line;
mod tail;
// What all this stands on.
mod compatibility;
mod open_files;
mod run_folder;

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::deployment::Bundle;
use crate::function::{FunctionId, Level, Output};
use crate::spawn::Spawner;

pub use gateway::AddressError;
pub use live::Starter;
pub use process::Process;
pub use scheduled::RunError;
pub use workerd::StartError;

use gateway::Address;
use live::Live;
use process::Door;
use run_folder::RunFolder;

/// What a function does that the app did not ask for. The sender waits while the channel is full, and so does a
/// function that writes: read it all the time.
pub enum Signal {
    Output(FunctionId, Output),
    /// Whether a process of the function is live.
    Running(FunctionId, bool),
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the launch of a process to its first socket.
    pub start: Duration,
    /// From being replaced to being killed.
    pub drain: Duration,
    /// Without a call, until the process is stopped.
    pub idle: Duration,
    /// Without an answer to a call, until it is said that there may never be one.
    pub silence: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            start: Duration::from_secs(5),
            drain: Duration::from_secs(30),
            idle: Duration::from_secs(10 * 60),
            silence: Duration::from_secs(10),
        }
    }
}

/// A cheap handle: every clone is the same target. When the last one is dropped, every process is killed.
#[derive(Clone)]
pub struct Local(Arc<Inner>);

struct Inner {
    runtime: Arc<Runtime>,
    signals: mpsc::Sender<Signal>,
    functions: Mutex<HashMap<FunctionId, Function>>,
    /// The runtime's newest compatibility date, once it has been there to be asked.
    supported: OnceLock<String>,
}

struct Function {
    live: Live,
    /// The port it has or should have: nobody else is given it, also while another program has it.
    port: Option<u16>,
    /// `None` while its port is taken by another program: then it still runs on schedule.
    address: Option<Address>,
}

impl Local {
    /// `binary`: workerd. `run_folder`: for sockets, made here with mode 0700; a short path, of at most 86 bytes, or a
    /// folder under the system's temporary one stands in for it.
    pub fn new(binary: PathBuf, run_folder: PathBuf, signals: mpsc::Sender<Signal>) -> io::Result<Self> {
        Self::with_limits(binary, run_folder, signals, Limits::default())
    }

    pub fn with_limits(
        binary: PathBuf,
        run_folder: PathBuf,
        signals: mpsc::Sender<Signal>,
        limits: Limits,
    ) -> io::Result<Self> {
        open_files::raise_limit();
        let runtime = Arc::new(Runtime {
            binary,
            folder: RunFolder::open(run_folder)?,
            spawner: Spawner::new()?,
            limits,
            closing: watch::Sender::new(false),
            alive: watch::Sender::new(0),
        });
        Ok(Self(Arc::new(Inner { runtime, signals, functions: Mutex::default(), supported: OnceLock::new() })))
    }

    /// Whether the runtime is there to be started.
    pub fn check(&self) -> Result<(), StartError> {
        workerd::check(&self.0.runtime.binary)
    }

    /// The newest compatibility date (`YYYY-MM-DD`) that a function may have: the runtime's own, and not after today.
    pub fn newest_compatibility_date(&self) -> String {
        let supported = self.0.supported.get().cloned().or_else(|| {
            let asked = compatibility::supported(&self.0.runtime.binary)?;
            Some(self.0.supported.get_or_init(|| asked).clone())
        });
        compatibility::newest(supported.as_deref())
    }

    /// Starts a process beside whatever runs. Resolves when it answers; drop the future to give up, drop the process to
    /// kill it. What it says while it starts is signalled too.
    pub async fn start(&self, id: FunctionId, bundle: Bundle) -> Result<Process, StartError> {
        workerd::start(&self.0.runtime, self.reporter(id), bundle).await
    }

    /// Listens on the function's address: this port, or the first free one that no other function has asked for. A call
    /// that finds no process starts one. Opened again, an address stays as it is, unless another port is asked for. Where
    /// the port cannot be had, the function still runs on schedule, and another port may be asked for.
    pub async fn open(&self, id: FunctionId, port: Option<u16>, starter: Starter) -> Result<u16, AddressError> {
        let (live, owned) = {
            let mut functions = self.0.functions();
            let owned: Vec<u16> = functions.values().filter_map(|function| function.port).collect();
            let function = functions.entry(id).or_insert_with(|| {
                let live = Live::new(Arc::clone(&self.0.runtime), self.reporter(id), starter);
                Function { live, port: None, address: None }
            });
            match &function.address {
                Some(open) if port.is_none_or(|port| port == open.port) => return Ok(open.port),
                _ => {}
            }
            function.port = port.or(function.port);
            (function.live.clone(), owned)
        };
        let address = match port {
            Some(port) => Address::open(port, live).await?,
            None => Address::open_first_free(&owned, live).await?,
        };
        let port = address.port;
        if let Some(function) = self.0.functions().get_mut(&id) {
            function.port = Some(port);
            function.address = Some(address);
        }
        Ok(port)
    }

    /// New calls go to this process; the one before it finishes what it has begun. A function that was never opened
    /// has nobody to call it, and the process is killed.
    pub fn switch(&self, id: FunctionId, process: Process) {
        if let Some(live) = self.live(id) {
            live.switch(process);
        }
    }

    /// Ends the function's process now, also one in an endless loop. The next call starts it again.
    pub fn stop(&self, id: FunctionId) {
        if let Some(live) = self.live(id) {
            live.stop();
        }
    }

    /// Stops the function and gives up its port, which is free when this resolves.
    pub async fn close(&self, id: FunctionId) {
        let function = self.0.functions().remove(&id);
        if let Some(function) = function {
            function.close().await;
        }
    }

    /// Runs the `scheduled` handler as if it were `at_ms` (milliseconds since the Unix epoch), started first where
    /// it does not run. It must have been opened. `limit` counts from the call of the handler. Answers the runtime's
    /// word for how it went: `ok`; `exception`, and then the function's output has it; or another.
    pub async fn run_scheduled(
        &self,
        id: FunctionId,
        cron: &str,
        at_ms: i64,
        limit: Duration,
    ) -> Result<String, RunError> {
        let closed = || RunError::Unavailable("The function is not deployed here.".into());
        let live = self.live(id).ok_or_else(closed)?;
        let reached = live.reach(Door::Trigger).await;
        // Held until the outcome is there.
        let (_visit, stream) = reached.map_err(|why| RunError::Unavailable(why.0.to_string()))?;
        scheduled::run(stream, cron, at_ms, limit).await
    }

    pub fn is_running(&self, id: FunctionId) -> bool {
        self.live(id).is_some_and(|live| live.is_up())
    }

    /// Kills every process, also those that drain, and gives up every port. Resolves when all are gone.
    pub async fn shutdown(&self) {
        self.0.runtime.closing.send_replace(true);
        let functions = std::mem::take(&mut *self.0.functions());
        for function in functions.into_values() {
            function.close().await;
        }
        let mut alive = self.0.runtime.alive.subscribe();
        // The sender lives as long as `self`.
        drop(alive.wait_for(|alive| *alive == 0).await);
    }

    fn live(&self, id: FunctionId) -> Option<Live> {
        self.0.functions().get(&id).map(|function| function.live.clone())
    }

    fn reporter(&self, id: FunctionId) -> Reporter {
        Reporter { id, signals: self.0.signals.clone() }
    }
}

impl Function {
    async fn close(self) {
        if let Some(address) = self.address {
            address.close().await;
        }
        self.live.stop();
    }
}

impl Inner {
    fn functions(&self) -> MutexGuard<'_, HashMap<FunctionId, Function>> {
        // Every change is one insertion or removal, so a panic elsewhere leaves nothing half done.
        self.functions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What every process needs to be started.
struct Runtime {
    binary: PathBuf,
    folder: RunFolder,
    spawner: Spawner,
    limits: Limits,
    /// Turns true once, when every process must go.
    closing: watch::Sender<bool>,
    /// How many processes there are, those that start or drain included.
    alive: watch::Sender<usize>,
}

impl Runtime {
    fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }
}

/// Counts a process for as long as it is held.
struct Alive(watch::Sender<usize>);

impl Alive {
    fn count(runtime: &Runtime) -> Self {
        runtime.alive.send_modify(|alive| *alive += 1);
        Self(runtime.alive.clone())
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.send_modify(|alive| *alive -= 1);
    }
}

/// Where a function's output goes.
#[derive(Clone)]
struct Reporter {
    id: FunctionId,
    signals: mpsc::Sender<Signal>,
}

impl Reporter {
    async fn output(&self, output: Output) {
        // Nobody listens any more: the app is closing.
        drop(self.signals.send(Signal::Output(self.id, output)).await);
    }

    /// Something that the target itself has to say about the function.
    async fn note(&self, text: String) {
        self.output(Output { at: now(), level: Level::System, text, stack: None }).await;
    }
}

/// As workerd tells time: milliseconds since the Unix epoch.
fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
