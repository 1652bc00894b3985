//! The use cases: the one place that joins store, vault, source, language, packages, target and logs.
//!
//! No method answers a secret's value. No lock is held across an `.await`. `App` is a handle; clones share everything.

mod addresses;
mod afterwards;
mod credentials;
mod deploy;
mod files;
mod functions;
mod history;
mod import;
mod language;
mod leaked;
mod moving;
mod node;
mod opening;
mod outgoing;
mod output;
mod packages;
mod plan;
mod quoting;
mod recogniser;
mod remote;
mod schedules;
mod secrets;
mod sighting;
mod standing;
mod targets;
mod templates;
mod variables;
mod words;

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::sync::{Notify, broadcast};

use crate::{
    function::FunctionId,
    language::{Language, Tools},
    logs::{Journal, LogLine},
    packages::Digests,
    source::StackMap,
    store::{self, Store},
    target::Local,
    vault::{Vault, key::KeyStore},
    wire::{Allowed, Event, Failure, Overview, RuntimeState},
};

pub use secrets::Question;

/// Where things are and what the app stands on.
pub struct Config {
    /// Holds the database; made private.
    pub data: PathBuf,
    /// Holds sockets for as long as the app runs; made private.
    pub run: PathBuf,
    /// The workerd binary.
    pub workerd: PathBuf,
    /// The folder of the language server and its declarations.
    pub typescript: PathBuf,
    pub keys: Arc<dyn KeyStore>,
}

#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    data: PathBuf,
    store: Store,
    vault: Vault,
    local: Local,
    language: Language,
    journal: Journal,
    events: broadcast::Sender<Event>,
    /// Deployments under way.
    deploying: Mutex<HashMap<FunctionId, Arc<deploy::Attempt>>>,
    /// Functions whose scheduled handler runs now.
    ticking: schedules::Ticking,
    /// Something about schedules changed: the clock looks again.
    schedules_changed: Arc<Notify>,
    /// Whether something was purged that may still have bytes in the files.
    unscrubbed: AtomicBool,
    address_problems: Mutex<HashMap<FunctionId, Failure>>,
    stack_maps: Mutex<HashMap<FunctionId, Arc<StackMap>>>,
    /// What the code that was read last says.
    last_reading: Mutex<Option<standing::LastReading>>,
    package_digests: Digests,
    /// The credentials that the code of each function held when it was looked at last, as hashes.
    credentials_seen: Mutex<HashMap<FunctionId, HashSet<[u8; 32]>>>,
    /// What of it may be deployed, where the vault was closed as that was said: by the same hashes.
    allowed: Mutex<HashMap<FunctionId, HashMap<[u8; 32], Allowed>>>,
    /// Secret id and revision of seals that did not open.
    damaged: Mutex<HashSet<(i64, i64)>>,
}

impl App {
    /// Opens the database, takes up the addresses of what is deployed, and starts the clock. The keychain is asked in
    /// the background: `overview` says how that stands.
    pub async fn open(config: Config) -> Result<Self, Failure> {
        Self::open_by(config, now).await
    }

    /// The same, with schedules that come due by this clock, in milliseconds since the Unix epoch.
    pub async fn open_by(config: Config, clock: impl Fn() -> i64 + Send + 'static) -> Result<Self, Failure> {
        let folder = config.data.clone();
        let store = tokio::task::spawn_blocking(move || Store::open(&folder)).await.map_err(|_| {
            Failure::new(crate::wire::Code::Internal, "Opening the database broke off. Start Postern again.")
        })??;
        let (signals, heard) = tokio::sync::mpsc::channel(1024);
        let local = Local::new(config.workerd, config.run, signals).map_err(store::StoreError::from)?;
        let app = Self(Arc::new(Inner {
            data: config.data,
            store,
            vault: Vault::new(config.keys),
            local,
            language: Language::new(Tools::within(&config.typescript)),
            journal: Journal::default(),
            events: broadcast::channel(4096).0,
            deploying: Mutex::default(),
            ticking: schedules::Ticking::default(),
            schedules_changed: Arc::default(),
            unscrubbed: AtomicBool::new(false),
            address_problems: Mutex::default(),
            stack_maps: Mutex::default(),
            last_reading: Mutex::default(),
            package_digests: Digests::default(),
            credentials_seen: Mutex::default(),
            allowed: Mutex::default(),
            damaged: Mutex::default(),
        }));
        output::listen(&app, heard);
        app.watch_language();
        app.purge().await;
        if app.0.store.needs_scrub().await? {
            app.scrub_in_background();
        }
        app.take_up_addresses().await?;
        schedules::start_clock(&app, clock);
        app.open_vault_in_background();
        Ok(app)
    }

    /// Everything that the first frame needs, with the function that was open `last`, or else the first one.
    pub async fn overview(&self, last: Option<FunctionId>) -> Result<Overview, Failure> {
        let standings = self.standings().await?;
        // Before the code is looked at: where the vault opens meanwhile, the page hears of it and asks again.
        let vault = self.vault_state();
        let open = standings.iter().find(|standing| Some(standing.row.id) == last).or(standings.first());
        Ok(Overview {
            functions: standings.iter().map(|standing| self.summary(standing)).collect(),
            open: match open {
                Some(standing) => Some(self.detail(standing).await),
                None => None,
            },
            templates: templates::list(),
            targets: self.targets().await?,
            vault,
            runtime: self.runtime_state(),
        })
    }

    /// Whether functions can be started here; asked again each time, so that Retry works without a restart.
    pub fn runtime_state(&self) -> RuntimeState {
        let problem = self.0.local.check().err().map(Failure::from);
        RuntimeState { ready: problem.is_none(), problem }
    }

    /// What happens from now on without having been asked for.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.0.events.subscribe()
    }

    /// How everything stands, for a listener that missed what led to it.
    pub async fn standing_of_everything(&self) -> Vec<Event> {
        let functions = self.summaries().await.unwrap_or_default();
        let functions = functions.into_iter().map(|summary| Event::Function { summary });
        functions
            .chain([Event::Vault { state: self.vault_state() }, Event::Language { state: self.language_state() }])
            .collect()
    }

    pub fn read_log(&self, id: FunctionId) -> Vec<LogLine> {
        self.0.journal.read(id)
    }

    pub fn clear_log(&self, id: FunctionId) {
        self.0.journal.clear(id);
    }

    /// The app is closing: gives up what may be given up, ends every process, and finishes taking deleted values out of
    /// the files.
    pub async fn shutdown(&self) {
        // Held until the end: none of it begins anew.
        let _claims = self.claim_all().await;
        tokio::join!(self.0.local.shutdown(), self.0.language.shutdown());
        if self.0.unscrubbed.load(Ordering::Acquire)
            && let Err(error) = self.0.store.scrub().await
        {
            tracing::warn!(%error, "the database files are scrubbed at the next start");
        }
    }

    fn tell(&self, event: Event) {
        // Nobody listens while no window is open; nothing is lost by that, since a window reads everything first.
        let _ = self.0.events.send(event);
    }

    /// Takes purged values out of the database files, when the moment's work is done.
    fn scrub_soon(&self) {
        self.0.store.give_up_backups();
        self.scrub_in_background();
    }

    fn scrub_in_background(&self) {
        self.0.unscrubbed.store(true, Ordering::Release);
        let app = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            for pause in [0, 1, 5, 30] {
                tokio::time::sleep(Duration::from_secs(pause)).await;
                let Some(app) = app.upgrade() else { return };
                match app.store.scrub().await {
                    Ok(()) => return app.unscrubbed.store(false, Ordering::Release),
                    Err(error) => tracing::warn!(%error, "the database files could not be scrubbed yet"),
                }
            }
        });
    }
}

/// Milliseconds since the Unix epoch.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The maps behind these locks are changed in one step each, so that a panic leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
