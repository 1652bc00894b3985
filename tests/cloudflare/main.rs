//! The server of `support/workers_api.rs`, held to the official client and to what was recorded of it.

#![allow(clippy::unwrap_used)]

#[path = "../support"]
mod support {
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
