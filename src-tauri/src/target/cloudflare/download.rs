//! The content of a script, as the API answers it, to its modules.
//!
//! Pure. A script of modules comes as `multipart/form-data`, with the entry named by the header `cf-entrypoint`; one in
//! the older format comes as plain JavaScript.

use super::upload::mapping_line;

/// A script's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloaded {
    /// The entry first.
    pub modules: Vec<RemoteModule>,
    /// Whether it has ES modules. The older format registers handlers with `addEventListener`.
    pub is_module: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteModule {
    pub name: String,
    /// `application/javascript+module`, `application/wasm`, `text/plain` and others.
    pub content_type: String,
    pub content: Vec<u8>,
}

/// `None` where it is none of both.
pub(super) fn modules(content_type: &str, entry: Option<&str>, body: &[u8]) -> Option<Downloaded> {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("multipart/form-data") {
        let javascript = kind.ends_with("javascript") || kind.eq_ignore_ascii_case("text/plain");
        let name = entry.unwrap_or("index.js").to_owned();
        let module = RemoteModule { name, content_type: kind.to_owned(), content: body.to_vec() };
        return javascript.then(|| Downloaded { modules: vec![module], is_module: false });
    }
    let boundary = content_type.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?.trim_matches('"');
    let mut modules = parts(boundary, body)?;
    if let Some(index) = entry.and_then(|entry| modules.iter().position(|module| module.name == entry)) {
        modules[..=index].rotate_right(1);
    }
    (!modules.is_empty()).then_some(Downloaded { modules, is_module: true })
}

fn parts(boundary: &str, body: &[u8]) -> Option<Vec<RemoteModule>> {
    if boundary.is_empty() {
        return None;
    }
    let separator = format!("\r\n--{boundary}");
    let mut rest = &body[find(body, &separator.as_bytes()[2..])? + separator.len() - 2..];
    let mut modules = Vec::new();
    while !rest.starts_with(b"--") {
        // Without the last boundary something is missing.
        let end = find(rest, separator.as_bytes())?;
        modules.extend(module(&rest[..end])?);
        rest = &rest[end + separator.len()..];
    }
    Some(modules)
}

/// `Some(None)`: a part that is no module.
fn module(part: &[u8]) -> Option<Option<RemoteModule>> {
    let split = find(part, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&part[..split]).ok()?;
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let disposition = header("content-disposition")?;
    let name = parameter(disposition, "filename").or_else(|| parameter(disposition, "name"))?;
    let content_type = header("content-type").unwrap_or("application/octet-stream").to_owned();
    if name == "metadata" || content_type == "application/source-map" {
        return Some(None);
    }
    // Ours, or of whoever uploaded it: the map it names does not come along.
    let content = &part[split + 4..];
    let content = content.strip_suffix(mapping_line(&format!("{name}.map")).as_bytes()).unwrap_or(content);
    Some(Some(RemoteModule { name, content_type, content: content.to_vec() }))
}

fn parameter(disposition: &str, wanted: &str) -> Option<String> {
    disposition.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim() == wanted).then(|| value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"))
    })
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=\"made-up\"";

    fn part(name: &str, content_type: &str, content: &str) -> String {
        format!(
            "--made-up\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\
             Content-Type: {content_type}\r\n\r\n{content}\r\n"
        )
    }

    fn two() -> String {
        part("lib.wasm", "application/wasm", "\0asm\r\n")
            + &part("index.js", "application/javascript+module", "export {}\n//# sourceMappingURL=index.js.map\n")
            + &part("index.js.map", "application/source-map", "{}")
            + "--made-up--\r\n"
    }

    #[test]
    fn the_entry_comes_first_and_every_byte_is_kept() {
        let downloaded = modules(TYPE, Some("index.js"), two().as_bytes()).expect("two modules");
        let names: Vec<&str> = downloaded.modules.iter().map(|module| module.name.as_str()).collect();
        assert_eq!(names, ["index.js", "lib.wasm"]);
        assert_eq!(downloaded.modules[0].content, b"export {}");
        assert_eq!(downloaded.modules[1].content, b"\0asm\r\n");
        assert!(downloaded.is_module);
    }

    #[test]
    fn a_body_that_ends_too_early_is_no_script() {
        let whole = two();
        for length in 0..whole.len() - "--\r\n".len() {
            assert_eq!(modules(TYPE, None, &whole.as_bytes()[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn the_older_format_is_one_script() {
        let downloaded = modules("application/javascript", None, b"addEventListener()").expect("a script");
        assert!(!downloaded.is_module && downloaded.modules[0].name == "index.js");
        assert_eq!(modules("text/html; charset=utf-8", None, b"<html>"), None);
    }
}
