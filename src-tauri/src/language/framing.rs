//! Messages on a pipe as the language server protocol frames them: headers, an empty line, as many bytes as they said.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// More is no message that a language server sends; it is a stream that was misread.
const MAX_MESSAGE: usize = 64 << 20;

/// A header is a few words.
const MAX_HEADER: u64 = 8 << 10;

pub(super) fn frame(body: &[u8]) -> Vec<u8> {
    let mut framed = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    framed.extend_from_slice(body);
    framed
}

/// The next message's body; `None` where the stream ends between two messages.
pub(super) async fn read(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        (&mut *from).take(MAX_HEADER).read_until(b'\n', &mut line).await?;
        match line.strip_suffix(b"\n").map(<[u8]>::trim_ascii_end) {
            None if line.is_empty() && length.is_none() => return Ok(None),
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
            Some(b"") => break,
            Some(header) => length = content_length(header).or(length),
        }
    }
    let length = length.filter(|length| *length <= MAX_MESSAGE).ok_or(io::ErrorKind::InvalidData)?;
    let mut body = vec![0; length];
    from.read_exact(&mut body).await?;
    Ok(Some(body))
}

fn content_length(header: &[u8]) -> Option<usize> {
    let (name, value) = std::str::from_utf8(header).ok()?.split_once(':')?;
    name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn all(mut stream: &[u8]) -> Result<Vec<String>, io::ErrorKind> {
        let mut bodies = Vec::new();
        while let Some(body) = read(&mut stream).await.map_err(|error| error.kind())? {
            bodies.push(String::from_utf8(body).unwrap());
        }
        Ok(bodies)
    }

    #[tokio::test]
    async fn what_is_framed_is_read_back_by_bytes_and_not_by_characters() {
        let stream = [frame("{\"é\":\"漢\r\n\r\n\"}".as_bytes()), frame(b""), frame(b"{}")].concat();
        assert_eq!(all(&stream).await.unwrap(), ["{\"é\":\"漢\r\n\r\n\"}", "", "{}"]);
    }

    #[tokio::test]
    async fn other_headers_and_other_cases_are_read_over() {
        let stream = b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(all(stream).await.unwrap(), ["{}"]);
    }

    #[tokio::test]
    async fn a_stream_that_breaks_off_or_makes_no_sense_is_an_error() {
        assert_eq!(all(b"").await.unwrap(), [""; 0]);
        assert_eq!(all(b"Content-Length: 5\r\n\r\n{}").await, Err(io::ErrorKind::UnexpectedEof));
        assert_eq!(all(b"Content-Length: 5\r\n").await, Err(io::ErrorKind::UnexpectedEof));
        assert_eq!(all(b"panic: out of luck\r\n\r\n").await, Err(io::ErrorKind::InvalidData));
        assert_eq!(all(b"Content-Length: 99999999999\r\n\r\n").await, Err(io::ErrorKind::InvalidData));
    }
}
