//! What becomes of a credential that stood in code: nothing that is answered or told has its value, and once it is moved and
//! its versions are removed, no file has.

use postern::{deployment::TargetId, wire::Order};

use crate::{
    Desk,
    canary::{Canary, Scan},
    function,
    history::record,
};

/// Made up, and put together here so that it stands nowhere in one piece.
fn key() -> String {
    format!("sk_{}_{}", "live", "7Hq2Zr90XwLbN4cVtKyD3m")
}

#[tokio::test]
async fn a_credential_that_is_deployed_anyway_moved_and_removed_from_its_versions_is_nowhere_in_the_end() {
    let desk = Desk::new();
    let app = desk.start().await;
    let scan = Scan::new(&[Canary { name: "key", value: key() }]);
    let mut events = app.events();
    let code = format!("export default {{\n  fetch: () => fetch('https://example.com', {{ key: '{}' }}),\n}}\n", key());
    let id = function(&app, "mine", &code).await;
    record(&desk, id, 1, "past", &code);
    assert!(!scan.files(&[&desk.data()]).hits.is_empty(), "the scan is blind");

    let found = app.credentials(id).await.expect("found").remove(0);
    let allowed = app.allow_credential(id, found.from.clone(), "a test key".to_owned()).await.expect("it may go");
    let refused = app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("there is no runtime");
    let moved = app.move_to_secret(id, code, found.from.clone(), found.to.clone(), "PAYMENTS".into());
    let moved = moved.await.expect("moved");
    assert_eq!(moved.leaked.len(), 1);
    let question = app.describe_version_removal(id, "PAYMENTS").await.expect("looked at").expect("a question");
    let left = app.remove_versions(id, "PAYMENTS").await.expect("removed");
    let history = app.history(id).await.expect("a history");
    let told: Vec<_> = std::iter::from_fn(|| events.try_recv().ok()).collect();
    assert!(!told.is_empty());
    let said = serde_json::json!([found, allowed, refused, moved, left, history, told]).to_string();
    for (place, text) in
        [("what was answered", said), ("the dialog", format!("{} {}", question.title, question.consequence))]
    {
        assert_eq!(scan.bytes(place, text.as_bytes()), []);
    }

    // Which waits until what was purged has left the files.
    app.shutdown().await;
    drop(app);
    scan.files(&[&desk.data()]).assert_clean();
}
