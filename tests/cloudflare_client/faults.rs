//! Every call of a deployment, with everything that can become of it. What is live, what is said, what comes next.

use postern::target::cloudflare::{Deployed, Error, Piece, Stopped};

use crate::server::{Fault, Server};
use crate::{SECRET, TOKEN, bundle, client, order, silent, tells_nothing};

const FIRST: [&str; 2] = ["GET services/greet", "PUT scripts/greet"];
const AGAIN: [&str; 2] = ["POST scripts/greet/versions", "POST scripts/greet/deployments"];
const SCHEDULES: &str = "PUT scripts/greet/schedules";
const AFTER_FIRST: [&str; 3] = ["GET subdomain", "POST scripts/greet/subdomain", SCHEDULES];
const AFTER_AGAIN: [&str; 3] = ["GET subdomain", "GET scripts/greet/subdomain", SCHEDULES];

type Expected = fn(&Error) -> bool;

/// Whatever ends a call for good, with what it is called. Its words quote what they must not.
fn faults() -> Vec<(Fault, Expected)> {
    let quoting = format!("It has {SECRET} and {TOKEN} in it, in JSON {}.", serde_json::to_string(SECRET).unwrap());
    let refuses = |status, code| Fault::Refuses(status, code, quoting.clone());
    vec![
        (refuses(401, 10000), |error| matches!(error, Error::BadToken { .. })),
        (refuses(403, 10000), |error| matches!(error, Error::MissingPermission(..))),
        (refuses(404, 7003), |error| matches!(error, Error::AccountNotThere(_))),
        (refuses(409, 10220), |error| matches!(error, Error::Changed(_))),
        (refuses(400, 10021), |error| matches!(error, Error::Validation { .. })),
        (refuses(413, 10027), |error| matches!(error, Error::TooLarge(_))),
        (refuses(400, 10053), |error| matches!(error, Error::Refused { code: 10053, .. })),
        (Fault::RateLimits(600), |error| matches!(error, Error::RateLimited(600))),
        (refuses(500, 10013), |error| matches!(error, Error::Unavailable { status: 500, .. })),
        (Fault::IsNoJson(502), |error| matches!(error, Error::Unavailable { status: 502, .. })),
        (Fault::IsNoJson(404), |error| matches!(error, Error::NotUnderstood { status: 404, .. })),
        (Fault::IsNoJson(200), |error| matches!(error, Error::NotUnderstood { status: 200, .. })),
        (Fault::NeverAnswers, |error| matches!(error, Error::TimedOut { .. })),
        (Fault::ResetsAtOnce, |error| matches!(error, Error::BrokenOff { .. })),
        (Fault::ResetsAfterReading, |error| matches!(error, Error::BrokenOff { .. })),
        (Fault::SendsElsewhere("http://127.0.0.1:9/".into()), |error| {
            matches!(error, Error::Redirected { status: 307, .. })
        }),
    ]
}

/// What makes something live, once it was read.
const GOES_LIVE: [&str; 2] = [FIRST[1], AGAIN[1]];

/// Whether what was asked may be done although this is what came of it.
fn leaves_open(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Refuses(500, ..) | Fault::IsNoJson(502 | 200) | Fault::NeverAnswers | Fault::ResetsAfterReading
    )
}

async fn deploy(server: &Server, first: bool) -> Result<Deployed, Stopped> {
    client(&server.base).deploy("greet", &bundle(), &order(first), std::future::pending(), &silent()).await
}

#[tokio::test]
async fn whatever_fails_before_the_switch_leaves_what_is_live_and_says_so() {
    for (calls, first) in [(FIRST, true), (AGAIN, false)] {
        for call in calls {
            for (fault, expected) in faults() {
                let server = Server::start(!first).await;
                server.fails(call, fault.clone(), usize::MAX);
                let stopped = deploy(&server, first).await.expect_err(call);
                tells_nothing(&stopped);
                // The request was whole, and would have made something live; where it was reset at once, nobody knows.
                let is_open = GOES_LIVE.contains(&call) && leaves_open(&fault);
                let (error, words) = match &stopped {
                    Stopped::Untouched(error) if !is_open => (error, "What is live is untouched."),
                    Stopped::NotSeen(error) if is_open || matches!(fault, Fault::ResetsAtOnce) => {
                        (error, "A moment later, what is live was untouched.")
                    }
                    _ => panic!("{call} {fault:?}: {stopped}"),
                };
                assert!(expected(error), "{call} {fault:?}: {stopped:?}");
                assert!(stopped.to_string().ends_with(words), "{stopped}");
                assert_eq!(server.state().live.as_deref(), (!first).then_some("version-0"), "{call} {fault:?}");
                if call == AGAIN[0] {
                    assert_eq!(server.count(AGAIN[1]), 0, "{fault:?}: nothing was to be switched");
                }
                for after in AFTER_FIRST.iter().chain(&AFTER_AGAIN) {
                    assert_eq!(server.count(after), 0, "{call} {fault:?}: {after}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_request_that_changes_something_is_sent_once() {
    for (calls, first) in [(FIRST, true), (AGAIN, false)] {
        for call in calls.into_iter().filter(|call| !call.starts_with("GET")) {
            for (fault, _) in faults() {
                let server = Server::start(!first).await;
                server.fails(call, fault.clone(), usize::MAX);
                drop(deploy(&server, first).await);
                assert_eq!(server.count(call), 1, "{call} {fault:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_fails_after_the_switch_is_told_as_what_is_unfinished() {
    for (calls, first) in [(AFTER_FIRST, true), (AFTER_AGAIN, false)] {
        for call in calls {
            for (fault, expected) in faults() {
                let server = Server::start(!first).await;
                server.fails(call, fault.clone(), usize::MAX);
                let deployed =
                    deploy(&server, first).await.unwrap_or_else(|stopped| panic!("{call} {fault:?}: {stopped}"));
                let [(piece, error)] = &deployed.unfinished[..] else { panic!("{call}: {:?}", deployed.unfinished) };
                tells_nothing(error);
                assert!(expected(error), "{call} {fault:?}: {error:?}");
                assert_eq!(*piece, if call == SCHEDULES { Piece::Schedules } else { Piece::Address });
                assert_eq!(server.state().live, deployed.version, "it is live");
            }
        }
    }
}

#[tokio::test]
async fn the_next_deployment_after_a_fault_works() {
    for (fault, _) in faults() {
        let server = Server::start(true).await;
        server.fails(AGAIN[0], fault.clone(), 1);
        drop(deploy(&server, false).await);
        let deployed = deploy(&server, false).await.unwrap_or_else(|stopped| panic!("{fault:?}: {stopped}"));
        assert!(deployed.unfinished.is_empty());
        assert_eq!(server.state().live, deployed.version);
    }
}

#[tokio::test]
async fn a_name_that_is_taken_and_a_script_that_is_gone_are_told_apart() {
    let taken = deploy(&Server::start(true).await, true).await;
    assert!(matches!(taken, Err(Stopped::Untouched(Error::NameTaken(name))) if name == "greet"));
    let server = Server::start(false).await;
    server.fails(AGAIN[0], Fault::Refuses(404, 10007, "This Worker does not exist".into()), 1);
    let gone = deploy(&server, false).await;
    assert!(matches!(gone, Err(Stopped::Untouched(Error::NotThere(name))) if name == "greet"));
}

#[tokio::test]
async fn what_is_over_a_limit_is_refused_before_anything_is_sent() {
    let server = Server::start(true).await;
    let mut order = order(false);
    order.schedules = vec![order.schedules[0].clone(); 6];
    let stopped = client(&server.base)
        .deploy("greet", &bundle(), &order, std::future::pending(), &silent())
        .await
        .expect_err("six schedules");
    assert!(matches!(&stopped, Stopped::Untouched(Error::Limit(_))), "{stopped}");
    assert!(server.state().asked.is_empty());
}
