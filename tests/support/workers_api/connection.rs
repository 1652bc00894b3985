//! Accepts connections and serves them; the one place where a connection can be reset.

use std::convert::Infallible;
use std::sync::Arc;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// Cuts the connection that a request came by. Every request of a connection has the same one.
#[derive(Clone, Default)]
pub(super) struct Cut(Arc<Notify>);

impl Cut {
    /// The client is sent a reset. Never resolves: whoever asks for this has nothing left to answer to.
    pub(super) async fn reset(&self) -> Infallible {
        self.0.notify_one();
        std::future::pending().await
    }
}

/// Dropping this future ends every connection too.
pub(super) async fn accept(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.expect("the listener stays");
        connections.spawn(serve(stream, router.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, router: Router) {
    let cut = Cut::default();
    // A second handle of the same socket, because hyper keeps the first one to itself.
    let stream = stream.into_std().expect("a socket");
    let handle = TcpStream::from_std(stream.try_clone().expect("a second handle")).expect("a socket");
    let stream = TcpStream::from_std(stream).expect("a socket");
    let router = TowerToHyperService::new(router.layer(Extension(cut.clone())));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), router).with_upgrades();
    tokio::select! {
        // What goes wrong with a connection is the client's to tell.
        ended = connection => drop(ended),
        () = cut.0.notified() => handle.set_zero_linger().expect("a socket can be made to reset"),
    }
}
