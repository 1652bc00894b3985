//! WebKitWebDriver, which starts a program with a window and asks its page. A handful of its calls and nothing more.

use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::{Value, json};

/// For each thing that is asked of it. What takes longer hangs.
const LIMIT: Duration = Duration::from_secs(20);

/// A driver and the window that it has opened. Both end when it is closed.
pub(crate) struct Driver {
    child: Child,
    client: Client,
    session: String,
}

impl Driver {
    pub(crate) async fn open(program: &Path, arguments: &[String]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let child = Command::new("WebKitWebDriver")
            .args(["--host=127.0.0.1", &format!("--port={port}")])
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdin(Stdio::null())
            .spawn()
            .expect("script/setup --test has installed it");
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < LIMIT, "WebKitWebDriver does not listen");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let client = Client::builder().no_proxy().timeout(LIMIT).build().expect("a client without TLS needs nothing");
        let mut driver = Self { child, client, session: format!("http://127.0.0.1:{port}/session") };
        let options = json!({ "binary": program, "args": arguments });
        let wanted = json!({ "capabilities": { "alwaysMatch": { "webkitgtk:browserOptions": options } } });
        let opened = driver.post("", &wanted).await;
        let id = opened["sessionId"].as_str().unwrap_or_else(|| panic!("the window did not open: {opened}"));
        driver.session = format!("{}/{id}", driver.session);
        driver
    }

    /// What the script returns, run as the body of a function in the page.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] })).await
    }

    /// Presses keys, wherever in the page they go.
    pub(crate) async fn press(&self, keys: &str) {
        let pressed = keys.chars().flat_map(|key| {
            let key = key.to_string();
            [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })]
        });
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": pressed.collect::<Vec<_>>() });
        self.post("/actions", &json!({ "actions": [keyboard] })).await;
    }

    /// Presses keys while another one is held.
    pub(crate) async fn press_with(&self, held: char, keys: &str) {
        let pressed = keys.chars().flat_map(|key| [("keyDown", key), ("keyUp", key)]);
        let all = [("keyDown", held)].into_iter().chain(pressed).chain([("keyUp", held)]);
        let all: Vec<_> = all.map(|(kind, key)| json!({ "type": kind, "value": key.to_string() })).collect();
        self.post("/actions", &json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": all }] })).await;
    }

    /// Moves the pointer to the middle of what a selector finds in this place of the page, counted from 0.
    pub(crate) async fn point_at(&self, selector: &str, nth: usize) {
        self.point(selector, nth, &[]).await;
    }

    pub(crate) async fn click(&self, selector: &str, nth: usize) {
        self.point(selector, nth, &["pointerDown", "pointerUp"]).await;
    }

    async fn point(&self, selector: &str, nth: usize, then: &[&str]) {
        let place = format!(
            "const {{ left, top, width, height }} = document.querySelectorAll('{selector}')[{nth}].getBoundingClientRect()
            return [Math.round(left + width / 2), Math.round(top + height / 2)]"
        );
        let place = self.script(&place).await;
        let mut actions = vec![json!({ "type": "pointerMove", "duration": 0, "x": place[0], "y": place[1] })];
        actions.extend(then.iter().map(|kind| json!({ "type": kind, "button": 0 })));
        let pointer = json!({ "type": "pointer", "id": "mouse", "actions": actions });
        self.post("/actions", &json!({ "actions": [pointer] })).await;
    }

    pub(crate) async fn close(mut self) {
        // Ends the program. One that has ended already is as good.
        drop(self.client.delete(&self.session).send().await);
        drop(self.child.kill());
        drop(self.child.wait());
    }

    async fn post(&self, call: &str, body: &Value) -> Value {
        let answer = self.client.post(format!("{}{call}", self.session)).json(body).send().await;
        let mut answer: Value = answer.expect("the driver answers").json().await.expect("in JSON");
        answer["value"].take()
    }
}
