//! The server of `support/workers_api.rs`, held to the official client and to what was recorded of it; and the use cases
//! that deploy, against that server.

#![allow(clippy::unwrap_used)]

#[path = "../support"]
mod support {
    pub(crate) mod canary;
    pub(crate) mod workers_api;
}

// What was recorded, answered again.
mod recorded;
// wrangler itself.
mod wrangler;
mod wrangler_run;
// What no recording shows: refusals, and what goes wrong on purpose.
mod faults;
mod refusals;
mod upload;

// The use cases against the server.
mod addresses;
mod app_faults;
mod bundling;
mod conformance;
mod deleting;
mod deploying;
mod desk;
mod drift;
mod history;
mod importing;
mod leaks;
mod moving;
mod planning;
mod stopping;
mod targets;
