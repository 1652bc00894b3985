//! Takes known values out of text, in the forms in which programs print them.
//!
//! Values shorter than four bytes are left: to take every "a" out of a log would hide the log and tell the value.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

const SHORTEST: usize = 4;

/// The values to recognise, with their names. Wiped when dropped; prints as nothing.
pub struct Redactor {
    /// Longest first, so that a form that contains another goes whole.
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
            for form in forms_of(value) {
                if form.len() >= SHORTEST
                    && !forms.iter().any(|(known, _): &(Zeroizing<String>, String)| *known == form)
                {
                    forms.push((form, mark.clone()));
                }
            }
        }
        forms.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        Self { forms }
    }

    /// The text with `[NAME]` where a value stood.
    pub fn redact(&self, mut text: String) -> String {
        for (form, mark) in &self.forms {
            if text.contains(form.as_str()) {
                text = Zeroizing::new(text).replace(form.as_str(), mark);
            }
        }
        text
    }
}

fn forms_of(value: &str) -> Vec<Zeroizing<String>> {
    let bytes = value.as_bytes();
    let json = Zeroizing::new(serde_json::to_string(value).unwrap_or_default());
    let mut forms = vec![
        Zeroizing::new(value.to_owned()),
        Zeroizing::new(json[1..json.len() - 1].to_owned()),
        Zeroizing::new(percent(bytes)),
        Zeroizing::new(hex(bytes)),
        Zeroizing::new(hex(bytes).to_uppercase()),
        Zeroizing::new(value.chars().rev().collect()),
    ];
    // A value inside a longer text stands at one of three alignments, whose outer characters depend on the neighbours.
    for offset in 0..3 {
        let padded = Zeroizing::new([vec![0; offset], bytes.to_vec()].concat());
        for alphabet in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let encoded = Zeroizing::new(alphabet.encode(&*padded));
            let from = [0, 2, 3][offset];
            let to = encoded.len() - [0, 1, 1][padded.len() % 3];
            if let Some(inner) = encoded.get(from..to) {
                forms.push(Zeroizing::new(inner.to_owned()));
            }
        }
    }
    // Lines are logged one at a time, so a value of several lines is met in parts.
    if value.contains('\n') {
        forms.extend(value.lines().filter(|line| line.len() >= 8).map(|line| Zeroizing::new(line.to_owned())));
    }
    forms
}

fn percent(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => {
                text.push(char::from(*byte));
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
        text
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "made-up/κλειδί+\"1\"";

    fn redacted(text: &str) -> String {
        Redactor::new([("KEY", VALUE)]).redact(text.to_owned())
    }

    #[test]
    fn a_value_is_found_in_every_form_that_programs_print() {
        let json = serde_json::to_string(&serde_json::json!({ "key": VALUE })).expect("json");
        let forms = [
            VALUE.to_owned(),
            json,
            format!("https://example.com/?key={}", percent(VALUE.as_bytes())),
            hex(VALUE.as_bytes()),
            hex(VALUE.as_bytes()).to_uppercase(),
        ];
        for form in forms {
            assert!(redacted(&form).contains("[KEY]"), "{form}");
        }
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
        let redactor = Redactor::new([("PEM", pem)]);
        assert_eq!(redactor.redact("got bm90IGEga2V5 here".to_owned()), "got [PEM] here");
    }

    #[test]
    fn what_is_no_value_stays() {
        let redactor = Redactor::new([("A", "a"), ("KEY", "made-up-key")]);
        assert_eq!(redactor.redact("a banana and made-up-ke".to_owned()), "a banana and made-up-ke");
    }
}
