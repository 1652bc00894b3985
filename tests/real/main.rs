//! The real things that the library talks to, each started by the test that needs it.

mod deploying;
#[cfg(target_os = "linux")]
#[path = "../support/canary.rs"]
mod canary;
#[cfg(target_os = "linux")]
mod keychain;
