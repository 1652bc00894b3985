//! Takes known values out of text, in the forms in which programs print them.
//!
//! Values shorter than four bytes are left: to take every "a" out of a log would hide the log and tell the value.

use std::{cmp::Reverse, ops::Range};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

const SHORTEST: usize = 4;

/// The same for what is only a part of a value: a line, or twice that a text in JSON.
const SHORTEST_PART: usize = 8;

/// The values to recognise, with their names. Wiped when dropped; prints as nothing.
#[derive(PartialEq)]
pub struct Redactor {
    forms: Vec<(Zeroizing<String>, String)>,
}

impl Redactor {
    pub fn new<'a>(values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut forms = Vec::new();
        for (name, value) in values {
            if value.len() < SHORTEST {
                continue;
            }
            let mark = format!("[{name}]");
            for form in forms_of(value).into_iter().chain(texts_within(value).iter().flat_map(|text| forms_of(text))) {
                if form.len() >= SHORTEST
                    && !forms.iter().any(|(known, _): &(Zeroizing<String>, String)| *known == form)
                {
                    forms.push((form, mark.clone()));
                }
            }
        }
        Self { forms }
    }

    /// The text with `[NAME]` where a value of its own stood.
    pub fn redact(&self, text: &str) -> String {
        Self::redact_all(std::iter::once(self), text.to_owned())
    }

    /// The text with `[NAME]` where a value of any of them stood. All are looked for in the text as it came: where two
    /// overlap, both go, under the name of the one that begins first.
    pub(super) fn redact_all<'r>(redactors: impl Iterator<Item = &'r Self>, text: String) -> String {
        let mut found: Vec<(Range<usize>, &str)> = Vec::new();
        for (form, mark) in redactors.flat_map(|redactor| &redactor.forms) {
            found.extend(text.match_indices(form.as_str()).map(|(at, part)| (at..at + part.len(), mark.as_str())));
        }
        if found.is_empty() {
            return text;
        }
        found.sort_by_key(|(place, _)| (place.start, Reverse(place.end)));
        let text = Zeroizing::new(text);
        let mut redacted = String::new();
        let mut end = 0;
        for (place, mark) in found {
            if place.start >= end {
                redacted.push_str(&text[end..place.start]);
                redacted.push_str(mark);
            }
            end = end.max(place.end);
        }
        redacted.push_str(&text[end..]);
        redacted
    }
}

/// No buffer here grows: one that does leaves its old bytes behind.
fn forms_of(value: &str) -> Vec<Zeroizing<String>> {
    let bytes = value.as_bytes();
    let mut forms = vec![
        Zeroizing::new(value.to_owned()),
        json(value),
        inspected(value, false),
        inspected(value, true),
        // `encodeURIComponent` and `URLSearchParams`.
        percent(bytes, b"-_.!~*'()", "%20"),
        percent(bytes, b"-_.*", "+"),
        // `new URL(…)`: in the user's part, a path and a query.
        percent(bytes, b"!$%&'()*+,-._~", "%20"),
        percent(bytes, b"!$%&'()*+,-./:;=@[\\]_|~", "%20"),
        percent(bytes, b"!$%&()*+,-./:;=?@[\\]^_`{|}~", "%20"),
        hex(bytes, b"0123456789abcdef"),
        hex(bytes, b"0123456789ABCDEF"),
    ];
    // A value inside a longer text stands at one of three alignments, whose outer characters depend on the neighbours.
    for offset in 0..3 {
        let mut padded = Zeroizing::new(Vec::with_capacity(offset + bytes.len()));
        padded.resize(offset, 0);
        padded.extend_from_slice(bytes);
        for alphabet in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let encoded = Zeroizing::new(alphabet.encode(&*padded));
            let from = [0, 2, 3][offset];
            let to = encoded.len() - [0, 1, 1][padded.len() % 3];
            if let Some(inner) = encoded.get(from..to) {
                forms.push(Zeroizing::new(inner.to_owned()));
            }
        }
    }
    // Lines are logged one at a time, and inspected apart, so a value of several lines is met in parts.
    if value.contains('\n') {
        for line in value.lines().filter(|line| line.len() >= SHORTEST_PART) {
            forms.extend([Zeroizing::new(line.to_owned()), inspected(line, false), inspected(line, true)]);
        }
    }
    forms
}

/// What a value that is JSON says in its texts: `JSON.parse(env.ACCOUNT).private_key`.
fn texts_within(value: &str) -> Vec<Zeroizing<String>> {
    let mut texts = Vec::new();
    let mut rest = if value.trim_start().starts_with(['{', '[']) { value } else { "" };
    while let Some((_, quoted)) = rest.split_once('"') {
        let (text, after) = unquoted(quoted);
        // The names of what it holds are no secret.
        if text.len() >= 2 * SHORTEST_PART && !after.trim_start().starts_with(':') {
            texts.push(text);
        }
        rest = after;
    }
    texts
}

/// What stands in JSON up to the next quote, and what comes after that.
fn unquoted(json: &str) -> (Zeroizing<String>, &str) {
    let mut text = Zeroizing::new(String::with_capacity(json.len()));
    let mut rest = json.chars();
    while let Some(character) = rest.next() {
        match character {
            '"' => break,
            '\\' => match rest.next() {
                Some('b') => text.push('\u{8}'),
                Some('f') => text.push('\u{c}'),
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some('u') => {
                    let code = rest.as_str().get(..4).and_then(|code| u32::from_str_radix(code, 16).ok());
                    text.extend(code.and_then(char::from_u32));
                    rest = rest.as_str().get(4..).unwrap_or_default().chars();
                }
                other => text.extend(other),
            },
            other => text.push(other),
        }
    }
    (text, rest.as_str())
}

/// As the runtime prints a text that is part of something else, where a character takes four bytes at most: `\x1B`. It chooses
/// its quotes by what is in the text, and escapes `'` where all three kinds are.
fn inspected(value: &str, quotes: bool) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(4 * value.len()));
    for character in value.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\'' if quotes => text.push_str("\\'"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => {
                text.push_str("\\x");
                push_hex(&mut text, u8::try_from(u32::from(character)).unwrap_or_default(), b"0123456789ABCDEF");
            }
            other => text.push(other),
        }
    }
    text
}

/// Inside a JSON string, where a byte takes six at most: `\u001f`.
fn json(value: &str) -> Zeroizing<String> {
    let mut quoted = Zeroizing::new(Vec::with_capacity(6 * value.len() + 2));
    serde_json::to_writer(&mut *quoted, value).expect("text becomes JSON, and memory takes it");
    let inner = std::str::from_utf8(&quoted[1..quoted.len() - 1]).expect("JSON is text");
    Zeroizing::new(inner.to_owned())
}

/// What stands in addresses. Who encodes it decides what is kept, and how a space is written.
fn percent(bytes: &[u8], kept: &[u8], space: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(3 * bytes.len()));
    for byte in bytes {
        match byte {
            b' ' => text.push_str(space),
            byte if byte.is_ascii_alphanumeric() || kept.contains(byte) => text.push(char::from(*byte)),
            byte => {
                text.push('%');
                push_hex(&mut text, *byte, b"0123456789ABCDEF");
            }
        }
    }
    text
}

fn hex(bytes: &[u8], digits: &[u8; 16]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(2 * bytes.len()));
    for byte in bytes {
        push_hex(&mut text, *byte, digits);
    }
    text
}

fn push_hex(text: &mut String, byte: u8, digits: &[u8; 16]) {
    text.push(char::from(digits[usize::from(byte >> 4)]));
    text.push(char::from(digits[usize::from(byte & 15)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "made-up/κλειδί+ (\"1\"!)\u{1}";

    fn redact(redactors: &[Redactor], text: &str) -> String {
        Redactor::redact_all(redactors.iter(), text.to_owned())
    }

    fn redacted(text: &str) -> String {
        redact(&[Redactor::new([("KEY", VALUE)])], text)
    }

    #[test]
    fn a_value_is_found_in_every_form_that_programs_print() {
        let json = serde_json::to_string(&serde_json::json!({ "key": VALUE })).expect("json");
        let forms = [
            VALUE,
            &json,
            // Made with `encodeURIComponent`, `URLSearchParams` and `Buffer.toString('hex')`.
            "?key=made-up%2F%CE%BA%CE%BB%CE%B5%CE%B9%CE%B4%CE%AF%2B%20(%221%22!)%01",
            "key=made-up%2F%CE%BA%CE%BB%CE%B5%CE%B9%CE%B4%CE%AF%2B+%28%221%22%21%29%01",
            "6d6164652d75702fcebacebbceb5ceb9ceb4ceaf2b2028223122212901",
            "6D6164652D75702FCEBACEBBCEB5CEB9CEB4CEAF2B2028223122212901",
        ];
        for form in forms {
            let left = redacted(form);
            assert!(left.contains("[KEY]") && !left.contains("%CE") && !left.contains("up"), "{form}: {left}");
        }
    }

    #[test]
    fn a_value_is_found_as_the_runtime_prints_objects() {
        let account =
            "{\n  \"project\": \"made-up\",\n  \"key\": \"--MADE UP--\\nbm90IGEga2V5bm90IGEga2V5\\n--END--\"\n}";
        let redactor = [Redactor::new([("KEY", "it's-\"made\\up\"-`\u{1b}"), ("ACCOUNT", account)])];
        // Printed by workerd: `console.log({ key: env.KEY })`, and so on.
        for printed in [
            r#"{ key: 'it\'s-"made\\up"-`\x1B' }"#,
            "{ account: '{\\n' +\n    '  \"key\": \"--MADE UP--\\\\nbm90IGEga2V5bm90IGEga2V5\\\\n--END--\"\\n' +\n    '}' }",
            "{ key: '--MADE UP--\\n' +\n    'bm90IGEga2V5bm90IGEga2V5\\n' +\n    '--END--' }",
        ] {
            let left = redact(&redactor, printed);
            assert!(!left.contains("made") && !left.contains("bm90"), "{printed}: {left}");
        }
        assert_eq!(redact(&redactor, "{ project: 'made-up' }"), "{ project: 'made-up' }", "it tells nobody anything");
    }

    #[test]
    fn a_value_is_found_in_addresses() {
        let redactor = [Redactor::new([("KEY", "a /made\"up:?#κ")])];
        // `new URL(…).href`, with the value as the user, in the path and in the query.
        for (printed, expected) in [
            ("https://a%20%2Fmade%22up%3A%3F%23%CE%BA@example.com/", "https://[KEY]@example.com/"),
            ("https://example.com/a%20/made%22up:%3F%23%CE%BA", "https://example.com/[KEY]"),
            ("https://example.com/?k=a%20/made%22up:?%23%CE%BA", "https://example.com/?k=[KEY]"),
        ] {
            assert_eq!(redact(&redactor, printed), expected);
        }
    }

    #[test]
    fn values_that_overlap_leave_no_part_of_each_other() {
        let apart =
            [Redactor::new([("SHORT", "made-up")]), Redactor::new([("LONG", "made-up-key"), ("TAIL", "key-2")])];
        assert_eq!(redact(&apart, "a made-up-key, a made-up, made-up-key-2!"), "a [LONG], a [SHORT], [LONG]!");
        assert_eq!(redact(&apart, "made-upmade-up"), "[SHORT][SHORT]");
    }

    #[test]
    fn base64_is_found_at_every_alignment() {
        for before in ["", "u", "us", "use", "user:"] {
            for after in ["", "x", "xy", "xyz"] {
                let text = format!("{before}{VALUE}{after}");
                assert!(redacted(&STANDARD_NO_PAD.encode(&text)).contains("[KEY]"), "{before} {after}");
                assert!(redacted(&URL_SAFE_NO_PAD.encode(&text)).contains("[KEY]"), "{before} {after}");
            }
        }
    }

    #[test]
    fn each_line_of_a_value_is_found_by_itself() {
        let pem = "-----BEGIN MADE UP-----\r\nbm90IGEga2V5\r\n-----END MADE UP-----\r\n";
        let redactor = [Redactor::new([("PEM", pem)])];
        assert_eq!(redact(&redactor, "got bm90IGEga2V5 here"), "got [PEM] here");
    }

    #[test]
    fn what_is_no_value_stays() {
        let redactor = [Redactor::new([("A", "a"), ("KEY", "made-up-key")])];
        assert_eq!(redact(&redactor, "a banana and made-up-ke"), "a banana and made-up-ke");
    }
}
