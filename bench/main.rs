//! Measures Postern beside what a person would use or write in its place, and prints how the two compare.
//!
//! Both sides of a figure are measured in the same run, in turns (ours, theirs, ours, theirs), after one turn each that
//! is not counted; what is printed are medians. Nothing fails here because something is slow: an aim that is missed is
//! said. `script/bench` builds all this, brings up a display, a bus and a keychain, and starts it.

// What a figure is, and how two sides take turns.
mod figure;
// Against `wrangler dev`.
mod answers;
mod deploying;
mod wrangler;
// Against `wrangler deploy`.
mod cloudflare;
// Against a blank window.
mod driver;
mod memory;
mod window;
// Against Monaco, and against plain CodeMirror.
mod editors;
// Against itself.
mod typing;
// Against a bare insert.
mod sealing;
// Against a bare parse.
mod reading;

#[path = "../tests/support"]
mod support {
    pub(crate) mod workers_api;
}

use std::path::{Path, PathBuf};

use figure::Figure;

const NAMES: [&str; 15] = [
    "deploy_first",
    "deploy_again",
    "cloudflare_first",
    "cloudflare_again",
    "cloudflare_memory",
    "window_ready",
    "memory",
    "complete_first",
    "complete_warm",
    "key_paint",
    "key_paint_plain",
    "typing_memory",
    "seal",
    "references",
    "credentials",
];

/// Where everything is kept that a measurement writes. On the disk that the tree is on: a folder in memory would hide
/// what it costs to write.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench")
}

/// For sockets; gone with the session that script/bench brings up.
fn run_folder() -> PathBuf {
    let session = std::env::var_os("XDG_RUNTIME_DIR").expect("script/bench brings up a session");
    Path::new(&session).join("bench")
}

#[tokio::main]
async fn main() {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if asked.first().is_some_and(|first| first == cloudflare::DEPLOYING) {
        return cloudflare::deploy_and_say(&asked[1..]).await;
    }
    if let Some(unknown) = asked.iter().find(|name| !NAMES.contains(&name.as_str())) {
        eprintln!("There is no figure called {unknown}. There are: {}.", NAMES.join(", "));
        std::process::exit(2);
    }
    let mut figures = Vec::new();
    for name in NAMES {
        if !asked.is_empty() && !asked.iter().any(|asked| asked == name) {
            continue;
        }
        eprintln!("Measuring {name} ...");
        figures.push(measure(name).await);
    }
    print!("{}", figure::table(&figures));
    let path = folder().with_extension("json");
    std::fs::write(&path, figure::json(&figures)).expect("target/ can be written to");
    println!("\nWritten to {}", path.display());
}

async fn measure(name: &str) -> Figure {
    match name {
        "deploy_first" => deploying::first().await,
        "deploy_again" => deploying::again().await,
        "cloudflare_first" => cloudflare::first().await,
        "cloudflare_again" => cloudflare::again().await,
        "cloudflare_memory" => cloudflare::memory().await,
        "window_ready" => window::ready().await,
        "memory" => memory::used().await,
        "complete_first" => editors::complete_first().await,
        "complete_warm" => editors::complete_warm().await,
        "key_paint" => editors::key_paint().await,
        "key_paint_plain" => editors::key_paint_plain().await,
        "typing_memory" => typing::memory().await,
        "references" => reading::references().await,
        "credentials" => reading::credentials().await,
        _ => sealing::seal().await,
    }
}
