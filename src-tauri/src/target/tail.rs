//! Hears what the tail worker tells: when a call of the function begins and ends, and what it threw, also in
//! `waitUntil` and in scheduled runs. Listens on a Unix socket, to callers that know the process's nonce.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use tokio::net::UnixListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Reporter;
use super::process::Calls;
use crate::function::{Level, Output};

/// Added by workerd to what the tail sends; the tail's own code never sees it.
pub(super) const TOKEN_HEADER: &str = "x-postern-token";

/// One event. A stack longer than this is nobody's.
const MAX_EVENT: usize = 256 * 1024;

/// Events may arrive out of order, and before the console lines that were written before them.
const SETTLE: Duration = Duration::from_millis(10);

#[derive(Deserialize)]
struct Event {
    sequence: u64,
    at: i64,
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default)]
    name: String,
    #[serde(default)]
    message: String,
    stack: Option<String>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Onset,
    Exception,
    Outcome,
}

/// Runs until it is dropped.
pub(super) async fn hear(listener: UnixListener, nonce: String, calls: Calls, reporter: Reporter) {
    let (exceptions, thrown) = mpsc::channel(64);
    let door = Arc::new(Door { nonce, calls, exceptions });
    let mut open = JoinSet::new();
    open.spawn(report(thrown, reporter));
    loop {
        while open.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: others must close first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let door = Arc::clone(&door);
        open.spawn(async move {
            let answer = service_fn(|request| door.answer(request));
            // A caller that breaks off has nothing to tell.
            drop(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await);
        });
    }
}

struct Door {
    nonce: String,
    calls: Calls,
    exceptions: mpsc::Sender<Event>,
}

impl Door {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
        let token = request.headers().get(TOKEN_HEADER).map_or(&[][..], |value| value.as_bytes());
        let mut response = Response::new(Empty::new());
        *response.status_mut() = if !bool::from(token.ct_eq(self.nonce.as_bytes())) {
            StatusCode::FORBIDDEN
        } else if let Some(event) = read(request.into_body()).await {
            self.take(event).await;
            StatusCode::NO_CONTENT
        } else {
            StatusCode::BAD_REQUEST
        };
        Ok(response)
    }

    async fn take(&self, event: Event) {
        match event.kind {
            Kind::Onset => self.calls.begun(),
            Kind::Outcome => self.calls.ended(),
            // Fails only when the process is being taken down.
            Kind::Exception => drop(self.exceptions.send(event).await),
        }
    }
}

async fn read(body: Incoming) -> Option<Event> {
    let bytes = Limited::new(body, MAX_EVENT).collect().await.ok()?.to_bytes();
    serde_json::from_slice(&bytes).ok()
}

async fn report(mut thrown: mpsc::Receiver<Event>, reporter: Reporter) {
    while let Some(first) = thrown.recv().await {
        tokio::time::sleep(SETTLE).await;
        let mut settled = vec![first];
        while let Ok(event) = thrown.try_recv() {
            settled.push(event);
        }
        for output in in_order(settled) {
            reporter.output(output).await;
        }
    }
}

fn in_order(mut events: Vec<Event>) -> impl Iterator<Item = Output> {
    events.sort_by_key(|event| (event.at, event.sequence));
    events.into_iter().map(|event| Output {
        at: event.at,
        level: Level::Error,
        text: format!("{}: {}", event.name, event.message),
        stack: event.stack,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_told_in_the_order_in_which_they_were_thrown() {
        let event = |sequence, at, message: &str| Event {
            sequence,
            at,
            kind: Kind::Exception,
            name: "Error".into(),
            message: message.into(),
            stack: None,
        };
        let told = in_order(vec![event(9, 5, "third"), event(4, 5, "second"), event(7, 4, "first")]);
        let told: Vec<String> = told.map(|output| output.text).collect();
        assert_eq!(told, ["Error: first", "Error: second", "Error: third"]);
    }
}
