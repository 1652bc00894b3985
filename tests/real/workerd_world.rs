//! What every test of the local target stands on: the real workerd, a target of its own, and what it signalled.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use postern::deployment::{Binding, Bundle, Content, Module, Value};
use postern::function::{FunctionId, Level};
use postern::secret::{SecretName, SecretValue};
use postern::target::{Limits, Local, Signal, Starter};

pub(crate) const ID: FunctionId = FunctionId(1);

/// Never answers at `/loop`, and says so.
pub(crate) const LOOPS: &str =
    "if (request.url.endsWith('/loop')) { console.log('looping'); for (;;) {} } return new Response('fine')";

pub(crate) struct World {
    pub(crate) local: Local,
    pub(crate) run: PathBuf,
    heard: Arc<Mutex<Vec<Heard>>>,
    _folder: tempfile::TempDir,
}

#[derive(Clone, Debug)]
pub(crate) enum Heard {
    Output { id: FunctionId, at: i64, level: Level, text: String, stack: String },
    Running(FunctionId, bool),
}

/// The binary as npm installed it, in the package for this platform.
pub(crate) fn binary() -> PathBuf {
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "64" };
    let package = format!("ui/node_modules/@cloudflare/workerd-{system}-{machine}/bin/workerd");
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(package)
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_limits(Limits::default())
    }

    pub(crate) fn with_limits(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("run");
        let (sender, mut signals) = tokio::sync::mpsc::channel(64);
        let local = Local::with_limits(binary(), run.clone(), sender, limits).unwrap();
        local.check().expect("workerd is installed: npm --prefix ui ci");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Some(signal) = signals.recv().await {
                list.lock().unwrap().push(match signal {
                    Signal::Running(id, running) => Heard::Running(id, running),
                    Signal::Output(id, output) => Heard::Output {
                        id,
                        at: output.at,
                        level: output.level,
                        text: output.text,
                        stack: output.stack.unwrap_or_default(),
                    },
                });
            }
        });
        Self { local, run, heard, _folder: folder }
    }

    /// Opens the function's address; it is started by the first call.
    pub(crate) async fn open(&self, id: FunctionId, code: &str) -> u16 {
        self.local.open(id, None, starter(code)).await.unwrap()
    }

    /// Opens, starts and switches, as a deployment does.
    pub(crate) async fn deploy(&self, id: FunctionId, code: &str) -> u16 {
        let port = self.open(id, code).await;
        let process = self.local.start(id, bundle(code)).await.unwrap();
        self.local.switch(id, process);
        port
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// The texts of what this function said, so far.
    pub(crate) fn said(&self, of: FunctionId) -> Vec<String> {
        let text = |heard| match heard {
            Heard::Output { id, text, .. } if id == of => Some(text),
            _ => None,
        };
        self.heard().into_iter().filter_map(text).collect()
    }

    /// The first output with this in its text, once it is there.
    pub(crate) async fn hears(&self, part: &str) -> (Level, String, String) {
        let find = |heard: Heard| match heard {
            Heard::Output { level, text, stack, .. } if text.contains(part) => Some((level, text, stack)),
            _ => None,
        };
        until(part, || self.heard().into_iter().find_map(find)).await
    }
}

pub(crate) fn bundle(code: &str) -> Bundle {
    bundle_with(code, &[])
}

pub(crate) fn bundle_with(code: &str, values: &[(&str, &str)]) -> Bundle {
    let binding = |(name, value): &(&str, &str)| Binding {
        name: SecretName::parse(name).unwrap(),
        value: Value::Set(SecretValue::parse(value.to_string().into()).unwrap()),
    };
    Bundle {
        modules: vec![Module { name: "main.js".into(), content: Content::Code(code.into()), map: None }],
        compatibility_date: "2026-11-17".into(),
        compatibility_flags: vec![],
        bindings: values.iter().map(binding).collect(),
    }
}

pub(crate) fn starter(code: &str) -> Starter {
    let code = code.to_owned();
    Arc::new(move || std::future::ready(Ok(bundle(&code))).boxed())
}

/// A module whose `fetch` has this body.
pub(crate) fn fetch(body: &str) -> String {
    format!("export default {{ async fetch(request, env, ctx) {{ {body} }} }};")
}

pub(crate) async fn get(port: u16, path: &str) -> (u16, String) {
    let response = reqwest::get(format!("http://localhost:{port}{path}")).await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// Asks again until there is something; a deadline ends it, and no sleep decides the outcome.
pub(crate) async fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Processes that were started, directly or not, by this one.
pub(crate) fn descendants(of: u32) -> Vec<u32> {
    let parent = |pid: u32| -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // `pid (name) state ppid …`, and a name may hold anything.
        let mut rest = stat.rsplit_once(") ")?.1.split(' ');
        if rest.next() == Some("Z") { None } else { rest.next()?.parse().ok() }
    };
    let all: Vec<u32> = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    let children: Vec<u32> = all.into_iter().filter(|pid| parent(*pid) == Some(of)).collect();
    children.iter().copied().chain(children.iter().flat_map(|child| descendants(*child))).collect()
}

pub(crate) fn alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// As `kill -9` does.
pub(crate) fn kill(pid: u32) {
    let pid = rustix::process::Pid::from_raw(pid as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}
