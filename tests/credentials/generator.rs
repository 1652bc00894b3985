//! Makes the table: credentials out of the formats of `formats.tsv` in the settings of `settings.txt`, and workers without
//! any out of `clean.txt`. The same in every run, since each row draws from its own name.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

/// A worker with a credential in it.
pub(crate) struct Positive {
    pub(crate) format: &'static str,
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) code: String,
}

/// A worker without one.
pub(crate) struct Clean {
    pub(crate) name: String,
    pub(crate) code: String,
}

/// How many settings each format is put into.
const SETTINGS: usize = 2;
const CLEAN: usize = 240;

/// Whether a row is set aside: a third of them, by name.
pub(crate) fn held_out(name: &str) -> bool {
    Dice::of(name).0.is_multiple_of(3)
}

pub(crate) fn positives() -> Vec<Positive> {
    let settings = settings();
    let rows = include_str!("formats.tsv").lines().filter(|line| !line.starts_with('#'));
    let of_format = |line: &'static str| {
        let [format, called, place, template] =
            line.split('\t').collect::<Vec<_>>().try_into().expect("a row has four fields");
        let mut fitting: Vec<_> = settings.iter().filter(|(setting, _)| fits(place, template, setting)).collect();
        let mut dice = Dice::of(format);
        let chosen = (0..SETTINGS).map(move |_| fitting.swap_remove(dice.below(fitting.len())));
        chosen.map(move |(setting, code)| positive(format, called, template, setting, code)).collect::<Vec<_>>()
    };
    rows.flat_map(of_format).collect()
}

/// The settings before "header" name what they hold; the others could be about anything.
fn fits(place: &str, template: &str, setting: &str) -> bool {
    let general = ["header", "header set", "template", "argument", "joined array", "concat", "choice", "escapes"];
    let general = [&general[..], &["returned", "switched off", "basic"]].concat();
    let part_of_a_text = ["header", "header set", "template", "basic"].contains(&setting);
    let in_text = ["JSON text", "dotenv text", "line comment", "block comment", "switched off"].contains(&setting);
    match place {
        "named" => !general.contains(&setting),
        "whole" => !(part_of_a_text || in_text && template.contains("pem")),
        _ => true,
    }
}

fn positive(format: &'static str, called: &str, template: &str, setting: &str, code: &str) -> Positive {
    let name = format!("{format} / {setting}");
    let value = Dice::of(&name).fill(template);
    // As it is written between quotes.
    let written = value.replace('\n', "\\n");
    let half = written.floor_char_boundary(written.len() / 2);
    // Never between a backslash and what it escapes.
    let half = if written[..half].ends_with('\\') { half - 1 } else { half };
    let escaped = format!("\\x{:02x}{}", written.as_bytes()[0], &written[1..]);
    let code = code
        .replace("%name%", called)
        .replace("%NAME%", &upper_snake(called))
        .replace("%value%", &written)
        .replace("%first%", &written[..half])
        .replace("%second%", &written[half..])
        .replace("%escaped%", &escaped);
    Positive { format, name, value, code }
}

fn upper_snake(name: &str) -> String {
    let parts = name.chars().flat_map(|c| [c.is_uppercase().then_some('_'), Some(c.to_ascii_uppercase())]);
    parts.flatten().collect()
}

pub(crate) fn clean() -> Vec<Clean> {
    let (shapes, passages) = include_str!("clean.txt").split_once("== passages").expect("both parts are there");
    let (shapes, passages) = (sections(shapes, "\n-- "), sections(passages, "\n-- "));
    let worker = |number: usize| {
        let name = format!("worker {number}");
        let mut dice = Dice::of(&name);
        let (shape, code) = shapes[number % shapes.len()];
        // Each passage is in some worker: the first goes through them in turn.
        let mut chosen = vec![number % passages.len()];
        while chosen.len() < 2 + number % 4 {
            let next = dice.below(passages.len());
            if !chosen.contains(&next) {
                chosen.push(next);
            }
        }
        let texts: Vec<&str> = chosen.iter().map(|at| passages[*at].1).collect();
        let titles: Vec<&str> = chosen.iter().map(|at| passages[*at].0).collect();
        let code = dice.fill(&code.replace("«passages»", &texts.join("\n")));
        Clean { name: format!("{name} ({shape}: {})", titles.join(", ")), code }
    };
    (0..CLEAN).map(worker).collect()
}

fn settings() -> Vec<(&'static str, &'static str)> {
    sections(include_str!("settings.txt"), "\n== ")
}

/// Titles and what stands below them.
fn sections(text: &'static str, mark: &str) -> Vec<(&'static str, &'static str)> {
    let parts = text.split(mark).skip(1).map(|part| part.split_once('\n').expect("a title ends its line"));
    parts.map(|(title, text)| (title, text.trim_matches('\n'))).collect()
}

/// SplitMix64, begun from an FNV-1a hash of a name.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn of(name: &str) -> Self {
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let mut dice = Self(name.bytes().fold(0xcbf2_9ce4_8422_2325, hash));
        // Names that differ in one letter begin far apart.
        let begin = dice.next();
        Self(begin)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(count).expect("it fits")).expect("it is less than a usize")
    }

    /// The template with everything drawn that stands in «».
    fn fill(&mut self, template: &str) -> String {
        let mut parts = template.split('«');
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (what, rest) = part.split_once('»').expect("what is drawn ends");
            let drawn = self.draw(what, &text);
            text.push_str(&drawn);
            text.push_str(rest);
        }
        text
    }

    fn draw(&mut self, what: &str, before: &str) -> String {
        match what.split_once(':') {
            Some(("pem", label)) => self.pem(label),
            Some((alphabet, count)) => self.characters(alphabet, count.parse().expect("a count")),
            None if what == "uuid" => {
                let lengths = [8, 4, 4, 4, 12].map(|length| self.characters("hex", length));
                format!("{}-{}-4{}-a{}-{}", lengths[0], lengths[1], &lengths[2][1..], &lengths[3][1..], lengths[4])
            }
            None if what == "crc" => checksum(&before[before.len() - 30..]),
            None if what == "jwt" => {
                let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
                let payload = format!(r#"{{"iss":"made-up","role":"service_role","iat":{}}}"#, self.below(1 << 30));
                let signature = self.characters("b64u", 43);
                format!("{}.{}.{signature}", part(r#"{"alg":"HS256","typ":"JWT"}"#), part(&payload))
            }
            None if what == "basic" => STANDARD.encode(format!("service:{}", self.characters("alnum", 24))),
            None => panic!("nothing is drawn as {what}"),
        }
    }

    fn characters(&mut self, alphabet: &str, count: usize) -> String {
        let (lower, upper, digits) = ("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789");
        let alphabet = match alphabet {
            "hex" => "0123456789abcdef".to_owned(),
            "HEX" => "0123456789ABCDEF".to_owned(),
            "digit" => digits.to_owned(),
            "letter" => [lower, upper].concat(),
            "alnum" => [lower, upper, digits].concat(),
            "lowdigit" => [lower, digits].concat(),
            "updigit" => [upper, digits].concat(),
            "b64" => [lower, upper, digits, "+/"].concat(),
            "b64u" => [lower, upper, digits, "-_"].concat(),
            "base32" => [upper, "234567"].concat(),
            "bech32" => "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".to_owned(),
            other => panic!("there is no alphabet {other}"),
        };
        (0..count).map(|_| char::from(alphabet.as_bytes()[self.below(alphabet.len())])).collect()
    }

    fn pem(&mut self, label: &str) -> String {
        let lines: Vec<String> = (0..6).map(|_| self.characters("b64", 64)).collect();
        let dashes = "-----";
        format!("{dashes}BEGIN {label}{dashes}\n{}\n{dashes}END {label}{dashes}", lines.join("\n"))
    }
}

/// Six characters at the end of a token of GitHub or npm: CRC-32 of what is drawn, in base 62.
fn checksum(drawn: &str) -> String {
    let crc = !drawn.bytes().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    });
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let places = (0..6).rev().map(|place| crc / 62_u32.pow(place) % 62);
    places.map(|digit| char::from(digits[digit as usize])).collect()
}
