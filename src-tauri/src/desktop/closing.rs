//! Closing the window. The page saves what was typed and then ends it; a page that hangs or has crashed would never.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tauri::{Window, WindowEvent};

/// A second request within this time comes from somebody whom the page has not answered. It takes 3 s at the most.
const AGAIN: Duration = Duration::from_secs(15);

pub(super) fn second_close_leaves() -> impl Fn(&Window, &WindowEvent) + Send + Sync + 'static {
    let requested: Mutex<Option<Instant>> = Mutex::new(None);
    move |window, event| {
        if !matches!(event, WindowEvent::CloseRequested { .. }) {
            return;
        }
        let before = requested.lock().unwrap_or_else(PoisonError::into_inner).replace(Instant::now());
        if before.is_some_and(|before| before.elapsed() < AGAIN)
            && let Err(error) = window.destroy()
        {
            tracing::warn!(%error, "the window could not be closed");
        }
    }
}
