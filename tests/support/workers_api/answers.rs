//! The envelope that every answer comes in, and the errors that the API has words for.
//!
//! Codes: developers.cloudflare.com/workers/observability/errors, and what wrangler 4.164.0 branches on. Only what is in
//! `tests/cloudflare/recorded` has been seen as a whole: of the other errors the HTTP status and the words are guesses,
//! and nobody should branch on them.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

pub(super) type Answer = Result<Response, Refusal>;

pub(super) fn ok(result: Value) -> Answer {
    Ok(envelope(StatusCode::OK, json!({ "result": result, "success": true, "errors": [], "messages": [] })))
}

/// The one page of a list.
pub(super) fn page(result: Vec<Value>) -> Answer {
    let count = result.len();
    let info = json!({ "page": 1, "per_page": 20, "count": count, "total_count": count });
    let body = json!({ "result": result, "success": true, "errors": [], "messages": [], "result_info": info });
    Ok(envelope(StatusCode::OK, body))
}

#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: u32,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, code: u32, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).expect("a status");
        Self { status, code, message: message.into() }
    }

    pub(super) fn no_script() -> Self {
        Self::new(404, 10007, "This Worker does not exist on your account.")
    }

    pub(super) fn no_service() -> Self {
        Self::new(404, 10090, "This service does not exist.")
    }

    /// Of the module that was uploaded, or of what was said about it.
    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new(400, 10021, message)
    }

    pub(super) fn unreadable() -> Self {
        Self::new(400, 10026, "Could not parse request body. Please ensure the request is valid and try again.")
    }

    pub(super) fn no_binding(name: &str) -> Self {
        Self::new(404, 10056, format!("Binding '{name}' not found."))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let error = json!({ "code": self.code, "message": self.message });
        envelope(self.status, json!({ "result": null, "success": false, "errors": [error], "messages": [] }))
    }
}

fn envelope(status: StatusCode, body: Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
