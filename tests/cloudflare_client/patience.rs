//! Waiting as told, trying again what may be tried again, and being cancelled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use postern::deployment::{Content, Module};
use postern::target::cloudflare::{Error, Listener, Progress, Stopped};

use crate::server::{Fault, Server};
use crate::{bundle, client, listening, order, silent};

#[tokio::test]
async fn a_rate_limit_is_waited_for_as_told_and_visibly() {
    for call in ["POST scripts/greet/versions", "POST scripts/greet/deployments", "GET subdomain"] {
        let server = Server::start(true).await;
        server.fails(call, Fault::RateLimits(1), 1);
        let (listener, heard) = listening();
        let begun = Instant::now();
        let deployed = client(&server.base)
            .deploy("greet", &bundle(), &order(false), std::future::pending(), &listener)
            .await
            .unwrap();
        assert!(deployed.unfinished.is_empty() && begun.elapsed() >= Duration::from_secs(1), "{call}");
        assert!(heard.lock().unwrap().contains(&Progress::Waiting { seconds: 1 }), "{call}");
        assert_eq!(server.count(call), 2);
    }
}

#[tokio::test]
async fn a_new_script_is_sent_once_more_after_a_rate_limit() {
    let server = Server::start(false).await;
    server.fails("PUT scripts/greet", Fault::RateLimits(0), 1);
    client(&server.base).deploy("greet", &bundle(), &order(true), std::future::pending(), &silent()).await.unwrap();
    let bodies: Vec<Vec<u8>> = {
        let state = server.state();
        state
            .asked
            .iter()
            .filter(|asked| asked.method == "PUT" && asked.path == "scripts/greet")
            .map(|asked| asked.body.clone())
            .collect()
    };
    assert!(bodies.len() == 2 && bodies[0] == bodies[1]);
}

#[tokio::test]
async fn waiting_has_an_end() {
    let server = Server::start(true).await;
    server.fails("GET scripts", Fault::RateLimits(0), usize::MAX);
    let error = client(&server.base).scripts(&silent()).await.expect_err("too many requests");
    assert!(matches!(error, Error::RateLimited(0)), "{error}");
    assert_eq!(server.count("GET scripts"), 3);
}

#[tokio::test]
async fn a_question_is_asked_again_where_the_server_stumbles() {
    for fault in [Fault::IsNoJson(502), Fault::Refuses(500, 0, "made up".into()), Fault::ResetsAfterReading] {
        let server = Server::start(true).await;
        server.fails("GET services/greet", fault.clone(), 2);
        let taken =
            client(&server.base).deploy("greet", &bundle(), &order(true), std::future::pending(), &silent()).await;
        assert!(matches!(taken, Err(Stopped::Untouched(Error::NameTaken(_)))), "{fault:?}: {taken:?}");
        assert_eq!(server.count("GET services/greet"), 3);
    }
}

#[tokio::test]
async fn progress_counts_every_byte_of_the_upload() {
    let server = Server::start(true).await;
    let mut bundle = bundle();
    bundle.modules.push(Module { name: "large.js".into(), content: Content::Code("/".repeat(300_000)), map: None });
    let (listener, heard) = listening();
    client(&server.base).deploy("greet", &bundle, &order(false), std::future::pending(), &listener).await.unwrap();
    let total = server.state().asked[0].body.len() as u64;
    let heard = heard.lock().unwrap().clone();
    assert_eq!(heard[0], Progress::Checked);
    let sent: Vec<u64> =
        heard.iter().filter_map(|p| if let Progress::Sent { bytes, .. } = p { Some(*bytes) } else { None }).collect();
    assert!(sent.len() > 4 && sent.is_sorted() && sent.last() == Some(&total), "{sent:?} of {total}");
    assert_eq!(heard[heard.len() - 2..], [Progress::Uploaded, Progress::Switched]);
}

#[tokio::test]
async fn until_the_switch_a_deployment_is_cancelled_by_dropping_it() {
    let server = Server::start(true).await;
    server.fails("POST scripts/greet/versions", Fault::NeverAnswers, 1);
    let deploying = client(&server.base);
    let (bundle, order, listener) = (bundle(), order(false), silent());
    let cut = tokio::time::timeout(
        Duration::from_millis(150),
        deploying.deploy("greet", &bundle, &order, std::future::pending(), &listener),
    );
    assert!(cut.await.is_err());
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(server.count("POST scripts/greet/deployments"), 0);
}

#[tokio::test]
async fn a_deployment_that_is_cancelled_says_so_and_one_that_switches_says_how_it_ended() {
    for first in [true, false] {
        let (upload, switch) = if first {
            ("PUT scripts/greet", "PUT scripts/greet")
        } else {
            ("POST scripts/greet/versions", "POST scripts/greet/deployments")
        };
        // At once, before anything is sent.
        let server = Server::start(!first).await;
        let (client, bundle, order, listener) = (client(&server.base), bundle(), order(first), silent());
        let ended = client.deploy("greet", &bundle, &order, std::future::ready(()), &listener).await;
        assert!(matches!(ended, Err(Stopped::Untouched(Error::Cancelled))), "{upload}");
        assert_eq!(server.count(switch), 0);

        // Too late: the last byte is sent, or the version is there.
        let (told, heard) = tokio::sync::watch::channel(false);
        let listener: Listener = Arc::new(move |progress| {
            let last = if first {
                matches!(progress, Progress::Sent { bytes, of } if bytes == of)
            } else {
                progress == Progress::Uploaded
            };
            if last {
                told.send_replace(true);
            }
        });
        let cancelled = async move {
            let mut heard = heard;
            heard.wait_for(|late| *late).await.unwrap();
        };
        let ended = client.deploy("greet", &bundle, &order, cancelled, &listener).await;
        assert!(ended.is_ok(), "{switch}: {:?}", ended.err());
    }
}

#[tokio::test]
async fn a_switch_that_has_begun_runs_to_its_end_when_nobody_waits_for_it() {
    for (call, first) in [("PUT scripts/greet", true), ("POST scripts/greet/deployments", false)] {
        let server = Server::start(!first).await;
        // The answer is waited for longer than the caller stays.
        server.fails(call, Fault::NeverAnswers, 1);
        let deploying = client(&server.base);
        let (bundle, order, listener) = (bundle(), order(first), silent());
        let cut = tokio::time::timeout(
            Duration::from_millis(200),
            deploying.deploy("greet", &bundle, &order, std::future::pending(), &listener),
        );
        assert!(cut.await.is_err());
        let asks = if first { "GET scripts/greet/versions" } else { "GET scripts/greet/deployments" };
        tokio::time::sleep(Duration::from_millis(800)).await;
        assert!(server.count(asks) > 0, "{call}: what became of it was not asked");
    }
}

#[tokio::test]
async fn a_new_script_that_is_cancelled_while_it_waits_is_not_sent_once_more() {
    let server = Server::start(false).await;
    server.fails("PUT scripts/greet", Fault::RateLimits(1), 1);
    let deploying = client(&server.base);
    let (bundle, order, listener) = (bundle(), order(true), silent());
    let cut = tokio::time::timeout(
        Duration::from_millis(300),
        deploying.deploy("greet", &bundle, &order, std::future::pending(), &listener),
    );
    assert!(cut.await.is_err());
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!((server.count("PUT scripts/greet"), server.state().live.clone()), (1, None));
}
