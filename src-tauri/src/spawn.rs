//! Starts child processes that cannot outlive the app, not even when it is killed with `kill -9`.
//!
//! One of two files with `unsafe` in them: code between fork and exec is unsafe by nature. What runs there makes system
//! calls and nothing else, no allocation, no lock.

#![allow(unsafe_code)]

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::mpsc;

use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

/// What a child is started with. Its three standard streams are pipes.
#[derive(Default)]
pub(crate) struct Launch {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    /// All of its environment.
    pub environment: Vec<(OsString, OsString)>,
    pub folder: PathBuf,
    /// Private data that it may have, in bytes: what it allocates beyond fails in it, and the computer keeps its memory.
    pub memory: Option<u64>,
    /// Stays open in the child, under the same number.
    pub inherited: Option<OwnedFd>,
    /// Whether it starts others: they are its process group, and end with it.
    pub group: bool,
}

/// A child and what ties it to the app. Dropping it kills the child, and its group.
pub(crate) struct Tied {
    pub child: Child,
    group: bool,
    /// Dropped after the child, so that it never kills whoever has the child's number next.
    _leash: Option<Leash>,
}

impl Drop for Tied {
    fn drop(&mut self) {
        // It has a number until it was waited for: the group is still its own.
        let number = self.child.id().filter(|_| self.group).and_then(|id| i32::try_from(id).ok());
        if let Some(group) = number.and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// A thread that lives as long as its children may and does nothing but start them: Linux sends the signal that ends an
/// orphan when the *thread* that started it ends, and threads of an async runtime come and go.
#[derive(Clone)]
pub(crate) struct Spawner(mpsc::Sender<Request>);

struct Request {
    launch: Launch,
    runtime: Handle,
    answer: oneshot::Sender<io::Result<Tied>>,
}

impl Spawner {
    pub(crate) fn new() -> io::Result<Self> {
        let (sender, requests) = mpsc::channel::<Request>();
        std::thread::Builder::new().name("spawner".into()).spawn(move || {
            for Request { launch, runtime, answer } in requests {
                let _inside = runtime.enter();
                // Nobody waits any more: the child is dropped here, and killed by that.
                drop(answer.send(spawn(launch)));
            }
        })?;
        Ok(Self(sender))
    }

    pub(crate) async fn spawn(&self, launch: Launch) -> io::Result<Tied> {
        let (answer, spawned) = oneshot::channel();
        let request = Request { launch, runtime: Handle::current(), answer };
        let gone = || io::Error::other("the thread that starts processes has ended");
        self.0.send(request).map_err(|_| gone())?;
        spawned.await.map_err(|_| gone())?
    }
}

fn spawn(launch: Launch) -> io::Result<Tied> {
    let mut command = Command::new(launch.program);
    command
        .args(launch.arguments)
        .current_dir(launch.folder)
        .env_clear()
        .envs(launch.environment)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);

    let Launch { inherited, memory, group, .. } = launch;
    if group {
        command.process_group(0);
    }
    let parent = std::process::id();
    // SAFETY: the closure runs in the forked child, where only async-signal-safe calls are allowed. It makes system
    // calls through rustix, which neither allocates nor locks, and touches nothing but what it owns.
    unsafe {
        command.pre_exec(move || {
            end_with_parent(parent)?;
            limit(memory)?;
            // The descriptor keeps its number: moving it to a fixed one could land on the pipe by which the standard
            // library reports a failed exec.
            if let Some(inherited) = &inherited {
                rustix::io::fcntl_setfd(inherited, rustix::io::FdFlags::empty())?;
            }
            Ok(())
        });
    }
    let child = command.spawn()?;
    // The kernel of Linux ends the child with the app (`end_with_parent`), and nobody whom that has started.
    let leash = if group || !cfg!(target_os = "linux") { Some(Leash::tie(&child, group)?) } else { None };
    Ok(Tied { child, group, _leash: leash })
}

#[cfg(target_os = "linux")]
fn end_with_parent(parent: u32) -> io::Result<()> {
    use rustix::process::{Signal, getppid, set_parent_process_death_signal};

    set_parent_process_death_signal(Some(Signal::KILL))?;
    // The parent may have died before the line above; then nobody will send the signal.
    let now = getppid().map(|pid| pid.as_raw_nonzero().get() as u32);
    if now == Some(parent) { Ok(()) } else { Err(io::ErrorKind::NotConnected.into()) }
}

#[cfg(not(target_os = "linux"))]
fn end_with_parent(_: u32) -> io::Result<()> {
    Ok(())
}

fn limit(memory: Option<u64>) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let limit = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    // A core would hold the secrets, or the code, that the process was given.
    setrlimit(Resource::Core, limit(0))?;
    // Elsewhere the limit counts other things than on Linux, where what each child needs was measured.
    if cfg!(target_os = "linux")
        && let Some(memory) = memory
    {
        setrlimit(Resource::Data, limit(memory))?;
    }
    Ok(())
}

/// A shell waits for a pipe to close, which the death of the app does too, and then kills the child or its group.
struct Leash(std::process::Child);

impl Leash {
    fn tie(child: &Child, group: bool) -> io::Result<Self> {
        let id = child.id().ok_or(io::ErrorKind::NotFound)?;
        std::process::Command::new("/bin/sh")
            .args(["-c", r#"read _; kill -9 "$0""#, &if group { format!("-{id}") } else { id.to_string() }])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // What a terminal sends to end the app does not reach it.
            .process_group(0)
            .spawn()
            .map(Self)
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        // Killed before its pipe closes, which would make it kill the child's number.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
