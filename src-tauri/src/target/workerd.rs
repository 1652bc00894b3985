//! Starts workerd for one bundle, and keeps it until it ends: one process per function, because one event loop serves
//! a whole process and an endless loop would stop every other function in it.
//!
//! Opened secrets go in by standard input and nowhere else: not by arguments, environment or files.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use rustix::fs::Access;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::UnixListener;
use tokio::net::unix::pipe;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::console::{Console, LastWords, next_line};
use super::process::{Ending, Fate, Process};
use super::run_folder::{ProcessFolder, random_hex};
use super::workerd_config::{self, Sockets};
use super::{Alive, Reporter, Runtime, tail};
use crate::deployment::{Bundle, Value};
use crate::secret::SecretName;
use crate::spawn::{Launch, Tied};

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(
        "The local runtime is missing at {}. Install Postern again (in a checkout: run script/setup), then try again.",
        .0.display()
    )]
    RuntimeMissing(PathBuf),
    #[error("The function did not start within {0} s. Is there an endless loop outside its handlers?")]
    TimedOut(f32),
    #[error("{0} has no value here: a local version inherits nothing. Store a value for it, then deploy again.")]
    Inherited(SecretName),
    /// workerd's own words. They may quote what the code threw, and with it a secret: redact before showing.
    #[error("{text}")]
    Refused { text: String },
    /// Of the system, or of a process that ended for no fault of the bundle. To be redacted too.
    #[error("The local runtime could not be started: {0}")]
    Io(#[from] io::Error),
}

pub(super) fn check(binary: &Path) -> Result<(), StartError> {
    let usable = binary.is_file() && rustix::fs::access(binary, Access::EXEC_OK).is_ok();
    if usable { Ok(()) } else { Err(StartError::RuntimeMissing(binary.to_owned())) }
}

/// There is no version here that a value could be taken over from.
fn check_values(bundle: &Bundle) -> Result<(), StartError> {
    let inherited = bundle.bindings.iter().find(|binding| matches!(binding.value, Value::Inherit));
    inherited.map_or(Ok(()), |binding| Err(StartError::Inherited(binding.name.clone())))
}

/// Resolves when the function answers. Dropping the future before that kills what it started.
pub(super) async fn start(runtime: &Runtime, reporter: Reporter, bundle: Bundle) -> Result<Process, StartError> {
    check(&runtime.binary)?;
    check_values(&bundle)?;
    let limit = runtime.limits.start;
    let starting = Starting::launch(runtime, reporter, bundle);
    match tokio::time::timeout(limit, starting).await {
        Ok(started) => started,
        Err(_) => Err(StartError::TimedOut(limit.as_secs_f32())),
    }
}

/// Everything that belongs to one child, from its launch to its end. Dropping it kills the child.
struct Starting {
    // Dropped first: the child must be gone before its folder is.
    tied: Tied,
    console: Console,
    tail: JoinSet<()>,
    folder: ProcessFolder,
    fate: Fate,
    reporter: Reporter,
    alive: Alive,
}

impl Starting {
    async fn launch(runtime: &Runtime, reporter: Reporter, bundle: Bundle) -> Result<Process, StartError> {
        let alive = Alive::count(runtime);
        let folder = runtime.folder.for_process()?;
        let (process, calls, fate) = Process::new(&folder);
        let nonce = random_hex::<32>()?;
        let mut tail = JoinSet::new();
        tail.spawn(tail::hear(UnixListener::bind(folder.host())?, nonce.clone(), calls, reporter.clone()));

        let (control, inherited) = io::pipe()?;
        let mut tied = runtime.spawner.spawn(command(runtime, &folder, inherited.into())).await?;
        let console = Console::read(
            tied.child.stdout.take().expect("piped at spawn"),
            tied.child.stderr.take().expect("piped at spawn"),
            &reporter,
        );
        let mut starting = Self { tied, console, tail, folder, fate, reporter, alive };
        starting.configure(bundle, &nonce).await;
        if !both_listen(OwnedFd::from(control)).await? {
            return Err(starting.why().await);
        }
        starting.fate.has_started();
        tokio::spawn(starting.keep(runtime.limits.idle, runtime.closing()));
        Ok(process)
    }

    async fn configure(&mut self, bundle: Bundle, nonce: &str) {
        let (http, trigger, host) = (self.folder.http(), self.folder.trigger(), self.folder.host());
        let sockets = Sockets { http: &http, trigger: &trigger, host: &host };
        let config = workerd_config::encode(&bundle, &sockets, nonce);
        drop(bundle);
        let mut stdin = self.tied.child.stdin.take().expect("piped at spawn");
        // A process that does not take it all has ended, and its last words say why.
        drop(stdin.write_all(&config).await);
    }

    /// Why it ended without ever listening.
    async fn why(mut self) -> StartError {
        let status = match self.tied.child.wait().await {
            Ok(status) => status,
            Err(error) => return error.into(),
        };
        let LastWords { refused, fatal, raw } = self.console.finish().await;
        match (refused, fatal) {
            (Some(text), _) => StartError::Refused { text },
            (None, Some(fatal)) if out_of_memory(&fatal) => StartError::Refused { text: OUT_OF_MEMORY.into() },
            (None, fatal) => {
                let text = fatal.unwrap_or(raw);
                StartError::Io(io::Error::other(format!("it ended at once ({status}). {text}")))
            }
        }
    }

    /// Watches the process until it has ended, and sees to it that it does.
    async fn keep(mut self, idle: Duration, mut closing: watch::Receiver<bool>) {
        let child = &mut self.tied.child;
        let ending = tokio::select! {
            _ = child.wait() => Ending::Lost,
            ending = self.fate.time_to_go(idle) => ending,
            _ = closing.wait_for(|closing| *closing) => Ending::Killed,
        };
        self.fate.is_ending();
        // SIGKILL at once: workerd ignores SIGTERM while a function loops. Whoever has ended already is not harmed, and
        // its status stays what it was.
        drop(child.start_kill());
        let status = child.wait().await;
        let last_words = self.console.finish().await;
        let text = match ending {
            Ending::Idle => Some("Stopped: nobody has called it for a while. The next call starts it again.".into()),
            Ending::Killed | Ending::Retired => None,
            Ending::Lost => Some(obituary(status, &last_words)),
        };
        drop((self.tail, self.folder));
        self.fate.has_ended();
        drop(self.alive);
        // Last, since it waits for an app that is busy.
        if let Some(text) = text {
            self.reporter.note(text).await;
        }
    }
}

/// 1 GiB, of which workerd takes 0.55 before it runs any code. What a function allocates outside its heap (array
/// buffers) counts, and fails inside the function.
const MEMORY: u64 = 1 << 30;

const OUT_OF_MEMORY: &str = "The function ran out of memory: it has 128 MB.";

fn out_of_memory(fatal: &str) -> bool {
    fatal.contains("out of memory")
}

fn obituary(status: io::Result<ExitStatus>, last_words: &LastWords) -> String {
    let why = match (&last_words.fatal, status) {
        (Some(fatal), _) if out_of_memory(fatal) => OUT_OF_MEMORY.into(),
        (Some(fatal), _) => format!("The function's process ended: {fatal}."),
        (None, Ok(status)) => format!("The function's process ended ({status})."),
        (None, Err(error)) => format!("The function's process was lost ({error})."),
    };
    format!("{why} The next call starts it again.")
}

fn command(runtime: &Runtime, folder: &ProcessFolder, inherited: OwnedFd) -> Launch {
    let control = format!("--control-fd={}", inherited.as_raw_fd());
    // `--experimental` is for the streaming tail.
    let arguments = ["serve", "--binary", "--experimental", &control, "-"];
    Launch {
        program: runtime.binary.clone(),
        arguments: arguments.iter().map(Into::into).collect(),
        folder: folder.path().to_owned(),
        memory: Some(MEMORY),
        inherited: Some(inherited),
        ..Launch::default()
    }
}

/// Whether both sockets answer; `false` when the process ended first.
async fn both_listen(control: OwnedFd) -> io::Result<bool> {
    let mut control = BufReader::new(pipe::Receiver::from_owned_fd(control)?);
    for _ in ["http", "trigger"] {
        // One line for each socket, and nothing else: `{"event":"listen","socket":"http","port":0}`
        if next_line(&mut control).await.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::Binding;

    #[test]
    fn what_would_be_inherited_is_refused_by_name() {
        let binding = Binding { name: SecretName::parse("KEPT_KEY").unwrap(), value: Value::Inherit };
        let bundle = Bundle {
            modules: Vec::new(),
            compatibility_date: "2026-11-17".into(),
            compatibility_flags: Vec::new(),
            bindings: vec![binding],
        };
        let refused = check_values(&bundle).expect_err("nothing is inherited here");
        assert!(refused.to_string().starts_with("KEPT_KEY has no value here"));
    }
}
