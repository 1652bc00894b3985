//! Starting: beside a window that is there already, and with a keychain that is locked.

use std::{
    collections::HashSet,
    fs,
    net::{IpAddr, Ipv6Addr},
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    desktop::KEYCHAIN_PASSWORD,
    process::{Process, find, tree},
    steps::TELLS_ITS_KEY,
    wait::{becomes, until},
    window::{PROGRAM, Start, Window},
};

#[test]
fn a_second_start_brings_the_first_window_to_the_front_and_ends() {
    let window = Window::open();
    window.create_function("only", "HTTP");
    let focused = || window.desktop.run("xdotool", &["getwindowfocus"]);
    // The window has one inside it that takes the keys.
    let before = focused();
    window.look_away();
    assert_ne!(focused(), before);

    let mut second = Process::start(window.desktop.command(PROGRAM));
    assert!(second.wait().success());
    until("the first window has the focus", || focused() != window.background());
    assert_eq!(window.desktop.run("xdotool", &["search", "--onlyvisible", "--name", "^Postern$"]).lines().count(), 1);
    assert_eq!(window.list("Functions").list_item("").count(), 1);
}

#[test]
fn without_a_graphics_card_only_the_process_of_the_page_loads_a_renderer() {
    let window = Window::open();
    let loaded = |process: u32| fs::read_to_string(format!("/proc/{process}/maps"));
    // Only root can look into a program that forbids core dumps.
    let has_card = ["/dev/dri", "/dev/nvidiactl", "/dev/dxg"].iter().any(|card| Path::new(card).exists());
    let (false, Ok(program)) = (has_card, loaded(window.program())) else {
        return eprintln!("Not looked at: there is a graphics card, or nobody may look.");
    };
    let page = find(window.program(), "WebKitWebProcess").expect("the page has a process");
    // By EGL. The first program on a display asks by GLX as well, for all that come after it.
    let renders = |maps: &str| maps.contains("libEGL_mesa");
    assert!(renders(&loaded(page).expect("its maps")));
    assert!(!renders(&program), "{program}");
}

#[test]
fn the_window_comes_back_in_its_size_and_at_its_place() {
    let mut window = Window::open();
    window.resize(1100, 700);
    window.desktop.run("xdotool", &["windowmove", "--sync", &window.native(), "130", "90"]);
    becomes((1100, 130, 90), || window.frame());
    window.press_for_real("ctrl+q");
    window.wait_until_ended();
    window.start();
    becomes((1100, 130, 90), || window.frame());
}

#[test]
fn no_connection_leaves_this_machine_at_the_start_or_while_code_is_written() {
    let window = Window::open();
    // The driver is asked over a connection of this kind.
    assert!(!connections(&[std::process::id()]).is_empty(), "the look at connections is blind");
    window.create_with_code("quiet", TELLS_ITS_KEY);
    let until = Instant::now() + Duration::from_secs(3);
    while Instant::now() < until {
        let leaving = connections(&tree(window.program()));
        let leaving: Vec<_> = leaving.into_iter().filter(|remote| !remote.is_loopback()).collect();
        assert!(leaving.is_empty(), "{leaving:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whom these processes are connected to or have sent to, by TCP and UDP. What only listens is connected to nobody.
fn connections(processes: &[u32]) -> Vec<IpAddr> {
    let sockets = |process: &u32| {
        let open = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
        open.filter_map(|open| {
            let link = fs::read_link(open.path()).ok()?;
            Some(link.to_str()?.strip_prefix("socket:[")?.trim_end_matches(']').to_owned())
        })
    };
    let own: HashSet<String> = processes.iter().flat_map(sockets).collect();
    let tables = ["tcp", "tcp6", "udp", "udp6"].map(|table| format!("/proc/net/{table}"));
    let lines: Vec<String> = tables.iter().filter_map(|table| fs::read_to_string(table).ok()).collect();
    let remote = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (remote, socket) = (fields.get(2)?, fields.get(9)?);
        own.contains(*socket).then(|| address(remote)).flatten()
    };
    lines.iter().flat_map(|table| table.lines().skip(1).filter_map(remote)).filter(|to| !to.is_unspecified()).collect()
}

/// Words of four bytes in the order of this machine, as hexadecimal digits.
fn address(remote: &str) -> Option<IpAddr> {
    let digits = remote.split(':').next()?.as_bytes();
    let word = |digits: &[u8]| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok().map(u32::to_ne_bytes);
    let bytes = digits.chunks(8).map(word).collect::<Option<Vec<_>>>()?.concat();
    match <[u8; 4]>::try_from(&bytes[..]) {
        Ok(four) => Some(four.into()),
        Err(_) => <[u8; 16]>::try_from(bytes).ok().map(|bytes| Ipv6Addr::from(bytes).to_canonical()),
    }
}

#[test]
fn a_database_that_is_not_ours_is_said_and_left_as_it_is() {
    let window = Window::closed(Start::default());
    let folder = window.desktop.data();
    fs::create_dir_all(&folder).expect("a folder");
    let letter = "a letter to a friend, and no database at all";
    fs::write(folder.join("postern.db"), letter).expect("a file");

    let mut command = window.desktop.command(PROGRAM);
    command.stderr(std::process::Stdio::null());
    let mut program = Process::start(command);
    let dialog = window.native_dialog();
    assert!(dialog.text().contains("is not a Postern database. Nothing was changed."), "{dialog:?}");
    window.press_in_dialog("Close");

    assert!(!program.wait().success());
    assert_eq!(fs::read_to_string(folder.join("postern.db")).expect("it is there"), letter);
}

#[test]
fn with_a_locked_keychain_code_is_written_and_retry_works_once_it_is_unlocked() {
    let mut window = Window::open();
    window.create_with_code("sync", TELLS_ITS_KEY);
    window.seal("hubspot api key", "a value made up for tests");
    window.press_for_real("ctrl+q");
    window.wait_until_ended();
    window.desktop.lock_keychain();

    window.start();
    window.dismiss_keychain_prompt();
    let banner = window.alert("The keychain is locked…");
    banner.wait();
    // The prompt had taken the keyboard.
    window.focus();
    window.text_box("Code").click();
    window.press("Control+Home");
    window.type_text("// written while locked\n");
    window.wait_until_saved();
    assert!(window.button("Delete HUBSPOT_API_KEY").is_shown(), "names are no secret");
    window.text_box("SECRET_NAME").type_text("second key");
    window.text_box("Value").type_text("another value");
    window.button("Create").click();
    until("it is refused", || window.text_box("Value").description().contains("keychain"));

    banner.button("Retry").click();
    window.answer_keychain_prompt();
    banner.wait_gone();
    window.focus();
    window.button("Create").click();
    becomes(2, || window.list("Secrets").list_item("").count());
    let address = window.deploy();
    assert_eq!(window.get(&address).body, "the key is a value made up for tests");
}

impl Window {
    /// The width of the page, and where the window is on the display.
    fn frame(&self) -> (u64, i64, i64) {
        let place = self.desktop.run("xdotool", &["getwindowgeometry", "--shell", &self.native()]);
        let number = |name: &str| place.lines().find_map(|line| line.strip_prefix(name)?.parse().ok());
        let width = self.script("return innerWidth", vec![]).as_u64();
        (width.unwrap_or_default(), number("X=").expect("a place"), number("Y=").expect("a place"))
    }

    /// Takes the focus of the display away from the window.
    fn look_away(&self) {
        self.desktop.run("xdotool", &["mousemove", "1599", "999", "windowfocus", &self.background()]);
    }

    /// The display's own window, behind all others.
    fn background(&self) -> String {
        self.desktop.run("xdotool", &["search", "--maxdepth", "0", "--name", ""])
    }

    /// Escape, as a person does who does not want to unlock it now.
    fn dismiss_keychain_prompt(&self) {
        self.focus_keychain_prompt();
        self.press_for_real("Escape");
    }

    fn answer_keychain_prompt(&self) {
        self.focus_keychain_prompt();
        self.desktop.run("xdotool", &["type", KEYCHAIN_PASSWORD]);
        self.press_for_real("Return");
    }

    fn focus_keychain_prompt(&self) {
        let prompt = ["search", "--sync", "--onlyvisible", "--class", "gcr-prompter", "windowfocus", "--sync"];
        self.desktop.run("xdotool", &prompt);
    }
}
