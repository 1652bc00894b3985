//! Packages: named by the code, brought by the real npm from a registry of the test's, and gone with the function.

#![allow(clippy::unwrap_used)]

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use axum::{Router, extract::State, routing::get};
use postern::{
    deployment::TargetId,
    function::Line,
    wire::{Code, Order, PackageInfo, PackageWish},
};

use crate::{Desk, function};

const CODE: &str = "import { shout } from 'made-up-shout'\nexport default { fetch: () => new Response(shout('hi')) }";

/// Has one package, packed by npm itself.
async fn registry(folder: &Path) -> String {
    let package = folder.join("made-up-shout");
    std::fs::create_dir_all(&package).unwrap();
    let manifest = r#"{ "name": "made-up-shout", "version": "2.1.0", "main": "main.js", "type": "module",
                        "scripts": { "postinstall": "touch ran" } }"#;
    std::fs::write(package.join("package.json"), manifest).unwrap();
    std::fs::write(package.join("main.js"), "export const shout = (text) => text.toUpperCase()").unwrap();
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let packed = Command::new(npm).args(["pack", "--silent"]).current_dir(&package).output().unwrap();
    assert!(packed.status.success(), "{packed:?}");

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let told = address.clone();
    let described = move || async move {
        let tarball = format!("{told}/made-up-shout/-/made-up-shout-2.1.0.tgz");
        let version =
            serde_json::json!({ "name": "made-up-shout", "version": "2.1.0", "dist": { "tarball": tarball } });
        serde_json::json!({
            "name": "made-up-shout", "dist-tags": { "latest": "2.1.0" }, "versions": { "2.1.0": version }
        })
        .to_string()
    };
    let tarball = |State(folder): State<PathBuf>| async move {
        tokio::fs::read(folder.join("made-up-shout-2.1.0.tgz")).await.unwrap()
    };
    let router = Router::new()
        .route("/made-up-shout", get(described))
        .route("/made-up-shout/-/made-up-shout-2.1.0.tgz", get(tarball))
        .with_state(package);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn asks(folder: &Path, registry: &str, cache: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let settings = format!("registry={registry}/\ncache={}\nfetch-retries=0\n", cache.display());
    std::fs::write(folder.join(".npmrc"), settings).unwrap();
}

#[tokio::test]
async fn what_the_code_imports_is_installed_kept_with_a_copy_and_gone_with_the_function() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "one", CODE).await;
    let folder = app.packages(id);
    asks(&folder, &registry(&desk.data()).await, &desk.data().join("cache"));
    let info = |version: Option<&str>| PackageInfo {
        name: "made-up-shout".to_owned(),
        version: version.map(str::to_owned),
        lines: vec![Line { file: "index.ts".to_owned(), line: 1, column: 24, end: 37 }],
    };
    assert_eq!(app.open_function(id).await.unwrap().packages, [info(None)]);

    let refused = app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("it is not installed");
    assert_eq!(refused.code, Code::MissingPackages);
    assert!(refused.message.starts_with("The code imports made-up-shout, which is not installed"), "{refused:?}");
    assert_eq!(refused.position.map(|position| position.line), Some(1));

    let come = Mutex::new(0);
    let detail = app.change_packages(id, PackageWish::Install, |count| *come.lock().unwrap() = count).await.unwrap();
    assert_eq!(detail.packages, [info(Some("2.1.0"))]);
    assert_eq!(*come.lock().unwrap(), 1);
    assert!(folder.join("package-lock.json").is_file() && !folder.join("node_modules/made-up-shout/ran").exists());
    // What is missing now is the runtime alone.
    let refused = app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await.expect_err("there is no workerd");
    assert_eq!(refused.code, Code::RuntimeMissing);

    let copy = app.duplicate_function(id).await.unwrap();
    assert_eq!(copy.packages, [info(None)]);
    let copy = app.change_packages(copy.summary.id, PackageWish::Install, |_| {}).await.unwrap();
    assert_eq!(copy.packages, [info(Some("2.1.0"))]);

    let removed = PackageWish::Remove { name: "made-up-shout".to_owned() };
    assert_eq!(app.change_packages(id, removed, |_| {}).await.unwrap().packages, [info(None)]);
    app.delete_function(id, true).await.unwrap();
    crate::eventually("the folder is gone", || !folder.exists()).await;
}

#[tokio::test]
async fn without_a_registry_it_is_said_and_the_code_stays() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "one", CODE).await;
    // Nobody listens there.
    asks(&app.packages(id), "http://127.0.0.1:9", &desk.data().join("cache"));
    let failure = app.change_packages(id, PackageWish::Install, |_| {}).await.expect_err("nobody answers");
    assert_eq!(failure.code, Code::Packages);
    assert!(failure.message.starts_with("The registry of npm can't be reached."), "{failure:?}");
    assert_eq!(app.open_function(id).await.unwrap().files[0].text, CODE);
}

#[tokio::test]
async fn types_alone_and_what_the_runtime_has_need_no_package() {
    let desk = Desk::new();
    let app = desk.start().await;
    let code = "import type { A } from 'made-up-types'\nimport { env } from 'cloudflare:workers'\nimport 'node:fs'\n\
                // import 'made-up-comment'\nexport default { fetch: () => new Response('import \"made-up-text\"') }";
    let id = function(&app, "one", code).await;
    assert_eq!(app.open_function(id).await.unwrap().packages, []);
}
