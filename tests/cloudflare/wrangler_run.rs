//! wrangler as a person runs it, from a project and a home of its own, against a server of ours.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use crate::support::workers_api::WorkersApi;
use crate::upload::{self, Asking, workerd};

/// Far above what any command takes here, so that one that waits for an answer fails the test instead of hanging it.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct Project {
    pub(crate) server: WorkersApi,
    pub(crate) token: String,
    folder: TempDir,
}

impl Project {
    /// A script called `hello`. `code`: of `index.ts`.
    pub(crate) async fn new(code: &str) -> Self {
        let server = WorkersApi::start(workerd()).await;
        let token = server.token().to_owned();
        let project = Self { server, token, folder: tempfile::tempdir().expect("a folder") };
        std::fs::create_dir(project.folder.path().join("home")).expect("a home");
        project.write(
            "wrangler.json",
            r#"{
                "name": "hello",
                "main": "index.ts",
                "compatibility_date": "2026-11-17",
                "workers_dev": true,
                "vars": { "GREETING": "hello" },
                "triggers": { "crons": ["*/5 * * * *", "0 9 * * MON-FRI"] }
            }"#,
        );
        project.write("index.ts", code);
        project
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        std::fs::write(self.folder.path().join(file), text).expect("a file of the project");
    }

    /// What it says when it succeeds.
    pub(crate) async fn runs(&self, arguments: &[&str]) -> String {
        self.runs_with(arguments, "").await
    }

    /// `typed`: what it reads from standard input.
    pub(crate) async fn runs_with(&self, arguments: &[&str], typed: &str) -> String {
        let output = self.run(arguments, typed).await;
        let said = said(&output);
        assert!(output.status.success(), "wrangler {arguments:?}: {said}\n{}", self.told());
        said
    }

    /// What it says when it fails.
    pub(crate) async fn fails(&self, arguments: &[&str], typed: &str) -> String {
        let output = self.run(arguments, typed).await;
        let said = said(&output);
        assert!(!output.status.success(), "wrangler {arguments:?} went well: {said}");
        said
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running(self.command(arguments).spawn().expect("script/setup --test has installed wrangler"))
    }

    /// As after a deployment that is no part of the test: done without wrangler, which takes a second.
    pub(crate) async fn has_deployed(&self, code: &str, secret: &str) {
        let greeting = json!({ "type": "plain_text", "name": "GREETING", "text": "hello" });
        let bindings = json!([greeting, upload::secret("API_KEY", secret)]);
        let (status, _, answer) = Asking::new(&self.server).put("hello", code, bindings).await;
        assert_eq!(status, 200, "{answer}");
    }

    async fn run(&self, arguments: &[&str], typed: &str) -> Output {
        let mut running = self.start(arguments);
        let mut stdin = running.0.stdin.take().expect("piped");
        let mut stdout = running.0.stdout.take().expect("piped");
        let mut stderr = running.0.stderr.take().expect("piped");
        // A command that reads nothing may have ended by now.
        drop(stdin.write_all(typed.as_bytes()).await);
        drop(stdin);
        let mut said = (Vec::new(), Vec::new());
        let ends = async {
            tokio::join!(stdout.read_to_end(&mut said.0), stderr.read_to_end(&mut said.1), running.0.wait()).2
        };
        let status = tokio::time::timeout(LIMIT, ends).await;
        let status = status.unwrap_or_else(|_| panic!("wrangler {arguments:?} does not end: {}", self.told()));
        let (stdout, stderr) = said;
        Output { status: status.expect("its status"), stdout, stderr }
    }

    /// Nothing of the machine's own settings and accounts gets in, and nothing but the server is asked.
    fn command(&self, arguments: &[&str]) -> Command {
        let home = self.folder.path().join("home");
        let mut command = Command::new(packages().join("node/bin/node"));
        command
            .arg(packages().join("wrangler/bin/wrangler.js"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join("config"))
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("CLOUDFLARE_API_BASE_URL", self.server.base_url())
            .env("CLOUDFLARE_API_TOKEN", &self.token)
            .env("CLOUDFLARE_ACCOUNT_ID", self.server.account())
            .env("WRANGLER_SEND_METRICS", "false")
            .env("WRANGLER_SEND_ERROR_REPORTS", "false")
            .env("WRANGLER_HIDE_BANNER", "true")
            .env("CI", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        command
    }

    /// What was asked, for the message of a test that fails.
    fn told(&self) -> String {
        let line = |request: &std::sync::Arc<crate::support::workers_api::Request>| {
            format!("{} {}?{}", request.method, request.path, request.query)
        };
        self.server.requests().iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// A command and all that it has started, for as long as this is held.
pub(crate) struct Running(Child);

impl Running {
    /// What it says until this is in it. For commands that go on.
    pub(crate) async fn says(&mut self, part: &str) -> String {
        let mut stdout = self.0.stdout.take().expect("it is read once");
        let mut said = Vec::new();
        let reading = async {
            while !String::from_utf8_lossy(&said).contains(part) {
                assert!(stdout.read_buf(&mut said).await.expect("its output") > 0, "it has ended");
            }
        };
        let heard = tokio::time::timeout(LIMIT, reading).await;
        let said = String::from_utf8_lossy(&said).into_owned();
        heard.unwrap_or_else(|_| panic!("{part} is not in: {said}"));
        said
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // wrangler runs another node, and that one esbuild. Those that have ended are not there to be killed.
        if let Some(pid) = self.0.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

fn packages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/wrangler/node_modules")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}
