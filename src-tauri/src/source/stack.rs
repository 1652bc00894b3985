//! Stacks that name compiled modules, mapped back to the lines of the TypeScript.
//!
//! The runtime ignores source maps. It names a place `file:///bundle/index.js:3:15`, counting from 1; under compatibility
//! dates before 2026-11-17 just `index.js:3:15`.

use std::cell::OnceCell;

use oxc_sourcemap::{SourceMap, Token};

use crate::function::Position;

const BUNDLE: &str = "file:///bundle/";

const PACKAGES: &str = "node_modules/";

/// No stack is longer. What is mapped is what any function prints, and one task maps for all of them.
const MAX_TEXT: usize = 64 * 1024;

/// The maps of one deployment's modules, by module name.
pub struct StackMap(Vec<(String, SourceMap<'static>)>);

impl StackMap {
    /// From pairs of module name and source map. A map that does not parse maps nothing.
    pub fn new<'a>(maps: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let parsed = maps.into_iter().filter_map(|(module, json)| {
            let map = SourceMap::from_json_string(json).ok()?.into_owned();
            Some((module.to_owned(), map))
        });
        Self(parsed.collect())
    }

    /// The text with every place in a known module replaced by its place in the TypeScript, and the first of them in
    /// the function's own code. A text that is too long to be a stack stays as it is.
    pub fn map(&self, text: &str) -> (String, Option<Position>) {
        if text.len() > MAX_TEXT {
            return (text.to_owned(), None);
        }
        let modules: Vec<Module<'_>> = self.0.iter().map(|(name, map)| Module::new(name, map)).collect();
        let mut mapped = String::with_capacity(text.len());
        let mut first = None;
        let mut rest = text;
        while let Some((before, position, after)) = next_place(&modules, rest) {
            mapped.push_str(before);
            mapped.push_str(&format!("{}:{}:{}", position.file, position.line, position.column));
            // The code of a package is nobody's to open here.
            if !position.file.starts_with(PACKAGES) {
                first.get_or_insert(position);
            }
            rest = after;
        }
        mapped.push_str(rest);
        (mapped, first)
    }
}

/// A module while one text is mapped. Most texts name none, so that its table is made when it is asked for.
struct Module<'m> {
    name: &'m str,
    map: &'m SourceMap<'static>,
    table: OnceCell<Vec<&'m [Token]>>,
}

impl<'m> Module<'m> {
    fn new(name: &'m str, map: &'m SourceMap<'static>) -> Self {
        Self { name, map, table: OnceCell::new() }
    }

    /// The first place in this module: what stands before it, where it is in the source, what stands after it.
    fn next_place<'t>(&self, text: &'t str) -> Option<(&'t str, Position, &'t str)> {
        text.match_indices(self.name).find_map(|(at, _)| {
            let before = &text[..at];
            let before = match before.strip_suffix(BUNDLE) {
                Some(before) => before,
                None if before.chars().next_back().is_none_or(|c| c.is_whitespace() || c == '(') => before,
                None => return None,
            };
            let (position, after) = self.place(&text[at + self.name.len()..])?;
            Some((before, position, after))
        })
    }

    /// Reads `:3:15…` into a place in the source and what stands after it.
    fn place<'t>(&self, text: &'t str) -> Option<(Position, &'t str)> {
        let (line, after) = number(text.strip_prefix(':')?)?;
        let (column, after) = after.strip_prefix(':').and_then(number).unwrap_or((1, after));
        let table = self.table.get_or_init(|| self.map.generate_lookup_table());
        let token = self.map.lookup_token_approx(table, line.checked_sub(1)?, column.checked_sub(1)?)?;
        let file = self.map.get_source(token.get_source_id()?)?;
        let (line, column) = (token.get_src_line() + 1, token.get_src_col() + 1);
        Some((Position { file: file.to_owned(), line, column }, after))
    }
}

fn next_place<'t>(modules: &[Module<'_>], text: &'t str) -> Option<(&'t str, Position, &'t str)> {
    modules.iter().filter_map(|module| module.next_place(text)).min_by_key(|(before, _, _)| before.len())
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, &text[end..]))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        deployment::{Content, Module},
        function::SourceFile,
        source::compile,
    };

    fn compiled(text: &str) -> Module {
        let files = [SourceFile { path: "index.ts".to_owned(), text: text.to_owned() }];
        let program = compile(&files, Path::new("/nowhere")).map_err(|problem| problem.message).expect("a program");
        program.modules.into_iter().next().expect("a module")
    }

    #[test]
    fn a_stack_names_the_lines_of_the_typescript() {
        let text = "interface Wide {\n  a: string\n}\n\nfunction fail(): never {\n  throw new Error('no')\n}\nfail()\n";
        let compiled = compiled(text);
        let Content::Code(code) = &compiled.content else { panic!("code") };
        let line = code.lines().position(|line| line.contains("throw")).expect("the throw") + 1;
        let column = code.lines().nth(line - 1).and_then(|line| line.find("new Error")).expect("the error") + 1;
        let maps = StackMap::new([("index.js", compiled.map.as_deref().expect("a map"))]);

        let stack = format!("    at fail (file:///bundle/index.js:{line}:{column})\n    at other (node:internal:1:2)");
        let (mapped, first) = maps.map(&stack);

        assert_eq!(mapped, "    at fail (index.ts:6:9)\n    at other (node:internal:1:2)");
        let (older, _) = maps.map(&stack.replace(BUNDLE, ""));
        assert_eq!(older, mapped);
        assert_eq!(first, Some(Position { file: "index.ts".to_owned(), line: 6, column: 9 }));
    }

    #[test]
    fn a_text_made_of_places_is_mapped_in_passing() {
        let compiled = compiled(&"f(1);\n".repeat(50_000));
        let maps = StackMap::new([("index.js", compiled.map.as_deref().expect("a map"))]);
        let text = " index.js:7:1".repeat(MAX_TEXT / 13);
        let (mapped, first) = maps.map(&text);
        assert_eq!(first.map(|first| first.line), Some(7));
        assert_eq!(mapped, text.replace(".js", ".ts"));
        let long = text.repeat(2);
        assert_eq!(maps.map(&long), (long, None));
    }

    #[test]
    fn a_place_that_is_not_ours_stays_as_it_is() {
        let maps = StackMap::new([("index.js", "not a map")]);
        for text in [
            "",
            "file:///bundle/",
            "at file:///bundle/index.js:9:9",
            "at file:///bundle/other.js:1:1",
            "file:///bundle/index.js:x",
            "https://example.com/index.js:1:1",
            "myindex.js:1:1",
        ] {
            assert_eq!(maps.map(text), (text.to_owned(), None));
        }
    }
}
