//! Names in the code that are no secret's: what is said of them, and that a deployment does not stop at them.

use std::sync::Mutex;

use postern::{
    app::App,
    deployment::TargetId,
    function::FunctionId,
    secret::Scope,
    wire::{Code, Failure, Order, Progress, References},
};

use rusqlite::Connection;

use crate::{Desk, function, places, value};

async fn try_deploy(app: &App, id: FunctionId) -> Failure {
    app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("there is no runtime here")
}

#[tokio::test]
async fn a_name_that_no_secret_can_have_is_no_missing_secret_and_stops_no_deployment() {
    let desk = Desk::new();
    let app = desk.start().await;
    let code = "export default { fetch(r, env) {\n  env.DB\n  env['my-key']\n  env.API_KEY\n} }";
    let id = function(&app, "mine", code).await;
    let references = app.open_function(id).await.expect("it").references;
    let missing: Vec<&str> = references.missing.iter().map(|each| each.name.as_str()).collect();
    assert_eq!(missing, ["API_KEY"]);
    let foreign: Vec<_> = references.foreign.iter().map(|each| (each.name.as_str(), places(&each.lines))).collect();
    assert_eq!(foreign, [("DB", vec!["index.ts:2".into()]), ("my-key", vec!["index.ts:3".to_owned()])]);

    let stopped = try_deploy(&app, id).await;
    assert_eq!(stopped.code, Code::MissingSecrets);
    assert!(stopped.message.starts_with("The code uses API_KEY, and"), "{}", stopped.message);
    app.save_file(id, "index.ts".into(), code.replace("env.API_KEY", "env.AI")).await.expect("saved");
    assert_eq!(try_deploy(&app, id).await.code, Code::RuntimeMissing, "it got as far as starting");
}

#[tokio::test]
async fn a_name_that_is_declared_as_a_binding_of_the_runtime_is_no_missing_secret() {
    let desk = Desk::new();
    let app = desk.start().await;
    let code = "interface Env { CACHE: KVNamespace }\nexport default { fetch(r, env: Env) { env.CACHE } }";
    let id = function(&app, "mine", code).await;
    let references = app.open_function(id).await.expect("it").references;
    assert!(references.missing.is_empty(), "{references:?}");
    let foreign: Vec<_> =
        references.foreign.iter().map(|each| (each.name.as_str(), each.declared.as_deref())).collect();
    assert_eq!(foreign, [("CACHE", Some("KVNamespace"))]);
    assert_eq!(try_deploy(&app, id).await.code, Code::RuntimeMissing, "it got as far as starting");
}

#[tokio::test]
async fn what_a_name_is_declared_as_is_told_again_with_the_answer_that_its_secret_or_variable_is_gone() {
    let desk = Desk::new();
    let app = desk.start().await;
    let code = "interface Env { CACHE: KVNamespace; KEY: string }\nexport default { fetch: (r, env: Env) => [env.CACHE, env.KEY] }";
    let id = function(&app, "mine", code).await;
    let names = |references: References| {
        let missing = references.missing.into_iter().map(|each| each.name).collect::<Vec<_>>();
        (missing, references.foreign.into_iter().map(|each| each.name).collect::<Vec<_>>())
    };
    let (none, key, cache) = (Vec::<String>::new(), vec!["KEY".to_owned()], vec!["CACHE".to_owned()]);
    let sealed = app.create_secret(id, "CACHE", Scope::All, value("made-up")).await.expect("sealed");
    assert_eq!(names(sealed.references), (key.clone(), none.clone()));
    let set = app.set_variable(id, "KEY", Scope::All, "made up".into()).await.expect("set");
    assert_eq!((set.secrets.len(), names(set.references)), (1, (none.clone(), none.clone())));
    let gone = app.delete_secret(id, "CACHE", Scope::All).await.expect("deleted");
    assert_eq!((gone.variables.len(), names(gone.references)), (1, (none, cache.clone())));
    let gone = app.delete_variable(id, "KEY", Scope::All).await.expect("deleted");
    assert_eq!(names(gone.references), (key, cache));
}

#[tokio::test]
async fn a_bucket_that_a_target_has_is_told_with_that_target_and_is_no_missing_secret() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "export default { fetch(r, env) { env.UPLOADS; env.MODE } }").await;
    let database = Connection::open(desk.data().join("postern.db")).expect("the database");
    let held = r#"[{ "name": "UPLOADS", "kind": "r2_bucket" }, { "name": "MODE", "kind": "plain_text" }]"#;
    database.execute("INSERT INTO targets VALUES (1, 'production', '', '', '', '')", []).expect("a target");
    let script = "INSERT INTO scripts (function_id, target, script, held) VALUES (?1, '1', 'mine', ?2)";
    database.execute(script, (id.0, held)).expect("a script");
    let references = app.open_function(id).await.expect("it").references;
    let foreign: Vec<_> = references.foreign.iter().map(|each| (each.name.as_str(), &each.targets[..])).collect();
    assert_eq!(foreign, [("UPLOADS", &[TargetId(1)][..])]);
    let stopped = try_deploy(&app, id).await;
    assert!(stopped.message.starts_with("The code uses MODE, and"), "{}", stopped.message);
}

#[tokio::test]
async fn a_deployment_names_the_bindings_that_its_target_does_not_have() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "mine", "export default { fetch(r, env) { env.UPLOADS; env.DB; env.MODE } }").await;
    let database = Connection::open(desk.data().join("postern.db")).expect("the database");
    database.execute("INSERT INTO targets VALUES (1, 'production', '', '', '', '')", []).expect("a target");
    let held = r#"[{ "name": "UPLOADS", "kind": "r2_bucket" }]"#;
    let script = "INSERT INTO scripts (function_id, target, script, held) VALUES (?1, '1', 'mine', ?2)";
    database.execute(script, (id.0, held)).expect("a script");
    app.set_variable(id, "MODE", Scope::All, "made up".to_owned()).await.expect("a variable");
    let told = Mutex::new(Vec::new());
    let hear = |progress: Progress| {
        if let Progress::Unbound { names } = progress {
            told.lock().expect("nobody panics").push(names);
        }
    };
    let ended = app.deploy(id, TargetId::LOCAL, Order::default(), hear).await.expect_err("there is no runtime here");
    assert_eq!(ended.code, Code::RuntimeMissing, "it got as far as starting");
    assert_eq!(told.into_inner().expect("nobody panics"), [["DB", "UPLOADS"]], "what production has is not here");
}

#[tokio::test]
async fn a_secret_of_another_target_is_missing_whatever_its_name_is_declared_as() {
    let desk = Desk::new();
    let app = desk.start().await;
    let code = "interface Env { API_KEY: SecretsStoreSecret }\nexport default { fetch(r, env: Env) { env.API_KEY } }";
    let id = function(&app, "mine", code).await;
    Connection::open(desk.data().join("postern.db"))
        .and_then(|db| db.execute("INSERT INTO targets VALUES (1, 'production', '', '', '', '')", []))
        .expect("a target");
    app.set_variable(id, "API_KEY", Scope::Target(TargetId(1)), "made up".to_owned()).await.expect("a variable");
    let stopped = try_deploy(&app, id).await;
    assert!(stopped.message.starts_with("The code uses API_KEY, and"), "{}", stopped.message);
}
