//! The body of an upload on its way out: tells how far it is, and can be held back before its last byte.
//!
//! An upload that goes live at once can be cancelled until that byte is given to the network, and not after it: a
//! `Gate` is where these two meet.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::watch;

use super::{Listener, Progress};

const CHUNK: usize = 64 * 1024;

/// A cheap handle. Exactly one of the last byte and a cancellation passes.
#[derive(Clone)]
pub(super) struct Gate(watch::Sender<Passed>);

#[derive(Clone, Copy, Default)]
struct Passed {
    last_byte: bool,
    cancelled: bool,
}

/// Cancels when dropped.
pub(super) struct CancelOnDrop(pub(super) Gate);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.0.send_modify(|passed| passed.cancelled = true);
    }
}

impl Gate {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(Passed::default()))
    }

    fn let_last_byte_pass(&self) -> bool {
        self.0.send_if_modified(|passed| {
            passed.last_byte |= !passed.cancelled;
            passed.last_byte
        })
    }

    /// The API said that it did nothing with what it got.
    pub(super) fn reopen(&self) {
        self.0.send_modify(|passed| passed.last_byte = false);
    }

    /// Resolves when it was cancelled before the last byte passed.
    pub(super) async fn cancelled(&self) {
        let mut changes = self.0.subscribe();
        // The sender lives as long as `self`.
        drop(changes.wait_for(|passed| passed.cancelled && !passed.last_byte).await);
    }
}

pub(super) struct Upload {
    /// What is left of it. Slices of the one buffer that is wiped.
    rest: Bytes,
    total: u64,
    gate: Option<Gate>,
    sent: Arc<AtomicU64>,
    listener: Listener,
}

impl Upload {
    pub(super) fn new(body: Bytes, gate: Option<Gate>, sent: Arc<AtomicU64>, listener: Listener) -> Self {
        Self { total: body.len() as u64, rest: body, gate, sent, listener }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("cancelled")]
pub(super) struct Cancelled;

impl Body for Upload {
    type Data = Bytes;
    type Error = Cancelled;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cancelled>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let last = self.rest.len() <= CHUNK;
        if last && self.gate.as_ref().is_some_and(|gate| !gate.let_last_byte_pass()) {
            return Poll::Ready(Some(Err(Cancelled)));
        }
        let length = self.rest.len().min(CHUNK);
        let chunk = self.rest.split_to(length);
        let sent = self.total - self.rest.len() as u64;
        self.sent.store(sent, Ordering::Release);
        (self.listener)(Progress::Sent { bytes: sent, of: self.total });
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    /// Exact, so that the request has a `Content-Length`.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn either_the_last_byte_or_a_cancellation_passes() {
        let gate = Gate::new();
        assert!(gate.let_last_byte_pass());
        drop(CancelOnDrop(gate.clone()));
        assert!(gate.let_last_byte_pass(), "it has passed already");
        gate.reopen();
        assert!(!gate.let_last_byte_pass(), "it was cancelled before it was sent once more");
        gate.cancelled().await;
    }
}
