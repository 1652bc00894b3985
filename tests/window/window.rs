//! Postern's window on a desktop of its own: started, killed, quit and started again, and asked what it shows.
//!
//! WebKitWebDriver starts the program itself and has nothing in between. `control` finds what is shown by role and name,
//! `keys` presses keys, `dialog` the native dialogs. A window ends with everything that it has started.

use std::{
    cell::RefCell,
    fs::{self, OpenOptions},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::Stdio,
    sync::{Mutex, MutexGuard, PoisonError},
};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::{
    clipboard::Clipboard,
    desktop::Desktop,
    process::{self, Process},
    wait::{becomes, found, until},
};

/// The program under test, built for this run.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_postern");

const PAGE: &str = include_str!("page.js");

/// Two windows at once would slow each other down to their limits.
static TURN: Mutex<()> = Mutex::new(());

/// How the program is started.
#[derive(Clone, Copy, Default)]
pub(crate) struct Start {
    pub(crate) dark: bool,
    /// What `POSTERN_LOG` says; warnings where it says nothing.
    pub(crate) log: Option<&'static str>,
}

/// The driver and the program that it has started.
struct Running {
    client: Client,
    _driver: Process,
    program: u32,
}

pub(crate) struct Window {
    running: Option<Running>,
    start: Start,
    runtime: Runtime,
    pub(crate) clipboard: RefCell<Option<Clipboard>>,
    pub(crate) selection: RefCell<Option<Clipboard>>,
    pub(crate) desktop: Desktop,
    _turn: MutexGuard<'static, ()>,
}

impl Window {
    /// A window on a new desktop, with nothing in it yet.
    pub(crate) fn open() -> Self {
        Self::open_with(Start::default())
    }

    pub(crate) fn open_with(start: Start) -> Self {
        let mut window = Self::closed(start);
        window.start();
        window
    }

    /// A desktop on which the program has not been started.
    pub(crate) fn closed(start: Start) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self {
            running: None,
            start,
            runtime,
            clipboard: RefCell::default(),
            selection: RefCell::default(),
            desktop: Desktop::new(),
            _turn: turn,
        }
    }

    /// Starts the program and waits until its window is drawn.
    pub(crate) fn start(&mut self) {
        let port = free_port();
        let mut command = self.desktop.command("WebKitWebDriver");
        command.args(["--host=127.0.0.1", &format!("--port={port}")]);
        command.env("TAURI_WEBVIEW_AUTOMATION", "true").env("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
        command.env("POSTERN_LOG", self.start.log.unwrap_or("warn"));
        command.env("GTK_THEME", if self.start.dark { "Adwaita:dark" } else { "Adwaita" });
        let said = OpenOptions::new().create(true).append(true).open(self.log_path()).expect("a file for what it says");
        command.stdin(Stdio::null()).stdout(said.try_clone().expect("the same file")).stderr(said);
        let driver = Process::start(command);
        let options = json!({ "webkitgtk:browserOptions": { "binary": PROGRAM, "args": [] } });
        let Value::Object(capabilities) = options else { unreachable!() };
        until("the driver listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let address = format!("http://127.0.0.1:{port}");
        let connecting = builder.capabilities(capabilities).connect(&address);
        let client = self.runtime.block_on(connecting).expect("the driver opens the window");
        let program = found("the program runs", || process::find(driver.id(), "postern"));
        self.running = Some(Running { client, _driver: driver, program });
        until("the window is drawn", || {
            let drawn = "return document.querySelector('nav ul, nav p') !== null \
                         && (document.querySelector('main .cm-line, main #welcome') !== null)";
            self.script(drawn, vec![]).as_bool() == Some(true)
        });
        self.focus();
    }

    /// Gives the window the keyboard, as a window manager would.
    pub(crate) fn focus(&self) {
        let window = self.native();
        self.desktop.run("xdotool", &["windowfocus", "--sync", &window]);
    }

    /// The number that the display has given to the window.
    pub(crate) fn native(&self) -> String {
        // It fails where another window ends while it looks: a prompt that was just answered.
        let search = || self.desktop.try_run("xdotool", &["search", "--onlyvisible", "--name", "^Postern$"]);
        found("the window is on the display", || search().ok()?.lines().next().map(str::to_owned))
    }

    /// As `kill -9` does it.
    pub(crate) fn kill(&mut self) {
        let running = self.running.take().expect("it runs");
        process::kill(running.program);
        until("the program is gone", || !process::lives(running.program));
    }

    /// Waits until the program has ended by itself.
    pub(crate) fn wait_until_ended(&mut self) {
        let running = self.running.take().expect("it runs");
        until("the program has ended", || !process::lives(running.program));
    }

    /// The process of the program.
    pub(crate) fn program(&self) -> u32 {
        self.running().program
    }

    /// Everything that the program has written to its error output so far.
    pub(crate) fn said(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.log_path()).unwrap_or_default()).into_owned()
    }

    pub(crate) fn log_path(&self) -> PathBuf {
        self.desktop.root().join("log")
    }

    /// Runs a script in the page, which may use what `page.js` defines, and answers what it returns.
    #[track_caller]
    pub(crate) fn script(&self, script: &str, arguments: Vec<Value>) -> Value {
        let script = format!("{PAGE}\n{script}");
        self.wait_for(self.client().execute(&script, arguments)).unwrap_or_else(|error| panic!("{error}"))
    }

    /// As `script`, for one that ends by calling its last argument.
    #[track_caller]
    pub(crate) fn script_async(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.wait_for(self.client().execute_async(script, arguments)).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.running().client
    }

    pub(crate) fn wait_for<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// The code that the editor shows.
    pub(crate) fn code(&self) -> String {
        self.script("return code()", vec![]).as_str().expect("a text").to_owned()
    }

    /// The line in which the caret stands, as the status bar says it.
    pub(crate) fn caret_line(&self) -> u64 {
        let said = "const [, line] = document.body.innerText.match(/Ln ([0-9]+),/) ?? []; return Number(line)";
        self.script(said, vec![]).as_u64().unwrap_or_default()
    }

    /// Gives the window a size, as a person does who drags its corner, and waits until the page has taken it.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        let size = [width.to_string(), height.to_string()];
        self.desktop.run("xdotool", &["windowsize", &self.native(), &size[0], &size[1]]);
        becomes(Some(u64::from(width)), || self.script("return innerWidth", vec![]).as_u64());
    }

    /// A picture of the window with its menu, as it is on the display: in `POSTERN_SCREENSHOTS`, or else below `target`.
    pub(crate) fn screenshot(&self, name: &str) -> PathBuf {
        let usual = || PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("window");
        let folder = std::env::var_os("POSTERN_SCREENSHOTS").map_or_else(usual, PathBuf::from);
        fs::create_dir_all(&folder).expect("a folder for screenshots");
        let path = folder.join(format!("{name}.png"));
        self.desktop.run("import", &["-window", &self.native(), path.to_str().expect("a path")]);
        path
    }

    #[track_caller]
    fn running(&self) -> &Running {
        self.running.as_ref().expect("the window is open")
    }
}

impl Drop for Window {
    /// What failed is shown as it stood.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        eprintln!("The program said:\n{}", self.said());
        if self.running.as_ref().is_some_and(|running| process::lives(running.program)) {
            let name = std::thread::current().name().unwrap_or("failed").replace("::", "-");
            eprintln!("The window as it was: {}", self.screenshot(&name).display());
        }
    }
}

fn free_port() -> u16 {
    let socket = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    socket.local_addr().expect("its address").port()
}
