//! How large everything in the window is drawn. Remembered beside the window's size, in a file that is there only while it
//! is another than the usual one.

use std::{
    fs, io,
    path::PathBuf,
    sync::atomic::{AtomicU16, Ordering::Relaxed},
};

use postern::wire::Zoom;
use tauri::{Manager, State, WebviewWindow, command};

/// In percent. More leaves too little room beside the list of functions.
const SIZES: &[u16] = &[80, 90, 100, 110, 125, 150, 175, 200];
const USUAL: u16 = 100;

/// The one of now.
pub(super) struct Size(AtomicU16);

impl Default for Size {
    fn default() -> Self {
        Self(USUAL.into())
    }
}

/// Before the page is drawn.
pub(super) fn restore(window: &WebviewWindow) {
    let remembered = file(window).ok().and_then(|file| fs::read_to_string(file).ok());
    if let Some(size) = remembered.as_deref().and_then(read) {
        apply(window, size);
    }
}

#[command]
pub(super) fn zoom(window: WebviewWindow, size: State<'_, Size>, by: Zoom) {
    let next = after(size.0.load(Relaxed), by);
    apply(&window, next);
    if let Err(error) = remember(&window, next) {
        tracing::warn!(%error, "the window will start in another size");
    }
}

fn apply(window: &WebviewWindow, size: u16) {
    window.state::<Size>().0.store(size, Relaxed);
    if let Err(error) = window.set_zoom(f64::from(size) / 100.0) {
        tracing::warn!(%error, "the window does not change its size");
    }
}

fn remember(window: &WebviewWindow, size: u16) -> io::Result<()> {
    let file = file(window).map_err(io::Error::other)?;
    if size == USUAL {
        return fs::remove_file(file).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        });
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, size.to_string())
}

fn file(window: &WebviewWindow) -> tauri::Result<PathBuf> {
    Ok(window.path().app_config_dir()?.join("zoom"))
}

fn read(remembered: &str) -> Option<u16> {
    remembered.trim().parse().ok().filter(|size| SIZES.contains(size))
}

fn after(size: u16, by: Zoom) -> u16 {
    let step = match by {
        Zoom::In => SIZES.iter().find(|each| **each > size),
        Zoom::Out => SIZES.iter().rfind(|each| **each < size),
        Zoom::Reset => Some(&USUAL),
    };
    step.copied().unwrap_or(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_in_steps_that_end_and_back_to_the_usual_size() {
        assert_eq!(after(USUAL, Zoom::In), 110);
        assert_eq!(after(USUAL, Zoom::Out), 90);
        assert_eq!(after(200, Zoom::In), 200);
        assert_eq!(after(80, Zoom::Out), 80);
        assert_eq!(after(175, Zoom::Reset), USUAL);
    }

    #[test]
    fn a_size_that_is_none_of_the_steps_is_not_taken() {
        assert_eq!(read("125\n"), Some(125));
        for other in ["", "0", "5000", "-100", "large"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
