//! Credentials in code: found at every save, stopped at every deployment, let pass one at a time, moved to a secret.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use postern::{
    app::App,
    deployment::TargetId,
    function::{Edit, FunctionId, Position},
    secret::Scope,
    wire::{Code, CredentialInCode, LeakedValue, Order},
};
use rusqlite::Connection;

use crate::{Desk, contains, eventually, function, history::record, value};

/// Made up, and put together here so that it stands nowhere in one piece.
fn key() -> String {
    format!("sk_{}_{}", "live", "7Hq2Zr90XwLbN4cVtKyD3m")
}

fn code(call: &str) -> String {
    format!("export default {{\n  fetch(request, env) {{\n    return {}\n  }}\n}}\n", call.replace("KEY", &key()))
}

fn at(found: &CredentialInCode) -> Position {
    found.from.clone()
}

/// Of a private key, as a file has it.
fn pem() -> String {
    let lines = [
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw7Hq2Zr90XwLbN4cVtKyD3mQp",
        "kJ8sLq02PwZxT5uYb1Vn6GfRhC3aEoWd9iXmS4tB7lKzQvNjHcUyMeDg0FrA",
    ];
    let dashes = "-----";
    format!("{dashes}BEGIN PRIVATE KEY{dashes}\n{}\n{dashes}END PRIVATE KEY{dashes}", lines.join("\n"))
}

async fn deployed(app: &App, id: FunctionId) -> postern::wire::Failure {
    app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("there is no runtime here")
}

#[tokio::test]
async fn a_credential_is_found_when_it_is_saved_and_said_without_its_value() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "").await;
    let saved = app.save_file(id, "index.ts".into(), code("f('KEY')")).await.expect("saved");
    let [found] = &saved.credentials[..] else { panic!("one is found") };
    assert_eq!((found.from.line, found.from.column), (3, 15));
    assert_eq!(found.what, "a Stripe secret key");
    assert_eq!((found.name.as_str(), found.held), ("STRIPE_SECRET_KEY", false));
    assert!(!serde_json::to_string(&saved).expect("json").contains(&key()));
    assert_eq!(app.open_function(id).await.expect("it").credentials, saved.credentials);

    let saved = app.save_file(id, "index.ts".into(), code("f('x')")).await.expect("saved");
    assert!(saved.credentials.is_empty());
}

#[tokio::test]
async fn a_deployment_stops_at_credentials_and_names_their_lines() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", &code("f('KEY',\n 'postgres://app:kJ8sLq02PwZx@db.example.com/app')")).await;
    let failure = deployed(&app, id).await;
    assert_eq!(failure.code, Code::CredentialsInCode);
    assert_eq!(failure.position.as_ref().map(|place| place.line), Some(3));
    assert!(failure.message.contains("a Stripe secret key at line 3"), "{}", failure.message);
    assert!(failure.message.contains("a PostgreSQL address with its password at line 4"), "{}", failure.message);
    assert!(!failure.message.contains(&key()) && !failure.message.contains("kJ8sLq02PwZx"));
    // What was recorded of it says no more.
    app.save_file(id, "index.ts".into(), String::new()).await.expect("saved");
    eventually("the code is gone from the files", || !contains(&desk.database_bytes(), key().as_bytes())).await;
}

#[tokio::test]
async fn of_many_a_few_are_named_so_that_what_to_do_about_them_is_seen() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", &code("f([\n'KEY',\n'KEY',\n'KEY'])")).await;
    let said = "a Stripe secret key at line";
    let message = deployed(&app, id).await.message;
    let all = format!("The code holds {said} 4, {said} 5 and {said} 6. Move each to a secret, or deploy anyway.");
    assert_eq!(message, all);
    app.save_file(id, "index.ts".into(), code("f([\n'KEY',\n'KEY',\n'KEY',\n'KEY',\n'KEY'])")).await.expect("saved");
    let message = deployed(&app, id).await.message;
    let few =
        format!("The code holds {said} 4, {said} 5, {said} 6 and 2 more. Move each to a secret, or deploy anyway.");
    assert_eq!(message, few);
}

#[tokio::test]
async fn one_at_a_time_may_be_deployed_for_a_reason_that_is_kept() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", &code("f('KEY', '')")).await;
    let found = app.credentials(id).await.expect("found");
    let refused = app.allow_credential(id, at(&found[0]), "  ".into()).await.expect_err("no reason");
    assert_eq!(refused.code, Code::InvalidValue);
    let refused = app.allow_credential(id, at(&found[0]), format!("it is {}", key())).await.expect_err("it quotes it");
    assert!(!refused.message.contains(&key()));

    let allowed = app.allow_credential(id, at(&found[0]), "The test account's key".into()).await.expect("allowed");
    let kept = allowed[0].allowed.clone().expect("it is kept");
    assert_eq!(kept.reason, "The test account's key");
    let age = SystemTime::now().duration_since(UNIX_EPOCH + Duration::from_millis(kept.at as u64)).expect("it is past");
    assert!(age < Duration::from_secs(60), "{age:?}");
    assert_eq!(deployed(&app, id).await.code, Code::RuntimeMissing);
    // It is that value that may pass, wherever it stands, and no other; and a restart forgets nothing.
    drop(app);
    let app = desk.start().await;
    app.save_file(id, "index.ts".into(), code("f(1,\n 'KEY')")).await.expect("saved");
    assert_eq!(deployed(&app, id).await.code, Code::RuntimeMissing);
    assert_eq!(app.credentials(id).await.expect("found")[0].allowed, Some(kept));
    let other = code("f('KEY')").replace("7Hq2", "2qH7");
    app.save_file(id, "index.ts".into(), other).await.expect("saved");
    assert_eq!(deployed(&app, id).await.code, Code::CredentialsInCode);

    app.save_file(id, "index.ts".into(), code("f('KEY')")).await.expect("saved");
    let found = app.credentials(id).await.expect("found");
    assert_eq!(app.withdraw_allowance(id, at(&found[0])).await.expect("withdrawn")[0].allowed, None);
    assert_eq!(deployed(&app, id).await.code, Code::CredentialsInCode);
}

#[tokio::test]
async fn a_value_of_the_vault_is_recognised_wherever_it_stands_and_whosever_it_is() {
    let desk = Desk::new();
    let app = desk.start().await;
    let (id, other) = (function(&app, "mine", "").await, function(&app, "other", "").await);
    app.create_secret(id, "PHRASE", Scope::All, value("correct horse battery")).await.expect("sealed");
    app.create_secret(other, "WORD", Scope::All, value("made-up.value/9")).await.expect("sealed");
    let text =
        "// it was correct horse battery\nf('correct ' + 'horse battery', `x made-up.value/9?`, 'made-up.value/99')";
    let saved = app.save_file(id, "index.ts".into(), text.into()).await.expect("saved");
    let said: Vec<_> = saved.credentials.iter().map(|found| (found.from.line, found.what.as_str())).collect();
    assert_eq!(said, [(1, "the value of PHRASE"), (2, "the value of PHRASE"), (2, "the value of WORD of other")]);
    assert_eq!((saved.credentials[0].name.as_str(), saved.credentials[0].held), ("PHRASE", true));
    assert!(!saved.credentials[2].held);
}

#[tokio::test]
async fn a_credential_is_moved_to_a_secret_and_leaves_no_bytes_behind() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "").await;
    let text = code("f('Bearer KEY')");
    app.save_file(id, "index.ts".into(), text.clone()).await.expect("saved");
    assert!(contains(&desk.database_bytes(), key().as_bytes()), "the scan finds what is there");

    let found = app.credentials(id).await.expect("found");
    let moved = app.move_to_secret(id, text, at(&found[0]), found[0].to.clone(), "PAYMENTS".into());
    let moved = moved.await.expect("moved");
    assert_eq!((moved.name.as_str(), moved.saved.credentials.len(), moved.leaked.len()), ("PAYMENTS", 0, 0));
    let lines: Vec<u32> = moved.saved.secrets[0].lines.iter().map(|line| line.line).collect();
    assert_eq!(lines, [3]);
    assert_eq!(app.open_function(id).await.expect("it").files[0].text, code("f(`Bearer ${env.PAYMENTS}`)"));
    eventually("the value is gone from the files", || !contains(&desk.database_bytes(), key().as_bytes())).await;

    // Undo brings it back, and that it is known now; moving it again makes no second secret.
    let text = code("f('Bearer KEY')");
    let saved = app.save_file(id, "index.ts".into(), text.clone()).await.expect("saved");
    assert_eq!(saved.credentials[0].what, "the value of PAYMENTS");
    let found = &saved.credentials[0];
    let moved = app.move_to_secret(id, text, at(found), found.to.clone(), "ANOTHER".into()).await.expect("moved");
    assert_eq!((moved.name.as_str(), moved.saved.secrets.len()), ("PAYMENTS", 1));
    eventually("the value is gone again", || !contains(&desk.database_bytes(), key().as_bytes())).await;
}

#[tokio::test]
async fn moving_keeps_everything_as_it_was_where_it_can_not_be_done() {
    let desk = Desk::new();
    let app = desk.start().await;
    let text = code("f({ 'KEY': 1 })");
    let id = function(&app, "mine", &text).await;
    app.create_secret(id, "TAKEN", Scope::All, value("another made-up value")).await.expect("sealed");
    let found = app.credentials(id).await.expect("found");
    let (from, to) = (at(&found[0]), found[0].to.clone());
    let refused = app.move_to_secret(id, text.clone(), from.clone(), to.clone(), "MOVED".into()).await;
    assert!(refused.expect_err("a key of an object").message.contains("Nothing was changed"));
    let good = code("f('KEY')");
    let found = app.save_file(id, "index.ts".into(), good.clone()).await.expect("saved").credentials;
    let (from, to) = (at(&found[0]), found[0].to.clone());
    let refused = app.move_to_secret(id, good.clone(), from.clone(), to.clone(), "TAKEN".into()).await;
    assert_eq!(refused.expect_err("another value").code, Code::SecretExists);
    let refused = app.move_to_secret(id, good.clone(), from, to, "1".into()).await;
    assert_eq!(refused.expect_err("no name").code, Code::InvalidName);
    let there = app.open_function(id).await.expect("it");
    assert_eq!((there.files[0].text.as_str(), there.secrets.len()), (good.as_str(), 1));
}

#[tokio::test]
async fn what_is_pasted_is_told_as_a_credential_inside_a_text_and_outside_of_one() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "").await;
    let place =
        |column: usize| Position { file: "index.ts".into(), line: 3, column: u32::try_from(column).expect("small") };
    for (call, start, edited, what) in [
        ("f('KEY')", 15, "f(env.PASTED)", "a Stripe secret key"),
        ("f(KEY)", 14, "f(env.PASTED)", "the value of PASTED"),
    ] {
        let (text, end) = (code(call), place(start + key().len()));
        let told = app.credential_pasted(id, text.clone(), place(start), end.clone()).await.expect("looked at");
        let told = told.unwrap_or_else(|| panic!("{call} is told"));
        assert_eq!(told.what, what, "{call}");
        let moved = app.move_to_secret(id, text, told.from, told.to, "PASTED".into()).await.expect("moved");
        assert_eq!(moved.name, "PASTED");
        assert_eq!(app.open_function(id).await.expect("it").files[0].text, code(edited), "{call}");
        assert_eq!(moved.edits[0].from.column, 14, "{call}");
    }
    let text = code("f('hello', 'KEY')");
    assert_eq!(app.credential_pasted(id, text, place(15), place(20)).await.expect("looked at"), None);
}

/// Names of secrets, each with the numbers of the versions that hold its value and whether they are live.
fn leaks(leaked: &[LeakedValue]) -> Vec<(&str, Vec<(i64, bool)>)> {
    let versions = |leaked: &LeakedValue| leaked.versions.iter().map(|each| (each.number, each.live)).collect();
    leaked.iter().map(|leaked| (leaked.name.as_str(), versions(leaked))).collect()
}

async fn moved(app: &App, id: FunctionId, name: &str) -> Vec<LeakedValue> {
    let text = app.open_function(id).await.expect("it").files[0].text.clone();
    let found = app.credentials(id).await.expect("found");
    let moved = app.move_to_secret(id, text, at(&found[0]), found[0].to.clone(), name.into());
    moved.await.expect("moved").leaked
}

#[tokio::test]
async fn what_is_pasted_bare_into_a_sum_is_moved_to_the_same_text_in_the_editor() {
    let desk = Desk::new();
    let app = desk.start().await;
    let address = "postgres://app:kJ8sLq02PwZx@db.example.com/";
    for (call, pasted, edited) in [
        ("f(PASTED + '/x', 'y')", key().as_str(), "f(`${env.MOVED}` + '/x', 'y')"),
        ("f('x/' + PASTED)", &key(), "f('x/' + `${env.MOVED}`)"),
        // All of the sum is the value.
        ("f(PASTED + 'x', 'y')", &key(), "f(env.MOVED, 'y')"),
        ("f(PASTED + 'app', 'y')", address, "f(env.MOVED, 'y')"),
        ("f(PASTED + // the name\n  'app', 'y')", address, "f(env.MOVED, 'y')"),
    ] {
        let id = function(&app, "mine", "").await;
        let column = u32::try_from(12 + call.find("PASTED").expect("it")).expect("small");
        let from = Position { file: "index.ts".into(), line: 3, column };
        let to = Position { column: column + u32::try_from(pasted.len()).expect("small"), ..from.clone() };
        let text = code(&call.replace("PASTED", pasted));
        let told = app.credential_pasted(id, text.clone(), from.clone(), to.clone()).await.expect("looked at");
        assert_eq!(told.map(|told| (told.from, told.to)), Some((from.clone(), to.clone())), "{call}");
        let moved = app.move_to_secret(id, text.clone(), from, to, "MOVED".into()).await;
        let moved = moved.unwrap_or_else(|why| panic!("{call}: {}", why.message));
        assert_eq!(app.open_function(id).await.expect("it").files[0].text, code(edited), "{call}");
        assert_eq!(by_edits(&text, &moved.edits), code(edited), "{call}");
        app.delete_function(id, false).await.expect("deleted");
    }
}

/// What the editor comes to.
fn by_edits(text: &str, edits: &[Edit]) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let byte = |at: &Position| {
        lines[..at.line as usize - 1].iter().map(|line| line.len() + 1).sum::<usize>() + at.column as usize - 1
    };
    edits.iter().rev().fold(text.to_owned(), |mut text, edit| {
        text.replace_range(byte(&edit.from)..byte(&edit.to), &edit.insert);
        text
    })
}

#[tokio::test]
async fn a_pasted_private_key_is_told_with_all_its_lines_and_moved_inside_of_any_quotes_and_outside() {
    let desk = Desk::new();
    let app = desk.start().await;
    let place = |line, column| Position { file: "index.ts".into(), line, column };
    // Where it was pasted, as its file has it: with a line break at its end.
    for (at, call, pasted, edited) in [
        (15, "f(`PEM`)", pem(), "f(env.PASTED)"),
        (14, "f(PEM)", pem(), "f(env.PASTED)"),
        (14, "f(PEM)", format!("{}\n", pem()), "f(env.PASTED\n)"),
        (15, "f('PEM')", pem(), "f(env.PASTED)"),
        (15, "f(\"PEM\")", format!("{}\n", pem()), "f(env.PASTED)"),
    ] {
        let id = function(&app, "mine", "").await;
        let text = code(call).replace("PEM", &pasted);
        let end = if pasted.ends_with('\n') { place(7, 1) } else { place(6, 26) };
        let told = app.credential_pasted(id, text.clone(), place(3, at), end).await.expect("looked at");
        let told = told.unwrap_or_else(|| panic!("{call} is told"));
        assert_eq!(
            (told.what.as_str(), &told.from, &told.to),
            ("a private key", &place(3, at), &place(6, 26)),
            "{call}"
        );
        let moved = app.move_to_secret(id, text.clone(), told.from, told.to, "PASTED".into()).await;
        let moved = moved.unwrap_or_else(|why| panic!("{call}: {}", why.message));
        assert_eq!(app.open_function(id).await.expect("it").files[0].text, code(edited), "{call}");
        assert_eq!(by_edits(&text, &moved.edits), code(edited), "{call}");
        app.delete_function(id, false).await.expect("deleted");
    }
}

#[tokio::test]
async fn versions_that_hold_a_moved_value_are_named_and_removed_with_their_bytes() {
    let desk = Desk::new();
    let app = desk.start().await;
    let text = code("f('KEY')");
    let id = function(&app, "mine", &text).await;
    for (number, outcome, text) in [(1, "past", &text), (2, "past", &code("f('x')")), (3, "live", &text)] {
        record(&desk, id, number, outcome, text);
    }
    assert_eq!(leaks(&moved(&app, id, "PAYMENTS").await), [("PAYMENTS", vec![(3, true), (1, false)])]);
    let asked = app.describe_version_removal(id, "PAYMENTS").await.expect("looked at").expect("a question");
    assert_eq!(asked.title, "Remove version #1?");

    let left = app.remove_versions(id, "PAYMENTS").await.expect("removed");
    assert_eq!(leaks(&left), [("PAYMENTS", vec![(3, true)])]);
    assert_eq!(app.history(id).await.expect("history").len(), 2);
    assert_eq!(app.describe_version_removal(id, "PAYMENTS").await.expect("looked at"), None);
    // What is live holds it until something else is.
    assert!(contains(&desk.database_bytes(), key().as_bytes()));
}

#[tokio::test]
async fn a_moved_value_is_looked_for_after_its_secret_was_replaced_or_deleted_and_after_a_restart() {
    let desk = Desk::new();
    let app = desk.start().await;
    let text = code("f('KEY')");
    let id = function(&app, "mine", &text).await;
    record(&desk, id, 1, "live", &text);
    moved(&app, id, "PAYMENTS").await;
    // As it is advised: a new key, then a deployment. The value that was moved was never deployed as a secret.
    app.replace_secret(id, "PAYMENTS", Scope::All, value("another made-up value")).await.expect("replaced");
    record(&desk, id, 2, "live", &code("f(env.PAYMENTS)"));
    let held = [("PAYMENTS", vec![(1, false)])];
    assert_eq!(leaks(&app.leaked_values(id).await.expect("looked at")), held);
    app.delete_secret(id, "PAYMENTS", Scope::All).await.expect("deleted");
    drop(app);
    let app = desk.start().await;
    assert_eq!(leaks(&app.leaked_values(id).await.expect("looked at")), held);
    // What is gone back to holds it as well.
    record(&desk, id, 3, "live", &text);
    let held = [("PAYMENTS", vec![(3, true), (1, false)])];
    assert_eq!(leaks(&app.leaked_values(id).await.expect("looked at")), held);
    record(&desk, id, 4, "live", &code("f('x')"));

    assert!(app.remove_versions(id, "PAYMENTS").await.expect("removed").is_empty());
    assert!(app.leaked_values(id).await.expect("looked at").is_empty());
    eventually("the value is gone from the files", || !contains(&desk.database_bytes(), key().as_bytes())).await;
    let db = Connection::open(desk.data().join("postern.db")).expect("the database");
    let moved: i64 = db.query_row("SELECT count(*) FROM moved", [], |row| row.get(0)).expect("a count");
    assert_eq!(moved, 0, "nothing holds it any more, and it is forgotten");
}

#[tokio::test]
async fn moving_has_come_to_pass_where_what_is_kept_can_not_be_looked_through() {
    let desk = Desk::new();
    let app = desk.start().await;
    let text = code("f('KEY')");
    let id = function(&app, "mine", &text).await;
    record(&desk, id, 1, "past", &text);
    let db = Connection::open(desk.data().join("postern.db")).expect("the database");
    db.execute("UPDATE deployments SET files = 'nothing that is read'", []).expect("it is spoilt");
    assert!(moved(&app, id, "PAYMENTS").await.is_empty());
    assert_eq!(app.open_function(id).await.expect("it").files[0].text, code("f(env.PAYMENTS)"));
    app.leaked_values(id).await.expect_err("whoever asks for it hears of it");
}

#[tokio::test]
async fn a_moved_value_is_looked_for_where_only_its_address_tells_it() {
    let desk = Desk::new();
    let app = desk.start().await;
    let text = code("fetch('https://svc:hunter2@api.example.com/')");
    let id = function(&app, "mine", &text).await;
    record(&desk, id, 1, "live", &text);
    let held = [("PASSWORD", vec![(1, true)])];
    assert_eq!(leaks(&moved(&app, id, "PASSWORD").await), held);
    assert_eq!(leaks(&app.leaked_values(id).await.expect("looked at")), held);
}

#[tokio::test]
async fn a_moved_value_is_not_forgotten_while_it_can_come_to_be_deployed() {
    let desk = Desk::new();
    let app = desk.start().await;
    let (text, without) = (code("f('KEY')"), code("f(env.PAYMENTS)"));
    let id = function(&app, "mine", &text).await;
    let save = async |text: &str| app.save_file(id, "index.ts".into(), text.into()).await.expect("saved");
    let looked_at = async || app.leaked_values(id).await.expect("looked at");
    // Moved, undone, deployed anyway, done again.
    assert!(moved(&app, id, "PAYMENTS").await.is_empty());
    save(&text).await;
    record(&desk, id, 1, "live", &text);
    save(&without).await;
    assert_eq!(leaks(&looked_at().await), [("PAYMENTS", vec![(1, true)])]);
    record(&desk, id, 2, "live", &without);
    assert!(app.remove_versions(id, "PAYMENTS").await.expect("removed").is_empty());
    // The same without its secret: the code as it is saved holds it.
    save(&text).await;
    app.delete_secret(id, "PAYMENTS", Scope::All).await.expect("deleted");
    assert!(looked_at().await.is_empty());
    record(&desk, id, 3, "live", &text);
    save(&without).await;
    assert_eq!(leaks(&looked_at().await), [("PAYMENTS", vec![(3, true)])]);
}
