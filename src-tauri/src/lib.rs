//! Postern without its window: everything that can be built and tested with no display and no bus.
//!
//! Read in this order. `app` is the one place that joins the others; the rooms below it do not know each other.

// The domain: parsed names, values that cannot be printed, what a deployment carries.
pub mod deployment;
pub mod function;
pub mod schedule;
pub mod secret;

// What the program does to itself first, and what three rooms stand on: children that end with it.
pub mod hardening;
mod spawn;

// The rooms.
pub mod language;
pub mod logs;
pub mod packages;
pub mod source;
pub mod store;
pub mod target;
pub mod vault;

// The use cases, and what crosses to the window.
pub mod app;
pub mod error;
pub mod wire;
