//! Below HTTP: nobody there, a certificate that is not theirs, a redirect that would take the token along.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use postern::target::cloudflare::{Error, Stopped};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, pki_types};

use crate::server::{Fault, Server};
use crate::{bundle, client, order, silent, tells_nothing};

#[tokio::test]
async fn a_network_that_is_gone_is_said_to_be() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for base in [format!("http://{closed}"), "https://no-such-host.invalid/client/v4".to_owned()] {
        let stopped = client(&base)
            .deploy("greet", &bundle(), &order(true), std::future::pending(), &silent())
            .await
            .expect_err("nobody there");
        assert!(matches!(&stopped, Stopped::Untouched(Error::Unreachable(_))), "{stopped:?}");
        tells_nothing(&stopped);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_nothing_arrives_there() {
    let elsewhere = Server::start(true).await;
    for call in ["POST scripts/greet/versions", "POST scripts/greet/deployments"] {
        let server = Server::start(true).await;
        let to = format!("{}/accounts/acct/workers/scripts/greet/versions", elsewhere.base);
        server.fails(call, Fault::SendsElsewhere(to), 1);
        let stopped =
            client(&server.base).deploy("greet", &bundle(), &order(false), std::future::pending(), &silent()).await;
        assert!(matches!(stopped, Err(Stopped::Untouched(Error::Redirected { status: 307, .. }))), "{stopped:?}");
    }
    assert!(elsewhere.state().asked.is_empty());
}

#[tokio::test]
async fn nothing_is_sent_to_whoever_has_not_the_right_certificate() {
    let made = rcgen::generate_simple_self_signed(["elsewhere.example".to_owned()]).unwrap();
    let key = pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (met, read) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (meets, reads) = (met.clone(), read.clone());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            meets.store(true, Ordering::SeqCst);
            if let Ok(mut stream) = TlsAcceptor::from(Arc::new(config.clone())).accept(stream).await
                && stream.read_u8().await.is_ok()
            {
                reads.store(true, Ordering::SeqCst);
            }
        }
    });
    let base = format!("https://localhost:{port}/client/v4");
    let stopped = client(&base)
        .deploy("greet", &bundle(), &order(true), std::future::pending(), &silent())
        .await
        .expect_err("not theirs");
    assert!(matches!(&stopped, Stopped::Untouched(Error::Certificate(host)) if host == "localhost"), "{stopped:?}");
    tells_nothing(&stopped);
    assert!(met.load(Ordering::SeqCst) && !read.load(Ordering::SeqCst));
}
