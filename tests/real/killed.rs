//! No process outlives the app, not even where it is killed.

use std::{
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use postern::packages::{Npm, Wish, beside, change};

use crate::workerd_world::{ID, LOOPS, World, alive, descendants, fetch};

/// Set where this program runs as the app that is killed.
const APP: &str = "POSTERN_TEST_APP";

#[test]
fn killing_the_app_leaves_no_function_not_even_one_that_loops() {
    leaves_nothing("an_app_with_a_function_that_loops", 1);
}

#[test]
fn killing_the_app_leaves_neither_npm_nor_what_that_has_started() {
    leaves_nothing("an_app_with_npm_at_work", 2);
}

/// Kills an app that has as many processes, or more, once it says that it is `ready`.
fn leaves_nothing(app: &str, processes: usize) {
    let mut app = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("killed::{app}"), "--nocapture"])
        .env(APP, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(app.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("ready")));
    let children = descendants(app.id());
    assert!(children.len() >= processes, "{children:?}");

    app.kill().unwrap();
    app.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(5);
    while children.iter().any(|pid| alive(*pid)) {
        assert!(Instant::now() < deadline, "a process has outlived the app");
        std::thread::sleep(Duration::from_millis(5));
    }
}

// No tests of their own: what those above run in another process.

#[tokio::test]
async fn an_app_with_a_function_that_loops() {
    if std::env::var_os(APP).is_none() {
        return;
    }
    let world = World::new();
    let port = world.deploy(ID, &fetch(LOOPS)).await;
    tokio::spawn(reqwest::get(format!("http://localhost:{port}/loop")));
    world.hears("looping").await;
    println!("ready");
    std::future::pending().await
}

#[tokio::test]
async fn an_app_with_npm_at_work() {
    if std::env::var_os(APP).is_none() {
        return;
    }
    let programs = tempfile::tempdir().unwrap();
    // In place of npm, a program that starts another one, as those do that stand for npm on many machines.
    let npm = programs.path().join("npm");
    std::fs::write(&npm, "#!/bin/sh\nsleep 60 &\necho 'npm http fetch GET 200 a.tgz' >&2\nwait\n").unwrap();
    std::fs::set_permissions(&npm, std::fs::Permissions::from_mode(0o700)).unwrap();
    let npm = Npm::find_in(Some(programs.path().as_os_str().to_owned()), None).unwrap();
    let folder = programs.path().join("1");
    let beside = beside(&folder).await.unwrap();
    change(&npm, &folder, beside, &Wish::Update, |_| println!("ready")).await.unwrap();
}
