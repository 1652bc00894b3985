//! The client of Cloudflare against a small server that answers as it is told to, and fails as it is told to.
//! Whether the API is understood rightly is for `tests/support` and the official client to show; here it is faults.

#![allow(clippy::unwrap_used)]

mod server;

// What is sent, beside what the official client sent.
mod recorded_traffic;
// What becomes of every call when it goes wrong.
mod faults;
mod lost_answers;
mod patience;
mod tokens;
mod transport;
// What is read.
mod reading;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use postern::deployment::{Binding, Bundle, Content, Module, Value};
use postern::schedule::Cron;
use postern::secret::{SecretName, SecretValue};
use postern::target::cloudflare::{Allowance, Cloudflare, Listener, Order, Patience, Progress};

const TOKEN: &str = "made-up-token-for-tests";
const SECRET: &str = "made-up \"secret\"\nof two lines, made up";
const ACCOUNT: &str = "acct";

fn secret(text: &str) -> SecretValue {
    SecretValue::parse(text.to_owned().into()).unwrap()
}

fn binding(name: &str, value: Value) -> Binding {
    Binding { name: SecretName::parse(name).unwrap(), value }
}

fn bundle() -> Bundle {
    Bundle {
        modules: vec![Module {
            name: "index.js".into(),
            content: Content::Code("export default { fetch() { return new Response('hi') } }".into()),
            map: Some(r#"{"version":3}"#.into()),
        }],
        compatibility_date: "2026-11-17".into(),
        compatibility_flags: Vec::new(),
        bindings: vec![
            binding("API_KEY", Value::Set(secret(SECRET))),
            binding("PLAIN", Value::Plain("a variable, made up".into())),
        ],
    }
}

fn order(first: bool) -> Order {
    let schedules = ["*/5 * * * *", "0 0 1 * *"].map(|cron| Cron::parse(cron).unwrap()).into();
    Order {
        first,
        publish: first,
        mark: "postern-0123456789abcdef".into(),
        message: None,
        keep: Vec::new(),
        schedules,
        allowance: Allowance::FREE,
    }
}

/// Everything is over soon.
fn short() -> Patience {
    Patience {
        connect: Duration::from_secs(2),
        answer: Duration::from_millis(400),
        longest_wait: Duration::from_secs(2),
        waits: 2,
        pause: Duration::from_millis(10),
    }
}

fn client(base: &str) -> Cloudflare {
    Cloudflare::with_patience(base, Some(ACCOUNT.into()), secret(TOKEN), short()).unwrap()
}

fn silent() -> Listener {
    Arc::new(|_| {})
}

/// A listener, and what it has heard.
fn listening() -> (Listener, Arc<Mutex<Vec<Progress>>>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let keeps = heard.clone();
    (Arc::new(move |progress| keeps.lock().unwrap().push(progress)), heard)
}

/// Neither in what is shown nor in what a log would print.
fn tells_nothing(error: &(impl std::fmt::Display + std::fmt::Debug)) {
    for text in [error.to_string(), format!("{error:?}")] {
        for part in [TOKEN, SECRET, "of two lines", "made-up \\\"secret"] {
            assert!(!text.contains(part), "{text}");
        }
    }
}
