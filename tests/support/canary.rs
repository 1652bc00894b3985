//! Canaries: values that are known, so that it can be seen where they turn up. They are looked for in every form in
//! which a value may leave: raw, base64, hex, URL-encoded, JSON, UTF-16.
//!
//! A hit names the place and the form, and never prints the value. A scan that looked at nothing is not clean, and
//! `tests` below plant each canary in each kind of place: a scan that cannot find anything fails.

// Each test binary uses the places that it has.
#![allow(dead_code)]

use std::{
    collections::{HashMap, HashSet},
    fmt, fs, io,
    os::unix::ffi::OsStrExt,
    path::Path,
};

use base64::{
    Engine, alphabet,
    engine::general_purpose::{GeneralPurpose, NO_PAD},
};

#[cfg(test)]
#[path = "canary/tests.rs"]
mod tests;

/// A value is looked for in pieces of about this many bytes: SQLite spreads a long one over pages, and a log line cuts
/// it short.
const PIECE: usize = 32;

pub(crate) struct Canary {
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

/// One value of each kind that has caused trouble somewhere. Made up, and looking it.
pub(crate) fn canaries() -> Vec<Canary> {
    let mut long: String = (0..).map(|part| format!("canary-{part:05}-made-up.")).take(256).collect();
    long.truncate(5 * 1024);
    let pem = "-----BEGIN MADE UP KEY-----\r\nY2FuYXJ5IG1hZGUgdXAgZm9yIHRlc3Rz\r\nbm90IGEga2V5IG9mIGFueWJvZHk=\r\n\
               -----END MADE UP KEY-----\r\n";
    let quotes = r#"canary "made up" 'value' \ \\ \n \u0041 {"json": ["for tests"]} %41 &amp; $HOME `id` </script>"#;
    [
        ("ASCII", "canary-made-up-value-for-tests-a1b2c3d4".to_owned()),
        ("5 KiB", long),
        ("emoji", "canary 🐤🔑 made up – für Tests, 試験用 👩‍👩‍👧".to_owned()),
        ("PEM with CRLF", pem.to_owned()),
        ("quotes and backslashes", quotes.to_owned()),
    ]
    .map(|(name, value)| Canary { name, value })
    .into()
}

/// The forms of a value, by name. Base64 in the three alignments that a value may have inside a longer text, without
/// the characters at its ends that depend on what stands beside it.
pub(crate) fn encodings(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = value.as_bytes();
    let hex = |digits: fn(&u8) -> String| bytes.iter().map(digits).collect::<String>().into_bytes();
    let percent = |keep: &[u8]| {
        let encode = |byte: &u8| match byte {
            byte if byte.is_ascii_alphanumeric() || keep.contains(byte) => (*byte as char).to_string(),
            b' ' if keep.contains(&b'+') => "+".to_owned(),
            byte => format!("%{byte:02X}"),
        };
        bytes.iter().map(encode).collect::<String>().into_bytes()
    };
    let json = serde_json::to_string(value).expect("a text is JSON");
    let json = json[1..json.len() - 1].to_owned();
    let ascii_json = json.encode_utf16().map(|unit| match char::from_u32(unit.into()) {
        Some(ascii) if ascii.is_ascii() => ascii.to_string(),
        _ => format!("\\u{unit:04x}"),
    });
    let ascii_json = ascii_json.collect::<String>().into_bytes();

    let mut forms = vec![
        ("raw", bytes.to_vec()),
        ("hex", hex(|byte| format!("{byte:02x}"))),
        ("HEX", hex(|byte| format!("{byte:02X}"))),
        ("URL-encoded", percent(b"-._~")),
        ("URL-encoded by JavaScript", percent(b"-._~!'()*")),
        ("form", percent(b"-._*+")),
        ("JSON", json.into_bytes()),
        ("JSON in ASCII", ascii_json),
        ("UTF-16LE", value.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ];
    for before in 0..3 {
        forms.push(("base64", base64(&alphabet::STANDARD, before, bytes)));
        forms.push(("base64url", base64(&alphabet::URL_SAFE, before, bytes)));
    }
    forms
}

/// The characters that the bytes alone decide, with `before` others in front of them in their group of three.
fn base64(alphabet: &alphabet::Alphabet, before: usize, bytes: &[u8]) -> Vec<u8> {
    let text = GeneralPurpose::new(alphabet, NO_PAD).encode([&[0; 3][..before], bytes].concat());
    let first = [0, 2, 3][before];
    let last = text.len() - usize::from(!(before + bytes.len()).is_multiple_of(3));
    text.as_bytes()[first..last].to_vec()
}

/// Where a canary was seen, and in which form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Hit {
    pub(crate) place: String,
    pub(crate) canary: &'static str,
    pub(crate) form: &'static str,
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the canary “{}”, {}, in {}", self.canary, self.form, self.place)
    }
}

/// What was looked at, what was seen there, and what could not be looked at.
#[derive(Default)]
pub(crate) struct Scanned {
    pub(crate) places: usize,
    pub(crate) hits: Vec<Hit>,
    pub(crate) unread: Vec<String>,
}

impl Scanned {
    /// Fails where a canary was seen, where nothing was looked at, and where something was there and stayed unread.
    pub(crate) fn assert_clean(&self) {
        assert!(self.places > 0, "the scan looked at nothing");
        assert!(self.unread.is_empty(), "the scan could not look at {:?}", self.unread);
        let hits: Vec<_> = self.hits.iter().map(Hit::to_string).collect();
        assert!(hits.is_empty(), "found {}", hits.join("; "));
    }

    fn note(&mut self, place: &str, read: io::Result<Vec<u8>>, scan: &Scan) {
        match read {
            Ok(bytes) => {
                self.places += 1;
                self.hits.extend(scan.bytes(place, &bytes));
            }
            // It ended, or was deleted, while the scan was on its way: "no such process" is ESRCH.
            Err(error) if error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(3) => {}
            Err(error) => self.unread.push(format!("{place} ({})", error.kind())),
        }
    }
}

/// Canary, form and bytes of one thing to look for.
type Needle = (&'static str, &'static str, Vec<u8>);

/// Looks for a set of canaries.
pub(crate) struct Scan {
    /// By their first two bytes: one pass over a place finds them all.
    needles: HashMap<[u8; 2], Vec<Needle>>,
    /// Whether any begins with these two bytes: what keeps a pass over a megabyte short.
    begins: Vec<bool>,
}

impl Scan {
    pub(crate) fn new(canaries: &[Canary]) -> Self {
        let mut scan = Self { needles: HashMap::new(), begins: vec![false; 1 << 16] };
        let mut known = HashSet::new();
        for canary in canaries {
            for piece in pieces(&canary.value) {
                for (form, needle) in encodings(piece) {
                    // Most forms of a plain value are the raw one again.
                    if known.insert(needle.clone()) {
                        let first = [needle[0], needle[1]];
                        scan.begins[usize::from(u16::from_be_bytes(first))] = true;
                        let begin_so = scan.needles.entry(first).or_default();
                        begin_so.push((canary.name, form, needle));
                    }
                }
            }
        }
        scan
    }

    /// Each form of each canary that is in the bytes, once.
    pub(crate) fn bytes(&self, place: &str, bytes: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (at, pair) in bytes.windows(2).enumerate() {
            let first = [pair[0], pair[1]];
            if !self.begins[usize::from(u16::from_be_bytes(first))] {
                continue;
            }
            for (canary, form, needle) in &self.needles[&first] {
                if bytes[at..].starts_with(needle) {
                    let place = place.to_owned();
                    hits.push(Hit { place, canary, form });
                }
            }
        }
        let mut seen = HashSet::new();
        hits.retain(|hit| seen.insert(hit.clone()));
        hits
    }

    /// Every file below the folders, and its name. Links are not followed.
    pub(crate) fn files(&self, folders: &[&Path]) -> Scanned {
        let mut scanned = Scanned::default();
        for folder in folders {
            self.folder(folder, &mut scanned);
        }
        scanned
    }

    fn folder(&self, folder: &Path, scanned: &mut Scanned) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return scanned.note(&folder.display().to_string(), Err(error), self),
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let in_its_name = self.bytes(&format!("a name in {}", folder.display()), name.as_bytes());
            // A name that holds a canary is not printed.
            let shown = if in_its_name.is_empty() { name.to_string_lossy() } else { "(hidden)".into() };
            let place = folder.join(shown.as_ref()).display().to_string();
            scanned.hits.extend(in_its_name);
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.folder(&entry.path(), scanned),
                Ok(kind) if kind.is_file() => scanned.note(&place, fs::read(entry.path()), self),
                Ok(_) => {}
                Err(error) => scanned.note(&place, Err(error), self),
            }
        }
    }

    /// The arguments and the environment of a process and of all that it has started, by `/proc`.
    pub(crate) fn processes(&self, root: u32) -> Scanned {
        let mut scanned = Scanned::default();
        for process in tree(root) {
            for what in ["cmdline", "environ"] {
                let place = format!("/proc/{process}/{what}");
                match fs::read(&place) {
                    // A process that is not dumpable keeps its environment from its own user too.
                    Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
                    read => scanned.note(&place, read, self),
                }
            }
        }
        scanned
    }
}

/// Cuts a value into pieces of `PIECE` bytes or a little more, between characters; a rest too short to be unmistakable
/// stays with the piece before it.
fn pieces(value: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = value;
    while rest.len() >= 2 * PIECE {
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(PIECE));
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// The process and all that it has started, parents first.
pub(crate) fn tree(root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").expect("Linux").flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if let Some(parent) = parent(process) {
            children.entry(parent).or_default().push(process);
        }
    }
    let mut tree = vec![root];
    let mut at = 0;
    while let Some(process) = tree.get(at) {
        tree.extend(children.remove(process).unwrap_or_default());
        at += 1;
    }
    tree
}

/// The second field after the name, which stands in parentheses and may hold any character.
fn parent(process: u32) -> Option<u32> {
    let stat = fs::read(format!("/proc/{process}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    let (_, after) = stat.rsplit_once(')')?;
    after.split_whitespace().nth(1)?.parse().ok()
}
