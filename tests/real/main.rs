//! The real things that the library talks to, each started by the test that needs it.

#![allow(clippy::unwrap_used)]

// The keychain daemon.
#[cfg(target_os = "linux")]
mod keychain;

// The workerd that npm installed, and the addresses before it.
mod gateway;
mod gateway_switch;
mod workerd_network;
mod workerd_output;
mod workerd_process;
mod workerd_scheduled;
mod workerd_secrets;
mod workerd_start;
mod workerd_world;
