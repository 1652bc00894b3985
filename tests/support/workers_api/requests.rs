//! What a client asked: kept for tests to look at, and read by the routes.

use axum::extract::{FromRequest, Multipart};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use serde_json::Value;

use super::answers::Refusal;

pub(crate) struct Request {
    pub(crate) method: String,
    /// Below the base URL.
    pub(crate) path: String,
    /// Without the question mark.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Of a multipart body, in their order.
    pub(crate) parts: Vec<Part>,
}

pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) filename: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: Bytes,
}

impl Request {
    pub(super) async fn read(head: &Parts, body: Bytes) -> Result<Self, Refusal> {
        let multipart = head
            .headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("multipart/form-data")));
        let parts = if multipart { parts(head, body.clone()).await? } else { Vec::new() };
        Ok(Self {
            method: head.method.to_string(),
            path: below_base(head.uri.path()).to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers.clone(),
            body,
            parts,
        })
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether `name=value` is in the query.
    pub(crate) fn asks_for(&self, name: &str, value: &str) -> bool {
        self.query.split('&').any(|pair| pair.split_once('=') == Some((name, value)))
    }

    /// Method and path, where `…` stands for anything: `POST …/versions`.
    pub(crate) fn is_like(&self, pattern: &str) -> bool {
        matches(pattern, &format!("{} {}", self.method, self.path))
    }

    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    pub(crate) fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }

    /// The part `metadata` of an upload.
    pub(crate) fn metadata(&self) -> Option<Value> {
        serde_json::from_slice(&self.part("metadata")?.bytes).ok()
    }

    pub(super) fn expect_json(&self) -> Result<Value, Refusal> {
        self.json().ok_or_else(Refusal::unreadable)
    }

    /// What the API says an upload came from.
    pub(super) fn source(&self) -> &'static str {
        let wrangler = self.header("user-agent").is_some_and(|agent| agent.starts_with("wrangler"));
        if wrangler { "wrangler" } else { "api" }
    }
}

pub(super) fn below_base(path: &str) -> &str {
    path.strip_prefix("/client/v4").unwrap_or(path)
}

/// `…` matches any text, also none.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('…') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| matches(rest, &text[at..]))
        }),
    }
}

async fn parts(head: &Parts, body: Bytes) -> Result<Vec<Part>, Refusal> {
    let mut copy = axum::http::Request::new(axum::body::Body::from(body));
    copy.headers_mut().extend(head.headers.clone());
    // The limits are the API's own, and checked where an upload is read.
    copy.extensions_mut().extend(head.extensions.clone());
    let mut multipart = Multipart::from_request(copy, &()).await.map_err(|_| Refusal::unreadable())?;
    let mut parts = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(|_| Refusal::unreadable())? {
        parts.push(Part {
            name: field.name().unwrap_or_default().to_owned(),
            filename: field.file_name().map(str::to_owned),
            content_type: field.content_type().map(str::to_owned),
            bytes: field.bytes().await.map_err(|_| Refusal::unreadable())?,
        });
    }
    Ok(parts)
}
