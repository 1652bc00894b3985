//! Passes one request on to a process and its answer back: streaming both ways, upgrades as a tunnel. Adds nothing to
//! either but takes off what HTTP says is for one connection only.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::client::conn::http1;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode, Uri, Version};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::live::{Live, Unavailable};
use super::process::{Door, Visit};

pub(super) type Answer = Response<BoxBody<Bytes, hyper::Error>>;

/// A process may end between taking the connection and taking the request; nothing was sent then, so another is asked.
/// More often than this is no coincidence.
const ATTEMPTS: usize = 3;

/// More than browsers and servers take, and not without an end.
pub(super) const MAX_HEADERS: usize = 1000;

pub(super) async fn forward(mut request: Request<Incoming>, live: &Live) -> Answer {
    let upgrade = prepare(&mut request);
    let mut request = request.map(|body| Lingering(Some(body)));
    let (method, uri) = (request.method().clone(), request.uri().clone());
    for _ in 0..ATTEMPTS {
        let (visit, stream) = match live.reach(Door::Http).await {
            Ok(reached) => reached,
            Err(Unavailable(text)) => return plain(StatusCode::SERVICE_UNAVAILABLE, &text),
        };
        match noting_silence(send(request, stream), live, &method, &uri).await {
            Ok(answer) => return pass_back(answer, upgrade, visit),
            Err(Unsent::Begun) => return plain(StatusCode::BAD_GATEWAY, BROKEN),
            Err(Unsent::Unreadable) => return plain(StatusCode::BAD_GATEWAY, UNREADABLE),
            Err(Unsent::Untouched(unsent)) => request = *unsent,
        }
    }
    plain(StatusCode::BAD_GATEWAY, BROKEN)
}

/// Waits for as long as it takes. Where that may be for ever, nothing else would say so.
async fn noting_silence<T>(answer: impl Future<Output = T>, live: &Live, method: &Method, uri: &Uri) -> T {
    let mut answer = pin!(answer);
    match timeout(live.silence(), &mut answer).await {
        Ok(answer) => answer,
        // Without the query, which holds what is nobody's business.
        Err(_) => tokio::join!(answer, live.note_silence(method, uri.path())).0,
    }
}

const BROKEN: &str = "The function's process ended before it answered. The next call starts it again.";

const UNREADABLE: &str = "The function answered with more headers than can be passed on.";

/// Words of the gateway's own.
pub(super) fn plain(status: StatusCode, text: &str) -> Answer {
    let body = Full::new(Bytes::from(format!("{text}\n"))).map_err(|never| match never {}).boxed();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

/// What the client will speak after a 101, if it asked to change protocols.
fn prepare(request: &mut Request<Incoming>) -> Option<OnUpgrade> {
    // What has no length is sent in chunks; of a GET it would be taken for granted that it has no body.
    let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let protocol = for_upgrade(request.headers()).then(|| request.headers().get(header::UPGRADE).cloned()).flatten();
    remove_hop_by_hop(request.headers_mut());
    if chunked {
        request.headers_mut().insert(header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
    // Answered by the gateway's own server as soon as the body is read.
    request.headers_mut().remove(header::EXPECT);
    *request.version_mut() = Version::HTTP_11;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse().unwrap_or_else(|_| Uri::from_static("/"));

    let protocol = protocol?;
    request.headers_mut().insert(header::UPGRADE, protocol);
    request.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    Some(hyper::upgrade::on(request))
}

enum Unsent {
    /// The process never saw it.
    Untouched(Box<Request<Lingering>>),
    Begun,
    Unreadable,
}

/// A connection for each request: over a Unix socket it costs next to nothing, and ends with what it was made for.
async fn send(request: Request<Lingering>, stream: UnixStream) -> Result<Response<Incoming>, Unsent> {
    let stream = TokioIo::new(Patient { stream, begun: false });
    let Ok((mut sender, connection)) = http1::Builder::new().max_headers(MAX_HEADERS).handshake(stream).await else {
        return Err(Unsent::Untouched(Box::new(request)));
    };
    // Ends when the answer is through or nobody wants it any more; how it ends, the answer's body says.
    tokio::spawn(connection.with_upgrades());
    sender.try_send_request(request).await.map_err(|mut error| match error.take_message() {
        Some(request) => Unsent::Untouched(Box::new(request)),
        None if error.error().is_parse() => Unsent::Unreadable,
        None => Unsent::Begun,
    })
}

/// A process that answers before it has read all of a request (“too large”, “not signed”) wants no more of it. Writing that
/// fails would hide the answer, which waits to be read: what is left of the request goes nowhere instead.
struct Patient {
    stream: UnixStream,
    begun: bool,
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        let unwanted = |error: &io::Error| {
            matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) && self.begun
        };
        Poll::Ready(match written {
            Err(error) if unwanted(&error) => Ok(bytes.len()),
            written => {
                self.begun |= written.is_ok();
                written
            }
        })
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// A request's body. Of one that is answered before all of it was read, the rest is read and goes nowhere: a connection that is
/// closed with something unread in it is reset, which takes away the answer from a client that is still writing.
struct Lingering(Option<Incoming>);

/// For as long as nginx does.
const LINGERING: Duration = Duration::from_secs(30);

impl Body for Lingering {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.0 {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map_or_else(SizeHint::default, Incoming::size_hint)
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let rest = self.0.take().filter(|body| !body.is_end_stream());
        // Where the app ends, its connections do.
        if let (Some(mut rest), Ok(runtime)) = (rest, Handle::try_current()) {
            runtime.spawn(timeout(LINGERING, async move { while let Some(Ok(_)) = rest.frame().await {} }));
        }
    }
}

fn pass_back(mut answer: Response<Incoming>, upgrade: Option<OnUpgrade>, visit: Visit) -> Answer {
    let protocol = answer.headers().get(header::UPGRADE).cloned();
    remove_hop_by_hop(answer.headers_mut());
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS
        && let (Some(client), Some(protocol)) = (upgrade, protocol)
    {
        answer.headers_mut().insert(header::UPGRADE, protocol);
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        let process = hyper::upgrade::on(&mut answer);
        tokio::spawn(tunnel(client, process, visit));
        return answer.map(|body| body.boxed());
    }
    // The visit goes with the body, which keeps its process alive until it is through.
    answer.map(|body| {
        let with_visit = move |error| {
            let _visit = &visit;
            error
        };
        body.map_err(with_visit).boxed()
    })
}

async fn tunnel(client: OnUpgrade, process: OnUpgrade, visit: Visit) {
    let (Ok(client), Ok(process)) = tokio::join!(client, process) else {
        return;
    };
    let (mut client, mut process) = (TokioIo::new(client), TokioIo::new(process));
    // Either side may break off; that is how tunnels end.
    drop(tokio::io::copy_bidirectional(&mut client, &mut process).await);
    drop(visit);
}

fn for_upgrade(headers: &HeaderMap) -> bool {
    connection_options(headers).any(|option| option.eq_ignore_ascii_case("upgrade"))
}

/// RFC 9110 §7.6.1: what `Connection` names, and what has always been meant for one connection.
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> =
        connection_options(headers).filter_map(|option| HeaderName::from_bytes(option.as_bytes()).ok()).collect();
    for name in named {
        // A client that names Host would take away what the function's `request.url` is made from.
        if name != header::HOST {
            headers.remove(name);
        }
    }
    for name in [header::CONNECTION, header::TE, header::TRAILER, header::TRANSFER_ENCODING, header::UPGRADE] {
        headers.remove(name);
    }
    headers.remove("keep-alive");
    headers.remove("proxy-connection");
}

fn connection_options(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(header::CONNECTION).into_iter();
    values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_for_one_connection_is_not_passed_on() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "localhost:8787"),
            ("connection", "keep-alive, X-Mine"),
            ("connection", "host"),
            ("x-mine", "1"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("accept", "*/*"),
        ] {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        remove_hop_by_hop(&mut headers);
        let mut left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["accept", "host"]);
    }
}
