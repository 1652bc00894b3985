//! A desktop session for one test: a home, a bus and a gnome-keyring daemon, each started when the test says so.
//!
//! The address of the bus is an environment variable, and the environment belongs to a whole process. So the test plays
//! in a child of the test binary, whose environment is set before it starts and names nothing of the developer's own.

use std::{
    any::type_name,
    env, fs,
    io::{Read, Write},
    os::unix::{fs::DirBuilderExt, net::UnixStream, process::CommandExt},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use keyring::{CredentialStore, Entry, api::CredentialStoreApi};
use postern::vault::keychain::SERVICE;
use zbus_secret_service_keyring_store::Store;

const PASSWORD: &str = "made-up password";

/// Set in the child only: where its session lives.
const FOLDER: &str = "POSTERN_TEST_SESSION";

/// Plays the closure in a session of its own and fails if it does, or if it takes longer than half a minute.
pub(super) fn in_a_session<F: FnOnce(&mut Session)>(play: F) {
    if let Some(folder) = env::var_os(FOLDER) {
        let mut session = Session { folder: folder.into(), bus: None, daemon: None };
        play(&mut session);
        fs::write(session.folder.join("played"), "").expect("the folder is there");
        return;
    }

    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["data", "run", "services"] {
        let path = folder.path().join(name);
        fs::DirBuilder::new().mode(0o700).create(path).expect("a folder in it");
    }
    let output = folder.path().join("output");
    let both = fs::File::create(&output).expect("a file in it");
    let child = Command::new(env::current_exe().expect("this test binary"))
        .args(["--exact", test_name::<F>(), "--nocapture", "--test-threads=1"])
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder.path())
        .env("XDG_DATA_HOME", folder.path().join("data"))
        .env("XDG_RUNTIME_DIR", folder.path().join("run"))
        .env("DBUS_SESSION_BUS_ADDRESS", address(folder.path()))
        .env(FOLDER, folder.path())
        .stdin(Stdio::null())
        .stdout(both.try_clone().expect("another handle of the file"))
        .stderr(both)
        .process_group(0)
        .spawn()
        .expect("this test binary starts");
    let mut group = Group(child);
    let passed = until(Duration::from_secs(30), || group.0.try_wait().expect("the child is ours"))
        .is_some_and(|status| status.success());
    drop(group);
    let said = fs::read_to_string(&output).unwrap_or_default();
    assert!(passed, "{said}");
    // A child that found no test of that name passes too.
    assert!(folder.path().join("played").exists(), "nothing was played:\n{said}");
}

pub(super) struct Session {
    pub(super) folder: PathBuf,
    bus: Option<Reaped>,
    daemon: Option<Reaped>,
}

impl Session {
    /// A bus that starts no service by itself: what is installed on the machine stays out of it.
    pub(super) fn start_bus(&mut self) {
        let folder = self.folder.display();
        let config = format!(
            "<busconfig>
               <type>session</type>
               <listen>{}</listen>
               <servicedir>{folder}/services</servicedir>
               <policy context='default'>
                 <allow send_destination='*' eavesdrop='true'/>
                 <allow eavesdrop='true'/>
                 <allow own='*'/>
               </policy>
             </busconfig>",
            address(&self.folder),
        );
        let file = self.folder.join("bus.conf");
        fs::write(&file, config).expect("the folder is there");
        // Even a killed test leaves nothing behind: the bus ends with this process, and the daemon with the bus.
        let mut bus = Command::new("setpriv");
        bus.args(["--pdeathsig", "KILL", "dbus-daemon", "--config-file"]).arg(file).args(["--nofork", "--nopidfile"]);
        self.bus = Some(Reaped(bus.spawn().expect("setpriv and dbus-daemon are installed")));
        let socket = self.folder.join("run/bus");
        eventually("the bus answers", || UnixStream::connect(&socket).is_ok());
    }

    /// A daemon as a session has it whose user is logged in: with a keyring, unlocked.
    pub(super) fn start_unlocked_daemon(&mut self) {
        self.start_daemon(&["--unlock"]);
        eventually("the keyring is there", || self.can_keep());
    }

    /// A daemon that nobody has given a password: with no keyring, or with a locked one.
    pub(super) fn start_daemon(&mut self, options: &[&str]) {
        let mut child = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--components=secrets"])
            .args(options)
            .stdin(Stdio::piped())
            .spawn()
            .expect("gnome-keyring-daemon is installed");
        let mut stdin = child.stdin.take().expect("piped above");
        stdin.write_all(PASSWORD.as_bytes()).expect("the daemon reads it");
        drop(stdin);
        self.daemon = Some(Reaped(child));
        eventually("the daemon answers", || Store::new().is_ok());
    }

    pub(super) fn stop_daemon(&mut self) {
        self.daemon = None;
        eventually("the daemon is gone", || Store::new().is_err());
    }

    /// From now on a prompt is begun and never shown, as one that stands behind another window.
    pub(super) fn prompts_hang(&self) {
        let prompter = "[D-BUS Service]\nName=org.gnome.keyring.SystemPrompter\nExec=/bin/sleep 60\n";
        fs::write(self.folder.join("services/prompter.service"), prompter).expect("the folder is there");
    }

    pub(super) fn lock(&self) {
        let done = Command::new("dbus-send")
            .args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"])
            .arg("org.freedesktop.Secret.Service.Lock")
            .arg("array:objpath:/org/freedesktop/secrets/collection/login")
            .stdout(Stdio::null())
            .status();
        assert!(done.expect("dbus-send is installed").success());
    }

    /// As a login does it, over the daemon's control socket: a byte for the credentials, then lengths, the operation
    /// (1, unlock) and the password.
    pub(super) fn unlock(&self) {
        let password = PASSWORD.len() as u32;
        let mut message = vec![0];
        for number in [12 + password, 1, password] {
            message.extend(number.to_be_bytes());
        }
        message.extend(PASSWORD.as_bytes());
        let mut socket = UnixStream::connect(self.folder.join("run/keyring/control")).expect("a control socket");
        socket.write_all(&message).expect("the daemon reads");
        let mut answer = [0xff; 8];
        socket.read_exact(&mut answer).expect("the daemon answers");
        assert_eq!(answer, [0, 0, 0, 8, 0, 0, 0, 0], "unlocked");
    }

    /// Every item of Postern's, in whatever keyring.
    pub(super) fn items(&self) -> Vec<Entry> {
        self.store().search(&[("service", SERVICE)].into()).expect("the keyring is unlocked")
    }

    /// Puts a second item under the account: the same attributes and one more.
    pub(super) fn duplicate(&self, account: &str, secret: &[u8]) {
        let keyring = [("target", "Login")].into();
        let entry = self.store().build(SERVICE, account, Some(&keyring)).expect("an entry");
        entry.set_secret(secret).expect("the keyring is unlocked");
    }

    fn can_keep(&self) -> bool {
        let Ok(store) = Store::new() else {
            return false;
        };
        let Ok(entry) = CredentialStoreApi::build(&*store, "test", "ready", None) else {
            return false;
        };
        entry.set_password("ready").is_ok() && entry.delete_credential().is_ok()
    }

    fn store(&self) -> std::sync::Arc<CredentialStore> {
        Store::new().expect("the daemon answers")
    }
}

/// Waits for what happens by itself, for ten seconds at most.
fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    let seen = until(Duration::from_secs(10), || happened().then_some(()));
    assert!(seen.is_some(), "waited in vain: {what}");
}

fn until<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        let seen = look();
        if seen.is_some() || start.elapsed() > limit {
            return seen;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn address(folder: &std::path::Path) -> String {
    format!("unix:path={}/run/bus", folder.display())
}

/// The test that a closure stands in: `real::keychain::a_name::{{closure}}` is `keychain::a_name`.
fn test_name<F>() -> &'static str {
    let path = type_name::<F>().trim_end_matches("::{{closure}}");
    path.split_once("::").map_or(path, |(_, name)| name)
}

/// A daemon, ended with the test.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The playing child and all that it has started, ended with the test even if the child did not come to that.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = rustix::process::Pid::from_raw(self.0.id() as i32) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.0.wait();
    }
}
