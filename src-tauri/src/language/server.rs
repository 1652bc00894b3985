//! One running server: what is written to it, what it answers, and what it asks for itself.
//!
//! Its PATH and the rest of its environment are empty, and it is told to fetch no types: nothing that it reads in the
//! code makes it start a program or use the network.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWriteExt, BufReader};
use tokio::process::ChildStdin;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::framing;
use super::handshake;
use super::lock;
use crate::spawn::{Launch, Spawner, Tied};

/// Private data of the server, in bytes. With 20 functions open it needs a twentieth of it; a type that never ends is
/// stopped by it.
const MEMORY: u64 = 2 << 30;

/// From the end of what it says to its own.
const LEAVING: Duration = Duration::from_millis(500);

/// From the launch to the answer to `initialize`.
const START: Duration = Duration::from_secs(10);

/// What came of a question.
pub type Answer = Result<Box<RawValue>, Refused>;

/// Why the server did not answer a question.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It ended, was started anew, or was not there.
    #[error("TypeScript was started anew.")]
    Gone,
    #[error("{0}")]
    Said(String),
}

/// The hand that writes to a server, which ends with its `Process`.
#[derive(Clone)]
pub(super) struct Server(Arc<Wires>);

struct Wires {
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    waiting: Mutex<HashMap<i64, oneshot::Sender<Answer>>>,
    next: AtomicI64,
}

/// What a server runs in. Dropping it kills the server.
pub(super) struct Process {
    tied: Tied,
    reader: JoinHandle<io::Result<()>>,
}

impl Process {
    /// Resolves when it has ended by itself, with how. One that nobody understands any more is ended.
    pub(super) async fn ended(&mut self) -> io::Error {
        let read = tokio::select! {
            status = self.tied.child.wait() => return how(status),
            read = &mut self.reader => read,
        };
        if let Ok(status) = timeout(LEAVING, self.tied.child.wait()).await {
            return how(status);
        }
        self.end().await;
        io::Error::other(if matches!(read, Ok(Ok(()))) { "it said no more" } else { "it said what is no message" })
    }

    pub(super) async fn end(&mut self) {
        // Whoever has ended already is not harmed.
        drop(self.tied.child.start_kill());
        drop(self.tied.child.wait().await);
    }
}

fn how(status: io::Result<ExitStatus>) -> io::Error {
    status.map_or_else(|error| error, |status| io::Error::other(status.to_string()))
}

impl Server {
    /// Resolves when it has said what it can do.
    pub(super) async fn start(spawner: &Spawner, program: &Path) -> io::Result<(Self, Process)> {
        let folder = program.parent().ok_or(io::ErrorKind::NotFound)?;
        let mut tied = spawner
            .spawn(Launch {
                program: program.to_owned(),
                arguments: vec!["--lsp".into(), "--stdio".into()],
                folder: folder.to_owned(),
                memory: Some(MEMORY),
                ..Launch::default()
            })
            .await?;
        let (outgoing, messages) = mpsc::unbounded_channel();
        let server = Self(Arc::new(Wires { outgoing, waiting: Mutex::default(), next: AtomicI64::new(0) }));
        tokio::spawn(write(tied.child.stdin.take().expect("piped at spawn"), messages));
        tokio::spawn(drain(tied.child.stderr.take().expect("piped at spawn")));

        // Asked before anybody reads: where the reading ends at once, it ends the waiting, too.
        let ready = server.ask("initialize", &handshake::initialize());
        let reader = tokio::spawn(server.clone().read(tied.child.stdout.take().expect("piped at spawn")));
        let mut process = Process { tied, reader };
        match timeout(START, ready).await {
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
            Ok(Err(Refused::Gone)) => Err(process.ended().await),
            Ok(Err(refused)) => Err(io::Error::other(refused.to_string())),
            Ok(Ok(_)) => {
                server.tell("initialized", &json!({}));
                Ok((server, process))
            }
        }
    }

    /// Written after everything that was told or asked before.
    pub(super) fn tell(&self, method: &str, params: &impl Serialize) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The question is on its way when this returns; the future is the answer.
    pub(super) fn ask(&self, method: &str, params: &impl Serialize) -> impl Future<Output = Answer> + Send + 'static {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        self.waiting().insert(id, answer);
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        async move { answered.await.unwrap_or(Err(Refused::Gone)) }
    }

    fn send(&self, message: &Value) {
        // A server that has ended takes nothing, and whoever waits for its answer hears that from `read`.
        drop(self.0.outgoing.send(framing::frame(message.to_string().as_bytes())));
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<i64, oneshot::Sender<Answer>>> {
        lock(&self.0.waiting)
    }

    /// To the end of what it says, or to what can't be read.
    async fn read(self, stdout: impl AsyncRead + Unpin) -> io::Result<()> {
        let mut stdout = BufReader::new(stdout);
        let end = loop {
            let body = match framing::read(&mut stdout).await {
                Ok(Some(body)) => body,
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            };
            match serde_json::from_slice::<Incoming<'_>>(&body) {
                Ok(message) => self.hear(message),
                // Without its text, which quotes the code.
                Err(_) => tracing::warn!("the language server said something that is no message"),
            }
        };
        // Nobody answers any more.
        self.waiting().clear();
        end
    }

    fn hear(&self, message: Incoming<'_>) {
        match (message.method, message.id) {
            (Some(method), Some(id)) => {
                let result = handshake::answer(&method, message.params);
                self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
            }
            // What it logs, and problems of the configuration, which is ours.
            (Some(_), None) => {}
            (None, id) => {
                let asked = id.and_then(|id| self.waiting().remove(&serde_json::from_str(id.get()).ok()?));
                let answer = match (message.result, message.error) {
                    (_, Some(error)) => Err(Refused::Said(error.message)),
                    (Some(result), None) => Ok(result.to_owned()),
                    (None, None) => Ok(RawValue::NULL.to_owned()),
                };
                // Whoever asked may have gone.
                drop(asked.map(|asked| asked.send(answer)));
            }
        }
    }
}

#[derive(Deserialize)]
struct Incoming<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    method: Option<String>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Said>,
}

#[derive(Deserialize)]
struct Said {
    message: String,
}

async fn write(mut stdin: ChildStdin, mut messages: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(message) = messages.recv().await {
        if stdin.write_all(&message).await.is_err() {
            return;
        }
    }
}

/// A pipe that nobody reads would stop the server. What it says there may quote the code, and is not kept.
async fn drain(mut stderr: impl AsyncRead + Unpin) {
    drop(tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await);
}
