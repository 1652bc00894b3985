//! Tells the page what happens, in answers to a question that it keeps asking: a batch at a time, since a function that
//! prints in a loop must not flood the window. Not by Tauri's channels and events: those are scripts run in the page, and
//! WebKit takes what a script answers by starting its engine in our process as well.

use std::{
    mem::take,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use postern::{app::App, wire::Event};
use tauri::async_runtime::{JoinHandle, spawn};
use tokio::sync::{
    Notify,
    broadcast::{self, error::RecvError},
    mpsc::{self, Receiver, Sender},
};

/// Between two batches: short enough to be read as at once, long enough for the page to draw.
const PAUSE: Duration = Duration::from_millis(30);

/// After a flood that was too much to tell.
const LONG_PAUSE: Duration = Duration::from_millis(500);

#[derive(Default)]
pub(super) struct Watcher {
    /// Of the page that asks now.
    core: Mutex<Option<Arc<Batches>>>,
    /// What is asked of the window itself. It waits for a page.
    window: Mutex<Vec<Event>>,
    told: Notify,
}

/// What the core says, from the first question of a page on. One batch waits here at the most, and the core keeps the rest.
struct Batches {
    next: tokio::sync::Mutex<Receiver<Vec<Event>>>,
    collecting: JoinHandle<()>,
}

impl Watcher {
    /// What the page has not been told yet, as soon as there is something. With its first question, which is answered with how
    /// things stand, a page takes the place of the one before. None where it is not the page any more that is told: that one
    /// may ask as the first.
    pub(super) async fn next(&self, app: &App, first: bool) -> Option<Vec<Event>> {
        if first {
            self.replace(Some(Batches::of(app.clone())));
        }
        let page = lock(&self.core).clone()?;
        let mut next = page.next.lock().await;
        if first {
            return next.recv().await;
        }
        tokio::select! {
            biased;
            events = self.of_the_window(&page) => events,
            batch = next.recv() => batch,
        }
    }

    pub(super) fn tell(&self, event: Event) {
        lock(&self.window).push(event);
        self.told.notify_one();
    }

    /// Whether there is a page that asks.
    pub(super) fn is_asked(&self) -> bool {
        lock(&self.core).is_some()
    }

    /// The page is gone: nothing that happens from now on is for it.
    pub(super) fn leave_page(&self) {
        self.replace(None);
    }

    fn replace(&self, now: Option<Batches>) {
        let before = std::mem::replace(&mut *lock(&self.core), now.map(Arc::new));
        before.inspect(|before| before.collecting.abort());
    }

    /// For the page that asks now: one that is not any more passes it on.
    async fn of_the_window(&self, page: &Arc<Batches>) -> Option<Vec<Event>> {
        loop {
            if !lock(&self.core).as_ref().is_some_and(|now| Arc::ptr_eq(now, page)) {
                self.told.notify_one();
                return None;
            }
            let events = take(&mut *lock(&self.window));
            if !events.is_empty() {
                return Some(events);
            }
            self.told.notified().await;
        }
    }
}

impl Batches {
    fn of(app: App) -> Self {
        // Heard from now on, not from whenever the task begins: the page asks for everything else next.
        let events = app.events();
        let (sender, next) = mpsc::channel(1);
        Self { next: next.into(), collecting: spawn(collect(app, events, sender)) }
    }
}

async fn collect(app: App, mut events: broadcast::Receiver<Event>, page: Sender<Vec<Event>>) {
    // The page asks for everything at the same time, and may have been answered before it was listened to here.
    let mut batch = anew(&app).await;
    let mut pause = PAUSE;
    while page.send(batch).await.is_ok() {
        tokio::time::sleep(pause).await;
        (batch, pause) = match events.recv().await {
            Ok(first) => (std::iter::once(first).chain(waiting(&mut events)).collect(), PAUSE),
            Err(RecvError::Lagged(_)) => {
                waiting(&mut events).for_each(drop);
                (anew(&app).await, LONG_PAUSE)
            }
            Err(RecvError::Closed) => return,
        };
    }
}

/// How everything stands, for whoever may have missed something.
async fn anew(app: &App) -> Vec<Event> {
    app.standing_of_everything().await.into_iter().chain([Event::LogsLost]).collect()
}

/// What has happened already, as much as fits into one batch.
fn waiting(events: &mut broadcast::Receiver<Event>) -> impl Iterator<Item = Event> {
    std::iter::from_fn(|| events.try_recv().ok()).take(4096)
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
