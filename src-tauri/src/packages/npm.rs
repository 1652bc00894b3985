//! npm itself: where it is on this machine, what it is started with, and what it says.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

use super::Wish;
use crate::spawn::{Launch, Spawner};

#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error(
        "npm is not on this machine. Get it with Node.js at nodejs.org, then install again. The code is untouched, and \
         functions without packages need no npm."
    )]
    Missing,
    #[error("npm could not be started: {0}. The packages are as they were.")]
    Start(std::io::Error),
    #[error(
        "The registry of npm can't be reached. Check the network, then install again. The packages are as they were."
    )]
    Offline,
    #[error("npm knows no package “{0}”. Correct the name in the code. The packages are as they were.")]
    Unknown(String),
    #[error("npm failed: {0} The packages are as they were.")]
    Failed(String),
}

/// The npm on this machine.
#[derive(Clone, Debug)]
pub struct Npm {
    program: PathBuf,
    /// All that it is given of the environment.
    environment: Vec<(OsString, OsString)>,
}

/// What npm and node need to find their way; nothing of what else this app was started with.
const ENVIRONMENT: &str = "HOME USERPROFILE APPDATA LOCALAPPDATA SystemRoot ComSpec PATHEXT TMPDIR TEMP TMP LANG XDG_CACHE_HOME \
    XDG_CONFIG_HOME HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy NODE_EXTRA_CA_CERTS \
    SSL_CERT_FILE SSL_CERT_DIR";

/// Nothing of a package is run, nobody is told what was installed, and each package that comes is said.
const OPTIONS: &str = "--ignore-scripts --no-audit --no-fund --no-update-notifier --no-workspaces \
    --color=false --progress=false --loglevel=http --fetch-retries=1 --fetch-timeout=60000 --omit=dev --save";

/// An app that was not started from a shell knows few folders of programs.
const FOLDERS: &[&str] = &["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin", "/opt/local/bin", "/snap/bin"];

/// Below the user's own folder.
const OWN_FOLDERS: &[&str] =
    &[".volta/bin", ".local/bin", ".local/share/mise/shims", ".asdf/shims", ".fnm/aliases/default/bin", "n/bin"];

impl Npm {
    /// In the folders of programs, and where people's tools put it.
    pub fn find() -> Result<Self, Problem> {
        Self::find_in(env::var_os("PATH"), env::home_dir())
    }

    /// In these folders of programs before all others.
    pub fn find_in(path: Option<OsString>, home: Option<PathBuf>) -> Result<Self, Problem> {
        let mut folders: Vec<PathBuf> =
            path.iter().flat_map(env::split_paths).filter(|path| path.is_absolute()).collect();
        folders.extend(FOLDERS.iter().map(PathBuf::from));
        if let Some(home) = &home {
            folders.extend(OWN_FOLDERS.iter().map(|folder| home.join(folder)));
            folders.extend(newest_of_nvm(home));
        }
        if let Some(programs) = env::var_os("ProgramFiles") {
            folders.push(PathBuf::from(programs).join("nodejs"));
        }
        let name = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let program = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
        let program = program.ok_or(Problem::Missing)?;
        // node is beside npm, which asks for it by name.
        if let Some(beside) = program.parent() {
            folders.insert(0, beside.to_owned());
        }
        let mut environment: Vec<(OsString, OsString)> =
            ENVIRONMENT.split_whitespace().filter_map(|name| Some((name.into(), env::var_os(name)?))).collect();
        if let Ok(path) = env::join_paths(folders) {
            environment.push(("PATH".into(), path));
        }
        Ok(Self { program, environment })
    }

    /// Runs it in the folder to its end. Dropped before that, it is killed with all that it has started.
    pub(super) async fn run(&self, folder: &Path, wish: &Wish, progress: impl Fn(usize)) -> Result<(), Problem> {
        // As long as npm runs, which ends with the thread that has started it.
        let spawner = Spawner::new().map_err(Problem::Start)?;
        let launch = Launch {
            program: self.program.clone(),
            arguments: arguments(wish),
            environment: self.environment.clone(),
            folder: folder.to_owned(),
            group: true,
            ..Launch::default()
        };
        let mut npm = spawner.spawn(launch).await.map_err(Problem::Start)?;
        drop(npm.child.stdin.take());
        let mut stdout = npm.child.stdout.take().expect("piped at spawn");
        let stderr = npm.child.stderr.take().expect("piped at spawn");
        // Nobody reads what it says there, and it is to say it all.
        let heard = async { tokio::io::copy(&mut stdout, &mut tokio::io::sink()).await };
        let (said, _) = tokio::join!(listen(stderr, progress), heard);
        let status = npm.child.wait().await.map_err(Problem::Start)?;
        if status.success() { Ok(()) } else { Err(said.problem()) }
    }
}

/// `nvm` keeps each version of node in a folder of its own.
fn newest_of_nvm(home: &Path) -> Option<PathBuf> {
    let versions = std::fs::read_dir(home.join(".nvm/versions/node")).ok()?;
    let number = |path: &Path| -> Option<Vec<u32>> {
        let name = path.file_name()?.to_str()?.strip_prefix('v')?;
        name.split('.').map(|part| part.parse().ok()).collect()
    };
    let numbered =
        versions.filter_map(|entry| entry.ok()).filter_map(|entry| Some((number(&entry.path())?, entry.path())));
    numbered.max().map(|(_, path)| path.join("bin"))
}

fn arguments(wish: &Wish) -> Vec<OsString> {
    // What is not to be the newest is taken from what npm has kept; it would take an old answer for the newest, too.
    let (verb, names, kept): (&str, &[String], _) = match wish {
        Wish::Install(names) => ("install", names, None),
        Wish::Remove(name) => ("uninstall", std::slice::from_ref(name), Some("--prefer-offline")),
        Wish::Update => ("update", &[], None),
        Wish::Restore => ("ci", &[], Some("--prefer-offline")),
    };
    // After the dashes nothing is taken for an option.
    let all = [verb].into_iter().chain(OPTIONS.split_whitespace()).chain(kept).chain(["--"]);
    all.chain(names.iter().map(String::as_str)).map(OsString::from).collect()
}

/// What npm has said that matters.
#[derive(Default)]
struct Said {
    code: String,
    /// The first of its errors that is a sentence.
    error: String,
    /// The package that it did not find.
    unknown: Option<String>,
}

async fn listen(said: impl AsyncRead + Unpin, progress: impl Fn(usize)) -> Said {
    let mut lines = BufReader::new(said).lines();
    let mut heard = Said::default();
    let mut packages = 0;
    while let Ok(Some(line)) = lines.next_line().await {
        if line.contains("http ") && line.contains(".tgz") {
            packages += 1;
            progress(packages);
        }
        heard.hear(&line);
    }
    heard
}

impl Said {
    fn hear(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("npm error ").or_else(|| line.strip_prefix("npm ERR! ")) else {
            return;
        };
        if let Some(code) = rest.strip_prefix("code ") {
            self.code = code.trim().to_owned();
        } else if self.error.is_empty() && !rest.starts_with("A complete log") && rest.contains(' ') {
            self.error = rest.trim().to_owned();
        }
        if let Some((_, path)) = rest.split_once("404 Not Found - GET ") {
            let name = path.split(' ').next().unwrap_or_default().splitn(4, '/').nth(3).unwrap_or_default();
            self.unknown = Some(name.replace("%2f", "/").replace("%2F", "/"));
        }
    }

    fn problem(self) -> Problem {
        const NETWORK: [&str; 9] = [
            "ENOTFOUND",
            "EAI_AGAIN",
            "ECONNREFUSED",
            "ECONNRESET",
            "ETIMEDOUT",
            "ENETUNREACH",
            "EHOSTUNREACH",
            "ERR_SOCKET_TIMEOUT",
            "ENOTCACHED",
        ];
        match (self.code.as_str(), self.unknown) {
            (code, _) if NETWORK.contains(&code) => Problem::Offline,
            ("E404", Some(name)) if !name.is_empty() => Problem::Unknown(name),
            (code, _) => {
                let words = if self.error.is_empty() { code.to_owned() } else { self.error };
                let words = if words.is_empty() { "it did not say why".to_owned() } else { words };
                Problem::Failed(format!("{}.", words.trim_end_matches('.')))
            }
        }
    }
}

#[cfg(test)]
mod tests;
