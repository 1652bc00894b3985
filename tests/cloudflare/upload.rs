//! Uploads as a client makes them, for the tests that need no wrangler.

use std::path::{Path, PathBuf};

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use crate::support::workers_api::WorkersApi;

pub(crate) const ECHO: &str = "export default { fetch(request, env) { return new Response(`key ${env.API_KEY}`) } }";

/// The binary as npm installed it, in the package for this platform.
pub(crate) fn workerd() -> PathBuf {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/node_modules/@cloudflare");
    let found = std::fs::read_dir(&packages).expect("script/setup has installed workerd").find_map(|entry| {
        let binary = entry.ok()?.path().join("bin/workerd");
        binary.exists().then_some(binary)
    });
    found.expect("one of the packages is workerd's for this system")
}

/// One client of one server.
pub(crate) struct Asking<'s> {
    pub(crate) server: &'s WorkersApi,
    pub(crate) token: String,
}

impl<'s> Asking<'s> {
    pub(crate) fn new(server: &'s WorkersApi) -> Self {
        Self { server, token: server.token().to_owned() }
    }

    /// `path`: below the account's `workers`.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Body) -> reqwest::Result<Response> {
        let url = format!("{}/accounts/{}/workers/{path}", self.server.base_url(), self.server.account());
        let request = Client::new().request(method, url).bearer_auth(&self.token);
        let request = match body {
            Body::None => request,
            Body::Json(json) => request.header("content-type", "application/json").body(json.to_string()),
            Body::Upload(metadata, code) => {
                let body = format!(
                    "--made-up\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{metadata}\r\n\
                     --made-up\r\nContent-Disposition: form-data; name=\"index.js\"; filename=\"index.js\"\r\n\
                     Content-Type: application/javascript+module\r\n\r\n{code}\r\n--made-up--\r\n"
                );
                request.header("content-type", "multipart/form-data; boundary=made-up").body(body)
            }
        };
        request.send().await
    }

    /// The status, and the code of the first error or 0.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Body) -> (u16, u64, Value) {
        let answer = self.send(method, path, body).await.expect("it answers");
        let status = answer.status().as_u16();
        let answer: Value = answer.json().await.expect("JSON");
        (status, answer["errors"][0]["code"].as_u64().unwrap_or(0), answer)
    }

    /// Live at once.
    pub(crate) async fn put(&self, script: &str, code: &str, bindings: Value) -> (u16, u64, Value) {
        self.ask(Method::PUT, &format!("scripts/{script}?bindings_inherit=strict"), upload(code, bindings)).await
    }

    /// The id of a new version, which is not live.
    pub(crate) async fn version(&self, script: &str, code: &str, bindings: Value) -> String {
        let path = format!("scripts/{script}/versions?bindings_inherit=strict");
        let (status, _, answer) = self.ask(Method::POST, &path, upload(code, bindings)).await;
        assert_eq!(status, 200, "{answer}");
        answer["result"]["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) async fn deploy(&self, script: &str, version: &str) -> (u16, u64, Value) {
        let body = json!({ "strategy": "percentage", "versions": [{ "version_id": version, "percentage": 100 }] });
        self.ask(Method::POST, &format!("scripts/{script}/deployments"), Body::Json(body)).await
    }
}

pub(crate) enum Body {
    None,
    Json(Value),
    /// Metadata, and the code of `index.js`.
    Upload(Value, String),
}

pub(crate) fn upload(code: &str, bindings: Value) -> Body {
    let metadata = json!({ "main_module": "index.js", "bindings": bindings, "compatibility_date": "2026-11-17" });
    Body::Upload(metadata, code.to_owned())
}

pub(crate) fn secret(name: &str, text: &str) -> Value {
    json!({ "type": "secret_text", "name": name, "text": text })
}

pub(crate) async fn get(url: &str) -> String {
    reqwest::get(url).await.expect("it answers").text().await.expect("text")
}
