//! From the start of the program to a window that can be used, beside a window with nothing in it.
//!
//! A driver is slower to open its session than the page is to be drawn, so neither side is watched while it starts.
//! Both write down the time themselves and are asked for it later: Postern's page marks the moment when the editor has
//! the keyboard, in a blank window it is the end of loading. The clock starts in a script that notes the time and then
//! becomes the program. All of that, the driver included, is the same on both sides.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use postern::{
    app::{App, Config},
    vault::key::MemoryKeyStore,
};
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    driver::Driver,
    figure::{Aim, Figure, in_turns},
    folder,
    memory::lives,
    run_folder,
};

/// Milliseconds since the Unix epoch, as the page's own clock has it; nothing while it is not so far.
pub(crate) const EDITOR: &str = "const [mark] = performance.getEntriesByName('editor')
    return mark ? performance.timeOrigin + mark.startTime : null";
const LOADED: &str = "const [page] = performance.getEntriesByType('navigation')
    return page && page.loadEventEnd > 0 ? performance.timeOrigin + page.loadEventEnd : null";

const CODE: &str = "return document.querySelector('.cm-content').innerText";

pub(crate) async fn ready() -> Figure {
    one_function().await;
    takes_keys().await;
    let measured = in_turns(11, async || start(&postern(), EDITOR).await, async || start(&blank(), LOADED).await).await;
    let aim = &[Aim::Times(1.3)];
    Figure { name: "window_ready", unit: "ms", against: "blank window", aim, measured }
}

pub(crate) fn postern() -> PathBuf {
    beside("postern")
}

pub(crate) fn blank() -> PathBuf {
    beside("bench-blank")
}

fn beside(name: &str) -> PathBuf {
    std::env::current_exe().expect("the system knows what runs").with_file_name(name)
}

/// What a window of Postern finds: one function, made from the first template.
pub(crate) async fn one_function() {
    let app = app().await;
    if app.overview(None).await.expect("an overview").functions.is_empty() {
        app.create_function("http", None).await.expect("a function");
    }
    app.shutdown().await;
}

/// In place of whatever it found before: as many functions as there are texts, or none.
pub(crate) async fn functions_of(texts: &[&str]) {
    // There may be none yet.
    let _ = fs::remove_dir_all(data());
    let app = app().await;
    for text in texts {
        let function = app.create_function("http", None).await.expect("a function");
        app.save_file(function.summary.id, "index.ts".to_owned(), (*text).to_owned()).await.expect("it is saved");
    }
    app.shutdown().await;
}

fn data() -> PathBuf {
    let home = std::env::var_os("XDG_DATA_HOME").expect("script/bench gives every program a home of its own");
    Path::new(&home).join("dev.postern.Postern")
}

async fn app() -> App {
    let config = Config {
        data: data(),
        run: run_folder(),
        workerd: beside("postern-workerd"),
        typescript: PathBuf::new(),
        keys: Arc::new(MemoryKeyStore::new()),
    };
    App::open(config).await.expect("the app starts")
}

/// The mark is worth nothing if keys go elsewhere.
async fn takes_keys() {
    let driver = open(&postern(), &[]).await;
    until(&driver, EDITOR).await;
    driver.press("// typed").await;
    let code = driver.script(CODE).await;
    assert!(code.as_str().is_some_and(|code| code.contains("// typed")), "the editor has {code}");
    driver.press(&"\u{e003}".repeat("// typed".len())).await;
    // Time for it to save that, since it does not close before.
    tokio::time::sleep(Duration::from_secs(1)).await;
    close(driver).await;
}

async fn start(program: &Path, when: &str) -> f64 {
    let driver = open(program, &[]).await;
    // A question would take time from what it is about. The clock is the page's own, and is read afterwards.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let ready = until(&driver, when).await;
    ready - close(driver).await
}

/// Answers when the program was started, in milliseconds since the Unix epoch, once it has ended: a second Postern
/// beside it would never open a window.
pub(crate) async fn close(driver: Driver) -> f64 {
    driver.close().await;
    let (process, began) = begun();
    let closed = Instant::now();
    while lives(process) {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if closed.elapsed() > Duration::from_secs(10)
            && let Some(id) = Pid::from_raw(process.cast_signed())
        {
            let program = fs::read_link(format!("/proc/{process}/exe")).unwrap_or_default();
            eprintln!("{} did not end 10 s after its window was closed, and is killed.", program.display());
            let _ = kill_process(id, Signal::KILL);
        }
    }
    // Nothing of this turn takes time from the next one.
    tokio::time::sleep(Duration::from_secs(1)).await;
    began / 1e6
}

/// The process of the window, and when it was started, in nanoseconds since the Unix epoch.
pub(crate) fn begun() -> (u32, f64) {
    let written = fs::read_to_string(started()).expect("the script wrote it");
    let (process, began) = written.trim().split_once(' ').expect("two numbers");
    (process.parse().expect("a number"), began.parse().expect("a number"))
}

/// Starts a program by a script that writes down the time and becomes it.
pub(crate) async fn open(program: &Path, arguments: &[String]) -> Driver {
    let script = folder().join("start");
    let (program, started) = (program.display(), started());
    let started = started.display();
    let text = format!("#!/bin/sh\necho $$ $(date +%s%N) >'{started}'\nexec '{program}' \"$@\"\n");
    fs::write(&script, text).expect("target/ can be written to");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("it can be made a program");
    Driver::open(&script, arguments).await
}

/// Where that script writes: its process, and when it was started.
fn started() -> PathBuf {
    folder().join("started")
}

pub(crate) async fn until(driver: &Driver, when: &str) -> f64 {
    for _ in 0..300 {
        if let Some(time) = driver.script(when).await.as_f64() {
            return time;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the window was not ready within 30 s: {when}");
}
