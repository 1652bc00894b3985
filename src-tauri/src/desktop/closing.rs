//! Closing the window. The page saves what was typed and then ends it; a page that hangs or has crashed never would.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use postern::wire::Event;
use tauri::{Manager, State, Window, WindowEvent, async_runtime::spawn, command};

use super::watcher::Watcher;

/// A page that has not heard the request within this is given up. It hears it at once, and then takes 3 s at the most.
const DEAF: Duration = Duration::from_secs(5);

/// A second request within this time comes from somebody whom the page has not answered.
const AGAIN: Duration = Duration::from_secs(15);

/// The request that the window be closed, if there was one.
#[derive(Default)]
pub(super) struct Closing(Mutex<Option<Request>>);

struct Request {
    at: Instant,
    /// Whether the page has heard it: then the page decides.
    heard: bool,
}

impl Closing {
    /// Answers whether there was another request shortly before.
    fn request(&self, at: Instant) -> bool {
        let before = self.lock().replace(Request { at, heard: false });
        before.is_some_and(|before| at - before.at < AGAIN)
    }

    fn hear(&self) {
        if let Some(request) = &mut *self.lock() {
            request.heard = true;
        }
    }

    /// Whether the request of this time is still the last, and the page has not heard it.
    fn is_unheard(&self, at: Instant) -> bool {
        self.lock().as_ref().is_some_and(|request| request.at == at && !request.heard)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Request>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leaves it to the page to close the window, and does so without it where it is not there, is deaf, or is asked twice.
pub(super) fn watch(window: &Window, event: &WindowEvent) {
    let WindowEvent::CloseRequested { api, .. } = event else { return };
    api.prevent_close();
    let at = Instant::now();
    if window.state::<Closing>().request(at) || !window.state::<Watcher>().tell(Event::Closing) {
        return leave(window);
    }
    let window = window.clone();
    spawn(async move {
        tokio::time::sleep(DEAF).await;
        let deaf = window.clone();
        // There, behind what the page may have said meanwhile.
        let asked = window.run_on_main_thread(move || {
            if deaf.state::<Closing>().is_unheard(at) {
                tracing::warn!("the page did not answer, and the window is closed without it");
                leave(&deaf);
            }
        });
        // The window, and all else, may have ended.
        drop(asked);
    });
}

pub(super) fn leave(window: &Window) {
    if let Err(error) = window.destroy() {
        tracing::warn!(%error, "the window could not be closed");
    }
}

/// The page has heard that the window is to be closed.
#[command]
pub(super) fn hear_close(closing: State<'_, Closing>) {
    closing.hear();
}

/// The page has saved what was typed.
#[command]
pub(super) fn close_window(window: Window) {
    leave(&window);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_given_up_unless_the_page_hears_it_or_another_one_follows() {
        let (closing, start) = (Closing::default(), Instant::now());
        assert!(!closing.request(start));
        assert!(closing.is_unheard(start));
        closing.hear();
        assert!(!closing.is_unheard(start));

        let later = start + AGAIN;
        assert!(!closing.request(later));
        assert!(closing.is_unheard(later));
        assert!(closing.request(later + Duration::from_secs(1)));
        assert!(!closing.is_unheard(later));
    }
}
