//! The real window: a session bus, a display, a keychain, WebKit and the program itself, in each test, and nothing of
//! the person's own session. `cargo test --test window` needs neither a display nor a bus.
//!
//! The stories come first; below them is what they are told with.

mod tour;

mod cloudflare;
mod credentials;
mod deploying;
mod files;
mod first_run;
mod functions;
mod keyboard;
mod language;
mod leaks;
mod looks;
mod packages;
mod problems;
mod running;
mod secrets;
mod starting;
mod writing;

mod account;
mod clipboard;
mod control;
mod desktop;
mod dialog;
mod keys;
mod pointer;
mod process;
mod steps;
mod wait;
mod window;

#[path = "../support/canary.rs"]
mod canary;
// What stands in for Cloudflare, and what somebody else sends to it.
#[path = "../support"]
mod support {
    pub(crate) mod workers_api;
}
#[allow(dead_code)]
#[path = "../cloudflare/upload.rs"]
mod upload;
