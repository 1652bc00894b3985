//! A `Bundle` to the multipart body of an upload.
//!
//! Pure. The body holds opened secrets in one buffer of exactly its size, wiped when the last reference to it goes: it
//! is written twice, first only to be counted, since a buffer that grows leaves its old bytes behind. What hyper, the
//! TLS library and the kernel copy of it on the way out lies in buffers of theirs and can't be wiped from here.

use std::io::{self, Write};

use bytes::Bytes;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::deployment::{Bundle, Content, Value};

/// What goes along with the bundle.
pub(super) struct Labels<'a> {
    /// Random: by it the version is found again when the answer is lost.
    pub(super) tag: &'a str,
    pub(super) message: Option<&'a str>,
    /// Bindings of the remote that Postern does not own.
    pub(super) keep: &'a [String],
    /// A new script: the version goes live at once.
    pub(super) first: bool,
}

/// `boundary` must be random: it is not looked for in the code.
pub(super) fn body(bundle: &Bundle, labels: &Labels<'_>, boundary: &str) -> Bytes {
    let mut count = Count(0);
    write(&mut count, bundle, labels, boundary).expect("counting does not fail");
    let mut bytes = Zeroizing::new(Vec::with_capacity(count.0));
    write(&mut *bytes, bundle, labels, boundary).expect("writing to memory does not fail");
    debug_assert_eq!(bytes.len(), count.0);
    Bytes::from_owner(bytes)
}

#[derive(Serialize)]
struct Metadata<'a> {
    main_module: &'a str,
    bindings: Vec<Sent<'a>>,
    compatibility_date: &'a str,
    compatibility_flags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    code_update_strategy: Option<CodeUpdateStrategy>,
    annotations: Annotations<'a>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Sent<'a> {
    SecretText { name: &'a str, text: &'a str },
    PlainText { name: &'a str, text: &'a str },
    Inherit { name: &'a str },
}

/// As the official client asks for it.
#[derive(Serialize)]
pub(super) struct CodeUpdateStrategy {
    mode: &'static str,
    max_delay: u32,
}

impl CodeUpdateStrategy {
    pub(super) const DEFERRED: Self = Self { mode: "deferred", max_delay: 300 };
}

#[derive(Serialize)]
pub(super) struct Annotations<'a> {
    #[serde(rename = "workers/message", skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<&'a str>,
    #[serde(rename = "workers/tag", skip_serializing_if = "Option::is_none")]
    pub(super) tag: Option<&'a str>,
}

fn write(to: &mut impl Write, bundle: &Bundle, labels: &Labels<'_>, boundary: &str) -> io::Result<()> {
    write!(to, "--{boundary}\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n")?;
    // Straight into the body: the values pass through no other buffer.
    serde_json::to_writer(&mut *to, &metadata(bundle, labels))?;
    for module in &bundle.modules {
        part(to, boundary, &module.name, content_type(&module.content))?;
        to.write_all(module.content.bytes())?;
        if let (Some(map), Content::Code(code)) = (&module.map, &module.content) {
            let name = map_name(&module.name);
            if !code.contains("//# sourceMappingURL=") {
                write!(to, "{}", mapping_line(&name))?;
            }
            part(to, boundary, &name, "application/source-map")?;
            to.write_all(map.as_bytes())?;
        }
    }
    write!(to, "\r\n--{boundary}--\r\n")
}

fn content_type(content: &Content) -> &'static str {
    match content {
        Content::Code(_) => "application/javascript+module",
        Content::Wasm(_) => "application/wasm",
    }
}

fn metadata<'a>(bundle: &'a Bundle, labels: &Labels<'a>) -> Metadata<'a> {
    let bindings = bundle.bindings.iter().map(|binding| {
        let name = binding.name.as_str();
        match &binding.value {
            Value::Set(value) => Sent::SecretText { name, text: value.expose() },
            Value::Plain(text) => Sent::PlainText { name, text },
            Value::Inherit => Sent::Inherit { name },
        }
    });
    Metadata {
        main_module: bundle.modules.first().map_or("", |module| &module.name),
        bindings: bindings.chain(labels.keep.iter().map(|name| Sent::Inherit { name })).collect(),
        compatibility_date: &bundle.compatibility_date,
        compatibility_flags: &bundle.compatibility_flags,
        code_update_strategy: labels.first.then_some(CodeUpdateStrategy::DEFERRED),
        annotations: Annotations { message: labels.message, tag: Some(labels.tag) },
    }
}

fn part(to: &mut impl Write, boundary: &str, name: &str, content_type: &str) -> io::Result<()> {
    let name = quoted(name);
    write!(
        to,
        "\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\
         Content-Type: {content_type}\r\n\r\n"
    )
}

/// As browsers escape a name: https://html.spec.whatwg.org/#multipart-form-data
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn map_name(module: &str) -> String {
    format!("{module}.map")
}

/// What ties a module to its map, as the official client ends a module.
pub(super) fn mapping_line(map: &str) -> String {
    format!("\n//# sourceMappingURL={map}\n")
}

struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Binding, Module};
    use crate::secret::{SecretName, SecretValue};

    fn bundle() -> Bundle {
        let binding = |name: &str, value| Binding { name: SecretName::parse(name).unwrap(), value };
        let secret = |text: &str| Value::Set(SecretValue::parse(text.to_owned().into()).unwrap());
        Bundle {
            modules: vec![Module {
                name: "main.js".into(),
                content: Content::Code("export default {}".into()),
                map: Some("{}".into()),
            }],
            compatibility_date: "2026-11-17".into(),
            compatibility_flags: vec!["nodejs_compat".into()],
            bindings: vec![
                binding("PEM_KEY", secret("-----MADE UP-----\r\n\"\\\u{1}🔑\r\n")),
                binding("PLAIN", Value::Plain("made up".into())),
                binding("KEPT_KEY", Value::Inherit),
            ],
        }
    }

    const KEEP: &str = "THEIRS";

    fn sent(bundle: &Bundle, first: bool) -> String {
        let keep = [KEEP.to_owned()];
        let labels = Labels { tag: "tag-1", message: Some("A \"first\" one"), keep: &keep, first };
        String::from_utf8(body(bundle, &labels, "BOUNDARY").to_vec()).unwrap()
    }

    fn metadata_of(body: &str) -> serde_json::Value {
        let start = body.find("\r\n\r\n").unwrap() + 4;
        serde_json::from_str(&body[start..start + body[start..].find("\r\n--BOUNDARY").unwrap()]).unwrap()
    }

    #[test]
    fn values_arrive_to_the_byte() {
        let metadata = metadata_of(&sent(&bundle(), false));
        assert_eq!(metadata["bindings"][0]["text"], "-----MADE UP-----\r\n\"\\\u{1}🔑\r\n");
        assert_eq!(metadata["bindings"][0]["type"], "secret_text");
        assert_eq!(metadata["bindings"][1]["type"], "plain_text");
    }

    #[test]
    fn what_is_kept_is_inherited_by_name_and_carries_no_text() {
        let metadata = metadata_of(&sent(&bundle(), false));
        assert_eq!(metadata["bindings"][2], serde_json::json!({ "type": "inherit", "name": "KEPT_KEY" }));
        assert_eq!(metadata["bindings"][3], serde_json::json!({ "type": "inherit", "name": KEEP }));
        assert!(metadata.get("code_update_strategy").is_none() && metadata.get("keep_bindings").is_none());
    }

    #[test]
    fn a_module_is_tied_to_its_map() {
        let sent = sent(&bundle(), true);
        assert!(sent.contains("export default {}\n//# sourceMappingURL=main.js.map\n\r\n--BOUNDARY"));
        assert!(sent.contains("filename=\"main.js.map\"\r\nContent-Type: application/source-map\r\n\r\n{}\r\n"));
        assert_eq!(metadata_of(&sent)["code_update_strategy"]["mode"], "deferred");
    }

    #[test]
    fn a_wasm_module_is_sent_as_its_bytes() {
        let mut bundle = bundle();
        let content = Content::Wasm(b"\0asm\xff".to_vec());
        bundle.modules.push(Module { name: "add.wasm".into(), content, map: None });
        let labels = Labels { tag: "tag-1", message: None, keep: &[], first: true };
        let sent = body(&bundle, &labels, "BOUNDARY");
        let part = b"filename=\"add.wasm\"\r\nContent-Type: application/wasm\r\n\r\n\0asm\xff\r\n--BOUNDARY--";
        assert!(sent.windows(part.len()).any(|window| window == part));
    }

    #[test]
    fn a_name_can_not_break_out_of_its_header() {
        let mut bundle = bundle();
        bundle.modules[0].name = "a\"\r\nX: y.js".into();
        assert!(sent(&bundle, true).contains("name=\"a%22%0D%0AX: y.js\""));
    }

    #[test]
    fn the_buffer_that_is_wiped_never_grows() {
        let (bundle, mut count) = (bundle(), Count(0));
        let labels = Labels { tag: "tag-1", message: None, keep: &[], first: true };
        write(&mut count, &bundle, &labels, "BOUNDARY").unwrap();
        assert_eq!(count.0, body(&bundle, &labels, "BOUNDARY").len());
    }
}
