//! A desktop for one test: a display, a session bus, a home and a keychain of its own, all gone when it is dropped.
//!
//! Nothing of the person's own session reaches it, and nothing it does reaches theirs: every program is started with an
//! environment that is made here. `process` holds the programs; `window` opens Postern's window on it.

use std::{
    ffi::OsString,
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::{
    process::{Process, need},
    wait::until,
};

/// What unlocks the keychain.
pub(crate) const KEYCHAIN_PASSWORD: &str = "a password made up for tests";

/// The screen is larger than the window, so that the window can be given any size that is tested.
const SCREEN: &str = "1600x1000x24";

pub(crate) struct Desktop {
    environment: Vec<(&'static str, OsString)>,
    keychain: Option<Process>,
    _bus: Process,
    _display: Process,
    // Last: what writes into it has ended by then.
    root: TempDir,
}

impl Desktop {
    pub(crate) fn new() -> Self {
        let mut desktop = Self::without_keychain();
        desktop.start_keychain();
        desktop
    }

    fn without_keychain() -> Self {
        let root = tempfile::Builder::new().prefix("postern-").tempdir().expect("a temporary folder");
        let folder = |name: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(&path).expect("a folder in it");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("its permissions");
            path.into_os_string()
        };
        let mut environment: Vec<(&'static str, OsString)> = vec![
            ("PATH", std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into())),
            ("LANG", "C.UTF-8".into()),
            // A zone that is never UTC, so that local times are told apart from it.
            ("TZ", "Asia/Kolkata".into()),
            ("HOME", folder("home")),
            ("XDG_DATA_HOME", folder("home/data")),
            ("XDG_CONFIG_HOME", folder("home/config")),
            ("XDG_CACHE_HOME", folder("home/cache")),
            ("XDG_STATE_HOME", folder("home/state")),
            ("XDG_RUNTIME_DIR", folder("run")),
            ("TMPDIR", folder("tmp")),
            ("GDK_BACKEND", "x11".into()),
        ];
        let (display, number) = start_display(&environment);
        environment.push(("DISPLAY", number.into()));
        let (bus, address) = start_bus(&environment);
        environment.push(("DBUS_SESSION_BUS_ADDRESS", address.into()));
        Self { environment, keychain: None, _bus: bus, _display: display, root }
    }

    /// Everything that a program on this desktop may write: the home, and the folders for sockets and for what is temporary.
    pub(crate) fn folders(&self) -> [PathBuf; 3] {
        ["home", "run", "tmp"].map(|folder| self.root.path().join(folder))
    }

    /// Where Postern keeps its database.
    pub(crate) fn data(&self) -> PathBuf {
        self.root.path().join("home/data/dev.postern.Postern")
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// A program that sees this desktop and nothing of the one around it.
    pub(crate) fn command(&self, program: &str) -> Command {
        program_with(&self.environment, program)
    }

    /// Runs the program to its end and answers what it printed. Fails where the program does, or does not end.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> String {
        self.try_run(program, arguments).unwrap_or_else(|said| panic!("{program} {arguments:?}: {said}"))
    }

    /// The same, for a program that may fail: what it said then is the error.
    pub(crate) fn try_run(&self, program: &str, arguments: &[&str]) -> Result<String, String> {
        let output = self.command("timeout").args(["30", program]).args(arguments).output().expect("it starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    /// Starts the keychain and unlocks it, before anybody asks for it: the bus would start a locked one.
    fn start_keychain(&mut self) {
        let arguments = ["--foreground", "--unlock", "--components=secrets"];
        let mut command = self.command("gnome-keyring-daemon");
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut daemon = Process::start(command);
        give_password(&mut daemon);
        until("the keychain answers", || {
            let owner = ["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"];
            self.bus_call("org.freedesktop.DBus", "/org/freedesktop/DBus", &owner).contains("true")
        });
        self.keychain = Some(daemon);
    }

    pub(crate) fn lock_keychain(&self) {
        let collection = "array:objpath:/org/freedesktop/secrets/collection/login";
        let call = ["org.freedesktop.Secret.Service.Lock", collection];
        self.bus_call("org.freedesktop.secrets", "/org/freedesktop/secrets", &call);
    }

    fn bus_call(&self, to: &str, path: &str, call: &[&str]) -> String {
        let to = format!("--dest={to}");
        let arguments = [&["--session", "--print-reply", &to, path], call].concat();
        self.run("dbus-send", &arguments)
    }
}

/// The program with this environment and no other. It ends with the test that started it, even one that is killed.
fn program_with(environment: &[(&'static str, OsString)], program: &str) -> Command {
    let mut command = Command::new(need("setpriv"));
    command.args(["--pdeathsig", "KILL", "--"]).arg(need(program));
    command.env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
    command
}

fn give_password(daemon: &mut Process) {
    let mut input = daemon.stdin().expect("it was piped");
    // Without a line break: it would be part of the password.
    input.write_all(KEYCHAIN_PASSWORD.as_bytes()).expect("the keychain reads its password");
}

/// The server chooses a number that is free and says it. Without `-noreset` it would start over whenever its last program
/// left, and turn away one that comes at that moment.
fn start_display(environment: &[(&'static str, OsString)]) -> (Process, String) {
    let mut command = program_with(environment, "Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut display = Process::start(command);
    let number = first_line(&mut display).expect("Xvfb starts and says its number");
    (display, format!(":{number}"))
}

fn start_bus(environment: &[(&'static str, OsString)]) -> (Process, String) {
    let mut command = program_with(environment, "dbus-daemon");
    command.args(["--session", "--nofork", "--print-address=1"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut bus = Process::start(command);
    let address = first_line(&mut bus).expect("dbus-daemon starts and says its address");
    (bus, address)
}

fn first_line(process: &mut Process) -> Option<String> {
    let mut line = String::new();
    BufReader::new(process.stdout()?).read_line(&mut line).ok()?;
    Some(line.trim_end().to_owned()).filter(|line| !line.is_empty())
}
