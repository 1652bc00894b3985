//! Where a secret is not: arguments, environments, files. Every search is shown to find what is planted.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::workerd_world::{ID, World, bundle_with, descendants, fetch, get};

const CANARY: &str = "canary-7f3a9c51e8d24b60";

#[tokio::test]
async fn a_secret_is_in_no_argument_no_environment_and_no_file() {
    let world = World::new();
    let code = fetch("return new Response(env.API_KEY)");
    let port = world.open(ID, &code).await;
    let process = world.local.start(ID, bundle_with(&code, &[("API_KEY", CANARY)])).await.unwrap();
    world.local.switch(ID, process);
    assert_eq!(get(port, "/").await.1, CANARY);

    assert_eq!(found_in_processes(), Vec::<String>::new());
    assert_eq!(found_in_files(&world.run), Vec::<String>::new());

    // The same searches, with something to find.
    let mut planted = std::process::Command::new("sleep")
        .arg("60")
        .env("PLANTED", format!("x{}", STANDARD_NO_PAD.encode(CANARY)))
        .spawn()
        .unwrap();
    let found = found_in_processes();
    planted.kill().unwrap();
    planted.wait().unwrap();
    assert_eq!(found, [format!("/proc/{}/environ", planted.id())]);
    std::fs::create_dir(world.run.join("deep")).unwrap();
    std::fs::write(world.run.join("deep/planted"), format!("a {CANARY} b")).unwrap();
    assert_eq!(found_in_files(&world.run).len(), 1);
}

fn found_in_processes() -> Vec<String> {
    let pids = descendants(std::process::id()).into_iter().chain([std::process::id()]);
    let files = pids.flat_map(|pid| [format!("/proc/{pid}/cmdline"), format!("/proc/{pid}/environ")]);
    // A process of another test may have ended meanwhile.
    files.filter(|file| std::fs::read(file).is_ok_and(|bytes| shows(&bytes))).collect()
}

fn found_in_files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(found_in_files(&entry.path()));
        } else if kind.is_file() && shows(&std::fs::read(entry.path()).unwrap()) {
            found.push(entry.path().display().to_string());
        }
    }
    found
}

/// Raw, in hex, or in base64 at any of its three offsets.
fn shows(bytes: &[u8]) -> bool {
    let mut forms = vec![CANARY.to_owned(), CANARY.bytes().map(|byte| format!("{byte:02x}")).collect()];
    for offset in 0..3 {
        let encoded = STANDARD_NO_PAD.encode(format!("{}{CANARY}", &"..."[..offset]));
        // The characters at the edges depend on the neighbours.
        forms.push(encoded[4..encoded.len() - 4].to_owned());
    }
    forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form.as_bytes()))
}

#[tokio::test]
async fn the_sockets_are_for_this_user_only() {
    use std::os::unix::fs::PermissionsExt;

    let world = World::new();
    world.deploy(ID, &fetch("return new Response('x')")).await;
    let mode = std::fs::metadata(&world.run).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
