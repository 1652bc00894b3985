//! What in a function's files looks like a credential: values in the formats that providers publish, and drawn values whose
//! name says that they open something. Pure: it yields candidates, and `app` asks the vault about them.
//!
//! Strings are read as they are once they are put together, so that neither `"a" + "b"` nor an escape hides one.

mod finding;
mod formats;
mod moving;
mod texts;
mod words;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    ops::Range,
    sync::OnceLock,
};

pub use moving::CannotMove;
use zeroize::Zeroizing;

use super::{lines::Lines, nesting};
use crate::function::{Position, SourceFile, entry};
use texts::{GAP, Text, What};

/// A part of a text is not taken for a known value where it is shorter; nor a whole text, where that is shorter yet.
const SHORTEST: usize = 8;
const SHORTEST_WHOLE: usize = 6;
/// Nor is anything longer: a secret can hold a third of it.
const LONGEST: usize = 16 * 1024;

/// Something in the code that looks like a credential.
pub struct Credential {
    pub spot: Spot,
    /// “Stripe secret key”, “password in an address”.
    pub kind: String,
    /// A name for the secret that it would become.
    pub name: String,
}

/// A stretch of what the code says. Holds it, so it has no `Debug`.
pub struct Spot {
    /// Where it begins, and where it ends: in its first piece where it is split.
    pub position: Position,
    pub end: Position,
    pub value: Zeroizing<String>,
    file: usize,
    text: usize,
    range: Range<usize>,
    /// In bytes of the source, piece by piece.
    places: Vec<Range<usize>>,
}

/// What a function's files say, read once.
pub struct Said<'f> {
    files: Vec<Read<'f>>,
}

struct Read<'f> {
    file: &'f SourceFile,
    is_entry: bool,
    texts: Vec<Text<'f>>,
    /// Most files hold nothing whose place is asked for.
    lines: OnceLock<Lines<'f>>,
}

/// What looks like a credential, or is known, in one function: more are not told of before some of these are gone.
const MOST: usize = 1000;

impl<'f> Said<'f> {
    pub fn read(files: &'f [SourceFile]) -> Self {
        let texts: Vec<_> = nesting::with_room(|| files.iter().map(texts::of).collect());
        let first = entry(files).map(|entry| &entry.path);
        let read = |(file, texts): (&'f SourceFile, Vec<Text<'f>>)| {
            let is_entry = first == Some(&file.path);
            Read { file, is_entry, texts, lines: OnceLock::new() }
        };
        Self { files: files.iter().zip(texts).map(read).collect() }
    }

    /// What looks like a credential, in the order of the files.
    pub fn credentials(&self) -> Vec<Credential> {
        let mut credentials: Vec<Credential> = Vec::new();
        let mut known: HashMap<_, usize> = HashMap::new();
        'files: for (file, read) in self.files.iter().enumerate() {
            for (text, said) in read.texts.iter().enumerate() {
                for found in finding::found(said) {
                    if credentials.len() >= MOST {
                        break 'files;
                    }
                    let Some(spot) = self.spot(file, text, found.range) else { continue };
                    let new = Credential { spot, kind: found.kind, name: found.name };
                    match known.get(&new.spot.place()) {
                        // What constants say is found where they are put together first.
                        Some(at) if self.own(&credentials[*at].spot) >= self.own(&new.spot) => {}
                        Some(at) => credentials[*at] = new,
                        None => {
                            known.insert(new.spot.place(), credentials.len());
                            credentials.push(new);
                        }
                    }
                }
            }
        }
        credentials.sort_by_key(|credential| credential.spot.order());
        credentials
    }

    /// The values of these lengths that are recognised, each with what it is recognised as: what stands between two
    /// borders, of words or of what is put together, is asked about, a text as a whole among it.
    pub fn recognised<T>(&self, lengths: &BTreeSet<usize>, recognise: impl Fn(&str) -> Option<T>) -> Vec<(Spot, T)> {
        let mut spots: Vec<(Spot, T)> = Vec::new();
        let mut known = HashSet::new();
        for (file, read) in self.files.iter().enumerate() {
            for (text, whole) in read.texts.iter().enumerate() {
                let (said, joined) = (&whole.said, whole.pieces.len() > 1);
                let bytes = said.as_bytes();
                let letter =
                    |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii());
                let border = |at: usize| {
                    at == 0 || at == bytes.len() || !letter(at - 1) || !letter(at) || (joined && whole.is_joint(at))
                };
                for start in (0..bytes.len()).filter(|start| border(*start)) {
                    let ends = lengths.iter().map(|length| start + length).take_while(|end| *end <= bytes.len());
                    for end in ends.filter(|end| border(*end)) {
                        let whole = start == 0 && end == bytes.len();
                        if end - start < if whole { SHORTEST_WHOLE } else { SHORTEST } {
                            continue;
                        }
                        // Where it stands is worked out of what is recognised alone: that takes longer than asking.
                        let part = said.get(start..end).filter(|part| !part.contains(GAP));
                        if spots.len() < MOST
                            && let Some(recognised) = part.and_then(&recognise)
                            && let Some(spot) = self.spot(file, text, start..end)
                            && known.insert(spot.place())
                        {
                            spots.push((spot, recognised));
                        }
                    }
                }
            }
        }
        spots
    }

    fn spot(&self, file: usize, text: usize, range: Range<usize>) -> Option<Spot> {
        let read = &self.files[file];
        let said = &read.texts[text];
        let places = said.source_of(&read.file.text, range.clone());
        let first = places.iter().find(|place| !place.is_empty())?.clone();
        Some(Spot {
            position: read.lines().position(first.start),
            end: read.lines().position(first.end),
            value: Zeroizing::new(said.said[range.clone()].to_owned()),
            file,
            text,
            range,
            places,
        })
    }

    /// How much of a spot is said where it stands, and not by constants.
    fn own(&self, spot: &Spot) -> (usize, usize) {
        let pieces = self.files[spot.file].texts[spot.text].touched(&spot.range);
        let mut used: Vec<What> = pieces.map(|piece| piece.what).collect();
        let said = used.iter().filter(|what| **what == What::Said).count();
        used.dedup();
        (said, used.len())
    }
}

impl<'f> Read<'f> {
    fn lines(&self) -> &Lines<'f> {
        self.lines.get_or_init(|| Lines::new(&self.file.path, &self.file.text))
    }
}

impl Spot {
    /// The same for the same characters of the same file.
    fn place(&self) -> (usize, Vec<Range<usize>>) {
        (self.file, self.places.clone())
    }

    fn order(&self) -> (usize, usize) {
        (self.file, self.places.first().map_or(0, |place| place.start))
    }

    /// Whether one lies within the other: a key, and the address that it is in.
    pub fn meets(&self, other: &Self) -> bool {
        self.file == other.file && self.places.iter().any(|a| other.places.iter().any(|b| overlap(a, b)))
    }
}

impl Text<'_> {
    fn touched(&self, stretch: &Range<usize>) -> impl Iterator<Item = &texts::Piece> {
        self.pieces.iter().filter(move |piece| !piece.what.is_gap() && overlap(&piece.said, stretch))
    }

    /// Whether a piece begins here.
    fn is_joint(&self, at: usize) -> bool {
        self.pieces.binary_search_by_key(&at, |piece| piece.said.start).is_ok()
    }

    /// Where a stretch of it stands in the source, piece by piece.
    fn source_of(&self, source: &str, stretch: Range<usize>) -> Vec<Range<usize>> {
        let places = self.touched(&stretch).map(|piece| {
            let raw = &source[piece.source.clone()];
            let within = |at: usize| at.clamp(piece.said.start, piece.said.end) - piece.said.start;
            let start = raw_offset(raw, &self.said[piece.said.clone()], within(stretch.start));
            let end = raw_offset(raw, &self.said[piece.said.clone()], within(stretch.end));
            piece.source.start + start..piece.source.start + end
        });
        places.collect()
    }
}

/// How far into the written text the said one has come after so many bytes: they differ where there are escapes.
fn raw_offset(raw: &str, said: &str, at: usize) -> usize {
    if raw == said {
        return at;
    }
    let (mut raw_at, mut said_at) = (0, 0);
    while said_at < at && raw_at < raw.len() {
        let rest = &raw[raw_at..];
        let escape = rest.strip_prefix('\\').map(|rest| 1 + escape_length(rest));
        let written = escape.unwrap_or_else(|| match rest.as_bytes() {
            // Line breaks in templates are said as one character.
            [b'\r', b'\n', ..] => 2,
            _ => rest.chars().next().map_or(1, char::len_utf8),
        });
        let continues = rest.starts_with("\\\n") || rest.starts_with("\\\r");
        raw_at += written;
        if !continues {
            said_at += said[said_at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    raw_at.min(raw.len())
}

/// Of what follows a backslash.
fn escape_length(rest: &str) -> usize {
    match rest.as_bytes() {
        [b'x', ..] => 3,
        [b'u', b'{', ..] => rest.find('}').map_or(rest.len(), |end| end + 1),
        // Two halves that are one character.
        [b'u', b'd' | b'D', b'8' | b'9' | b'a'..=b'b' | b'A'..=b'B', _, _, b'\\', b'u', next, ..] if *next != b'{' => {
            11
        }
        [b'u', ..] => 5,
        [b'\r', b'\n', ..] => 2,
        _ => rest.chars().next().map_or(0, char::len_utf8),
    }
    .min(rest.len())
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

#[cfg(test)]
mod tests;
