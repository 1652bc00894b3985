//! Several files in one function.

use postern::{
    app::App,
    function::{FunctionId, MAX_FILES, MAX_SOURCE},
    secret::Scope,
    wire::{Code, FunctionDetail},
};

use crate::{Desk, function, places, value};

const ENTRY: &str = "import { key } from './lib/key'\nexport default { fetch(r, env) { return key(env) } }";

/// A function whose `lib/key.ts` uses API_KEY.
async fn with_two_files(app: &App) -> FunctionId {
    let id = function(app, "mine", ENTRY).await;
    let text = "\nexport const key = (env: Env) => env.API_KEY";
    app.create_file(id, "lib/key.ts", text.to_owned()).await.expect("a file");
    id
}

fn paths(detail: &FunctionDetail) -> Vec<&str> {
    detail.files.iter().map(|file| file.path.as_str()).collect()
}

#[tokio::test]
async fn what_each_file_says_counts_with_its_place() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = with_two_files(&app).await;

    let opened = app.open_function(id).await.expect("it");
    assert_eq!(paths(&opened), ["index.ts", "lib/key.ts"]);
    assert_eq!(places(&opened.references.missing[0].lines), ["lib/key.ts:2"]);

    app.create_secret(id, "API_KEY", Scope::All, value("made-up")).await.expect("sealed");
    let question = app.describe_secret_deletion(id, "API_KEY", Scope::All).await.expect("a question");
    assert!(question.consequence.starts_with("lib/key.ts:2 uses it."), "{}", question.consequence);
    let saved = app.save_file(id, "index.ts".into(), format!("{ENTRY}\nexport const own = (env: Env) => env.API_KEY"));
    let saved = saved.await.expect("saved");
    assert_eq!(places(&saved.secrets[0].lines), ["index.ts:3", "lib/key.ts:2"], "the other file still counts");

    let saved = app.save_file(id, "lib/key.ts".into(), "const = 1".into()).await.expect("saved");
    let position = saved.problem.and_then(|problem| problem.position).expect("a place");
    assert_eq!((position.file.as_str(), position.line), ("lib/key.ts", 1));
    assert!(saved.summary.trigger.http, "the trigger is that of the entry");
}

#[tokio::test]
async fn a_file_is_renamed_with_its_text_and_deleted_after_a_question() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = with_two_files(&app).await;

    let renamed = app.rename_file(id, "lib/key.ts", "Key.ts").await.expect("renamed");
    assert_eq!(paths(&renamed), ["Key.ts", "index.ts"]);
    assert!(renamed.files[0].text.contains("API_KEY"));
    app.rename_file(id, "Key.ts", "key.ts").await.expect("it may change its capitals");

    let question = app.describe_file_deletion(id, "key.ts").await.expect("a question");
    assert_eq!(question.title, "Delete key.ts?");
    assert!(!question.consequence.contains("deployed"), "{}", question.consequence);
    let without = app.delete_file(id, "key.ts").await.expect("deleted");
    assert_eq!(paths(&without), ["index.ts"]);
    assert!(without.references.missing.is_empty());
}

#[tokio::test]
async fn a_late_save_does_not_bring_back_a_file_that_is_gone() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = with_two_files(&app).await;
    app.delete_file(id, "lib/key.ts").await.expect("deleted");
    let failure = app.save_file(id, "lib/key.ts".into(), "// late".into()).await.expect_err("it is gone");
    assert_eq!(failure.code, Code::NotFound);
    assert_eq!(app.open_function(id).await.expect("it").files.len(), 1);
}

#[tokio::test]
async fn the_entry_keeps_its_name_and_stays() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = with_two_files(&app).await;
    let deleted = app.delete_file(id, "index.ts").await.expect_err("the entry");
    assert!(deleted.message.contains("can't be deleted"), "{}", deleted.message);
    assert_eq!(app.describe_file_deletion(id, "index.ts").await.expect_err("the entry"), deleted);
    app.rename_file(id, "index.ts", "main.ts").await.expect_err("the entry");
    app.rename_file(id, "index.ts", "index.js").await.expect("its other name");
    app.rename_file(id, "index.js", "lib/index.js").await.expect_err("it is still the entry");
    app.rename_file(id, "index.js", "index.ts").await.expect("TypeScript again");
    assert_eq!(app.open_function(id).await.expect("it").files.len(), 2);
}

#[tokio::test]
async fn a_file_that_cannot_be_is_refused_by_name_size_and_number() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = with_two_files(&app).await;
    let refused = async |path: &str, text: String| app.create_file(id, path, text).await.expect_err(path).code;
    assert_eq!(refused("../up.ts", String::new()).await, Code::InvalidName);
    assert_eq!(refused("LIB/key.ts", String::new()).await, Code::NameTaken);
    assert_eq!(refused("big.txt", "x".repeat(MAX_SOURCE + 1)).await, Code::TooLarge);
    app.rename_file(id, "lib/key.ts", "index.ts").await.expect_err("it is there");
    for number in 2..MAX_FILES {
        app.create_file(id, &format!("file-{number}.ts"), String::new()).await.expect("a file");
    }
    assert_eq!(refused("one-more.ts", String::new()).await, Code::Limit);
}

#[tokio::test]
async fn a_file_whose_name_clashes_with_that_of_another_is_refused() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = with_two_files(&app).await;
    for (path, other) in [("lib/key.ts/a.ts", "lib/key.ts"), ("index.js", "index.ts")] {
        let failure = app.create_file(id, path, String::new()).await.expect_err(path);
        assert_eq!(failure.code, Code::NameTaken, "{path}");
        assert!(failure.message.starts_with(other), "{}", failure.message);
    }
    app.rename_file(id, "lib/key.ts", "index.js").await.expect_err("there is an entry");
    app.rename_file(id, "lib/key.ts", "lib/key.ts/a.ts").await.expect("its own name is free");
    let failure = app.create_file(id, "lib/key.ts", String::new()).await.expect_err("a folder by now");
    assert_eq!(failure.message, "lib/key.ts is a folder already, with lib/key.ts/a.ts in it. Choose another name.");
    app.rename_file(id, "lib/key.ts/a.ts", "lib.ts").await.expect("a free name");
}

#[tokio::test]
async fn only_a_module_is_called_wasm_and_it_is_called_nothing_else() {
    const MODULE: &str = "AGFzbQEA\nAAA=\n";
    let desk = Desk::new();
    let app = desk.start().await;
    let id = with_two_files(&app).await;

    let failure = app.create_file(id, "add.wasm", String::new()).await.expect_err("nothing is in it");
    assert_eq!(failure.code, Code::InvalidName);
    assert!(failure.message.contains("Base64 into a .txt file and rename that to add.wasm"), "{}", failure.message);
    let failure = app.rename_file(id, "lib/key.ts", "key.wasm").await.expect_err("it is code");
    assert!(failure.message.starts_with("lib/key.ts has no WebAssembly in it."), "{}", failure.message);

    app.create_file(id, "add.txt", MODULE.to_owned()).await.expect("a text");
    app.rename_file(id, "add.txt", "add.wasm").await.expect("as the message says");
    let failure = app.rename_file(id, "add.wasm", "add.txt").await.expect_err("it is a module");
    assert_eq!(failure.message, "add.wasm is WebAssembly. Choose a name that ends with .wasm.");
    app.rename_file(id, "add.wasm", "lib/add.wasm").await.expect("renamed");

    // What was made before this was refused, or typed over.
    app.save_file(id, "lib/add.wasm".into(), String::new()).await.expect("saved");
    app.rename_file(id, "lib/add.wasm", "lib/more.wasm").await.expect("it can't be deployed either way");
    app.rename_file(id, "lib/more.wasm", "more.txt").await.expect("it is no module");
}

#[tokio::test]
async fn a_copy_of_a_function_has_all_of_its_files() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = with_two_files(&app).await;
    let copy = app.duplicate_function(id).await.expect("a copy");
    assert_eq!(paths(&copy), ["index.ts", "lib/key.ts"]);
    app.delete_file(copy.summary.id, "lib/key.ts").await.expect("deleted");
    assert_eq!(app.open_function(id).await.expect("it").files.len(), 2, "the original keeps its own");
}
