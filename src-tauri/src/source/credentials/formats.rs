//! The formats of credentials that providers publish: reads the rules, and finds what has one of them in a text.
//!
//! The rules are data, in `rules/credentials.tsv`, which says where they come from and how a line is read.

use std::{ops::Range, sync::LazyLock};

/// What a rule says of what it finds.
pub(super) struct Rule {
    /// “Stripe secret key”.
    pub(super) kind: String,
    /// A name for the secret that it becomes.
    pub(super) name: &'static str,
    parts: Vec<Part>,
    /// How many bytes it has at least.
    least: usize,
    /// What stands in everything with this format.
    marks: Alphabet,
}

enum Part {
    Exactly(String),
    /// So many characters of an alphabet.
    Some(Alphabet, usize, usize),
}

/// A set of ASCII characters, a bit for each.
#[derive(Clone, Copy)]
pub(super) struct Alphabet(u128);

impl Alphabet {
    fn of(name: &str) -> Self {
        let (lower, upper, digits) = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789");
        let sets: &[&str] = match name {
            "digit" => &[digits],
            "lower" => &[lower],
            "hex" => &[digits, "abcdefABCDEF"],
            "lowdigit" => &[lower, digits],
            "updigit" => &[upper, digits],
            "alnum" => &[lower, upper, digits],
            "b64" => &[lower, upper, digits, "+/"],
            "b64%" => &[lower, upper, digits, "%"],
            "b64u" | "word" => &[lower, upper, digits, "-_"],
            "b64u." => &[lower, upper, digits, "-_."],
            "b64u.~" => &[lower, upper, digits, "-_.~"],
            "b64x" => &[lower, upper, digits, "+/-_="],
            "host" => &[lower, upper, digits, "-.:_"],
            "path" => &[lower, upper, digits, "-._/@%=?&"],
            "key" => &[upper, digits, " "],
            // With the line breaks between, as they are or as they are escaped.
            "pem" => &[lower, upper, digits, "+/=\\:, \t\r\n"],
            "any" => &[lower, upper, digits, "!#$%&()*+,-./:;<=>?@[]^_{|}~"],
            other => panic!("the rules know no alphabet {other}"),
        };
        Self::used_by(&sets.concat())
    }

    /// What a text is written with, as far as it is ASCII.
    pub(super) fn used_by(text: &str) -> Self {
        let mut used = [0_u64; 4];
        text.bytes().for_each(|byte| used[usize::from(byte / 64)] |= 1 << (byte % 64));
        Self(u128::from(used[1]) << 64 | u128::from(used[0]))
    }

    pub(super) fn has(self, byte: u8) -> bool {
        byte.is_ascii() && self.0 >> byte & 1 == 1
    }

    fn has_all(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

impl Rule {
    fn read(line: &'static str) -> Self {
        let [provider, what, name, format] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("a rule has four fields: {line}");
        };
        let uuid = "{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}";
        let format = format.replace("{uuid:1}", uuid);
        let mut pieces = format.split('{');
        let mut parts = Vec::new();
        let mut exactly = |text: &str| {
            if !text.is_empty() {
                parts.push(Part::Exactly(text.to_owned()));
            }
        };
        exactly(pieces.next().unwrap_or_default());
        for piece in pieces {
            let (some, rest) = piece.split_once('}').expect("what is in braces ends");
            let (alphabet, count) = some.split_once(':').expect("an alphabet has a count");
            let (least, most) = match (count.split_once('-'), count.strip_suffix('+')) {
                (Some((least, most)), _) => (least, most.parse().expect("a count")),
                (None, Some(least)) => (least, usize::MAX),
                (None, None) => (count, count.parse().expect("a count")),
            };
            parts.push(Part::Some(Alphabet::of(alphabet), least.parse().expect("a count"), most));
            if !rest.is_empty() {
                parts.push(Part::Exactly(rest.to_owned()));
            }
        }
        let kind = if provider == "any provider" { what.to_owned() } else { format!("{provider} {what}") };
        let least = parts.iter().map(|part| match part {
            Part::Exactly(text) => text.len(),
            Part::Some(_, least, _) => *least,
        });
        let marks = parts.iter().filter_map(|part| match part {
            Part::Exactly(text) => Some(text.as_str()),
            Part::Some(..) => None,
        });
        let marks = Alphabet::used_by(&marks.collect::<String>());
        Self { kind, name, least: least.sum(), marks, parts }
    }

    /// Where the format that begins at `at` ends.
    fn ends(&self, text: &[u8], at: usize) -> Option<usize> {
        let end = matched(&self.parts, text, at)?;
        let goes_on = text.get(end).is_some_and(|next| match self.parts.last() {
            Some(Part::Some(alphabet, ..)) => alphabet.has(*next) || next.is_ascii_alphanumeric(),
            _ => next.is_ascii_alphanumeric(),
        });
        (!goes_on).then_some(end)
    }

    /// Whether what it always says is in a text. What the text is written with is asked first: mostly that is enough.
    fn may_be_in(&self, text: &str, used: Alphabet) -> bool {
        let is_there = |part: &Part| match part {
            Part::Exactly(exactly) => text.contains(exactly.as_str()),
            Part::Some(..) => true,
        };
        used.has_all(self.marks) && self.parts.iter().all(is_there)
    }

    fn begins_with(&self) -> Option<&str> {
        match self.parts.first() {
            Some(Part::Exactly(prefix)) => Some(prefix),
            _ => None,
        }
    }
}

/// The longest match first: rules are short, and so are the ways in which one can go on.
fn matched(parts: &[Part], text: &[u8], at: usize) -> Option<usize> {
    let Some((part, rest)) = parts.split_first() else { return Some(at) };
    match part {
        Part::Exactly(exactly) => {
            text.get(at..)?.starts_with(exactly.as_bytes()).then(|| matched(rest, text, at + exactly.len()))?
        }
        Part::Some(alphabet, least, most) => {
            let most = (*most).min(super::LONGEST);
            let there = text.get(at..)?.iter().take(most).take_while(|byte| alphabet.has(**byte)).count();
            if rest.is_empty() {
                return (there >= *least).then_some(at + there);
            }
            (*least..=there).rev().find_map(|count| matched(rest, text, at + count))
        }
    }
}

struct Rules {
    /// By their first two bytes.
    prefixed: Vec<Vec<Rule>>,
    /// Those that begin with something that is drawn.
    loose: Vec<Rule>,
}

const BUCKETS: usize = 1024;

fn bucket(first: u8, second: u8) -> usize {
    (usize::from(first) * 31 + usize::from(second)) % BUCKETS
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let lines = include_str!("../../../rules/credentials.tsv").lines();
    let mut rules = Rules { prefixed: (0..BUCKETS).map(|_| Vec::new()).collect(), loose: Vec::new() };
    for rule in lines.filter(|line| !line.starts_with('#')).map(Rule::read) {
        match rule.begins_with().map(str::as_bytes) {
            Some([first, second, ..]) => rules.prefixed[bucket(*first, *second)].push(rule),
            _ => rules.loose.push(rule),
        }
    }
    rules
});

/// What has a known format, in the order of the text; where several fit, the one that is longest. The text is written with
/// nothing that is not `used`.
pub(super) fn found(text: &str, used: Alphabet) -> Vec<(Range<usize>, &'static Rule)> {
    let bytes = text.as_bytes();
    let mut found: Vec<(Range<usize>, &'static Rule)> = Vec::new();
    if bytes.len() < SHORTEST {
        return found;
    }
    let rules: &'static Rules = &RULES;
    let loose: Vec<&Rule> =
        rules.loose.iter().filter(|rule| rule.least <= bytes.len() && rule.may_be_in(text, used)).collect();
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric();
    let mut at = 0;
    while at + SHORTEST <= bytes.len() {
        if at > 0 && is_letter(&bytes[at - 1]) {
            at += bytes[at..].iter().take_while(|byte| is_letter(byte)).count() + 1;
            continue;
        }
        // What joins words joins them to what is no credential: `some-key-…` is not `key-…`.
        let joined = at > 0 && matches!(bytes[at - 1], b'-' | b'_');
        let fits = |rule: &&'static Rule| rule.begins_with().is_some_and(|prefix| !joined || prefix.len() > 4);
        let prefixed = rules.prefixed[bucket(bytes[at], bytes[at + 1])].iter().filter(fits);
        let loose = loose.iter().copied().filter(|_| !joined);
        let here = prefixed.chain(loose).filter_map(|rule| Some((rule.ends(bytes, at)?, rule)));
        match here.max_by_key(|(end, _)| *end) {
            Some((end, rule)) if !super::words::is_placeholder(&text[at..end]) => {
                found.push((at..end, rule));
                at = end;
            }
            _ => at += 1,
        }
    }
    found
}

/// Nothing that has a known format is shorter.
const SHORTEST: usize = 16;
