//! What one line means that workerd writes to its standard streams: mostly JSON, one object a line. Pure.
//!
//! Exceptions are absent: the tail has them, with stacks.

use serde::Deserialize;

use crate::function::Level;

#[derive(PartialEq)]
pub(super) enum Heard {
    /// By the function, to its console or its standard streams; or what explains an error that it saw.
    Said { at: Option<i64>, level: Level, text: String },
    /// Why the bundle does not load.
    Refused(String),
    /// The last words of a process that ends itself.
    Fatal(String),
    /// Not JSON: something below workerd's logging.
    Raw(String),
    /// What the tail tells better, or what concerns workerd alone.
    Nothing,
}

#[derive(Deserialize)]
struct Line {
    /// A number (0 before the first request) for the console, text for everything else.
    timestamp: serde_json::Value,
    level: String,
    message: String,
    /// The place in workerd's source; the function's own lines have none.
    source: Option<String>,
}

pub(super) fn hear(line: &str) -> Heard {
    let Ok(line) = serde_json::from_str::<Line>(line) else {
        return Heard::Raw(line.to_owned());
    };
    if line.source.is_none() {
        return console(line);
    }
    if let Some(reason) = line.message.strip_prefix("service fn: ") {
        return Heard::Refused(reason.to_owned());
    }
    if line.level == "fatal" {
        return Heard::Fatal(line.message);
    }
    match fault(&line.message) {
        Some(text) => Heard::Said { at: None, level: Level::Warn, text },
        None => Heard::Nothing,
    }
}

fn console(line: Line) -> Heard {
    let level = match line.level.as_str() {
        "debug" => Level::Debug,
        "warn" => Level::Warn,
        "error" => Level::Error,
        _ => Level::Info,
    };
    match line.timestamp.as_i64() {
        Some(at) => Heard::Said { at: (at > 0).then_some(at), level, text: line.message },
        // `process.stdout.write`, which workerd marks in the text.
        None => {
            let text = ["stdout: ", "stderr: "].iter().find_map(|mark| line.message.strip_prefix(mark));
            Heard::Said { at: None, level, text: text.unwrap_or(&line.message).to_owned() }
        }
    }
}

/// The reason behind an "internal error; reference = …", which is all that the function itself gets to see.
fn fault(message: &str) -> Option<String> {
    // `e = rust/worker/ffi.rs:104: failed: REASON\nstack: …; sentryErrorContext = jsgInternalError; wdErrId = ID`
    let (_, rest) = message.split_once("e = ")?;
    let (_, reason) = rest.split_once(": failed: ")?;
    let reason = reason.lines().next().unwrap_or_default();
    let reference = message.rsplit_once("wdErrId = ").map(|(_, id)| format!(" (reference = {id})"));
    let reference = reference.unwrap_or_default();
    let blocked = reason.strip_prefix("connecting to ").and_then(|rest| rest.strip_suffix(" is not allowed"));
    Some(match blocked {
        Some(address) => format!(
            "Blocked: the function tried to reach {address}. Running locally, it reaches the public internet, and \
             neither this computer nor its network.{reference}"
        ),
        None => format!("A call of the function failed: {reason}{reference}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_line_keeps_its_time_level_and_text() {
        let heard = hear(r#"{"timestamp":1795447289360,"level":"warn","message":"{ a: 1 }\nsecond"}"#);
        let said = Heard::Said { at: Some(1795447289360), level: Level::Warn, text: "{ a: 1 }\nsecond".into() };
        assert!(heard == said);
    }

    #[test]
    fn a_line_written_before_the_first_request_has_no_time_of_its_own() {
        let heard = hear(r#"{"timestamp":0,"level":"log","message":"hi"}"#);
        assert!(heard == Heard::Said { at: None, level: Level::Info, text: "hi".into() });
    }

    #[test]
    fn standard_output_loses_the_mark_that_workerd_gives_it() {
        let heard = hear(r#"{"timestamp":"1795447289360","level":"log","message":"stdout: raw"}"#);
        assert!(heard == Heard::Said { at: None, level: Level::Info, text: "raw".into() });
        let heard = hear(r#"{"timestamp":1795447289360,"level":"log","message":"stdout: typed"}"#);
        assert!(matches!(heard, Heard::Said { text, .. } if text == "stdout: typed"));
    }

    #[test]
    fn a_blocked_address_is_said_in_plain_words() {
        let heard = hear(
            r#"{"timestamp":"1","level":"error","source":"workerd/jsg/util.c++:320","message":"e = rust/worker/ffi.rs:104: failed: connecting to ::1:8080 is not allowed\nstack: a b; sentryErrorContext = jsgInternalError; wdErrId = su4"}"#,
        );
        let Heard::Said { text, .. } = heard else { panic!("it is for the user") };
        assert!(text.starts_with("Blocked: the function tried to reach ::1:8080."), "{text}");
        assert!(text.ends_with("(reference = su4)"), "{text}");
    }

    #[test]
    fn an_exception_is_left_to_the_tail() {
        let heard = hear(
            r#"{"timestamp":"1","level":"error","source":"a.rs:372","message":"Uncaught exception: workerd/jsg/value.h:1456: failed: remote.jsg.TypeError: bad"}"#,
        );
        assert!(heard == Heard::Nothing);
    }
}
