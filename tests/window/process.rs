//! Programs that the tests start, each in a process group of its own that ends with it, and the tree below a process.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus},
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

pub(crate) use crate::canary::tree;

/// What the tests start, with the Debian package that has it.
const PROGRAMS: &[(&str, &str)] = &[
    ("Xvfb", "xvfb"),
    ("WebKitWebDriver", "webkit2gtk-driver"),
    ("dbus-daemon", "dbus"),
    ("dbus-send", "dbus"),
    ("gnome-keyring-daemon", "gnome-keyring"),
    ("xdotool", "xdotool"),
    ("import", "imagemagick"),
    ("/usr/bin/python3", "python3"),
    ("setpriv", "util-linux"),
    ("curl", "curl"),
    ("node", "nodejs"),
    ("npm", "npm"),
];

/// Where the program is. Says what to install where it is not.
pub(crate) fn need(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file());
    found.unwrap_or_else(|| {
        let package = PROGRAMS.iter().find(|(known, _)| *known == program).map_or(program, |(_, package)| package);
        panic!("the tests of the window need {program}: install the package {package}, or run script/test, which does")
    })
}

/// A program and all of its group. Ended when dropped.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start(mut command: Command) -> Self {
        let program = command.get_program().to_owned();
        Self(command.process_group(0).spawn().unwrap_or_else(|error| panic!("{program:?} did not start: {error}")))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn stdin(&mut self) -> Option<ChildStdin> {
        self.0.stdin.take()
    }

    pub(crate) fn stdout(&mut self) -> Option<ChildStdout> {
        self.0.stdout.take()
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.0.wait().expect("it is this program's child")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // What it has started may have left its group.
        for process in tree(self.0.id()).into_iter().skip(1) {
            kill(process);
        }
        // A program that has ended already is as good as one that is ended here.
        let _ = kill_process_group(pid(self.0.id()), Signal::KILL);
        let _ = self.0.wait();
    }
}

/// As `kill -9` does.
pub(crate) fn kill(process: u32) {
    let _ = kill_process(pid(process), Signal::KILL);
}

/// Lets it do nothing any more, as a program that hangs.
pub(crate) fn stop(process: u32) {
    let _ = kill_process(pid(process), Signal::STOP);
}

pub(crate) fn lives(process: u32) -> bool {
    state(process).is_some_and(|state| state != "Z")
}

/// The first of the tree whose program has this name.
pub(crate) fn find(root: u32, name: &str) -> Option<u32> {
    tree(root).into_iter().find(|process| program(*process).is_some_and(|found| found == name))
}

/// The name of the program by its arguments: `/proc/PID/comm` is cut at 15 characters.
pub(crate) fn program(process: u32) -> Option<String> {
    let arguments = fs::read(format!("/proc/{process}/cmdline")).ok()?;
    let first = arguments.split(|byte| *byte == 0).next()?;
    let name = String::from_utf8_lossy(first);
    name.rsplit('/').next().map(str::to_owned)
}

/// One letter, behind the name, which stands in parentheses and may hold anything.
fn state(process: u32) -> Option<String> {
    let stat = fs::read(format!("/proc/{process}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    stat.rsplit_once(')')?.1.split_whitespace().next().map(str::to_owned)
}

fn pid(process: u32) -> Pid {
    i32::try_from(process).ok().and_then(Pid::from_raw).expect("the id of a process")
}
