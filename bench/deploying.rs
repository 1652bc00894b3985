//! From the press of Deploy to the first answer with the new code, beside `wrangler dev`: its start, and its reload.
//!
//! The press is the use case `App::deploy`, over a real database and the real workerd. The keychain is not asked during a
//! deployment, so one in memory stands in for it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use postern::{
    app::{App, Config},
    deployment::TargetId,
    function::FunctionId,
    secret::Scope,
    vault::key::MemoryKeyStore,
    wire::Order,
    wire::VaultState,
};

use crate::{
    answers::{client, until_answers},
    figure::{Aim, Figure, in_turns},
    folder, run_folder,
    wrangler::Project,
};

const SECRET: (&str, &str) = ("API_KEY", "made-up-value-4711");

/// TypeScript, so that both sides have something to compile; it answers which version it is, made with the secret.
fn code(version: u32) -> String {
    format!(
        "interface Env {{ API_KEY: string }}\n\n\
         export default {{\n  \
           async fetch(request: Request, env: Env): Promise<Response> {{\n    \
             const answer: string = `{version} ${{env.API_KEY}}`\n    \
             return new Response(answer)\n  }},\n}}\n"
    )
}

fn answer(version: u32) -> String {
    format!("{version} {}", SECRET.1)
}

pub(crate) async fn first() -> Figure {
    let (app, client) = (open("first").await, client());
    let project = Project::new(&code(0), SECRET);
    let ours = async || {
        let id = function(&app).await;
        let pressed = Instant::now();
        let address = deploy(&app, id).await;
        until_answers(&client, &address, &answer(0)).await;
        let taken = milliseconds(pressed);
        app.stop_function(id).await;
        settle().await;
        taken
    };
    let theirs = async || {
        let started = Instant::now();
        let dev = project.start();
        until_answers(&client, &dev.address, &answer(0)).await;
        let taken = milliseconds(started);
        drop(dev);
        settle().await;
        taken
    };
    let measured = in_turns(9, ours, theirs).await;
    app.shutdown().await;
    let aim = &[Aim::Times(1.0 / 15.0)];
    Figure { name: "deploy_first", unit: "ms", against: "wrangler dev, cold", aim, measured }
}

/// Both sides are given changed code and are asked all the while, until they answer with it.
pub(crate) async fn again() -> Figure {
    let (app, client) = (open("again").await, client());
    let id = function(&app).await;
    let address = deploy(&app, id).await;
    let project = Project::new(&code(0), SECRET);
    let dev = project.start();
    until_answers(&client, &dev.address, &answer(0)).await;

    let mut ours_at = 0;
    let ours = async || {
        ours_at += 1;
        let pressed = Instant::now();
        let deploying = async {
            write(&app, id, &code(ours_at)).await;
            deploy(&app, id).await;
            milliseconds(pressed)
        };
        let answering = async {
            until_answers(&client, &address, &answer(ours_at)).await;
            milliseconds(pressed)
        };
        let (_, taken) = tokio::join!(deploying, answering);
        settle().await;
        taken
    };
    let mut theirs_at = 0;
    let theirs = async || {
        theirs_at += 1;
        let written = Instant::now();
        project.write(&code(theirs_at));
        until_answers(&client, &dev.address, &answer(theirs_at)).await;
        let taken = milliseconds(written);
        settle().await;
        taken
    };
    let measured = in_turns(15, ours, theirs).await;
    app.shutdown().await;
    let aim = &[Aim::Times(1.0 / 7.0), Aim::AtMost(60.0)];
    Figure { name: "deploy_again", unit: "ms", against: "wrangler dev, reload", aim, measured }
}

/// An app with nothing in it yet, whose vault is open.
pub(crate) async fn open(name: &str) -> App {
    let data = folder().join("data").join(name);
    drop(std::fs::remove_dir_all(&data));
    let app = App::open(Config {
        data,
        run: run_folder(),
        workerd: workerd(),
        typescript: PathBuf::new(),
        keys: Arc::new(MemoryKeyStore::new()),
    })
    .await;
    let app = app.expect("the app starts");
    while app.vault_state() == VaultState::Opening {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    app
}

/// As the built program takes it: beside itself.
pub(crate) fn workerd() -> PathBuf {
    let program = std::env::current_exe().expect("the system knows what runs");
    program.parent().unwrap_or(Path::new(".")).join("postern-workerd")
}

async fn function(app: &App) -> FunctionId {
    let id = app.create_function("http", None).await.expect("a function").summary.id;
    write(app, id, &code(0)).await;
    app.create_secret(id, SECRET.0, Scope::All, SECRET.1.to_owned().into()).await.expect("a secret");
    id
}

pub(crate) async fn write(app: &App, id: FunctionId, code: &str) {
    app.save_file(id, "index.ts".to_owned(), code.to_owned()).await.expect("it is saved");
}

/// Answers the address, by a name that need not be looked up.
async fn deploy(app: &App, id: FunctionId) -> String {
    let deployed = app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect("it deploys");
    deployed.summary.local.address.expect("it has an address").replace("localhost", "127.0.0.1")
}

/// Lets what the last turn left behind come to an end.
pub(crate) async fn settle() {
    tokio::time::sleep(Duration::from_millis(300)).await;
}

pub(crate) fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}
