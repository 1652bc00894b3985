//! How much of what was deployed is kept, and that nobody loses any of it unasked.

use postern::{
    deployment::TargetId,
    function::FunctionId,
    wire::{Order, PastDeployment},
};
use rusqlite::{Connection, params};

use crate::{Desk, function};

/// As deploying records it, with the secrets of that moment, which needs a runtime.
pub(crate) fn record(desk: &Desk, id: FunctionId, number: i64, outcome: &str, text: &str) {
    let files = serde_json::json!([{ "path": "index.ts", "text": text }]).to_string();
    let db = Connection::open(desk.data().join("postern.db")).expect("the database");
    db.busy_timeout(std::time::Duration::from_secs(5)).expect("it waits");
    if outcome == "live" {
        let before = "UPDATE deployments SET outcome = 'past' WHERE function_id = ?1 AND outcome = 'live'";
        db.execute(before, [id.0]).expect("the one before");
    }
    db.execute(
        "INSERT INTO deployments (function_id, target, number, outcome, at, files) VALUES (?1, ?2, ?3, ?4, 0, ?5)",
        params![id.0, TargetId::LOCAL.key(), number, outcome, files],
    )
    .expect("a deployment");
    let bound = "INSERT INTO bindings SELECT last_insert_rowid(), id, revision FROM secrets
                 WHERE owner_kind = 'function' AND owner_id = ?1 AND revision IS NOT NULL";
    db.execute(bound, [id.0]).expect("its secrets");
}

#[tokio::test]
async fn keeping_fewer_says_how_many_deployments_go_and_keeping_as_many_says_nothing() {
    let desk = Desk::new();
    let app = desk.start().await;
    let title = async |kept| app.describe_keeping(kept).await.expect("looked at").map(|question| question.title);
    for name in ["one", "two"] {
        let id = function(&app, name, "export default { fetch() {} }").await;
        // What is live is the oldest: it stays. What failed goes unasked, and is counted apart.
        for (number, outcome) in [(1, "live"), (2, "failed"), (3, "past"), (4, "past")] {
            record(&desk, id, number, outcome, "export default {}");
        }
    }
    assert_eq!(title(4).await, None);
    assert_eq!(title(2).await, None);
    assert_eq!(title(1).await.as_deref(), Some("Forget 2 deployments?"));
    assert!(app.describe_keeping(0).await.is_err());

    app.keep_deployments(1).await.expect("kept");
    for function in app.overview(None).await.expect("the functions").functions {
        let history = app.history(function.id).await.expect("a history");
        assert_eq!(numbers(&history), [4, 2, 1]);
    }
    assert_eq!(title(1).await, None);
}

#[tokio::test]
async fn one_mistake_after_the_other_takes_nothing_away_that_could_be_rolled_back_to() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "one", "export default { fetch() {").await;
    for (number, outcome) in [(1, "past"), (2, "past"), (3, "live")] {
        record(&desk, id, number, outcome, "export default {}");
    }
    app.keep_deployments(2).await.expect("kept");
    for _ in 0..4 {
        app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("it does not parse");
    }
    let history = app.history(id).await.expect("a history");
    assert_eq!(numbers(&history), [7, 6, 3, 2]);
}

fn numbers(history: &[PastDeployment]) -> Vec<i64> {
    history.iter().map(|past| past.number).collect()
}
