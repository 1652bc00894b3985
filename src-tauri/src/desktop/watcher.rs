//! Tells the page what happens, a batch at a time: a function that prints in a loop must not flood the window.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use postern::{app::App, wire::Event};
use tauri::{async_runtime::JoinHandle, ipc::Channel};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// Between two batches: short enough to be read as at once, long enough for the page to draw.
const PAUSE: Duration = Duration::from_millis(30);

/// After a flood that was too much to tell.
const LONG_PAUSE: Duration = Duration::from_millis(500);

/// The task that tells the page; a page that was loaded anew takes the place of the one before.
#[derive(Default)]
pub(super) struct Watcher(Mutex<Option<JoinHandle<()>>>);

impl Watcher {
    pub(super) fn forward(&self, app: App, channel: Channel<Vec<Event>>) {
        // Heard from now on, not from whenever the task begins: the page asks for everything else next.
        let events = app.events();
        let task = tauri::async_runtime::spawn(forward(app, events, channel));
        let before = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(task);
        before.inspect(JoinHandle::abort);
    }
}

async fn forward(app: App, mut events: Receiver<Event>, channel: Channel<Vec<Event>>) {
    // The page asks for everything at the same time, and may have been answered before it was listened to here.
    let mut batch = app.standing_of_everything().await;
    let mut pause = PAUSE;
    while channel.send(batch).is_ok() {
        tokio::time::sleep(pause).await;
        (batch, pause) = match events.recv().await {
            Ok(first) => (std::iter::once(first).chain(waiting(&mut events)).collect(), PAUSE),
            Err(RecvError::Lagged(_)) => {
                waiting(&mut events).for_each(drop);
                let standing = app.standing_of_everything().await;
                (standing.into_iter().chain([Event::LogsLost]).collect(), LONG_PAUSE)
            }
            Err(RecvError::Closed) => return,
        };
    }
}

/// What has happened already, as much as fits into one batch.
fn waiting(events: &mut Receiver<Event>) -> impl Iterator<Item = Event> {
    std::iter::from_fn(|| events.try_recv().ok()).take(4096)
}
