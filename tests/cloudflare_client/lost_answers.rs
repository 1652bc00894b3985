//! An answer that is lost is neither success nor failure: Cloudflare is asked what became of the request.

use postern::deployment::{Content, Module};
use postern::target::cloudflare::{Error, Progress, Stopped};

use crate::server::{Fault, Server};
use crate::{bundle, client, listening, order, silent, tells_nothing};

const PUT: &str = "PUT scripts/greet";
const UPLOAD: &str = "POST scripts/greet/versions";
const SWITCH: &str = "POST scripts/greet/deployments";
const VERSIONS: &str = "GET scripts/greet/versions";
const DEPLOYMENTS: &str = "GET scripts/greet/deployments";

#[tokio::test]
async fn what_was_done_although_the_answer_is_lost_goes_on() {
    for (call, first) in [(PUT, true), (UPLOAD, false), (SWITCH, false)] {
        for fault in [Fault::ResetsAfterDoing, Fault::EndsTooEarly, Fault::Floods] {
            let server = Server::start(!first).await;
            server.fails(call, fault.clone(), 1);
            let (listener, heard) = listening();
            let deployed =
                client(&server.base).deploy("greet", &bundle(), &order(first), std::future::pending(), &listener).await;
            let deployed = deployed.unwrap_or_else(|stopped| panic!("{call} {fault:?}: {stopped}"));
            assert!(heard.lock().unwrap().contains(&Progress::Asking), "{call} {fault:?}");
            assert_eq!(server.count(call), 1, "{call} {fault:?}");
            assert_eq!(server.state().live, deployed.version);
            assert_eq!(deployed.version.as_deref(), Some(if first { "version-0" } else { "version-1" }));
        }
    }
}

#[tokio::test]
async fn what_can_not_be_told_is_said_to_be_unknown() {
    for (call, asking, first) in [(PUT, VERSIONS, true), (SWITCH, DEPLOYMENTS, false)] {
        let server = Server::start(!first).await;
        server.fails(call, Fault::ResetsAfterReading, 1);
        server.fails(asking, Fault::Refuses(500, 0, "made up".into()), usize::MAX);
        let stopped =
            client(&server.base).deploy("greet", &bundle(), &order(first), std::future::pending(), &silent()).await;
        let Err(stopped @ Stopped::Unknown(Error::Unknown { .. })) = stopped else { panic!("{call}: {stopped:?}") };
        tells_nothing(&stopped);
        let text = stopped.to_string();
        assert!(text.starts_with("Whether it went live is unknown") && !text.contains("untouched"), "{text}");
    }
}

#[tokio::test]
async fn what_is_not_live_a_moment_after_a_lost_answer_may_still_arrive() {
    for (call, first) in [(PUT, true), (SWITCH, false)] {
        let server = Server::start(!first).await;
        server.fails(call, Fault::ResetsAfterReading, 1);
        let stopped =
            client(&server.base).deploy("greet", &bundle(), &order(first), std::future::pending(), &silent()).await;
        let Err(stopped @ Stopped::NotSeen(Error::BrokenOff { whole: true, .. })) = stopped else {
            panic!("{call}: {stopped:?}")
        };
        tells_nothing(&stopped);
        assert!(stopped.to_string().ends_with("A moment later, what is live was untouched."), "{stopped}");
    }
}

#[tokio::test]
async fn an_upload_that_can_not_be_told_of_has_changed_nothing_that_is_live() {
    let server = Server::start(true).await;
    server.fails(UPLOAD, Fault::ResetsAfterDoing, 1);
    server.fails(VERSIONS, Fault::Refuses(403, 10000, "made up".into()), usize::MAX);
    let stopped =
        client(&server.base).deploy("greet", &bundle(), &order(false), std::future::pending(), &silent()).await;
    assert!(matches!(stopped, Err(Stopped::Untouched(Error::Unknown { .. }))), "{stopped:?}");
    assert_eq!(server.count(SWITCH), 0);
}

#[tokio::test]
async fn a_script_that_somebody_else_made_meanwhile_is_not_taken_for_ours() {
    let server = Server::start(false).await;
    server.fails(PUT, Fault::ResetsAfterReading, 1);
    let theirs = serde_json::json!({ "items": [{ "id": "theirs", "number": 1, "annotations": {} }] });
    server.state().answers.push((VERSIONS.into(), theirs));
    let stopped =
        client(&server.base).deploy("greet", &bundle(), &order(true), std::future::pending(), &silent()).await;
    assert!(matches!(stopped, Err(Stopped::Unknown(_))), "{stopped:?}");
}

#[tokio::test]
async fn an_upload_that_broke_off_half_way_was_not_acted_on() {
    for (call, first) in [(PUT, true), (UPLOAD, false)] {
        let server = Server::start(!first).await;
        server.fails(call, Fault::ResetsAtOnce, 1);
        let mut bundle = bundle();
        bundle.modules.push(Module {
            name: "large.js".into(),
            content: Content::Code("/".repeat(30_000_000)),
            map: None,
        });
        let (listener, heard) = listening();
        let stopped =
            client(&server.base).deploy("greet", &bundle, &order(first), std::future::pending(), &listener).await;
        assert!(matches!(stopped, Err(Stopped::Untouched(Error::BrokenOff { whole: false, .. }))), "{stopped:?}");
        assert!(!heard.lock().unwrap().contains(&Progress::Asking), "{call}");
    }
}

#[tokio::test]
async fn a_rollback_whose_answer_is_lost_is_asked_about_too() {
    let server = Server::start(true).await;
    server.state().versions.push(("version-1".into(), None));
    server.fails(SWITCH, Fault::ResetsAfterDoing, 1);
    client(&server.base).switch("greet", "version-1", Some("undo"), &silent()).await.unwrap();
    assert_eq!(server.state().live.as_deref(), Some("version-1"));
}

#[tokio::test]
async fn what_is_gone_after_a_lost_answer_was_deleted() {
    let server = Server::start(true).await;
    server.fails("DELETE services/greet", Fault::ResetsAfterDoing, 1);
    client(&server.base).delete("greet", &silent()).await.unwrap();
    client(&server.base).delete("greet", &silent()).await.unwrap();
    let server = Server::start(true).await;
    server.fails("DELETE services/greet", Fault::ResetsAfterReading, 1);
    let error = client(&server.base).delete("greet", &silent()).await.expect_err("it is still there");
    assert!(matches!(error, Error::BrokenOff { .. }), "{error}");
}
