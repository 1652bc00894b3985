//! The real window: a session bus, a display, a keychain, WebKit and the program itself, in each test, and nothing of
//! the person's own session. `cargo test --test window` needs neither a display nor a bus.
//!
//! The stories come first; below them is what they are told with.

mod first_run;

mod clipboard;
mod control;
mod desktop;
mod dialog;
mod keys;
mod process;
mod wait;
mod window;
