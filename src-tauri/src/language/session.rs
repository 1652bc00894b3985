//! What belongs to one process of the server: the functions that it was shown, and the page's messages to it in order.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::Tools;
use super::order::Order;
use super::overlays::{self, Project};
use super::server::{Answer, Server};
use crate::function::FunctionId;

/// Closing a function frees nothing in the server, and each takes one to two megabytes.
const MAX_FUNCTIONS: usize = 20;

/// What belongs to the process that runs.
pub(super) struct Session {
    pub(super) number: u64,
    server: Server,
    functions: HashMap<FunctionId, Seen>,
    order: Order<Message>,
    pub(super) used: Instant,
}

/// What the server was last told of a function.
struct Seen {
    folder: PathBuf,
    config: Overlay,
    /// By path.
    declarations: BTreeMap<String, Overlay>,
}

struct Overlay {
    version: i32,
    text: String,
}

pub(super) struct Message {
    pub(super) method: String,
    pub(super) params: Value,
    pub(super) answer: Option<oneshot::Sender<Answer>>,
}

impl Session {
    pub(super) fn new(number: u64, server: Server) -> Self {
        Self { number, server, functions: HashMap::new(), order: Order::default(), used: Instant::now() }
    }

    pub(super) fn sees(&self, id: FunctionId) -> bool {
        self.functions.contains_key(&id)
    }

    pub(super) fn is_full(&self) -> bool {
        self.functions.len() >= MAX_FUNCTIONS
    }

    /// Passes on what has its turn with this message.
    pub(super) fn send(&mut self, number: u64, message: Message) {
        self.used = Instant::now();
        for Message { method, params, answer } in self.order.take(number, message) {
            match answer {
                None => self.server.tell(&method, &params),
                Some(answer) => {
                    let asked = self.server.ask(&method, &params);
                    // Whoever asked may have gone.
                    tokio::spawn(async move { drop(answer.send(asked.await)) });
                }
            }
        }
    }

    /// Takes a function from the server.
    pub(super) fn forget(&mut self, id: FunctionId) {
        let Some(Seen { folder, declarations, .. }) = self.functions.remove(&id) else { return };
        for path in declarations.keys().map(String::as_str).chain([overlays::CONFIG]) {
            close(&self.server, &folder, path);
        }
    }

    /// Tells the server what is new about a function. Answers whether that is anything.
    pub(super) fn show(&mut self, id: FunctionId, project: &Project, tools: &Tools) -> bool {
        let (config, declarations) = (project.config(tools), project.declarations());
        let (server, folder) = (&self.server, &project.folder);
        let mut changed = false;
        let seen = self.functions.entry(id).or_insert_with(|| {
            make_folders(project);
            changed = true;
            // The configuration comes first: a file without one would be given a project that is made up.
            let config = Overlay::open(server, folder, overlays::CONFIG, "json", config.clone());
            Seen { folder: folder.clone(), config, declarations: BTreeMap::new() }
        });
        if seen.config.text != config {
            make_folders(project);
        }
        changed |= seen.config.change(server, folder, overlays::CONFIG, config);
        seen.declarations.retain(|path, _| {
            let stays = declarations.contains_key(path);
            if !stays {
                close(server, folder, path);
            }
            stays
        });
        for (path, text) in declarations {
            changed |= match seen.declarations.get_mut(&path) {
                Some(overlay) => overlay.change(server, folder, &path, text),
                None => {
                    let overlay = Overlay::open(server, folder, &path, "typescript", text);
                    seen.declarations.insert(path, overlay).is_none()
                }
            };
        }
        changed
    }

    /// Makes the server read the folder of a function anew, which it does whenever it is told its configuration.
    pub(super) fn renew(&mut self, id: FunctionId, project: &Project) {
        let Some(seen) = self.functions.get_mut(&id) else { return };
        make_folders(project);
        seen.config.send(&self.server, &seen.folder, overlays::CONFIG);
    }
}

fn close(server: &Server, folder: &Path, name: &str) {
    let uri = overlays::uri_of(&folder.join(name));
    server.tell("textDocument/didClose", &json!({ "textDocument": { "uri": uri } }));
}

/// One that can't be made costs imports from it, and nothing else.
fn make_folders(project: &Project) {
    project.folders().for_each(|folder| drop(std::fs::create_dir_all(folder)));
}

impl Overlay {
    fn open(server: &Server, folder: &Path, name: &str, language: &str, text: String) -> Self {
        let uri = overlays::uri_of(&folder.join(name));
        let document = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        server.tell("textDocument/didOpen", &json!({ "textDocument": document }));
        Self { version: 1, text }
    }

    /// Answers whether the text is another.
    fn change(&mut self, server: &Server, folder: &Path, name: &str, text: String) -> bool {
        if self.text == text {
            return false;
        }
        self.text = text;
        self.send(server, folder, name);
        true
    }

    fn send(&mut self, server: &Server, folder: &Path, name: &str) {
        self.version += 1;
        let document = json!({ "uri": overlays::uri_of(&folder.join(name)), "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": self.text }] });
        server.tell("textDocument/didChange", &params);
    }
}
