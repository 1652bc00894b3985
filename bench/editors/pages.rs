//! The pages of the editors that Postern is compared with, served to a window as files: Monaco as script/bench has
//! installed it below target, CodeMirror as the page of Postern has it.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderName, StatusCode, Uri, header::CONTENT_TYPE},
};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::folder;

pub(crate) struct Pages {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Pages {
    /// `code` is what each editor opens.
    pub(crate) async fn serve(code: &str) -> Self {
        let monaco = folder().join("editors/node_modules/monaco-editor/min");
        assert!(monaco.is_dir(), "script/bench installs Monaco");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let pages = Router::new().fallback(answer).with_state(Arc::<str>::from(code));
        let serving = async { axum::serve(listener, pages).await.expect("it serves until it is dropped") };
        Self { address, serving: tokio::spawn(serving) }
    }

    pub(crate) fn address(&self, page: &str) -> String {
        format!("http://{}/{page}.html", self.address)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What kind of text it is, and the text.
type Answer = ([(HeaderName, &'static str); 1], Vec<u8>);

async fn answer(State(code): State<Arc<str>>, address: Uri) -> Result<Answer, StatusCode> {
    let path = address.path();
    if path == "/code" {
        return Ok(([(CONTENT_TYPE, "text/plain")], code.as_bytes().to_vec()));
    }
    let text = tokio::fs::read(file_at(path)).await.map_err(|_| StatusCode::NOT_FOUND)?;
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("woff2") => "font/woff2",
        _ => "text/plain",
    };
    Ok(([(CONTENT_TYPE, kind)], text))
}

fn file_at(path: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let packages = root.join("ui/node_modules");
    if path == "/types" {
        packages.join("@cloudflare/workers-types/index.d.ts")
    } else if let Some(file) = path.strip_prefix("/modules/") {
        packages.join(file)
    } else if let Some(file) = path.strip_prefix("/monaco/") {
        folder().join("editors/node_modules/monaco-editor/min").join(file)
    } else {
        root.join("bench/editors").join(path.trim_start_matches('/'))
    }
}
