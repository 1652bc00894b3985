//! The files of a function: what they may be called, which one is the entry, and places in them.
//!
//! They are rows of the database and never lie in a folder, so that a path here is a name with slashes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The file that exports the handlers, of a function that was made here.
pub const ENTRY: &str = "index.ts";

/// The same of a Worker that was imported, whose code is no TypeScript any more.
pub const IMPORTED_ENTRY: &str = "index.js";

/// Source of one file, in bytes. Larger text is refused before it is stored.
pub const MAX_SOURCE: usize = 1024 * 1024;

/// Files of one function.
pub const MAX_FILES: usize = 100;

/// One file of a function. `path` is relative, `/`-separated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SourceFile {
    pub path: String,
    /// Of a `.wasm` file, its bytes in Base64.
    pub text: String,
}

/// The file that exports the handlers.
pub fn entry(files: &[SourceFile]) -> Option<&SourceFile> {
    let called = |path: &str| files.iter().find(|file| file.path == path);
    called(ENTRY).or_else(|| called(IMPORTED_ENTRY)).or(files.first())
}

/// A place in a function's own TypeScript. Lines and columns count from 1, columns in UTF-16 code units, as editors do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Position {
    pub file: String,
    pub line: u32,
    pub column: u32,
}

/// A stretch of a file and what comes in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Edit {
    pub from: Position,
    pub to: Position,
    pub insert: String,
}

/// A line, and the stretch of it that is meant, before `end`; counted like a position. Lines are in the order of their
/// files, the entry first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Line {
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub end: u32,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What a file is to the program, which its ending says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// TypeScript and JavaScript, with or without JSX.
    Code,
    /// Imported as the value that it says.
    Json,
    /// Imported as a string.
    Text,
    /// Imported as a compiled `WebAssembly.Module`.
    Wasm,
}

impl FileKind {
    /// `None` where the ending is none that a function can import.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (stem, ending) = name.rsplit_once('.')?;
        if stem.is_empty() {
            return None;
        }
        match ending {
            "ts" | "tsx" | "mts" | "js" | "jsx" | "mjs" => Some(Self::Code),
            "json" => Some(Self::Json),
            "txt" | "html" | "css" | "sql" | "md" | "svg" | "csv" => Some(Self::Text),
            "wasm" => Some(Self::Wasm),
            _ => None,
        }
    }
}

/// A path as the files of a function have it: relative, without `.` and `..`, in letters that every system has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePath(String);

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPath {
    #[error("Type a name for the file, such as greeting.ts.")]
    Empty,
    #[error("A file's path has at most 120 characters; this one has {0}.")]
    TooLong(usize),
    #[error("A file's path begins with a name, not with “/”: it is in the function, not on the disk.")]
    Absolute,
    #[error("Folders are separated by one “/”, and a path neither ends with one nor has two in a row.")]
    EmptyName,
    #[error("A file's path can't lead out of the function: “{0}” is not taken.")]
    Upwards(String),
    #[error("A file's path is made of letters, digits, dots, dashes and underscores; “{0}” is none of these.")]
    Character(char),
    #[error(
        "A file ends with .ts, .tsx, .mts, .js, .jsx, .mjs, .json, .txt, .html, .css, .sql, .md, .svg, .csv or .wasm."
    )]
    Ending,
    #[error("{0} is written by Postern itself. Choose another name.")]
    Reserved(String),
}

impl FilePath {
    pub fn parse(text: &str) -> Result<Self, InvalidPath> {
        if text.is_empty() {
            return Err(InvalidPath::Empty);
        }
        if let Some(other) = text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/'))) {
            return Err(InvalidPath::Character(other));
        }
        if text.len() > 120 {
            return Err(InvalidPath::TooLong(text.len()));
        }
        if text.starts_with('/') {
            return Err(InvalidPath::Absolute);
        }
        for name in text.split('/') {
            match name {
                "" => return Err(InvalidPath::EmptyName),
                "." | ".." => return Err(InvalidPath::Upwards(name.to_owned())),
                "node_modules" => return Err(InvalidPath::Reserved(name.to_owned())),
                _ => {}
            }
        }
        // What npm and the language server find at the top of a function is made, not kept.
        if ["package.json", "package-lock.json", "tsconfig.json", "env.d.ts"].contains(&text) {
            return Err(InvalidPath::Reserved(text.to_owned()));
        }
        if FileKind::of(text).is_none() {
            return Err(InvalidPath::Ending);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether another path would be the same file where capitals do not count.
    pub fn is(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_the_function() {
        for path in ["a.ts", "lib/format.ts", "a/b/c/d.json", "A-b_c.2.mjs", "templates/mail.html", "add.wasm"] {
            assert_eq!(FilePath::parse(path).expect("a path").as_str(), path);
        }
        let refused = |path: &str| FilePath::parse(path).expect_err(path);
        assert_eq!(refused(""), InvalidPath::Empty);
        assert_eq!(refused("/etc/passwd.txt"), InvalidPath::Absolute);
        assert_eq!(refused("../up.ts"), InvalidPath::Upwards("..".to_owned()));
        assert_eq!(refused("a/./b.ts"), InvalidPath::Upwards(".".to_owned()));
        assert_eq!(refused("a//b.ts"), InvalidPath::EmptyName);
        assert_eq!(refused("a/"), InvalidPath::EmptyName);
        assert_eq!(refused("a\\b.ts"), InvalidPath::Character('\\'));
        assert_eq!(refused("C:a.ts"), InvalidPath::Character(':'));
        assert_eq!(refused("é.ts"), InvalidPath::Character('é'));
        assert_eq!(refused("node_modules/x/index.js"), InvalidPath::Reserved("node_modules".to_owned()));
        for path in ["package.json", "env.d.ts"] {
            assert_eq!(refused(path), InvalidPath::Reserved(path.to_owned()));
        }
        assert_eq!(refused(&format!("{}.ts", "a".repeat(118))), InvalidPath::TooLong(121));
        for path in ["a", "a.exe", ".ts", "lib/.json", "a.ts.bak"] {
            assert_eq!(refused(path), InvalidPath::Ending, "{path}");
        }
    }

    #[test]
    fn the_entry_is_found_among_files_in_the_order_of_their_names() {
        let files = |paths: &[&str]| -> Vec<SourceFile> {
            paths.iter().map(|path| SourceFile { path: (*path).to_owned(), text: String::new() }).collect()
        };
        let found = |paths: &[&str]| entry(&files(paths)).map(|file| file.path.clone());
        assert_eq!(found(&["a.ts", "index.js", "index.ts"]).as_deref(), Some("index.ts"));
        assert_eq!(found(&["a.ts", "index.js"]).as_deref(), Some("index.js"));
        assert_eq!(found(&[]), None);
    }
}
