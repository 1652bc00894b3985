//! Tells the page what happens, in answers to a question that it keeps asking: a batch at a time, since a function that
//! prints in a loop must not flood the window. Not by Tauri's channels and events: those are scripts run in the page, and
//! WebKit takes what a script answers by starting its engine in our process as well.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use postern::{app::App, wire::Event};
use tauri::async_runtime::{JoinHandle, spawn};
use tokio::sync::{
    broadcast::{self, error::RecvError},
    mpsc::{self, Receiver, Sender, UnboundedReceiver, UnboundedSender},
};

/// Between two batches: short enough to be read as at once, long enough for the page to draw.
const PAUSE: Duration = Duration::from_millis(30);

/// After a flood that was too much to tell.
const LONG_PAUSE: Duration = Duration::from_millis(500);

/// The page that asks now, if there is one.
#[derive(Default)]
pub(super) struct Watcher(Mutex<Option<Arc<Page>>>);

/// What happens from the first question of a page on. One batch of what the core says waits here at the most, and the core
/// keeps the rest.
struct Page {
    next: tokio::sync::Mutex<Next>,
    window: UnboundedSender<Event>,
    collecting: JoinHandle<()>,
}

struct Next {
    batches: Receiver<Vec<Event>>,
    /// What is asked of the window itself, which waits for no batch.
    window: UnboundedReceiver<Event>,
}

impl Watcher {
    /// What the page has not been told yet, as soon as there is something. With its first question, which is answered with how
    /// things stand, a page takes the place of the one before. None where it is not the page any more that is told: that one
    /// may ask as the first.
    pub(super) async fn next(&self, app: &App, first: bool) -> Option<Vec<Event>> {
        if first {
            self.replace(Some(Page::of(app.clone())));
        }
        let page = self.page().clone()?;
        let mut next = page.next.lock().await;
        let Next { batches, window } = &mut *next;
        if first {
            return batches.recv().await;
        }
        tokio::select! {
            biased;
            Some(event) = window.recv() => Some(vec![event]),
            batch = batches.recv() => batch,
        }
    }

    /// What is asked of the window itself. Answers whether there is a page to hear it.
    pub(super) fn tell(&self, event: Event) -> bool {
        self.page().as_ref().is_some_and(|page| page.window.send(event).is_ok())
    }

    /// The page is gone: nothing that happens from now on is for it.
    pub(super) fn leave_page(&self) {
        self.replace(None);
    }

    fn replace(&self, now: Option<Page>) {
        let before = std::mem::replace(&mut *self.page(), now.map(Arc::new));
        before.inspect(|before| before.collecting.abort());
    }

    fn page(&self) -> MutexGuard<'_, Option<Arc<Page>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Page {
    fn of(app: App) -> Self {
        // Heard from now on, not from whenever the task begins: the page asks for everything else next.
        let events = app.events();
        let (sender, batches) = mpsc::channel(1);
        let (window, asked) = mpsc::unbounded_channel();
        let next = Next { batches, window: asked };
        Self { next: next.into(), window, collecting: spawn(collect(app, events, sender)) }
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
