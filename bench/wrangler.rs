//! `wrangler dev` and `wrangler deploy` as a person runs them, on a project of one file. Spared what would make it slower here:
//! the network, the banner with its look for updates, telemetry.

use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::{folder, support::workers_api::WorkersApi};

pub(crate) struct Project {
    folder: PathBuf,
}

impl Project {
    pub(crate) fn new(code: &str, secret: (&str, &str)) -> Self {
        let project = Self { folder: folder().join("project") };
        // Nothing of an earlier run: that could only be of use to it.
        drop(fs::remove_dir_all(&project.folder));
        fs::create_dir_all(&project.folder).expect("a folder for the project");
        let config =
            r#"{ "name": "bench", "main": "index.ts", "compatibility_date": "2026-07-01", "workers_dev": true }"#;
        fs::write(project.folder.join("wrangler.json"), config).expect("its configuration");
        let (name, value) = secret;
        fs::write(project.folder.join(".dev.vars"), format!("{name}={value}\n")).expect("its secret");
        project.write(code);
        project
    }

    pub(crate) fn write(&self, code: &str) {
        fs::write(self.folder.join("index.ts"), code).expect("its code");
    }

    pub(crate) fn start(&self) -> Dev {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let child = self
            .command()
            .args(["dev", "--ip=127.0.0.1", &format!("--port={port}"), "--show-interactive-dev-session=false"])
            .env("CLOUDFLARE_CF_FETCH_ENABLED", "false")
            .process_group(0)
            .spawn()
            .expect("script/setup --test has installed wrangler and node");
        Dev { address: format!("http://127.0.0.1:{port}/"), child }
    }

    /// For `deploy`: what is uploaded with the code.
    pub(crate) fn write_secrets(&self, secrets: &[(&str, &str)]) {
        let secrets: std::collections::BTreeMap<_, _> = secrets.iter().copied().collect();
        let json = serde_json::to_vec(&secrets).expect("text becomes JSON");
        fs::write(self.folder.join("secrets.json"), json).expect("its secrets");
    }

    /// As a script of this name; it ends when it is done.
    pub(crate) fn deploy(&self, name: &str, to: &WorkersApi, with_secrets: bool) -> tokio::process::Child {
        let mut command = self.command();
        command.args(["deploy", "--name", name]);
        if with_secrets {
            command.args(["--secrets-file", "secrets.json"]);
        }
        command
            .env("CLOUDFLARE_API_BASE_URL", to.base_url())
            .env("CLOUDFLARE_API_TOKEN", to.token())
            .env("CLOUDFLARE_ACCOUNT_ID", to.account());
        let mut command = tokio::process::Command::from(command);
        command.kill_on_drop(true).spawn().expect("script/setup --test has installed wrangler and node")
    }

    fn command(&self) -> Command {
        let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/wrangler/node_modules");
        let said = File::create(folder().join("wrangler.log")).expect("a file for what it says");
        let mut command = Command::new(packages.join("node/bin/node"));
        command
            .arg(packages.join("wrangler/bin/wrangler.js"))
            .current_dir(&self.folder)
            .env("CI", "1")
            .env("WRANGLER_SEND_METRICS", "false")
            .env("WRANGLER_HIDE_BANNER", "true")
            .stdin(Stdio::null())
            .stdout(said.try_clone().expect("the same file"))
            .stderr(said);
        command
    }
}

/// A running `wrangler dev`. Dropping it ends it and all that it has started.
pub(crate) struct Dev {
    pub(crate) address: String,
    child: Child,
}

impl Drop for Dev {
    fn drop(&mut self) {
        let group = Pid::from_child(&self.child);
        // It may have ended by itself; what it has said is in the log.
        let _ = kill_process_group(group, Signal::KILL);
        drop(self.child.wait());
    }
}
