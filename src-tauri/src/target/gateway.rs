//! A function's stable local address: one port on both loopback addresses, whichever process answers behind it.
//!
//! Answers to its own name only. Another Host could be a page on the web whose name was pointed at this computer
//! (DNS rebinding), and would get an answer made with the secrets.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use hyper::body::Incoming;
use hyper::header::{self, HeaderMap};
use hyper::service::service_fn;
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::forward::{Answer, MAX_HEADERS, forward, plain};
use super::live::Live;

#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// Ask for another port, or for any.
    #[error("Port {0} is taken by another program.")]
    Taken(u16),
    #[error("No port from {FIRST_PORT} to {LAST_PORT} is free.")]
    NoneFree,
    #[error("Port {0} can't be listened on: {1}")]
    Io(u16, #[source] io::Error),
}

/// Where the search for a free port begins: `wrangler dev` has made it the one that people expect.
const FIRST_PORT: u16 = 8787;
const LAST_PORT: u16 = FIRST_PORT + 999;

pub(super) struct Address {
    pub(super) port: u16,
    accepting: JoinHandle<()>,
}

impl Address {
    pub(super) async fn open(port: u16, live: Live) -> Result<Self, AddressError> {
        let listeners = listen(port).await?;
        let accepting = tokio::spawn(accept(listeners, port, live));
        Ok(Self { port, accepting })
    }

    /// The first port that nobody listens on and that is none of these.
    pub(super) async fn open_first_free(owned: &[u16], live: Live) -> Result<Self, AddressError> {
        for port in (FIRST_PORT..=LAST_PORT).filter(|port| !owned.contains(port)) {
            match Self::open(port, live.clone()).await {
                Err(AddressError::Taken(_)) => {}
                other => return other,
            }
        }
        Err(AddressError::NoneFree)
    }

    /// Resolves when the port is free again and every connection to it is cut.
    pub(super) async fn close(mut self) {
        self.accepting.abort();
        drop((&mut self.accepting).await);
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

struct Listeners {
    v4: TcpListener,
    /// `None` on a computer without IPv6.
    v6: Option<TcpListener>,
}

async fn listen(port: u16) -> Result<Listeners, AddressError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => AddressError::Taken(port),
        _ => AddressError::Io(port, error),
    };
    let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let v6 = match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
        Ok(listener) => Some(listener),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(failed(error)),
        Err(_) => None,
    };
    Ok(Listeners { v4, v6 })
}

impl Listeners {
    async fn next(&self) -> io::Result<(TcpStream, SocketAddr)> {
        match &self.v6 {
            None => self.v4.accept().await,
            Some(v6) => tokio::select! {
                connection = self.v4.accept() => connection,
                connection = v6.accept() => connection,
            },
        }
    }
}

/// Runs until it is aborted, and takes its connections with it.
async fn accept(listeners: Listeners, port: u16, live: Live) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listeners.next().await {
            Ok((stream, _)) => drop(connections.spawn(serve(stream, port, live.clone()))),
            // Out of file descriptors, most likely: others must close first.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
}

async fn serve(stream: TcpStream, port: u16, live: Live) {
    // A small answer is not held back to wait for more of it.
    drop(stream.set_nodelay(true));
    let answer = service_fn(|request| async { Ok::<_, Infallible>(answer(request, port, &live).await) });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), answer)
        .with_upgrades();
    // A client that breaks off is no error of ours.
    drop(connection.await);
}

async fn answer(request: Request<Incoming>, port: u16, live: &Live) -> Answer {
    if request.method() == Method::CONNECT {
        return plain(StatusCode::METHOD_NOT_ALLOWED, "This is a function's address, not a proxy.");
    }
    if !is_own(request.uri(), request.headers(), port) {
        let text = format!("This address answers to http://localhost:{port}/ only.");
        return plain(StatusCode::MISDIRECTED_REQUEST, &text);
    }
    forward(request, live).await
}

/// One Host, and one of ours; the same for the target, which takes precedence where it is a whole URL (RFC 9112 §3.2.2).
fn is_own(target: &Uri, headers: &HeaderMap, port: u16) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let own_port = port.to_string();
    let is_own = |host: &str| {
        let names = ["localhost", "127.0.0.1", "[::1]"];
        host.rsplit_once(':')
            .is_some_and(|(name, number)| number == own_port && names.iter().any(|own| name.eq_ignore_ascii_case(own)))
    };
    host.to_str().is_ok_and(is_own) && target.authority().is_none_or(|target| is_own(target.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(target: &str, hosts: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(header::HOST, header::HeaderValue::from_static(host));
        }
        is_own(&target.parse().unwrap(), &headers, 8787)
    }

    #[test]
    fn its_three_names_are_its_own() {
        for host in ["localhost:8787", "LOCALHOST:8787", "127.0.0.1:8787", "[::1]:8787"] {
            assert!(asked("/", &[host]), "{host}");
        }
        assert!(asked("http://localhost:8787/", &["localhost:8787"]));
    }

    #[test]
    fn every_other_name_is_foreign() {
        for host in [
            "",
            "localhost",
            "localhost:8788",
            "localhost.:8787",
            "evil.example:8787",
            "localhost:8787@evil.example",
            "evil.example",
            "0.0.0.0:8787",
            "localhost:+8787",
            "[::]:8787",
            "x.localhost:8787",
        ] {
            assert!(!asked("/", &[host]), "{host}");
        }
        assert!(!asked("/", &[]));
        assert!(!asked("/", &["localhost:8787", "evil.example"]));
        assert!(!asked("http://evil.example:8787/", &["localhost:8787"]));
    }
}
