//! Where no secret may be, whatever a target says about it: the database, messages, logs, history.

use postern::deployment::TargetId;
use postern::wire::{Code, Failure};
use serde_json::json;

use crate::desk::{Desk, deploy, function, past, replace, roll_back, secret, try_deploy, write};
use crate::support::canary::{Canary, Scan, canaries};
use crate::support::workers_api::{Fault, Kind};

const NAMES: [&str; 5] = ["ASCII_KEY", "LONG_KEY", "EMOJI_KEY", "PEM_KEY", "QUOTES_KEY"];

/// Throws every secret that it has when it starts.
const TELLTALE: &str = "import { env } from 'cloudflare:workers'
throw new Error(Object.values(env).sort().join(' and '))
export default { fetch() {} }";

fn clean(scan: &Scan, what: &str, failure: &Failure) {
    let shown = serde_json::to_string(failure).expect("JSON");
    let hits = [scan.bytes(what, shown.as_bytes()), scan.bytes(what, failure.message.as_bytes())].concat();
    assert!(hits.is_empty(), "{}", hits[0]);
}

#[tokio::test]
async fn no_value_is_in_what_is_said_or_kept_when_the_code_throws_them_all() {
    let (desk, app, target) = Desk::with_target().await;
    let scan = Scan::new(&canaries());
    let id = function(&app, "hello", "export default { fetch() { return new Response('here') } }").await;
    for (name, canary) in NAMES.into_iter().zip(canaries()) {
        secret(&app, id, name, &canary.value).await;
    }
    // Sent with it.
    write(&app, id, TELLTALE).await;
    let sent = try_deploy(&app, id, target).await.expect_err("it throws");
    assert_eq!(sent.code, Code::Start);
    assert!(sent.message.contains("[ASCII_KEY]") && sent.message.contains("[QUOTES_KEY]"), "{}", sent.message);
    clean(&scan, "what was sent", &sent);

    // Inherited, and opened by nobody until it is quoted.
    write(&app, id, "export default { fetch() { return new Response('here') } }").await;
    deploy(&app, id, target).await;
    write(&app, id, TELLTALE).await;
    let inherited = try_deploy(&app, id, target).await.expect_err("it throws");
    assert!(NAMES.iter().all(|name| desk.sent_as(name).as_deref() == Some("inherit")));
    assert!(inherited.message.contains("[ASCII_KEY]"), "{}", inherited.message);
    clean(&scan, "what was inherited", &inherited);

    // Inherited, and not to be recognised by anybody: then nothing that was said is shown.
    desk.damage_seal("LONG_KEY");
    let unknown = try_deploy(&app, id, target).await.expect_err("it throws");
    assert!(!unknown.message.contains("and canary") && !unknown.message.contains("[ASCII_KEY]"), "{}", unknown.message);
    clean(&scan, "what does not open", &unknown);

    let history = serde_json::to_string(&app.history(id).await.expect("a history")).expect("JSON");
    let log = serde_json::to_string(&app.read_log(id)).expect("JSON");
    let detail = serde_json::to_string(&app.open_function(id).await.expect("it is there")).expect("JSON");
    for (place, text) in [("the history", history), ("the log", log), ("the function", detail)] {
        assert!(scan.bytes(place, text.as_bytes()).is_empty(), "{place}");
    }
    app.shutdown().await;
    scan.files(&[desk.folder.path()]).assert_clean();
    // The scan finds them where they are.
    std::fs::write(desk.data().join("planted"), &canaries()[3].value).expect("a file");
    assert!(!scan.files(&[desk.folder.path()]).hits.is_empty());
}

#[tokio::test]
async fn a_target_that_quotes_the_token_and_the_secrets_is_not_repeated() {
    let (desk, app, target) = Desk::with_target().await;
    let token = Canary { name: "token", value: desk.server.token().to_owned() };
    let values: Vec<Canary> = canaries().into_iter().chain([token]).collect();
    let scan = Scan::new(&values);
    let id = function(&app, "hello", "export default { fetch() { return new Response('here') } }").await;
    for (name, canary) in NAMES.into_iter().zip(canaries()) {
        secret(&app, id, name, &canary.value).await;
    }
    deploy(&app, id, target).await;
    replace(&app, id, "ASCII_KEY", &canaries()[0].value).await;
    let quoting: Vec<&str> = values.iter().map(|canary| canary.value.as_str()).collect();
    let errors = json!([{ "code": 10021, "message": quoting.join(" // ") }]);
    let body = json!({ "success": false, "result": null, "errors": errors });
    for (on, status) in [("GET …/versions", 400), ("POST …/versions", 400), ("POST …/deployments", 400)] {
        desk.server.fault(Fault { on, nth: 1, kind: Kind::Status(status, body.clone()) });
        let failure = try_deploy(&app, id, target).await.expect_err("refused");
        clean(&scan, on, &failure);
    }
    for on in ["GET …/scripts/…/subdomain", "PUT …/schedules"] {
        desk.server.fault(Fault { on, nth: 1, kind: Kind::Status(400, body.clone()) });
        let deployed = deploy(&app, id, target).await;
        clean(&scan, on, &deployed.summary.remote[0].unfinished[0].failure);
        desk.server.fault(Fault { on, nth: 1, kind: Kind::Status(400, body.clone()) });
        let summary = app.finish_deployment(id, target).await.expect("it is tried");
        clean(&scan, on, &summary.remote[0].unfinished[0].failure);
    }
    let first = past(&app, id, target, 1).await;
    desk.server.fault(Fault { on: "POST …/deployments", nth: 1, kind: Kind::Status(403, body.clone()) });
    clean(&scan, "a rollback", &app.roll_back(first.id, None, |_| {}).await.expect_err("refused"));
    desk.server.fault(Fault { on: "PUT …/schedules", nth: 1, kind: Kind::Status(400, body.clone()) });
    let rolled = roll_back(&app, id, target, 1).await;
    clean(&scan, "a rollback", &rolled.summary.remote[0].unfinished[0].failure);
    desk.server.fault(Fault { on: "GET …/versions", nth: 1, kind: Kind::Status(400, body.clone()) });
    clean(&scan, "a plan", &app.plan(id, target).await.expect_err("refused"));
    desk.server.fault(Fault { on: "DELETE …", nth: 1, kind: Kind::Status(400, body.clone()) });
    clean(&scan, "a deletion", &app.delete_function(id, false).await.expect_err("refused"));
    desk.server.fault(Fault { on: "GET …/scripts", nth: 1, kind: Kind::Status(400, body) });
    clean(&scan, "a list", &app.remote_scripts(target).await.expect_err("refused"));
    app.shutdown().await;
    scan.files(&[desk.folder.path()]).assert_clean();
}

#[tokio::test]
async fn what_is_deployed_from_here_is_in_no_file_and_neither_is_a_value_that_was_replaced() {
    let (desk, app, target) = Desk::with_target().await;
    let id = function(&app, "hello", "export default { fetch(_, env) { return new Response(env.ASCII_KEY) } }").await;
    for (name, canary) in NAMES.into_iter().zip(canaries()) {
        secret(&app, id, name, &canary.value).await;
    }
    for target in [target, TargetId::LOCAL] {
        deploy(&app, id, target).await;
    }
    assert_eq!(desk.answer("hello").await, canaries()[0].value);
    let scan = Scan::new(&canaries());
    scan.files(&[desk.folder.path()]).assert_clean();
    app.plan(id, target).await.expect("a plan");
    roll_back(&app, id, target, 1).await;
    app.shutdown().await;
    scan.files(&[desk.folder.path()]).assert_clean();
}
