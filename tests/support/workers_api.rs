//! A server that speaks the Cloudflare Workers API, for tests: what is uploaded to it runs in the real workerd.
//!
//! Each server is an account of its own, in memory, on a free port of 127.0.0.1. It answers as the recorded traffic of
//! the official client says, and `tests/cloudflare` holds it to that client. Absent on purpose: TLS, routes, Durable
//! Objects, KV, assets. Dropping a server ends it, its connections and its processes.
//!
//! ```ignore
//! let server = WorkersApi::start(workerd()).await;
//! server.fault(Fault { on: "POST …/versions", nth: 1, kind: Kind::ResetAfter });
//! deploy_to(server.base_url(), server.account(), server.token()).await;
//! assert_eq!(get(&server.url_of("hello").await).await, "hello");
//! assert!(server.requests().iter().all(|request| request.method != "DELETE"));
//! ```

// Each test target, and the bench, uses a part of it.
#![allow(dead_code, unused_imports)]

// From a connection inwards: how it may break, what is kept of a request, who may ask.
mod connection;
mod faults;
mod requests;
mod tokens;
// What can be asked.
mod routes;
mod tails;
mod versioned;
// How it is answered, and what the answers are made from.
mod account;
mod answers;
mod bindings;
mod cron;
mod upload;
// The runtime.
mod running;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use account::Account;
use faults::Faults;
use running::Running;
use tails::Tails;
use tokens::Tokens;

pub(crate) use faults::{Fault, Kind};
pub(crate) use requests::{Part, Request};
pub(crate) use tokens::Permission;

pub(crate) struct WorkersApi {
    state: Arc<State>,
    serving: JoinHandle<()>,
}

impl WorkersApi {
    /// `workerd`: the binary that runs what is uploaded. An account without scripts, with a subdomain and one token that
    /// may do everything.
    pub(crate) async fn start(workerd: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let state = Arc::new_cyclic(|state| State {
            address,
            account: Mutex::new(Account::new()),
            tokens: Mutex::default(),
            requests: Mutex::default(),
            recorded: watch::Sender::new(0),
            faults: Mutex::default(),
            tails: Tails::default(),
            running: Running::new(workerd, state.clone()),
        });
        let serving = tokio::spawn(connection::accept(listener, routes::router(Arc::clone(&state))));
        Self { state, serving }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/client/v4", self.state.address)
    }

    pub(crate) fn account(&self) -> &'static str {
        account::ID
    }

    /// The token that may do everything.
    pub(crate) fn token(&self) -> &'static str {
        tokens::FULL
    }

    /// Another token, which may do this and nothing else.
    pub(crate) fn token_with(&self, permissions: &[Permission]) -> String {
        self.state.tokens().issue(permissions)
    }

    /// As a user does on the dashboard: from now on nothing is answered to it.
    pub(crate) fn revoke(&self, token: &str) {
        self.state.tokens().revoke(token);
    }

    /// As an account is on which nobody has yet chosen a name below workers.dev.
    pub(crate) fn forget_subdomain(&self) {
        self.state.account().subdomain = None;
    }

    /// The crons that all scripts together may have; 5 on the free plan, 250 on the paid one.
    pub(crate) fn allow_crons(&self, count: usize) {
        self.state.account().max_crons = count;
    }

    /// What happens to a request that is still to come.
    pub(crate) fn fault(&self, fault: Fault) {
        self.state.faults().add(fault);
    }

    /// Everything that was asked so far, in its order.
    pub(crate) fn requests(&self) -> Vec<Arc<Request>> {
        lock(&self.state.requests).clone()
    }

    /// The first request like this (as in `Fault::on`), once it is there.
    pub(crate) async fn request(&self, like: &str) -> Arc<Request> {
        let mut count = self.state.recorded.subscribe();
        loop {
            let found = self.requests().into_iter().find(|request| request.is_like(like));
            match found {
                Some(request) => return request,
                None => count.changed().await.expect("the server lives"),
            }
        }
    }

    /// Where the live version of a script answers. Started by the first call; in a deployment of several versions, the
    /// one with the largest part of the traffic. The script must be there.
    pub(crate) async fn url_of(&self, script: &str) -> String {
        let function = self.state.account().script(script).expect("the script is there").function;
        let port = self.state.running.open(function, script.to_owned()).await;
        format!("http://localhost:{port}/")
    }

    /// The id of the version that answers, where one does.
    pub(crate) fn live_version(&self, script: &str) -> Option<String> {
        let account = self.state.account();
        account.script(script).ok()?.live().map(|version| version.id.clone())
    }

    /// The value that a script's live version has for a name. For asserting: the API itself never tells a secret.
    pub(crate) fn live_value(&self, script: &str, name: &str) -> Option<String> {
        let account = self.state.account();
        let binding = account.script(script).ok()?.live()?.bindings.iter().find(|binding| binding.name == name)?;
        Some(binding.text().to_owned())
    }
}

impl Drop for WorkersApi {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What every request sees.
struct State {
    address: SocketAddr,
    account: Mutex<Account>,
    tokens: Mutex<Tokens>,
    requests: Mutex<Vec<Arc<Request>>>,
    /// How many there are.
    recorded: watch::Sender<usize>,
    faults: Mutex<Faults>,
    tails: Tails,
    running: Running,
}

impl State {
    fn record(&self, request: Arc<Request>) {
        lock(&self.requests).push(request);
        self.recorded.send_modify(|count| *count += 1);
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        lock(&self.account)
    }

    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        lock(&self.tokens)
    }

    fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }
}

/// A test that panics while it holds the lock has failed anyway; the others go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This many random bytes, in hex.
fn random_hex<const BYTES: usize>() -> String {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As the API writes ids of versions and deployments.
fn random_uuid() -> String {
    let hex = random_hex::<16>();
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

fn now() -> String {
    format!("{:.6}", jiff::Timestamp::now())
}
