//! The positive controls: each canary planted in each kind of place, in forms made by others where there are others.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::*;

fn forms_of<'a>(hits: &'a [Hit], canary: &str) -> Vec<&'a str> {
    hits.iter().filter(|hit| hit.canary == canary).map(|hit| hit.form).collect()
}

#[test]
fn every_form_of_every_canary_is_found() {
    let scan = Scan::new(&canaries());
    for canary in canaries() {
        for (form, bytes) in encodings(&canary.value) {
            let planted = [b"before ".as_slice(), &bytes, b" after"].concat();
            let hits = scan.bytes("here", &planted);
            assert!(!forms_of(&hits, canary.name).is_empty(), "{}, {form}", canary.name);
        }
    }
}

#[test]
fn base64_is_found_wherever_the_value_begins() {
    let scan = Scan::new(&canaries());
    for canary in canaries() {
        for before in 0..6 {
            for after in 0..3 {
                let text = format!("{}{}{}", &"prefix"[..before], canary.value, &"end"[..after]);
                for (form, alphabet) in [("base64", &alphabet::STANDARD), ("base64url", &alphabet::URL_SAFE)] {
                    let encoded = GeneralPurpose::new(alphabet, NO_PAD).encode(&text);
                    let hits = scan.bytes("here", encoded.as_bytes());
                    // Where no character tells the alphabets apart, the form has the name of the first.
                    let found = forms_of(&hits, canary.name).iter().any(|found| form.starts_with(found));
                    assert!(found, "{}, {form}, {before} before, {after} after", canary.name);
                }
            }
        }
    }
}

#[test]
fn what_rust_prints_of_a_value_is_found() {
    let scan = Scan::new(&canaries());
    for canary in canaries() {
        let printed = format!("{:?}", Some(&canary.value));
        assert!(!scan.bytes("here", printed.as_bytes()).is_empty(), "{}", canary.name);
    }
}

#[test]
fn a_value_that_is_cut_short_is_found() {
    let scan = Scan::new(&canaries());
    for canary in canaries() {
        let cut = canary.value.floor_char_boundary(canary.value.len() * 3 / 4);
        if cut >= 2 * PIECE {
            assert!(!scan.bytes("here", &canary.value.as_bytes()[..cut]).is_empty(), "{}", canary.name);
        }
    }
}

#[test]
fn a_value_that_a_database_spreads_over_pages_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let database = rusqlite::Connection::open(folder.path().join("planted.sqlite")).unwrap();
    database.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE planted (value TEXT)").unwrap();
    for canary in canaries() {
        database.execute("INSERT INTO planted VALUES (?1)", [&canary.value]).unwrap();
    }
    let scanned = Scan::new(&canaries()).files(&[folder.path()]);
    for canary in canaries() {
        assert!(forms_of(&scanned.hits, canary.name).contains(&"raw"), "{}", canary.name);
    }
}

#[test]
fn a_file_is_found_by_what_is_in_it_and_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b");
    fs::create_dir_all(&deep).unwrap();
    let value = &canaries()[0].value;
    fs::write(deep.join("inside"), format!("\0\u{1}{value}\0")).unwrap();
    fs::write(deep.join(format!("{value}.log")), "harmless").unwrap();
    let scanned = Scan::new(&canaries()).files(&[folder.path()]);
    let places: Vec<_> = scanned.hits.iter().map(|hit| hit.place.as_str()).collect();
    assert_eq!(places.len(), 2, "{places:?}");
    assert!(places.contains(&deep.join("inside").to_str().unwrap()));
    assert!(places.contains(&format!("a name in {}", deep.display()).as_str()));
}

/// A process that stays, and one below it with the argument and a variable.
fn family(argument: &str, variable: &str) -> Family {
    let child = Command::new("sh")
        .args(["-c", "sh -c 'sleep 60; :' below \"$0\" & wait", argument])
        .env("PLANTED", variable)
        .stdin(Stdio::null())
        .spawn();
    Family(child.unwrap())
}

struct Family(Child);

impl Drop for Family {
    fn drop(&mut self) {
        for process in tree(self.0.id()).into_iter().rev() {
            let process = rustix::process::Pid::from_raw(process as i32).unwrap();
            let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
        }
        let _ = self.0.wait();
    }
}

#[test]
fn arguments_and_environment_of_the_whole_tree_are_looked_at() {
    let [argument, variable] = [&canaries()[0], &canaries()[2]].map(|canary| canary.value.clone());
    let family = family(&argument, &variable);
    let scan = Scan::new(&canaries());
    let began = Instant::now();
    loop {
        let scanned = scan.processes(family.0.id());
        let below = |what: &str, canary: &str| {
            scanned.hits.iter().any(|hit| {
                let root = format!("/proc/{}/", family.0.id());
                hit.canary == canary && hit.place.ends_with(what) && !hit.place.starts_with(&root)
            })
        };
        if below("cmdline", "ASCII") && below("environ", "emoji") {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", scanned.hits);
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_hit_does_not_print_the_value() {
    let scan = Scan::new(&canaries());
    for canary in canaries() {
        for hit in scan.bytes("here", canary.value.as_bytes()) {
            let printed = format!("{hit} {hit:?}");
            assert!(scan.bytes("what is printed", printed.as_bytes()).is_empty());
        }
    }
}

#[test]
fn a_clean_place_is_clean_and_nothing_is_not() {
    let scan = Scan::new(&canaries());
    let folder = tempfile::tempdir().unwrap();
    let nothing = || scan.files(&[folder.path()]).assert_clean();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(nothing)).is_err());

    fs::write(folder.path().join("harmless"), "canary-made-up, but another").unwrap();
    scan.files(&[folder.path()]).assert_clean();
    let harmless = family("harmless", "harmless");
    scan.processes(harmless.0.id()).assert_clean();

    fs::write(folder.path().join("planted"), &canaries()[0].value).unwrap();
    let planted = || scan.files(&[folder.path()]).assert_clean();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(planted)).is_err());
}
