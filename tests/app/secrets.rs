//! The contract of secrets, as far as it can be seen without running anything.

use postern::{
    deployment::TargetId,
    secret::MAX_VALUE,
    secret::Scope,
    wire::Order,
    wire::{Code, SecretState},
};
use rusqlite::Connection;

use crate::{Desk, contains, eventually, function, history::record, value};

const VALUE: &str = "not-a-real-value-1234567890";

#[tokio::test]
async fn a_sealed_value_is_nowhere_in_the_database_files() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "// a comment that can be found").await;
    app.create_secret(id, "API_KEY", Scope::All, value(VALUE)).await.expect("sealed");
    let bytes = desk.database_bytes();
    assert!(contains(&bytes, b"a comment that can be found"), "the scan finds what is there");
    assert!(!contains(&bytes, VALUE.as_bytes()));
}

#[tokio::test]
async fn names_and_values_that_break_the_rules_are_refused_with_a_code() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "").await;
    for wrong in ["", "AB", "1KEY", "MY KEY", "MY-KEY", "ключ", &"A".repeat(65)] {
        assert_eq!(
            app.create_secret(id, wrong, Scope::All, value("x")).await.expect_err(wrong).code,
            Code::InvalidName,
            "{wrong}"
        );
    }
    for wrong in ["", "nul\0nul", &"x".repeat(MAX_VALUE + 1)] {
        let failure = app.create_secret(id, "API_KEY", Scope::All, value(wrong)).await.expect_err("refused");
        assert_eq!(failure.code, Code::InvalidValue);
    }
    assert!(app.open_function(id).await.expect("it").secrets.is_empty());
    for right in ["é🙂", "\"quotes\" \\ 'and' \r\n lines\n", &"x".repeat(MAX_VALUE)] {
        let name = format!("KEY_{}", right.len());
        app.create_secret(id, &name, Scope::All, value(right)).await.expect("sealed");
    }
}

#[tokio::test]
async fn a_name_that_exists_is_refused_and_can_be_replaced() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "").await;
    app.create_secret(id, "API_KEY", Scope::All, value("made-up-1")).await.expect("sealed");
    assert_eq!(
        app.create_secret(id, "API_KEY", Scope::All, value("made-up-2")).await.expect_err("it exists").code,
        Code::SecretExists
    );
    assert_eq!(
        app.replace_secret(id, "API_KEY", Scope::All, value("made-up-2")).await.expect("replaced").secrets.len(),
        1
    );
    assert_eq!(
        app.replace_secret(id, "OTHER", Scope::All, value("x")).await.expect_err("it does not").code,
        Code::NotFound
    );
    assert_eq!(app.delete_secret(id, "OTHER", Scope::All).await.expect_err("it does not").code, Code::NotFound);
}

#[tokio::test]
async fn a_replaced_or_deleted_value_leaves_no_sealed_bytes_behind() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "").await;
    app.create_secret(id, "API_KEY", Scope::All, value(VALUE)).await.expect("sealed");
    let sealed = sealed_bytes(&desk);
    assert!(contains(&desk.database_bytes(), &sealed[0]), "the scan finds what is there");

    app.replace_secret(id, "API_KEY", Scope::All, value("another made-up value")).await.expect("replaced");
    let second = sealed_bytes(&desk);
    eventually("the first seal is gone", || !contains(&desk.database_bytes(), &sealed[0])).await;

    app.delete_secret(id, "API_KEY", Scope::All).await.expect("deleted");
    eventually("the second seal is gone", || !contains(&desk.database_bytes(), &second[0])).await;
}

#[tokio::test]
async fn a_deletion_names_the_lines_that_use_the_secret() {
    let desk = Desk::new();
    let app = desk.start().await;
    let code = "export default { fetch(r, env) {\n  env.API_KEY\n  env.API_KEY\n  env.ONCE_KEY\n} }";
    let id = function(&app, "mine", code).await;
    for name in ["API_KEY", "ONCE_KEY", "IDLE_KEY"] {
        app.create_secret(id, name, Scope::All, value("made-up")).await.expect("sealed");
    }
    let says =
        async |name| app.describe_secret_deletion(id, name, Scope::All).await.expect("a description").consequence;
    assert_eq!(says("API_KEY").await, "Lines 2 and 3 use it.");
    assert_eq!(says("ONCE_KEY").await, "Line 4 uses it.");
    assert_eq!(says("IDLE_KEY").await, "No line of the code uses it.");
    assert_eq!(app.describe_secret_deletion(id, "NO_SUCH", Scope::All).await.expect_err("none").code, Code::NotFound);
    // What cannot be read may use all of them.
    app.save_file(id, "index.ts".into(), format!("{code})")).await.expect("saved");
    assert_eq!(says("ONCE_KEY").await, "index.ts does not parse, so Postern cannot tell whether it uses this one.");
}

#[tokio::test]
async fn a_deletion_says_what_is_deployed_with_the_secret_and_how_many_earlier_deployments_keep_it() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "").await;
    app.create_secret(id, "API_KEY", Scope::All, value("made-up")).await.expect("sealed");
    let says = async |number: i64| {
        record(&desk, id, number, "live", "");
        app.describe_secret_deletion(id, "API_KEY", Scope::All).await.expect("a description").consequence
    };
    let goes_on = "No line of the code uses it. The deployed function goes on with its value until you deploy again.";
    assert_eq!(says(1).await, goes_on);
    assert_eq!(says(2).await, format!("{goes_on} An earlier deployment keeps its value, to be rolled back to."));
    assert_eq!(says(3).await, format!("{goes_on} 2 earlier deployments keep its values, to be rolled back to."));
}

#[tokio::test]
async fn what_a_secret_was_before_is_recognised_and_not_taken_for_what_it_is_now() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "").await;
    app.create_secret(id, "PHRASE", Scope::All, value("correct horse battery")).await.expect("sealed");
    record(&desk, id, 1, "live", "");
    app.replace_secret(id, "PHRASE", Scope::All, value("another made-up value")).await.expect("replaced");

    let code = |call: &str| format!("export default {{\n  fetch: (_, env) => {call},\n}}\n");
    let text = code("f('correct horse battery', 'another made-up value')");
    let found = app.save_file(id, "index.ts".into(), text.clone()).await.expect("saved").credentials;
    let said: Vec<_> = found.iter().map(|found| (found.what.as_str(), found.name.as_str(), found.held)).collect();
    assert_eq!(said, [("an earlier value of PHRASE", "PHRASE_2", false), ("the value of PHRASE", "PHRASE", true)]);

    let (from, to) = (found[0].from.clone(), found[0].to.clone());
    let moved = app.move_to_secret(id, text, from, to, "PHRASE_2".into()).await.expect("moved");
    assert_eq!(moved.saved.secrets.len(), 2);
    let files = app.open_function(id).await.expect("it").files;
    assert_eq!(files[0].text, code("f(env.PHRASE_2, 'another made-up value')"));
}

#[tokio::test]
async fn a_damaged_row_fails_alone_and_says_so() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "export default { fetch() {} }").await;
    for name in ["GOOD_KEY", "TORN_KEY"] {
        app.create_secret(id, name, Scope::All, value(VALUE)).await.expect("sealed");
    }
    let database = Connection::open(desk.data().join("postern.db")).expect("the database");
    database
        .execute(
            "UPDATE revisions SET sealed = CAST(substr(sealed, 1, length(sealed) - 1) || x'00' AS BLOB)
             WHERE secret_id = (SELECT id FROM secrets WHERE name = 'TORN_KEY')",
            [],
        )
        .expect("a changed byte");

    let failure = app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("it does not open");
    assert_eq!(failure.code, Code::SecretDamaged);
    assert!(failure.message.starts_with("TORN_KEY:"), "{}", failure.message);
    let states: Vec<_> = app.open_function(id).await.expect("it").secrets.iter().map(|secret| secret.state).collect();
    assert_eq!(states, [SecretState::Sealed, SecretState::Damaged]);

    let infos = app.replace_secret(id, "TORN_KEY", Scope::All, value(VALUE)).await.expect("replaced");
    assert!(infos.secrets.iter().all(|secret| secret.state == SecretState::Sealed));
}

#[tokio::test]
async fn a_seal_that_was_moved_to_another_secret_does_not_open() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "export default { fetch() {} }").await;
    for name in ["ONE_KEY", "TWO_KEY"] {
        app.create_secret(id, name, Scope::All, value(VALUE)).await.expect("sealed");
    }
    let database = Connection::open(desk.data().join("postern.db")).expect("the database");
    database
        .execute_batch("UPDATE revisions SET sealed = (SELECT sealed FROM revisions ORDER BY secret_id LIMIT 1)")
        .expect("moved");
    let failure = app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("it does not open");
    assert!(failure.message.starts_with("TWO_KEY:"), "{}", failure.message);
}

fn sealed_bytes(desk: &Desk) -> Vec<Vec<u8>> {
    let database = Connection::open(desk.data().join("postern.db")).expect("the database");
    let mut query = database.prepare("SELECT sealed FROM revisions").expect("a query");
    query.query_map([], |row| row.get(0)).expect("rows").collect::<Result<_, _>>().expect("bytes")
}
