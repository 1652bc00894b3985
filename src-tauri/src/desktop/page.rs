//! The page can end before the window: its process crashes, or whoever drives it closes it. Neither leaves an empty window.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use gtk::prelude::WidgetExt;
use tauri::{Manager, WebviewWindow};
use webkit2gtk::WebViewExt;

use super::{closing::leave, watcher::Watcher};

/// A page that ends again within this will not do any better.
const SOON: Duration = Duration::from_secs(10);

pub(super) fn watch(shown: &WebviewWindow) {
    let window = shown.as_ref().window();
    let watching = shown.with_webview(move |page| {
        let page = page.inner();
        let closed = window.clone();
        page.connect_destroy(move |_| leave(&closed));
        let before: Cell<Option<Instant>> = Cell::default();
        page.connect_web_process_terminated(move |page, why| {
            window.state::<Watcher>().leave_page();
            let again = before.replace(Some(Instant::now())).is_some_and(|before| before.elapsed() < SOON);
            if again {
                tracing::error!(?why, "the page has ended again, and the window with it");
                return leave(&window);
            }
            // What was typed was saved within a second, and is read again.
            tracing::warn!(?why, "the page has ended, and is loaded again");
            page.reload();
        });
    });
    if let Err(error) = watching {
        tracing::warn!(%error, "nobody hears of it if the page ends");
    }
}
