//! Deploying as a user does, through the use cases: a real database, the real workerd, a key store in memory.

use std::{path::PathBuf, sync::Arc, time::Duration};

use postern::{
    app::{App, Config},
    deployment::{Change, Status, Step, TargetId},
    function::{FunctionId, Level},
    secret::Scope,
    vault::key::MemoryKeyStore,
    wire::{Code, Deployed, Failure, FunctionSummary, LogLine, Order, Progress, VaultState},
};
use tempfile::TempDir;

use crate::language::typescript;

const FIRST: &str = "made-up-first-value-4711";
const SECOND: &str = "made-up-second-value-0815";
const ECHO: &str = "export default { fetch(request: Request, env: Env) { return new Response(`key ${env.API_KEY}`) } }";

/// An app on a folder of its own, which outlives it so that a test can start it again.
pub(crate) struct Desk {
    folder: TempDir,
    pub(crate) keys: Arc<MemoryKeyStore>,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), keys: Arc::new(MemoryKeyStore::new()) }
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            data: self.folder.path().join("data"),
            run: self.folder.path().join("run"),
            workerd: workerd(),
            typescript: typescript(),
            keys: self.keys.clone(),
        }
    }

    pub(crate) async fn start(&self) -> App {
        let app = App::open(self.config()).await.expect("the app starts");
        while app.vault_state() == VaultState::Opening {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        app
    }

    fn database_contains(&self, part: &[u8]) -> bool {
        ["postern.db", "postern.db-wal"].iter().any(|name| {
            let bytes = std::fs::read(self.folder.path().join("data").join(name)).unwrap_or_default();
            bytes.windows(part.len()).any(|window| window == part)
        })
    }
}

/// The binary as npm installed it, in the package for this platform.
fn workerd() -> PathBuf {
    let packages = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("ui/node_modules/@cloudflare");
    let found = std::fs::read_dir(&packages).expect("script/setup has installed workerd").find_map(|entry| {
        let binary = entry.ok()?.path().join("bin/workerd");
        binary.exists().then_some(binary)
    });
    found.expect("one of the packages is workerd's for this system")
}

pub(crate) async fn function(app: &App, code: &str) -> FunctionId {
    let id = app.create_function("http", None).await.expect("a function").summary.id;
    write(app, id, code).await;
    id
}

async fn write(app: &App, id: FunctionId, code: &str) {
    app.save_file(id, "index.ts".to_owned(), code.to_owned()).await.expect("it is saved");
}

pub(crate) async fn deploy(app: &App, id: FunctionId) -> Deployed {
    app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect("it deploys")
}

async fn summary(app: &App, id: FunctionId) -> FunctionSummary {
    app.open_function(id).await.expect("it is there").summary
}

pub(crate) async fn address(app: &App, id: FunctionId) -> String {
    summary(app, id).await.local.address.expect("it has an address")
}

pub(crate) async fn get(address: &str) -> String {
    let answer = reqwest::get(address).await.expect("it answers");
    answer.text().await.expect("text")
}

pub(crate) async fn logged(app: &App, id: FunctionId, part: &str) -> LogLine {
    for _ in 0..500 {
        if let Some(line) = app.read_log(id).into_iter().find(|line| line.text.contains(part)) {
            return line;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not logged: {part}; but {:?}", app.read_log(id));
}

#[tokio::test]
async fn a_deployed_function_answers_with_its_secret_at_its_address() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, ECHO).await;
    app.create_secret(id, "API_KEY", Scope::All, FIRST.to_owned().into()).await.expect("sealed");
    let steps = std::sync::Mutex::new(Vec::new());

    let deployed = app
        .deploy(id, TargetId::LOCAL, Order::default(), |step| steps.lock().expect("steps").push(step))
        .await
        .expect("it deploys");

    assert_eq!(
        *steps.lock().expect("steps"),
        [Step::Compiled, Step::Checked, Step::Opened, Step::Started, Step::Switched]
            .map(|step| Progress::Passed { step })
    );
    assert_eq!((deployed.number, deployed.summary.local.status), (1, Status::Live));
    let address = deployed.summary.local.address.expect("an address");
    assert!(address.starts_with("http://localhost:"), "{address}");
    assert_eq!(get(&address).await, format!("key {FIRST}"));
    app.shutdown().await;
}

#[tokio::test]
async fn a_changed_secret_waits_for_the_next_deployment_even_across_a_restart() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, ECHO).await;
    app.create_secret(id, "API_KEY", Scope::All, FIRST.to_owned().into()).await.expect("sealed");
    deploy(&app, id).await;
    let address = address(&app, id).await;

    let infos = app.replace_secret(id, "API_KEY", Scope::All, SECOND.to_owned().into()).await.expect("replaced");

    assert!(!infos.secrets[0].stale.is_empty());
    let local = summary(&app, id).await.local;
    assert_eq!((local.status, local.changes), (Status::Outdated, vec![Change::Secrets]));
    assert_eq!(get(&address).await, format!("key {FIRST}"));
    app.shutdown().await;
    drop(app);

    let app = desk.start().await;
    assert_eq!(get(&address).await, format!("key {FIRST}"), "started with what it was deployed with");
    let deployed = deploy(&app, id).await;
    assert_eq!((deployed.number, deployed.summary.local.status), (2, Status::Live));
    assert_eq!(get(&address).await, format!("key {SECOND}"));
    app.shutdown().await;
}

#[tokio::test]
async fn a_secret_replaced_during_a_deployment_is_the_next_ones_to_bind() {
    let desk = Desk::new();
    let app = desk.start().await;
    let other = function(&app, ECHO).await;
    app.create_secret(other, "API_KEY", Scope::All, FIRST.to_owned().into()).await.expect("sealed");
    let id = function(&app, ECHO).await;
    app.create_secret(id, "API_KEY", Scope::All, FIRST.to_owned().into()).await.expect("sealed");
    let (passed, mut steps) = tokio::sync::mpsc::unbounded_channel();
    let running = tokio::spawn({
        let app = app.clone();
        async move {
            app.deploy(id, TargetId::LOCAL, Order::default(), move |heard| passed.send(heard).unwrap_or_default()).await
        }
    });
    while steps.recv().await.expect("it gets as far as opening") != (Progress::Passed { step: Step::Opened }) {}
    app.replace_secret(id, "API_KEY", Scope::All, SECOND.to_owned().into()).await.expect("replaced");
    // What is replaced elsewhere takes nothing from under it either.
    app.replace_secret(other, "API_KEY", Scope::All, SECOND.to_owned().into()).await.expect("replaced");

    let deployed = running.await.expect("it ends").expect("it deploys");

    assert_eq!(
        (deployed.summary.local.status, deployed.summary.local.changes),
        (Status::Outdated, vec![Change::Secrets])
    );
    assert_eq!(get(&address(&app, id).await).await, format!("key {FIRST}"));
    deploy(&app, id).await;
    assert_eq!(get(&address(&app, id).await).await, format!("key {SECOND}"));
    app.shutdown().await;
}

#[tokio::test]
async fn what_would_change_is_named_and_taking_it_back_is_live_again() {
    let desk = Desk::new();
    let app = desk.start().await;
    let code = "export default { fetch() { return new Response('x') }, scheduled() {} }";
    let id = function(&app, code).await;
    deploy(&app, id).await;
    let stands = async || {
        let local = summary(&app, id).await.local;
        (local.status, local.changes)
    };
    assert_eq!(stands().await, (Status::Live, vec![]));
    write(&app, id, "export default { fetch() {} }").await;
    assert_eq!(stands().await, (Status::Outdated, vec![Change::Code]));
    app.set_schedules(id, vec!["0 1 * * *".to_owned()]).await.expect("a schedule");
    assert_eq!(stands().await, (Status::Outdated, vec![Change::Code, Change::Schedule]));
    write(&app, id, code).await;
    app.set_schedules(id, vec![]).await.expect("no schedule");
    app.create_secret(id, "API_KEY", Scope::All, FIRST.to_owned().into()).await.expect("sealed");
    assert_eq!(stands().await, (Status::Outdated, vec![Change::Secrets]));
    app.delete_secret(id, "API_KEY", Scope::All).await.expect("deleted");
    assert_eq!(stands().await, (Status::Live, vec![]));
    app.shutdown().await;
}

#[tokio::test]
async fn a_deleted_secret_stays_with_what_is_deployed_and_no_longer() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, ECHO).await;
    app.create_secret(id, "API_KEY", Scope::All, FIRST.to_owned().into()).await.expect("sealed");
    deploy(&app, id).await;
    let address = address(&app, id).await;
    let description = app.describe_secret_deletion(id, "API_KEY", Scope::All).await.expect("a description");
    assert_eq!(
        description.consequence,
        "Line 1 uses it. The deployed function goes on with its value until you deploy again."
    );

    app.delete_secret(id, "API_KEY", Scope::All).await.expect("deleted");
    app.stop_function(id).await;

    assert_eq!(get(&address).await, format!("key {FIRST}"));
    let refused = app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("the code still uses it");
    assert_eq!(refused.code, Code::MissingSecrets);
    write(&app, id, "export default { fetch() { return new Response('none') } }").await;
    deploy(&app, id).await;
    assert_eq!(get(&address).await, "none");
    app.shutdown().await;
}

#[tokio::test]
async fn a_failed_deployment_says_where_and_leaves_what_is_live() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "export default { fetch() { return new Response('live') } }").await;
    deploy(&app, id).await;
    let address = address(&app, id).await;
    let cases = [
        ("export default {\n  fetch( }\n", Code::Compile, 2),
        ("interface A {}\n\n\nnull.missing\nexport default { fetch() {} }", Code::Start, 4),
        ("interface A {}\nimport { x } from './not-there'\nexport default { fetch() { x } }", Code::Compile, 2),
        ("while (true) {}\nexport default { fetch() {} }", Code::StartTimeout, 0),
    ];
    for (code, expected, line) in cases {
        write(&app, id, code).await;
        let failure: Failure = app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("it fails");
        assert_eq!(failure.code, expected, "{failure:?}");
        if line > 0 {
            assert_eq!(failure.position.as_ref().map(|position| position.line), Some(line), "{failure:?}");
        }
        let local = summary(&app, id).await.local;
        assert_eq!((local.status, local.live), (Status::Failed, Some(1)));
        assert_eq!(local.failure, Some(failure));
        assert_eq!(get(&address).await, "live");
    }
    write(&app, id, "export default { fetch() { return new Response('mended') } }").await;
    assert_eq!(deploy(&app, id).await.summary.local.status, Status::Live);
    assert_eq!(get(&address).await, "mended");
    app.shutdown().await;
}

#[tokio::test]
async fn a_deployment_can_be_cancelled_and_there_is_one_at_a_time() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "export default { fetch() { return new Response('live') } }").await;
    deploy(&app, id).await;
    write(&app, id, "while (true) {}").await;
    let (passed, mut steps) = tokio::sync::mpsc::unbounded_channel();
    let running = tokio::spawn({
        let app = app.clone();
        async move {
            app.deploy(id, TargetId::LOCAL, Order::default(), move |heard| passed.send(heard).unwrap_or_default()).await
        }
    });
    while steps.recv().await.expect("it gets as far as starting") != (Progress::Passed { step: Step::Opened }) {}
    assert_eq!(
        app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("one at a time").code,
        Code::Busy
    );
    app.cancel_deploy(id);
    assert_eq!(running.await.expect("it ends").expect_err("cancelled").code, Code::Cancelled);
    assert_eq!(get(&address(&app, id).await).await, "live");
    app.shutdown().await;
}

#[tokio::test]
async fn what_a_function_says_is_mapped_to_its_typescript_and_its_values_are_taken_out() {
    let desk = Desk::new();
    let app = desk.start().await;
    let code = "interface Wide {\n  a: string\n}\nexport default {\n  fetch(request: Request, env: Env) {\n    \
                console.warn('using', env.API_KEY, { key: env.API_KEY })\n    \
                throw new Error(`no ${btoa(env.API_KEY)}`)\n  },\n}\n";
    let id = function(&app, code).await;
    app.create_secret(id, "API_KEY", Scope::All, FIRST.to_owned().into()).await.expect("sealed");
    deploy(&app, id).await;

    get(&address(&app, id).await).await;

    let warning = logged(&app, id, "using").await;
    assert_eq!(warning.level, Level::Warn);
    assert!(warning.text.contains("[API_KEY]") && !warning.text.contains(FIRST), "{}", warning.text);
    let thrown = logged(&app, id, "Error: no").await;
    assert!(thrown.text.contains("[API_KEY]"), "{}", thrown.text);
    assert_eq!(thrown.position.map(|position| position.line), Some(7));
    assert!(thrown.stack.contains("index.ts:7"), "{}", thrown.stack);
    app.shutdown().await;
}

#[tokio::test]
async fn a_schedule_is_run_by_hand_and_never_beside_itself() {
    let desk = Desk::new();
    let app = desk.start().await;
    let code = "export default { async scheduled(controller) {\n  console.log('ran', controller.cron)\n  \
                if (controller.cron === '0 1 * * *') throw new Error('no')\n  \
                await scheduler.wait(controller.cron === '0 2 * * *' ? 400 : 0)\n} }";
    let id = function(&app, code).await;
    assert_eq!(app.run_now(id, "0 3 * * *").await.expect_err("not deployed").code, Code::NotDeployed);
    deploy(&app, id).await;

    let ran = app.run_now(id, "0 3 * * *").await.expect("an outcome");
    assert!(ran.ok && ran.message.starts_with("Ran in"), "{}", ran.message);
    logged(&app, id, "ran 0 3 * * *").await;
    let threw = app.run_now(id, "0 1 * * *").await.expect("an outcome");
    assert!(!threw.ok && threw.message.contains("exception"), "{}", threw.message);

    let (long, beside) = tokio::join!(app.run_now(id, "0 2 * * *"), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        app.run_now(id, "0 3 * * *").await
    });
    assert!(long.expect("an outcome").ok);
    assert!(beside.expect("an outcome").message.starts_with("Skipped"));
    app.shutdown().await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_and_another_is_offered() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "export default { fetch() { return new Response('here') } }").await;
    deploy(&app, id).await;
    let before = address(&app, id).await;
    app.shutdown().await;
    drop(app);
    let port: u16 = before.trim_matches('/').rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let other = loop {
        // The app's own listener closes in its own time.
        match std::net::TcpListener::bind(("127.0.0.1", port)) {
            Ok(listener) => break listener,
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    };

    let app = desk.start().await;
    let local = summary(&app, id).await.local;
    assert_eq!(local.address_problem.map(|problem| problem.code), Some(Code::PortTaken));
    assert_eq!(local.address.as_deref(), Some(before.as_str()), "it is kept until the user chooses");

    let changed = app.change_address(id).await.expect("another port").local;
    assert_eq!(changed.address_problem, None);
    let address = changed.address.expect("an address");
    assert_ne!(address, before);
    assert_eq!(get(&address).await, "here");
    drop(other);
    app.shutdown().await;
}

#[tokio::test]
async fn a_deleted_function_leaves_no_process_no_address_and_no_row() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, &format!("// find this comment\n{ECHO}")).await;
    app.create_secret(id, "API_KEY", Scope::All, FIRST.to_owned().into()).await.expect("sealed");
    deploy(&app, id).await;
    let address = address(&app, id).await;
    get(&address).await;
    assert!(desk.database_contains(b"find this comment") && desk.database_contains(b"API_KEY"));

    app.delete_function(id, false).await.expect("deleted");

    assert!(reqwest::get(&address).await.is_err());
    for _ in 0..500 {
        if !desk.database_contains(b"find this comment") && !desk.database_contains(b"API_KEY") {
            app.shutdown().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the database files still hold what was deleted");
}
