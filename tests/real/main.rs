//! The real things that the library talks to, each started by the test that needs it.

#![allow(clippy::unwrap_used)]

#[cfg(target_os = "linux")]
#[path = "../support/canary.rs"]
mod canary;

// The use cases, on the workerd that npm installed.
mod closed_vault;
mod deploying;
mod scheduling;
mod shapes;
mod shapes_http;

// The keychain daemon.
#[cfg(target_os = "linux")]
mod keychain;

// The language server, and the real npm beside it.
mod language;
mod packages;
mod types;

// What is left of an app that was killed.
#[cfg(target_os = "linux")]
mod killed;

// workerd itself, and the addresses before it.
mod gateway;
mod gateway_switch;
mod workerd_network;
mod workerd_output;
mod workerd_process;
mod workerd_scheduled;
mod workerd_secrets;
mod workerd_start;
mod workerd_world;
