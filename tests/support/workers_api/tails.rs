//! Tails: what a script says, over a WebSocket that speaks `trace-v1`.
//!
//! The real API sends one event for each call, with all that was said in it; here each line is an event of its own,
//! because the local target tells lines.

use std::sync::{Arc, Mutex};

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State as Shared};
use axum::response::{IntoResponse, Response};
use postern::function::{FunctionId, Level, Output};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::answers::{Answer, Refusal, ok};
use super::{State, lock, random_hex};

#[derive(Default)]
pub(super) struct Tails(Mutex<Vec<Tail>>);

struct Tail {
    id: String,
    script: String,
    function: FunctionId,
    events: UnboundedSender<Value>,
    /// Until somebody listens.
    waiting: Option<UnboundedReceiver<Value>>,
}

impl Tails {
    pub(super) fn tell(&self, function: FunctionId, output: Output) {
        lock(&self.0).iter().filter(|tail| tail.function == function).for_each(|tail| {
            if let Some(event) = event(&tail.script, &output) {
                // Nobody has listened yet, or does any more.
                drop(tail.events.send(event));
            }
        });
    }
}

pub(super) async fn create(Shared(state): Shared<Arc<State>>, Path((_, script)): Path<(String, String)>) -> Answer {
    let function = state.account().script(&script)?.function;
    let (events, waiting) = unbounded_channel();
    let id = random_hex::<16>();
    let url = format!("ws://{}/tails/{id}", state.address);
    lock(&state.tails.0).push(Tail { id: id.clone(), script, function, events, waiting: Some(waiting) });
    let expires = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(6);
    ok(json!({ "id": id, "url": url, "expires_at": format!("{expires:.0}") }))
}

pub(super) async fn delete(
    Shared(state): Shared<Arc<State>>,
    Path((_, _, id)): Path<(String, String, String)>,
) -> Answer {
    let mut tails = lock(&state.tails.0);
    let before = tails.len();
    tails.retain(|tail| tail.id != id);
    if tails.len() < before { ok(Value::Null) } else { Err(Refusal::new(404, 10057, "Tail not found.")) }
}

/// The WebSocket itself. Its address is the only thing that it asks for, as with the real one.
pub(super) async fn listen(
    Shared(state): Shared<Arc<State>>,
    Path(id): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let waiting = lock(&state.tails.0).iter_mut().find(|tail| tail.id == id).and_then(|tail| tail.waiting.take());
    match waiting {
        // wrangler sends its one message unmasked, against RFC 6455 §5.1, and the real API takes it.
        Some(events) => {
            upgrade.accept_unmasked_frames(true).protocols(["trace-v1"]).on_upgrade(|socket| send(socket, events))
        }
        None => Refusal::new(404, 10057, "Tail not found.").into_response(),
    }
}

/// Until either end goes: the client, or the tail when it is deleted.
async fn send(mut socket: WebSocket, mut events: UnboundedReceiver<Value>) {
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some(event) if socket.send(Message::text(event.to_string())).await.is_ok() => {}
                _ => return,
            },
            heard = socket.recv() => if !matches!(heard, Some(Ok(_))) { return },
        }
    }
}

/// `None` for what Postern says itself, which no client of the API would hear.
fn event(script: &str, output: &Output) -> Option<Value> {
    let level = match output.level {
        Level::Debug => "debug",
        Level::Info => "log",
        Level::Warn => "warn",
        Level::Error => "error",
        Level::System => return None,
    };
    let thrown = output.stack.is_some();
    let (name, message) = output.text.split_once(": ").unwrap_or(("Error", &output.text));
    let exception = json!({ "name": name, "message": message, "stack": output.stack, "timestamp": output.at });
    let log = json!({ "message": [output.text], "level": level, "timestamp": output.at });
    Some(json!({
        "outcome": if thrown { "exception" } else { "ok" },
        "scriptName": script,
        "exceptions": if thrown { json!([exception]) } else { json!([]) },
        "logs": if thrown { json!([]) } else { json!([log]) },
        "eventTimestamp": output.at,
        "event": null,
    }))
}
