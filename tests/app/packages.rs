//! Packages: named by the code, brought by the real npm from a registry of the test's, and gone with the function.

#![allow(clippy::unwrap_used)]

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Router,
    extract::{Path as Named, State},
    routing::get,
};
use postern::{
    deployment::TargetId,
    function::Line,
    wire::{Code, Order, PackageInfo, PackageWish},
};

use crate::{Desk, function};

const CODE: &str = "import { shout } from 'made-up-shout'\nexport default { fetch: () => new Response(shout('hi')) }";

/// Has one package in two versions, packed by npm itself. The second is published when it is told to be.
async fn registry(folder: &Path) -> (String, Arc<AtomicBool>) {
    let package = folder.join("made-up-shout");
    std::fs::create_dir_all(&package).unwrap();
    std::fs::write(package.join("main.js"), "export const shout = (text) => text.toUpperCase()").unwrap();
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    for version in ["2.1.0", "2.2.0"] {
        let manifest = serde_json::json!({
            "name": "made-up-shout", "version": version, "main": "main.js", "type": "module",
            "scripts": { "postinstall": "touch ran" }
        });
        std::fs::write(package.join("package.json"), manifest.to_string()).unwrap();
        let packed = Command::new(npm).args(["pack", "--silent"]).current_dir(&package).output().unwrap();
        assert!(packed.status.success(), "{packed:?}");
    }

    let published = Arc::new(AtomicBool::new(false));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (told, second) = (address.clone(), published.clone());
    let described = move || async move {
        let latest = if second.load(Ordering::Relaxed) { "2.2.0" } else { "2.1.0" };
        let versions = ["2.1.0", latest].map(|version| {
            let tarball = format!("{told}/made-up-shout/-/made-up-shout-{version}.tgz");
            let described =
                serde_json::json!({ "name": "made-up-shout", "version": version, "dist": { "tarball": tarball } });
            (version.to_owned(), described)
        });
        let versions = serde_json::Map::from_iter(versions);
        serde_json::json!({ "name": "made-up-shout", "dist-tags": { "latest": latest }, "versions": versions })
            .to_string()
    };
    let tarball = |State(folder): State<PathBuf>, Named(file): Named<String>| async move {
        tokio::fs::read(folder.join(file)).await.unwrap()
    };
    let router = Router::new()
        .route("/made-up-shout", get(described))
        .route("/made-up-shout/-/{file}", get(tarball))
        .with_state(package);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, published)
}

fn asks(folder: &Path, registry: &str, cache: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let settings = format!("registry={registry}/\ncache={}\nfetch-retries=0\n", cache.display());
    std::fs::write(folder.join(".npmrc"), settings).unwrap();
}

#[tokio::test]
async fn what_the_code_imports_is_installed_kept_with_a_copy_renewed_and_gone_with_the_function() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "one", CODE).await;
    let folder = app.packages(id);
    let (registry, published) = registry(&desk.data()).await;
    asks(&folder, &registry, &desk.data().join("cache"));
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

    published.store(true, Ordering::Relaxed);
    assert_eq!(app.change_packages(id, PackageWish::Update, |_| {}).await.unwrap().packages, [info(Some("2.2.0"))]);

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
async fn closing_the_app_ends_npm() {
    let desk = Desk::new();
    let app = desk.start().await;
    let id = function(&app, "one", CODE).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://{}", listener.local_addr().unwrap());
    asks(&app.packages(id), &silent, &desk.data().join("cache"));
    let change = tokio::spawn({
        let app = app.clone();
        async move { app.change_packages(id, PackageWish::Install, |_| {}).await }
    });
    let (mut asked, _) = listener.accept().await.unwrap();

    app.shutdown().await;
    assert!(change.is_finished());
    assert_eq!(change.await.unwrap().expect_err("the app has closed").code, Code::Cancelled);
    // What npm has sent, and the end of it.
    let mut sent = Vec::new();
    let whole = tokio::io::AsyncReadExt::read_to_end(&mut asked, &mut sent);
    let ended = tokio::time::timeout(std::time::Duration::from_secs(5), whole).await;
    assert!(ended.is_ok(), "npm lives on");
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
