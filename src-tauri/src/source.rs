//! What a function's TypeScript says, and the JavaScript it becomes: text in, values out. Only what the code imports from
//! packages is read from the disk, out of the one folder that it is told.
//!
//! Nothing here knows which secrets exist: it yields the names that the code uses, and `app` compares.

mod bundle;
mod compile;
pub mod credentials;
mod imports;
mod lines;
mod nesting;
mod references;
mod stack;

pub use bundle::MAX_PROGRAM;
pub use compile::{Program, check, compile};
pub use imports::{NodeUse, node_use};
pub use references::{Reading, Reference, read};
pub use stack::StackMap;

use oxc::{diagnostics::OxcDiagnostic, parser::ParserReturn, semantic::SemanticBuilderReturn, span::SourceType};

use crate::function::{Position, SourceFile};
use lines::Lines;

/// Why code does not compile: the first error, in the parser's words, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    pub message: String,
    pub position: Position,
}

impl Problem {
    /// The first thing that is wrong with a file, if anything is: it does not parse, or says what may not be said.
    fn first(file: &SourceFile, parsed: &ParserReturn<'_>, analysed: &SemanticBuilderReturn<'_>) -> Option<Self> {
        let mut errors = parsed.diagnostics.errors().chain(analysed.diagnostics.errors());
        errors.next().map(|error| Self::new(&file.path, &file.text, error))
    }

    fn new(file: &str, text: &str, diagnostic: &OxcDiagnostic) -> Self {
        let offset = diagnostic.labels.first().map_or(0, |label| label.offset() as usize);
        let mut message = diagnostic.message.trim_end_matches('.').to_owned();
        if let Some(help) = &diagnostic.help {
            message = format!("{message}: {}", help.trim_end_matches('.'));
        }
        Self { message: format!("{message}."), position: position(file, text, offset) }
    }
}

/// What the ending says; everything else is a TypeScript module.
fn source_type(path: &str) -> SourceType {
    match path.rsplit('.').next() {
        Some("js" | "mjs") => SourceType::mjs(),
        Some("jsx") => SourceType::jsx(),
        Some("tsx") => SourceType::tsx(),
        _ => SourceType::ts(),
    }
}

/// Where a byte offset stands, as editors count.
pub fn position(file: &str, text: &str, offset: usize) -> Position {
    Lines::new(file, text).position(offset)
}

/// The byte that a place stands at, or the end of its line where that is shorter.
pub fn offset(text: &str, place: &Position) -> usize {
    let lines = text.match_indices('\n').map(|(at, _)| at + 1);
    let start = std::iter::once(0).chain(lines).nth(place.line.saturating_sub(1) as usize).unwrap_or(text.len());
    let mut left = place.column.saturating_sub(1) as usize;
    let mut at = start;
    for character in text[start..].chars().take_while(|character| *character != '\n') {
        if left < character.len_utf16() {
            break;
        }
        left -= character.len_utf16();
        at += character.len_utf8();
    }
    at
}

/// Sources are at most 1 MiB, so that every count fits.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
