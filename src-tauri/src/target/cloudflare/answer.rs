//! An answer of the API, as status and body, to a result or to what went wrong.
//!
//! Pure. Every answer is an envelope, `{ success, result, errors: [{ code, message }] }`; whatever is none comes from
//! something in between.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::access::Permission;
use super::error::{Error, Place, Said, Why};

/// What a request was about, for the words of an error.
#[derive(Clone, Copy)]
pub(super) struct About<'a> {
    pub(super) host: &'a str,
    pub(super) script: Option<&'a str>,
    /// What a token needs for it.
    pub(super) permission: Permission,
    /// Takes the token out of what the API says.
    pub(super) redact: &'a (dyn Fn(&str) -> String + Sync),
}

#[derive(Deserialize)]
struct Envelope<T> {
    result: Option<T>,
}

#[derive(Deserialize)]
struct Fault {
    #[serde(default)]
    code: u64,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Faults {
    #[serde(default)]
    success: Option<bool>,
    #[serde(default)]
    errors: Vec<Fault>,
}

/// `retry_after` in seconds, where the answer has it.
pub(super) fn result<T: DeserializeOwned>(
    status: u16,
    retry_after: Option<u64>,
    body: &[u8],
    about: About<'_>,
) -> Result<T, Error> {
    succeeded(status, retry_after, body, about)?;
    match serde_json::from_slice::<Envelope<T>>(body) {
        Ok(Envelope { result: Some(result) }) => Ok(result),
        // `null` is a result where nothing is expected.
        Ok(Envelope { result: None }) => {
            serde_json::from_str("null").map_err(|_| not_understood(status, Why::Shape, about))
        }
        Err(error) => Err(not_understood(status, why(&error), about)),
    }
}

fn succeeded(status: u16, retry_after: Option<u64>, body: &[u8], about: About<'_>) -> Result<(), Error> {
    let host = || about.host.to_owned();
    if (300..400).contains(&status) {
        return Err(Error::Redirected { host: host(), status });
    }
    let faults = serde_json::from_slice::<Faults>(body);
    match faults {
        Ok(Faults { success: Some(true), .. }) if (200..300).contains(&status) => Ok(()),
        Ok(Faults { success: Some(_), errors }) => Err(fault(status, retry_after, &errors, about)),
        // Known by its status, whoever answered.
        _ if matches!(status, 401 | 403 | 413 | 429) || status >= 500 => Err(fault(status, retry_after, &[], about)),
        Ok(_) => Err(not_understood(status, Why::Shape, about)),
        Err(error) => Err(not_understood(status, why(&error), about)),
    }
}

/// Also for answers that are no envelope where they succeed, such as a script's content.
pub(super) fn refusal(status: u16, retry_after: Option<u64>, body: &[u8], about: About<'_>) -> Option<Error> {
    if (200..300).contains(&status) {
        return None;
    }
    succeeded(status, retry_after, body, about).err()
}

fn why(error: &serde_json::Error) -> Why {
    match error.classify() {
        serde_json::error::Category::Eof => Why::Truncated,
        serde_json::error::Category::Data => Why::Shape,
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => Why::NotJson,
    }
}

pub(super) fn not_understood(status: u16, why: Why, about: About<'_>) -> Error {
    Error::NotUnderstood { host: about.host.to_owned(), status, why }
}

fn fault(status: u16, retry_after: Option<u64>, errors: &[Fault], about: About<'_>) -> Error {
    let host = || about.host.to_owned();
    let has = |codes: &[u64]| errors.iter().any(|error| codes.contains(&error.code));
    let said = said(errors, about);
    match status {
        429 => Error::RateLimited(retry_after.unwrap_or(DEFAULT_WAIT)),
        500.. => Error::Unavailable { host: host(), status, said },
        // Of the token itself: unknown, malformed, from a place it may not be used from.
        401 => Error::BadToken { host: host(), said },
        _ if has(&[1000, 6003, 6111, 9109]) => Error::BadToken { host: host(), said },
        403 => Error::MissingPermission(about.permission, said),
        _ if has(&[10000]) => Error::MissingPermission(about.permission, said),
        413 => Error::TooLarge(said),
        _ if has(&[10027]) => Error::TooLarge(said),
        _ if has(&[10021]) => Error::Validation { place: place(&said.0), said },
        _ if has(&[10214, 10215, 10220]) => Error::Changed(said),
        _ if has(&[7000, 7003]) => Error::AccountNotThere(said),
        404 if has(&[10007, 10090]) => match about.script {
            Some(script) => Error::NotThere(script.to_owned()),
            None => Error::NoSubdomain,
        },
        _ => Error::Refused { status, code: errors.first().map_or(0, |error| error.code), said },
    }
}

/// Where the API does not say how long.
const DEFAULT_WAIT: u64 = 5;

fn said(errors: &[Fault], about: About<'_>) -> Said {
    let messages: Vec<&str> = errors.iter().map(|error| error.message.trim()).filter(|text| !text.is_empty()).collect();
    Said((about.redact)(&messages.join("; ")))
}

/// The first `at NAME:LINE:COLUMN` of a stack.
fn place(text: &str) -> Option<Place> {
    text.split_whitespace().find_map(|word| {
        let word = word.trim_matches(['(', ')', ',', ';', '"', '\'']);
        let (rest, column) = word.rsplit_once(':')?;
        let (module, line) = rest.rsplit_once(':')?;
        let module = module.strip_prefix("file:///").unwrap_or(module);
        let (line, column) = (line.parse().ok()?, column.parse().ok()?);
        (!module.is_empty()).then(|| Place { module: module.to_owned(), line, column })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn about(script: Option<&str>) -> About<'_> {
        let redact: &'static (dyn Fn(&str) -> String + Sync) = &|text| text.replace("made-up-token", "[token]");
        About { host: "api.example.com", script, permission: Permission::WorkersScripts, redact }
    }

    fn failed(status: u16, code: u64, message: &str) -> Error {
        let body = json!({ "success": false, "result": null, "errors": [{ "code": code, "message": message }] });
        result::<Value>(status, Some(7), body.to_string().as_bytes(), about(Some("greet"))).expect_err("a refusal")
    }

    #[test]
    fn each_code_has_its_own_error() {
        assert!(matches!(failed(400, 6003, "Invalid request headers"), Error::BadToken { .. }));
        assert!(matches!(failed(401, 10000, "Authentication error"), Error::BadToken { .. }));
        assert!(matches!(failed(403, 10000, "Authentication error"), Error::MissingPermission(..)));
        assert!(matches!(failed(404, 10007, "This Worker does not exist"), Error::NotThere(name) if name == "greet"));
        assert!(matches!(failed(404, 7003, "Could not route"), Error::AccountNotThere(_)));
        assert!(matches!(failed(413, 10027, "Too large"), Error::TooLarge(_)));
        assert!(matches!(failed(409, 10220, "Secrets changed"), Error::Changed(_)));
        assert!(matches!(failed(429, 971, "Slow down"), Error::RateLimited(7)));
        assert!(matches!(failed(502, 0, ""), Error::Unavailable { status: 502, .. }));
        assert!(matches!(failed(400, 10053, "Binding exists"), Error::Refused { status: 400, code: 10053, .. }));
    }

    #[test]
    fn a_missing_permission_is_named_with_the_page_where_it_is_given() {
        let message = failed(403, 10000, "Authentication error").to_string();
        assert!(message.contains("“Workers Scripts: Edit”") && message.contains("/profile/api-tokens"), "{message}");
    }

    #[test]
    fn a_validation_error_says_where() {
        let stack = "Uncaught ReferenceError: nothing is not defined\n  at main.js:12:3 in fetch\n";
        let Error::Validation { said, place } = failed(400, 10021, stack) else { panic!("a validation error") };
        assert_eq!(place, Some(Place { module: "main.js".into(), line: 12, column: 3 }));
        assert!(said.as_str().starts_with("Uncaught ReferenceError: nothing"));
        let (module, line, column) = ("index.js".to_owned(), 3, 5);
        assert_eq!(super::place("x (file:///index.js:3:5)"), Some(Place { module, line, column }));
        assert_eq!(super::place("At 12:30: nothing"), None);
    }

    #[test]
    fn the_token_goes_before_the_text_is_cut() {
        for length in 980..1000 {
            let message = failed(400, 1, &format!("{}made-up-token", "x".repeat(length))).to_string();
            assert!(!message.contains("made") && message.len() < 1100, "{message}");
        }
    }

    #[test]
    fn what_is_no_envelope_is_not_understood_and_says_why() {
        let why = |status, body: &[u8]| match result::<Value>(status, None, body, about(None)) {
            Err(Error::NotUnderstood { why, .. }) => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(why(200, b"<html>"), Why::NotJson);
        assert_eq!(why(200, b""), Why::Truncated);
        assert_eq!(why(200, br#"{"success":true,"resu"#), Why::Truncated);
        assert_eq!(why(200, b"{}"), Why::Shape);
        assert_eq!(why(404, b"<html>"), Why::NotJson);
        let forbidden = result::<Value>(403, None, b"<html>", about(None));
        assert!(matches!(forbidden, Err(Error::MissingPermission(..))));
    }

    #[test]
    fn nothing_is_a_result_only_where_nothing_is_expected() {
        let body = br#"{"success":true,"result":null,"errors":[]}"#;
        assert!(result::<Option<String>>(200, None, body, about(None)).is_ok());
        assert!(result::<String>(200, None, body, about(None)).is_err());
    }

    #[test]
    fn a_redirect_is_refused_with_its_status() {
        assert!(matches!(result::<Value>(307, None, b"", about(None)), Err(Error::Redirected { status: 307, .. })));
    }
}
