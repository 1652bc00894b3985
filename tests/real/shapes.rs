//! Workers as people write them, each in a folder of `tests/shapes`: compiled by the app, run by the real workerd, and
//! asked.

use std::{fs, path::Path, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use postern::{
    app::App,
    deployment::TargetId,
    function::{FunctionId, Level},
    secret::Scope,
    wire::Order,
};
use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::deploying::{Desk, logged};

/// A function that runs.
pub(crate) struct Shape {
    _desk: Desk,
    app: App,
    id: FunctionId,
    pub(crate) address: String,
    client: reqwest::Client,
}

impl Shape {
    pub(crate) async fn run(name: &str, secrets: &[(&str, &str)], packages: &[&str]) -> Self {
        let desk = Desk::new();
        let app = desk.start().await;
        let id = app.create_function("http", Some(&format!("shape-{name}"))).await.unwrap().summary.id;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shapes").join(name);
        for (path, text) in sources(&folder, "") {
            match path.as_str() {
                "index.ts" => drop(app.save_file(id, path, text).await.unwrap()),
                _ => drop(app.create_file(id, &path, text).await.unwrap()),
            }
        }
        for (name, value) in secrets {
            app.create_secret(id, name, Scope::All, (*value).to_owned().into()).await.unwrap();
        }
        for package in packages {
            place(package, &app.packages(id).join("node_modules"));
        }
        if !packages.is_empty() {
            let wanted: Vec<String> = packages.iter().map(|name| format!("\"{name}\": \"*\"")).collect();
            let manifest = format!("{{ \"dependencies\": {{ {} }} }}", wanted.join(", "));
            fs::write(app.packages(id).join("package.json"), manifest).unwrap();
        }
        let deployed = app.deploy(id, TargetId::LOCAL, Order::default(), |_| {}).await;
        let deployed = deployed.unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
        let address = deployed.summary.local.address.unwrap();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { _desk: desk, app, id, address, client }
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{}", self.address, path.trim_start_matches('/')))
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path).send().await.unwrap()
    }

    pub(crate) async fn text(&self, path: &str) -> String {
        text(self.ask(Method::GET, path)).await
    }
}

pub(crate) async fn text(request: RequestBuilder) -> String {
    request.send().await.unwrap().text().await.unwrap()
}

pub(crate) fn named<'r>(response: &'r Response, name: &str) -> &'r str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// As the app keeps them: what is no text in Base64.
fn sources(folder: &Path, below: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            found.extend(sources(&entry.path(), &format!("{path}/")));
        } else if path.ends_with(".wasm") {
            found.push((path, STANDARD.encode(fs::read(entry.path()).unwrap())));
        } else {
            found.push((path, fs::read_to_string(entry.path()).unwrap()));
        }
    }
    found
}

/// A package with what it depends on, from where script/setup has had npm put it.
fn place(package: &str, to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/packages/node_modules").join(package);
    let manifest = fs::read(from.join("package.json")).expect("script/setup --test has installed it");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    copy(&from, &to.join(package));
    for (name, _) in manifest["dependencies"].as_object().into_iter().flatten() {
        if !to.join(name).exists() {
            place(name, to);
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)
        } else {
            fs::copy(entry.path(), target).map(|_| ()).unwrap()
        }
    }
}

#[tokio::test]
async fn patterns_route_requests() {
    let it = Shape::run("routing", &[], &[]).await;
    assert_eq!(it.text("/").await, "home");
    assert_eq!(it.text("/books/7").await, "book 7");
    assert_eq!(text(it.ask(Method::PUT, "/books/7/pages/12")).await, "7:12");
    assert_eq!(it.get("/books/7/pages/12").await.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(it.get("/books/7/pages/x").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn json_is_taken_checked_and_answered() {
    let it = Shape::run("json", &[], &[]).await;
    let taken = it.ask(Method::POST, "/").body(r#"{"item":"tea","count":2}"#).send().await.unwrap();
    assert_eq!((taken.status(), named(&taken, "location")), (StatusCode::CREATED, "/orders/1"));
    assert_eq!(taken.text().await.unwrap(), r#"{"ordered":"2 × tea"}"#);
    for wrong in ["{", "null", r#"{"item":"tea","count":0}"#] {
        let refused = it.ask(Method::POST, "/").body(wrong).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{wrong}");
    }
}

#[tokio::test]
async fn forms_of_both_kinds_are_read() {
    let it = Shape::run("forms", &[], &[]).await;
    let plain = it.ask(Method::POST, "/").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert_eq!(text(plain.body("name=J%C3%BCrgen&a=1+2")).await, "name=Jürgen&a=1 2");
    let body = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; \
                name=\"f\"; filename=\"x.txt\"\r\nContent-Type: text/plain\r\n\r\nabc\r\n--B--\r\n";
    let parts = it.ask(Method::POST, "/").header(header::CONTENT_TYPE, "multipart/form-data; boundary=B");
    assert_eq!(text(parts.body(body)).await, "a=1&f=<x.txt text/plain 3>");
}

#[tokio::test]
async fn bodies_stream_and_events_are_sent() {
    let it = Shape::run("streaming", &[], &[]).await;
    assert_eq!(it.text("/").await, "1!\n2!\n3!\n4!\n5!\n");
    let it = Shape::run("events", &[], &[]).await;
    let events = it.ask(Method::GET, "/").header("last-event-id", "7").send().await.unwrap();
    assert_eq!(named(&events, "content-type"), "text/event-stream");
    assert_eq!(events.text().await.unwrap(), "event: open\ndata: {\"from\":7}\n\nevent: done\ndata: null\n\n");
}

#[tokio::test]
async fn a_web_socket_answers() {
    let it = Shape::run("websocket", &[], &[]).await;
    assert_eq!(it.get("/").await.status(), StatusCode::UPGRADE_REQUIRED);
    let port: u16 = it.address.trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
    let mut wire = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let ask = format!(
        "GET / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    wire.write_all(ask.as_bytes()).await.unwrap();
    // A text of two letters, under a mask of zeros.
    wire.write_all(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i']).await.unwrap();
    let mut heard = Vec::new();
    let expected = b"\x81\x08heard hi";
    while !heard.windows(expected.len()).any(|window| window == expected) {
        let read = tokio::time::timeout(Duration::from_secs(10), wire.read_buf(&mut heard)).await.unwrap().unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&heard));
    }
    assert!(heard.starts_with(b"HTTP/1.1 101 "));
}

#[tokio::test]
async fn html_is_rewritten() {
    let it = Shape::run("html-rewriter", &[], &[]).await;
    let page = it.text("/").await;
    for part in ["<title>new</title>", "href=\"https://example.com/x\"", "<p id=\"t\"><b>bold</b></p>"] {
        assert!(page.contains(part), "{page}");
    }
}

#[tokio::test]
async fn a_webhook_checks_its_signature() {
    let key = "made-up-webhook-key";
    let it = Shape::run("hmac", &[("WEBHOOK_SECRET", key)], &[]).await;
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(b"the body");
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let signed =
        |body: &'static str| it.ask(Method::POST, "/").header("x-signature", format!("sha256={signature}")).body(body);
    assert_eq!(text(signed("the body")).await, "taken");
    assert_eq!(text(signed("another")).await, "who are you?");
}

#[tokio::test]
async fn a_token_is_signed_and_read() {
    let it = Shape::run("jwt", &[("SIGNING_KEY", "made-up-signing-key")], &[]).await;
    let token = it.text("/token?sub=ada").await;
    let with = |token: &str| it.ask(Method::GET, "/").bearer_auth(token);
    assert_eq!(text(with(&token)).await, "hello ada");
    let last = if token.ends_with('A') { "B" } else { "A" };
    assert_eq!(text(with(&format!("{}{last}A", &token[..token.len() - 2]))).await, "no");
    assert_eq!(text(with(&it.text("/token?sub=ada&for=-5").await)).await, "no");
}

#[tokio::test]
async fn a_schedule_runs_and_is_logged() {
    let it = Shape::run("cron", &[], &[]).await;
    it.app.set_schedules(it.id, vec!["*/5 * * * *".to_owned()]).await.unwrap();
    it.app.deploy(it.id, TargetId::LOCAL, Order::default(), |_| {}).await.unwrap();
    let outcome = it.app.run_now(it.id, "*/5 * * * *").await.unwrap();
    assert!(outcome.ok, "{}", outcome.message);
    logged(&it.app, it.id, "cleaned up at */5 * * * *").await;
    assert_eq!(it.text("/").await, r#"["*/5 * * * *"]"#);
}

#[tokio::test]
async fn a_class_entrypoint_and_an_imported_environment_have_the_secrets() {
    let it = Shape::run("entrypoint", &[("GREETING", "made-up-greeting")], &[]).await;
    assert_eq!(it.text("/?name=Ada").await, "made-up-greeting, Ada");
    let it = Shape::run("env-import", &[("NAME", "made-up-name")], &[]).await;
    assert_eq!(it.text("/").await, "Hello, made-up-name");
    logged(&it.app, it.id, "greeted").await;
}

#[tokio::test]
async fn wasm_text_and_json_are_imported() {
    let it = Shape::run("wasm", &[], &[]).await;
    assert_eq!(it.text("/?a=40&b=2").await, "42");
    let it = Shape::run("text", &[], &[]).await;
    let page = "<style>p { color: teal }</style>\n<p title=\"`${'quotes'}`\">“SELECT * FROM books WHERE id = ?”</p>\n";
    assert_eq!(it.text("/").await, page);
    let it = Shape::run("json-module", &[], &[]).await;
    assert_eq!(text(it.ask(Method::GET, "/").header("accept-language", "de-DE")).await, "Grüß Gott");
    assert_eq!(it.text("/").await, "Hello");
}

#[tokio::test]
async fn modules_of_node_work() {
    let it = Shape::run("node", &[], &[]).await;
    assert_eq!(
        it.text("/a/request-7").await,
        r#"{"base64":"Z3LDvMOf","hash":"ba7816bf","same":true,"heard":["once"],"later":"yes","where":"request-7"}"#
    );
}

#[tokio::test]
async fn several_files_import_each_other_also_at_run_time() {
    let it = Shape::run("files", &[("API_KEY", "made-up-key")], &[]).await;
    assert_eq!(it.text("/").await, "11 characters, Shut");
    assert_eq!(it.text("/status").await, r#"{"routes":2}"#);
    let it = Shape::run("dynamic", &[], &[]).await;
    assert_eq!((it.text("/fr").await, it.text("/xx").await), ("Bonjour".to_owned(), "Hello".to_owned()));
}

#[tokio::test]
async fn hono_answers_from_several_files_and_in_jsx() {
    let it = Shape::run("hono", &[("API_KEY", "made-up-key")], &["hono"]).await;
    let home = it.ask(Method::GET, "/").header("origin", "https://example.com").send().await.unwrap();
    assert_eq!(named(&home, "access-control-allow-origin"), "https://example.com");
    assert_eq!(home.text().await.unwrap(), "hono");
    assert_eq!(it.text("/books/7?q=a").await, r#"{"id":"7","q":"a"}"#);
    assert_eq!(it.get("/admin/keys").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(text(it.ask(Method::GET, "/admin/keys").header("x-key", "made-up-key")).await, r#"{"length":11}"#);
    assert_eq!(it.get("/nothing").await.status(), StatusCode::NOT_FOUND);
    let it = Shape::run("jsx", &[], &["hono"]).await;
    let page = "<html lang=\"en\"><body class=\"page\"><h1>Hello &lt;Ada&gt;</h1><i>1</i><i>2</i></body></html>";
    assert_eq!(it.text("/%3CAda%3E").await, page);
}

#[tokio::test]
async fn zod_itty_router_and_a_package_from_before_modules_work() {
    let it = Shape::run("zod", &[], &["zod"]).await;
    let post = |body: &'static str| text(it.ask(Method::POST, "/").body(body));
    assert_eq!(post(r#"{"name":"Ada","age":"36"}"#).await, r#"{"name":"Ada","age":36,"tags":[]}"#);
    assert_eq!(post(r#"{"name":"","age":-1}"#).await, r#"{"wrong":["name","age"]}"#);
    let it = Shape::run("itty-router", &[], &["itty-router"]).await;
    assert_eq!(it.text("/json").await, r#"{"array":[1,2,3]}"#);
    assert!(it.text("/hello/Ada").await.contains("Hello Ada"));
    assert_eq!(it.get("/secret").await.status(), StatusCode::FORBIDDEN);
    let it = Shape::run("commonjs", &[], &["qs"]).await;
    assert_eq!(it.text("/?a[b]=1&a[c][]=2").await, r#"{"a":{"b":"1","c":["2"]}}"#);
}

#[tokio::test]
async fn what_throws_names_the_file_and_line_that_threw() {
    let it = Shape::run("throwing", &[], &[]).await;
    assert_eq!(text(it.ask(Method::GET, "/").header("x-number", "41")).await, "42");
    it.ask(Method::GET, "/").header("x-number", "x").send().await.unwrap();
    let line = logged(&it.app, it.id, "not a number: x").await;
    assert_eq!(line.level, Level::Error);
    let position = line.position.unwrap();
    assert_eq!((position.file.as_str(), position.line), ("lib/check.ts", 5));
    assert!(line.stack.contains("index.ts:4:"), "{}", line.stack);
}
