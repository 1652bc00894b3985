//! What goes wrong on purpose, a line in a test each.

use std::io;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::connection::Cut;
use super::requests::matches;

pub(crate) struct Fault {
    /// Method and path below the base URL, where `…` stands for anything: `POST …/versions`.
    pub(crate) on: &'static str,
    /// Of the requests like that, from now on: the first is 1. Each fault happens once and counts for itself.
    pub(crate) nth: usize,
    pub(crate) kind: Kind,
}

/// Those of the first group are answered without anything being done; the others after all has been done.
#[derive(Clone)]
pub(crate) enum Kind {
    /// Reset before the body is read.
    ResetBefore,
    Status(u16, Value),
    /// 429, with this many seconds in `Retry-After`.
    TooMany(u64),
    /// 307 to this address.
    Redirect(String),

    /// Reset before the answer.
    ResetAfter,
    /// The answer takes this long. For a timeout, longer than the client waits.
    Late(Duration),
    /// Half of the answer, and then the connection ends.
    Truncated,
    /// A JSON text of this many bytes.
    Huge(usize),
    /// A page of HTML, as a proxy between would send, with the status of the answer.
    NotJson,
}

#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
        assert!(fault.nth > 0 && fault.on.contains(' '), "a fault is on a method and a path, and the first is 1");
        self.0.push(fault);
    }

    /// What happens to this request. `path`: below the base URL.
    pub(super) fn strike(&mut self, method: &str, path: &str) -> Option<Kind> {
        let asked = format!("{method} {path}");
        for fault in &mut self.0 {
            if fault.nth > 0 && matches(fault.on, &asked) {
                fault.nth -= 1;
            }
        }
        let due = self.0.iter().position(|fault| fault.nth == 0)?;
        Some(self.0.remove(due).kind)
    }
}

impl Kind {
    /// What is answered in place of doing what was asked.
    pub(super) fn instead(&self) -> Option<Response> {
        let json = [(header::CONTENT_TYPE, "application/json")];
        match self {
            Self::Status(status, body) => {
                let status = StatusCode::from_u16(*status).expect("a status");
                Some((status, json, body.to_string()).into_response())
            }
            Self::TooMany(seconds) => {
                let body = r#"{"result":null,"success":false,"errors":[{"code":971,"message":"Please wait and consider throttling your request speed"}],"messages":[]}"#;
                let wait = [(header::RETRY_AFTER, seconds.to_string())];
                Some((StatusCode::TOO_MANY_REQUESTS, json, wait, body).into_response())
            }
            Self::Redirect(to) => {
                Some((StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to.as_str())]).into_response())
            }
            _ => None,
        }
    }

    /// What becomes of an answer.
    pub(super) async fn spoil(self, answer: Response, cut: &Cut) -> Response {
        match self {
            Self::ResetAfter => match cut.reset().await {},
            Self::Late(time) => {
                tokio::time::sleep(time).await;
                answer
            }
            Self::Truncated => truncated(answer).await,
            Self::Huge(bytes) => huge(bytes),
            Self::NotJson => {
                let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
                (answer.status(), [(header::CONTENT_TYPE, "text/html")], page).into_response()
            }
            Self::ResetBefore | Self::Status(..) | Self::TooMany(_) | Self::Redirect(_) => answer,
        }
    }
}

async fn truncated(answer: Response) -> Response {
    let (mut head, body) = answer.into_parts();
    let whole = to_bytes(body, usize::MAX).await.expect("our own answer");
    head.headers.insert(header::CONTENT_LENGTH, whole.len().into());
    let half = stream::iter([Ok(whole.slice(..whole.len() / 2))]);
    let broken = stream::once(async {
        // What was there first is sent while this waits; without it the error would come before the half.
        tokio::task::yield_now().await;
        Err::<Bytes, _>(io::Error::other("truncated on purpose"))
    });
    Response::from_parts(head, Body::from_stream(half.chain(broken)))
}

fn huge(bytes: usize) -> Response {
    const CHUNK: usize = 64 * 1024;
    let text = "x".repeat(CHUNK);
    let start = Bytes::from_static(br#"{"success":true,"errors":[],"messages":[],"result":""#);
    let middle = stream::iter(0..bytes.div_ceil(CHUNK)).map(move |_| Bytes::from(text.clone()));
    let end = Bytes::from_static(br#""}"#);
    let body = stream::iter([start]).chain(middle).chain(stream::iter([end])).map(Ok::<_, io::Error>);
    ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(body)).into_response()
}
