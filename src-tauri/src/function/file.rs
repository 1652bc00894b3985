//! The files of a function: what they may be called, which one is the entry, and places in them.
//!
//! They are rows of the database and never lie in a folder, so that a path here is a name with slashes.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
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

/// The bytes of a module of WebAssembly, which a text says in Base64, in one line or several. `None` where it says no
/// module: all begin with these four bytes, WebAssembly Core Specification §5.5.16.
pub fn webassembly(text: &str) -> Option<Vec<u8>> {
    let said: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(said).ok().filter(|bytes| bytes.starts_with(b"\0asm"))
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

/// Why a file can't be beside another one of the same function.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Clash {
    #[error("There is a file {0} already.")]
    Taken(String),
    #[error("{path} is a folder already, with {other} in it. Choose another name.")]
    Folder { path: String, other: String },
    #[error("{0} is a file already, and can't be a folder too. Choose another name.")]
    File(String),
    #[error("{other} exports the handlers, and {path} would be a second file to do that. Choose another name.")]
    Entry { path: String, other: String },
}

/// What npm and the language server find at the top of a function: made, not kept.
const MADE: [&str; 4] = ["package.json", "package-lock.json", "tsconfig.json", "env.d.ts"];

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
                _ => {}
            }
        }
        // Folders are made beside the packages, on systems that take capitals for small letters, too.
        let names = || text.split('/');
        let made = MADE.into_iter().find(|made| names().next().is_some_and(|top| top.eq_ignore_ascii_case(made)));
        if let Some(name) = made.or_else(|| names().find(|name| name.eq_ignore_ascii_case("node_modules"))) {
            return Err(InvalidPath::Reserved(name.to_owned()));
        }
        if FileKind::of(text).is_none() {
            return Err(InvalidPath::Ending);
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it can be beside this file of the function. A path names one thing, a file or a folder, also where
    /// capitals do not count; and of the two names of an entry, one is taken.
    pub fn check_beside(&self, other: &str) -> Result<(), Clash> {
        let (path, other) = (self.0.clone(), other.to_owned());
        let [mine, theirs] = [&path, &other].map(|path| path.to_ascii_lowercase());
        let is_in = |path: &str, folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let is_entry = |path: &str| [ENTRY, IMPORTED_ENTRY].contains(&path);
        if mine == theirs {
            Err(Clash::Taken(other))
        } else if is_in(&theirs, &mine) {
            Err(Clash::Folder { path, other })
        } else if is_in(&mine, &theirs) {
            Err(Clash::File(other))
        } else if is_entry(&path) && is_entry(&other) {
            Err(Clash::Entry { path, other })
        } else {
            Ok(())
        }
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
        assert_eq!(refused("Package.json/a.ts"), InvalidPath::Reserved("package.json".to_owned()));
        assert_eq!(refused("lib/Node_Modules/a.ts"), InvalidPath::Reserved("Node_Modules".to_owned()));
        assert!(FilePath::parse("lib/package.json").is_ok(), "npm looks for none there");
        assert_eq!(refused(&format!("{}.ts", "a".repeat(118))), InvalidPath::TooLong(121));
        for path in ["a", "a.exe", ".ts", "lib/.json", "a.ts.bak"] {
            assert_eq!(refused(path), InvalidPath::Ending, "{path}");
        }
    }

    #[test]
    fn a_path_names_one_thing_and_a_function_has_one_entry() {
        let said = |path: &str, other: &str| {
            let path = FilePath::parse(path).expect("a path");
            path.check_beside(other).err().map(|clash| clash.to_string()).unwrap_or_default()
        };
        assert_eq!(said("Lib/a.ts", "lib/A.ts"), "There is a file lib/A.ts already.");
        assert_eq!(said("a.ts", "A.ts/b.ts"), "a.ts is a folder already, with A.ts/b.ts in it. Choose another name.");
        assert!(said("a.ts/b.ts", "A.ts").starts_with("A.ts is a file already, and can't be a folder too."));
        for (path, other) in [("index.ts", "index.js"), ("index.js", "index.ts")] {
            let starts = format!("{other} exports the handlers, and {path} would be a second file");
            assert!(said(path, other).starts_with(&starts), "{}", said(path, other));
        }
        // Each is found by its own name, and none of them is an entry.
        for (path, other) in
            [("a.js", "a.ts"), ("index.tsx", "index.ts"), ("lib/index.js", "lib/index.ts"), ("a.ts", "a/b.ts")]
        {
            assert_eq!(said(path, other), "", "{path} beside {other}");
        }
    }

    #[test]
    fn a_text_is_webassembly_where_it_says_a_module_in_base64() {
        assert_eq!(webassembly("AGFzbQEAAAA=").as_deref(), Some(&b"\0asm\x01\0\0\0"[..]));
        assert_eq!(webassembly(" AGFzbQEA\r\nAAA=\n"), webassembly("AGFzbQEAAAA="), "as base64 prints it");
        for text in ["", "AGFzbQEAAAA=;", "bm8gbW9kdWxl", "(module)"] {
            assert_eq!(webassembly(text), None, "{text}");
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
