//! Reads both standard streams of a process to their end, and passes on what the function says.
//!
//! The console is read from here and not from the tail, which has the same lines less well formatted, and without
//! those before an endless loop.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{ChildStderr, ChildStdout};
use tokio::task::JoinSet;

use super::line::{Heard, hear};
use super::{Reporter, now};
use crate::function::Output;

/// A longer line is left out: the function that writes it must not take the app's memory.
const MAX_LINE: usize = 1024 * 1024;

/// Of what a process says besides, this much is kept to explain its end.
const MAX_LAST_WORDS: usize = 8 * 1024;

/// Both streams of one process. A reader waits while the app is busy, and then so does the function that writes.
pub(super) struct Console {
    readers: JoinSet<()>,
    last_words: Arc<Mutex<LastWords>>,
}

/// Why a process did not start, or ended.
#[derive(Default)]
pub(super) struct LastWords {
    pub refused: Option<String>,
    pub fatal: Option<String>,
    pub raw: String,
}

impl Console {
    pub(super) fn read(stdout: ChildStdout, stderr: ChildStderr, reporter: &Reporter) -> Self {
        let last_words = Arc::default();
        let mut readers = JoinSet::new();
        readers.spawn(listen(stdout, Arc::clone(&last_words), reporter.clone()));
        readers.spawn(listen(stderr, Arc::clone(&last_words), reporter.clone()));
        Self { readers, last_words }
    }

    /// Waits until everything that the process wrote has been passed on; for a process that has ended.
    pub(super) async fn finish(mut self) -> LastWords {
        let all = async { while self.readers.join_next().await.is_some() {} };
        // The streams end with the process, unless somebody else was given them.
        drop(tokio::time::timeout(Duration::from_secs(1), all).await);
        std::mem::take(&mut *self.last_words.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn listen(stream: impl AsyncRead + Unpin, last_words: Arc<Mutex<LastWords>>, reporter: Reporter) {
    let mut stream = BufReader::new(stream);
    while let Some(line) = next_line(&mut stream).await {
        match hear(&line) {
            Heard::Said { at, level, text } => {
                let at = at.unwrap_or_else(now);
                reporter.output(Output { at, level, text, stack: None }).await;
            }
            Heard::Nothing => {}
            other => last_words.lock().unwrap_or_else(PoisonError::into_inner).keep(other),
        }
    }
}

impl LastWords {
    fn keep(&mut self, heard: Heard) {
        match heard {
            Heard::Refused(text) => self.refused = Some(text),
            Heard::Fatal(text) => self.fatal = Some(text),
            Heard::Raw(text) if self.raw.len() + text.len() < MAX_LAST_WORDS => {
                self.raw.push_str(&text);
                self.raw.push('\n');
            }
            _ => {}
        }
    }
}

/// The next line without its end, or `None` when the stream has ended. One that is too long reads as a note of that.
pub(super) async fn next_line(from: &mut (impl AsyncBufRead + Unpin)) -> Option<String> {
    let mut line = Vec::new();
    let mut length = 0;
    loop {
        let Ok(chunk) = from.fill_buf().await else {
            return None;
        };
        if chunk.is_empty() && length == 0 {
            return None;
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        length += part.len();
        if length <= MAX_LINE {
            line.extend_from_slice(part);
        }
        let (taken, ended) = (part.len() + usize::from(end.is_some()), end.is_some() || chunk.is_empty());
        from.consume(taken);
        if ended && length <= MAX_LINE {
            return Some(String::from_utf8_lossy(&line).into_owned());
        }
        if ended {
            let message = format!("(a line of {length} bytes was left out)");
            return Some(serde_json::json!({ "timestamp": 0, "level": "warn", "message": message }).to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_that_is_too_long_is_left_out_and_the_next_one_read() {
        let text = format!("{}\nshort\nlast", "x".repeat(MAX_LINE + 1));
        let mut from = tokio::io::BufReader::new(text.as_bytes());
        assert!(next_line(&mut from).await.unwrap().contains("1048577 bytes"));
        assert_eq!(next_line(&mut from).await.as_deref(), Some("short"));
        assert_eq!(next_line(&mut from).await.as_deref(), Some("last"));
        assert_eq!(next_line(&mut from).await, None);
    }
}
