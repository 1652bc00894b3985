//! Runs a function's `scheduled` handler by hand, through the trigger worker that stands beside it in its process.

use std::io;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::UnixStream;

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No process answers, in words that carry no secret.
    #[error("{0}")]
    Unavailable(String),
    /// The process goes on with the run: it may be in an endless loop, and then only stopping it helps.
    #[error("The run was not over after {} s.", .0.as_secs_f32())]
    TimedOut(Duration),
    /// The run never came to an outcome. The text may be the function's own: redact before showing.
    #[error("The run failed: {0}")]
    Failed(String),
    #[error("The function's process ended during the run.")]
    Broken,
}

#[derive(Deserialize)]
struct Told {
    outcome: Option<String>,
    error: Option<String>,
}

/// `stream` leads to the trigger. `at_ms`: the time that the run is for, in milliseconds since the Unix epoch.
pub(super) async fn run(stream: UnixStream, cron: &str, at_ms: i64, limit: Duration) -> Result<String, RunError> {
    let call = call(stream, cron, at_ms);
    let answer = tokio::time::timeout(limit, call).await.map_err(|_| RunError::TimedOut(limit))?;
    let told: Told = serde_json::from_slice(&answer.map_err(|_| RunError::Broken)?)
        .map_err(|_| RunError::Failed("the runtime's answer could not be read".into()))?;
    told.outcome.ok_or_else(|| RunError::Failed(told.error.unwrap_or_default()))
}

async fn call(stream: UnixStream, cron: &str, at_ms: i64) -> io::Result<Bytes> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    tokio::spawn(connection);
    let body = serde_json::json!({ "cron": cron, "at": at_ms }).to_string();
    let request = Request::post("/")
        .header(header::HOST, "trigger")
        .body(Full::new(Bytes::from(body)))
        .map_err(io::Error::other)?;
    let answer = sender.send_request(request).await.map_err(io::Error::other)?;
    Ok(answer.into_body().collect().await.map_err(io::Error::other)?.to_bytes())
}
