//! The memory of a window with one function open and none running, beside that of a blank one: the proportional set
//! size (PSS) of the program and of everything that it has started, the web process and the network process included.
//! A page of memory that several of them share counts once; one shared with strangers counts in part. Postern is linked as
//! it is shipped, by `script/release`; the blank window as cargo links it.

use std::{
    collections::BTreeMap,
    fs, io,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    figure::{Aim, Figure, in_turns},
    window::{blank, one_function, postern},
};

/// Long enough for a page to be drawn and for what it needed at its start to be given back.
const SETTLED: Duration = Duration::from_secs(5);

pub(crate) async fn used() -> Figure {
    one_function().await;
    if all()
        .any(|id| fs::read_to_string(format!("/proc/{id}/comm")).is_ok_and(|name| name.starts_with("WebKitWebProces")))
    {
        eprintln!(
            "Another program shows a page with WebKit. What is shared with it is split with it: close it for a true figure."
        );
    }
    let measured = in_turns(5, async || window(&postern()).await, async || window(&blank()).await).await;
    let aim = &[Aim::Times(1.3)];
    Figure { name: "memory", unit: "MiB", against: "blank window", aim, measured }
}

async fn window(program: &Path) -> f64 {
    let mut child = Command::new(program).stdin(Stdio::null()).spawn().expect("script/bench has built it");
    tokio::time::sleep(SETTLED).await;
    let processes = family(child.id());
    let used: f64 = processes.iter().map(|&id| megabytes(id)).sum();
    end(&mut child, &processes).await;
    used
}

/// The process, and all that it or they have started.
fn family(id: u32) -> Vec<u32> {
    let mut found = vec![id];
    let mut at = 0;
    while let Some(&parent) = found.get(at) {
        found.extend(all().filter(|&child| parent_of(child) == Some(parent)));
        at += 1;
    }
    found
}

fn all() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").expect("this is measured on Linux");
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

fn parent_of(id: u32) -> Option<u32> {
    status(id)?.split(' ').nth(1)?.parse().ok()
}

/// Whether the process runs. One that has ended and that nobody has asked how does not.
pub(crate) fn lives(id: u32) -> bool {
    status(id).is_some_and(|status| !status.starts_with('Z'))
}

/// What the kernel tells after the name, which stands in parentheses and may hold anything: state, parent and more.
fn status(id: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    Some(stat.rsplit_once(") ")?.1.to_owned())
}

fn megabytes(id: u32) -> f64 {
    // Postern forbids other programs of the same user to look into it.
    pss(id).unwrap_or_else(|error| panic!("process {id}: {error}. Only root may measure memory."))
}

/// Of the process and all that it has started, now. What ends meanwhile counts no more.
pub(crate) fn proportional(id: u32) -> f64 {
    family(id).into_iter().filter_map(|id| pss(id).ok()).sum()
}

/// What it and all that it has started have written for themselves, by the names of the programs. Other windows that
/// come and go share nothing of this.
pub(crate) fn by_program(id: u32) -> BTreeMap<String, f64> {
    let mut used = BTreeMap::new();
    for id in family(id) {
        if let (Ok(name), Ok(written)) =
            (fs::read_to_string(format!("/proc/{id}/comm")), shares(id, &["Pss_Anon:", "Pss_Shmem:"]))
        {
            *used.entry(name.trim().to_owned()).or_default() += written;
        }
    }
    used
}

fn pss(id: u32) -> io::Result<f64> {
    shares(id, &["Pss:"])
}

/// The sum of some lines of what the kernel says of its memory, in MiB.
fn shares(id: u32, names: &[&str]) -> io::Result<f64> {
    let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup"))?;
    let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    // One that has just ended has none.
    let lines: Option<Vec<&str>> = names.iter().map(|name| line(name)).collect();
    let kilobytes = lines.ok_or(io::ErrorKind::NotFound)?.into_iter();
    let kilobytes = kilobytes.map(|line| line.trim_end_matches(" kB").parse::<f64>().expect("a number"));
    Ok(kilobytes.sum::<f64>() / 1024.0)
}

/// Killed rather than closed: what it would write at its end is not measured here.
async fn end(child: &mut Child, processes: &[u32]) {
    drop(child.kill());
    drop(child.wait());
    for &id in &processes[1..] {
        if let Some(process) = Pid::from_raw(id.cast_signed()) {
            // Most have ended with their parent.
            let _ = kill_process(process, Signal::KILL);
        }
        while lives(id) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
