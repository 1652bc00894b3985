//! Where byte offsets stand in a file, as editors count: lines from 1, columns from 1 in UTF-16 code units. No question takes
//! long, also where all of a file is one line.

use std::sync::OnceLock;

use oxc::span::Span;

use super::count;
use crate::function::{Line, Position};

/// In bytes: how often the code units are counted up to.
const STRIDE: usize = 256;

pub(super) struct Lines<'f> {
    path: &'f str,
    text: &'f str,
    /// Where each begins, in bytes.
    starts: Vec<usize>,
    /// The code units before every `STRIDE`th byte, once a long line asks for them.
    units: OnceLock<Vec<usize>>,
}

impl<'f> Lines<'f> {
    pub(super) fn new(path: &'f str, text: &'f str) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { path, text, starts: std::iter::once(0).chain(starts).collect(), units: OnceLock::new() }
    }

    pub(super) fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|start| *start <= offset);
        let column = count(self.between(self.starts[line - 1], offset) + 1);
        Position { file: self.path.to_owned(), line: count(line), column }
    }

    /// What goes on past its line ends with it.
    pub(super) fn of(&self, span: Span) -> Line {
        let text = self.text;
        let start = text.floor_char_boundary(span.start as usize);
        let from = self.position(start);
        let end = self.starts.get(from.line as usize).map_or(text.len(), |next| next - 1);
        let to = text.floor_char_boundary(span.end as usize).min(end).max(start);
        Line {
            file: from.file,
            line: from.line,
            column: from.column,
            end: from.column + count(self.between(start, to)),
        }
    }

    /// How many code units stand between two bytes that begin a character.
    fn between(&self, from: usize, to: usize) -> usize {
        if to - from <= STRIDE {
            code_units(&self.text.as_bytes()[from..to])
        } else {
            self.before(to) - self.before(from)
        }
    }

    fn before(&self, offset: usize) -> usize {
        let bytes = self.text.as_bytes();
        let units = self.units.get_or_init(|| {
            let mut units = vec![0];
            for stretch in bytes.chunks(STRIDE) {
                units.push(units[units.len() - 1] + code_units(stretch));
            }
            units
        });
        let counted = offset / STRIDE;
        units[counted] + code_units(&bytes[counted * STRIDE..offset])
    }
}

/// One for each character, two for one of four bytes: counted where it begins.
fn code_units(bytes: &[u8]) -> usize {
    bytes.iter().map(|byte| usize::from(byte & 0xC0 != 0x80) + usize::from(*byte >= 0xF0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_in_code_units_from_the_beginning_of_its_line() {
        let text = format!("one\n\u{e9}\u{1F600}x\r\n{}end\n\n", "\u{1F600}\u{e9}a".repeat(200));
        let lines = Lines::new("index.ts", &text);
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let before = &text[..offset];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap().encode_utf16().count() + 1;
            let position = lines.position(offset);
            assert_eq!((position.line as usize, position.column as usize), (line, column), "at byte {offset}");
        }
        // Within a character, and past the end.
        assert_eq!(lines.position(7), lines.position(6));
        assert_eq!(lines.position(usize::MAX), lines.position(text.len()));
    }

    #[test]
    fn a_stretch_ends_with_its_line() {
        let line = |from, to| {
            let Line { line, column, end, .. } = Lines::new("index.ts", "ab\ncd\n").of(Span::new(from, to));
            (line, column, end)
        };
        assert_eq!(line(0, 2), (1, 1, 3));
        assert_eq!(line(1, 5), (1, 2, 3));
        assert_eq!(line(4, 5), (2, 2, 3));
        // An empty one, behind the last line.
        assert_eq!(line(6, 6), (3, 1, 1));
    }
}
