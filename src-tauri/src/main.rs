//! The binary: a window on the library.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod desktop;

fn main() {
    desktop::run();
}
