//! What an upload carries: modules, the entry among them, and what they are to run with.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Map, Value};

use super::answers::Refusal;
use super::random_hex;
use super::requests::{Part, Request};

/// Uncompressed, all modules together.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// The code of a version, as it was uploaded.
pub(super) struct Code {
    pub(super) entry: String,
    pub(super) modules: Vec<Module>,
    pub(super) compatibility_date: Option<String>,
    pub(super) compatibility_flags: Vec<String>,
    pub(super) etag: String,
}

pub(super) struct Module {
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) bytes: Bytes,
}

impl Module {
    pub(super) fn is_es_module(&self) -> bool {
        self.content_type == "application/javascript+module"
    }

    pub(super) fn is_source_map(&self) -> bool {
        self.content_type == "application/source-map"
    }
}

impl Code {
    pub(super) fn read(request: &Request, metadata: &Value) -> Result<Self, Refusal> {
        let modules: Vec<Module> =
            request.parts.iter().filter(|part| part.name != "metadata").map(module).collect::<Result<_, _>>()?;
        let counted = modules.iter().filter(|module| !module.is_source_map());
        if counted.map(|module| module.bytes.len()).sum::<usize>() > MAX_BYTES {
            return Err(Refusal::new(413, 10027, "Your Worker exceeded the size limit of 64 MiB."));
        }
        let entry = metadata["main_module"].as_str().unwrap_or_default().to_owned();
        if !modules.iter().any(|module| module.name == entry) {
            return Err(Refusal::validation(format!("main_module '{entry}' is not among the uploaded parts")));
        }
        let flags = metadata["compatibility_flags"].as_array().into_iter().flatten();
        Ok(Self {
            entry,
            modules,
            compatibility_date: metadata["compatibility_date"].as_str().map(str::to_owned),
            compatibility_flags: flags.filter_map(|flag| Some(flag.as_str()?.to_owned())).collect(),
            etag: random_hex::<16>(),
        })
    }

    pub(super) fn entry_text(&self) -> &str {
        let entry = self.modules.iter().find(|module| module.name == self.entry);
        entry.and_then(|module| std::str::from_utf8(&module.bytes).ok()).unwrap_or_default()
    }

    /// As a multipart body, which is how the API gives modules back.
    pub(super) fn download(&self) -> Response {
        let boundary = random_hex::<16>();
        let mut body = Vec::new();
        for module in &self.modules {
            let (name, kind) = (&module.name, &module.content_type);
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(&module.bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let kind = (header::CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}"));
        ([kind], [("cf-entrypoint", self.entry.clone())], body).into_response()
    }
}

fn module(part: &Part) -> Result<Module, Refusal> {
    let content_type = part.content_type.clone().unwrap_or_default();
    // Postern's own bundles have nothing else, and it is what they are run with here: see `running`.
    if !["application/javascript+module", "application/wasm", "application/source-map"].contains(&content_type.as_str())
    {
        let message = format!("module {} of type {content_type} can't be run by this server", part.name);
        return Err(Refusal::validation(message));
    }
    Ok(Module { name: part.name.clone(), content_type, bytes: part.bytes.clone() })
}

/// What the client says about a version. The API adds how it came to be, where the client did not say.
pub(super) fn annotations(said: &Value, triggered_by: &str) -> Map<String, Value> {
    let mut annotations = said.as_object().cloned().unwrap_or_default();
    annotations.retain(|name, value| name.starts_with("workers/") && value.is_string());
    annotations.entry("workers/triggered_by").or_insert_with(|| triggered_by.into());
    annotations
}
