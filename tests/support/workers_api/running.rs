//! Runs what was uploaded, with Postern's own local target: to see whether it starts, and for whoever calls it.
//!
//! The one place here that knows Postern's bundles. They carry less than the API takes: a binding whose name has fewer
//! than three characters, or whose text is empty, is kept and shown but is not in `env`.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use futures_util::FutureExt;
use postern::deployment::{self, Bundle, Content, Value};
use postern::function::{FunctionId, SourceFile};
use postern::secret::{SecretName, SecretValue};
use postern::source;
use postern::target::{Local, Signal, StartError, Starter};
use tokio::sync::mpsc;

use super::answers::Refusal;
use super::bindings::Binding;
use super::upload::Code;
use super::{State, random_hex};

/// What the API takes where an upload names no date.
const OLDEST_DATE: &str = "2021-11-02";

pub(super) struct Running {
    local: Local,
    folder: PathBuf,
    next: AtomicI64,
    state: Weak<State>,
}

/// What was found out by starting it once.
pub(super) struct Started {
    pub(super) handlers: Vec<&'static str>,
    pub(super) startup_ms: u64,
}

impl Running {
    pub(super) fn new(workerd: PathBuf, state: Weak<State>) -> Self {
        let folder = std::env::temp_dir().join(format!("workers-api-{}", random_hex::<8>()));
        let (sender, signals) = mpsc::channel(64);
        let local = Local::new(workerd, folder.clone(), sender).expect("the folder for temporary files is there");
        local.check().expect("workerd is installed: script/setup");
        tokio::spawn(hear(signals, state.clone()));
        Self { local, folder, next: AtomicI64::new(1), state }
    }

    pub(super) fn new_function(&self) -> FunctionId {
        FunctionId(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Starts the code once, beside whatever runs, as the API does before it takes a version.
    pub(super) async fn check(&self, code: &Code, bindings: &[Binding]) -> Result<Started, Refusal> {
        let began = Instant::now();
        let started = self.local.start(self.new_function(), bundle(code, bindings)).await;
        drop(started.map_err(|error| Refusal::validation(told(&error)))?);
        let startup_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let entry = SourceFile { path: code.entry.clone(), text: code.entry_text().to_owned() };
        let trigger = source::read(&[entry], false).trigger.unwrap_or_default();
        let handlers = [("fetch", trigger.http), ("scheduled", trigger.scheduled)];
        let handlers: Vec<_> = handlers.into_iter().filter(|(_, has)| *has).map(|(name, _)| name).collect();
        if handlers.is_empty() {
            return Err(Refusal::new(400, 10068, "The uploaded script has no registered event handlers."));
        }
        Ok(Started { handlers, startup_ms })
    }

    /// The port where the script's live version answers, whichever that is by then.
    pub(super) async fn open(&self, function: FunctionId, script: String) -> u16 {
        let state = self.state.clone();
        let starter: Starter = Arc::new(move || {
            let bundle = live_bundle(&state, &script).ok_or_else(|| format!("{script} has no live version"));
            async { bundle }.boxed()
        });
        self.local.open(function, None, starter).await.expect("a port is free")
    }

    /// The live version is another one now. What does not run is started by the next call.
    pub(super) async fn live_changed(&self, function: FunctionId, script: &str) {
        if self.local.is_running(function)
            && let Some(bundle) = live_bundle(&self.state, script)
        {
            let process = self.local.start(function, bundle).await.expect("it has started before");
            self.local.switch(function, process);
        }
    }

    pub(super) async fn close(&self, function: FunctionId) {
        self.local.close(function).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Sockets that nobody listens on any more; they are no reason to fail.
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn live_bundle(state: &Weak<State>, script: &str) -> Option<Bundle> {
    let state = state.upgrade()?;
    let account = state.account();
    let version = account.script(script).ok()?.live()?;
    Some(bundle(&version.code, &version.bindings))
}

/// The entry first; source maps stay out.
fn bundle(code: &Code, bindings: &[Binding]) -> Bundle {
    let mut modules: Vec<_> = code.modules.iter().filter(|module| !module.is_source_map()).collect();
    modules.sort_by_key(|module| module.name != code.entry);
    let module = |module: &super::upload::Module| deployment::Module {
        name: module.name.clone(),
        content: match module.is_es_module() {
            true => Content::Code(String::from_utf8_lossy(&module.bytes).into_owned()),
            false => Content::Wasm(module.bytes.to_vec()),
        },
        map: None,
    };
    let bound = |binding: &Binding| {
        let value = Value::Set(SecretValue::parse(binding.text().to_owned().into()).ok()?);
        Some(deployment::Binding { name: SecretName::parse(&binding.name).ok()?, value })
    };
    Bundle {
        modules: modules.into_iter().map(module).collect(),
        compatibility_date: code.compatibility_date.clone().unwrap_or_else(|| OLDEST_DATE.to_owned()),
        compatibility_flags: code.compatibility_flags.clone(),
        bindings: bindings.iter().filter_map(bound).collect(),
    }
}

/// The runtime's words as the API gives them back: modules by the names they were uploaded with.
fn told(error: &StartError) -> String {
    match error {
        StartError::TimedOut(_) => "Script startup exceeded CPU time limit.".to_owned(),
        StartError::RuntimeMissing(_) => panic!("{error}"),
        StartError::Inherited(_) => panic!("what is stored here is inherited already: {error}"),
        StartError::Refused { .. } | StartError::Io(_) => {
            let text = error.to_string().replace("file:///bundle/", "");
            let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            lines.join("\n  ") + "\n"
        }
    }
}

/// What functions say goes to whoever tails them.
async fn hear(mut signals: mpsc::Receiver<Signal>, state: Weak<State>) {
    while let Some(signal) = signals.recv().await {
        if let Signal::Output(function, output) = signal
            && let Some(state) = state.upgrade()
        {
            state.tails.tell(function, output);
        }
    }
}
