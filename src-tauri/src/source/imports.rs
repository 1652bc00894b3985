//! What the files of a function import, and where each of it comes from.
//!
//! The import of a type alone is none: nothing of it is left in the program.

use oxc::{
    ast::ast::{JSXElement, JSXFragment, Program},
    ast_visit::Visit,
    span::Span,
    syntax::module_record::ModuleRecord,
};

use crate::function::{FileKind, SourceFile};

/// One import in the code, in the order of the code.
pub(super) struct Import {
    pub(super) specifier: String,
    pub(super) offset: usize,
}

/// Where an import comes from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Origin<'s> {
    /// `./greeting`: a file of the function.
    File,
    /// `cloudflare:workers`: the runtime has it under this name.
    Runtime,
    /// `node:buffer` or `buffer`: the runtime has it where node compatibility is on. Without the prefix.
    Node(&'s str),
    /// `@scope/name/part`: the package of this name.
    Package(&'s str),
    /// A web address, a path on the disk, or no name at all.
    Nowhere,
}

impl<'s> Origin<'s> {
    pub(super) fn of(specifier: &'s str) -> Self {
        if let Some(name) = specifier.strip_prefix("node:") {
            return Self::Node(name);
        }
        if ["cloudflare:", "workerd:"].iter().any(|prefix| specifier.starts_with(prefix)) {
            return Self::Runtime;
        }
        if specifier == "." || specifier == ".." || specifier.starts_with("./") || specifier.starts_with("../") {
            return Self::File;
        }
        let first = specifier.split('/').next();
        if NODE.split_whitespace().any(|name| Some(name) == first) {
            return Self::Node(specifier);
        }
        package(specifier).map_or(Self::Nowhere, Self::Package)
    }
}

/// The package that an import names: `@scope/name` of `@scope/name/part`.
fn package(specifier: &str) -> Option<&str> {
    let names = if specifier.starts_with('@') { 2 } else { 1 };
    let end = specifier.match_indices('/').nth(names - 1).map_or(specifier.len(), |(at, _)| at);
    let name = &specifier[..end];
    is_package(name).then_some(name)
}

/// Whether npm may have a package of this name.
fn is_package(name: &str) -> bool {
    let bare = match name.strip_prefix('@') {
        Some(scoped) => match scoped.split_once('/') {
            Some((scope, bare)) if is_name(scope) => bare,
            _ => return false,
        },
        None => name,
    };
    name.len() <= 214 && is_name(bare) && bare != "node_modules"
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(plain)
}

/// Every import, static or dynamic, whose name stands in the code, and the one that JSX is compiled to.
pub(super) fn imports(program: &Program<'_>, record: &ModuleRecord<'_>) -> Vec<Import> {
    let text = program.source_text;
    let mut found: Vec<Import> = Vec::new();
    for (specifier, requests) in &record.requested_modules {
        for request in requests.iter().filter(|request| !request.is_type) {
            found.push(Import { specifier: specifier.to_string(), offset: request.span.start as usize });
        }
    }
    for import in &record.dynamic_imports {
        if let Some(specifier) = literal(text, import.module_request) {
            found.push(Import { specifier: specifier.to_owned(), offset: import.module_request.start as usize });
        }
    }
    found.extend(of_jsx(program));
    found.sort_by_key(|import| import.offset);
    found
}

/// `/** @jsxImportSource hono/jsx */`, or React where nothing is said.
fn of_jsx(program: &Program<'_>) -> Option<Import> {
    if !program.source_type.is_jsx() {
        return None;
    }
    let mut first = FirstJsx(None);
    first.visit_program(program);
    let offset = first.0?.start as usize;
    let comments = program.comments.iter().map(|comment| comment.content_span().source_text(program.source_text));
    let (mut source, mut classic) = (None, false);
    for said in comments.map(|said| said.trim_start_matches(|c: char| c == '*' || c.is_whitespace())) {
        let mut words = said.split_whitespace();
        match (words.next(), words.next()) {
            (Some("@jsxImportSource"), Some(said)) => source = Some(said),
            (Some("@jsxRuntime"), Some(said)) => classic = said == "classic",
            _ => {}
        }
    }
    if classic {
        return None;
    }
    // Where the name of another import begins, there is a quote in front of it.
    Some(Import { specifier: format!("{}/jsx-runtime", source.unwrap_or("react")), offset: offset.saturating_sub(1) })
}

struct FirstJsx(Option<Span>);

impl<'a> Visit<'a> for FirstJsx {
    fn visit_jsx_element(&mut self, element: &JSXElement<'a>) {
        self.0.get_or_insert(element.span);
    }

    fn visit_jsx_fragment(&mut self, fragment: &JSXFragment<'a>) {
        self.0.get_or_insert(fragment.span);
    }
}

fn literal(text: &str, span: Span) -> Option<&str> {
    let written = text.get(span.start as usize..span.end as usize)?;
    let quote = written.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'))?;
    let inner = written.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains(['\\', '$'])).then_some(inner)
}

/// The file that a relative import names.
pub(super) fn find<'f>(files: &'f [SourceFile], importer: &str, specifier: &str) -> Option<&'f SourceFile> {
    let at = |path: &str| files.iter().find(|file| file.path == path && FileKind::of(path).is_some());
    resolve(importer, specifier, at)
}

/// What is at the path that a relative import names, as TypeScript finds it: with or without its ending, `.js` for
/// `.ts`, or the `index` of a folder.
pub(super) fn resolve<T>(importer: &str, specifier: &str, at: impl Fn(&str) -> Option<T>) -> Option<T> {
    let mut names: Vec<&str> = importer.split('/').collect();
    names.pop();
    // wrangler's way to ask for a module.
    for name in specifier.strip_suffix("?module").unwrap_or(specifier).split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop()?;
            }
            name => names.push(name),
        }
    }
    let path = names.join("/");
    let written = [(".js", ".ts"), (".js", ".tsx"), (".mjs", ".mts"), (".jsx", ".tsx")];
    let endings = [".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs", ".json"];
    at(&path)
        .or_else(|| {
            written.iter().find_map(|(js, ts)| path.strip_suffix(js).and_then(|stem| at(&format!("{stem}{ts}"))))
        })
        .or_else(|| endings.iter().find_map(|ending| at(&format!("{path}{ending}"))))
        .or_else(|| endings.iter().find_map(|ending| at(format!("{path}/index{ending}").trim_start_matches('/'))))
}

/// What of Node the code may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeUse {
    pub modules: bool,
    pub globals: bool,
}

/// Looked for in the text and not in what it parses to, so that a line that is being typed takes nothing back.
pub fn node_use(files: &[SourceFile]) -> NodeUse {
    let any = |uses: fn(&str) -> bool| files.iter().any(|file| uses(&file.text));
    NodeUse { modules: any(imports_node), globals: any(names_global) }
}

fn imports_node(text: &str) -> bool {
    text.match_indices(['\'', '"']).any(|(at, _)| {
        let before = text[..at].trim_end();
        let imported = ["from", "import", "import(", "require("].iter().any(|word| before.ends_with(word));
        let name = text[at + 1..].split(['\n', '\'', '"']).next().unwrap_or_default();
        imported && matches!(Origin::of(name), Origin::Node(_))
    })
}

fn names_global(text: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    ["Buffer", "process", "NodeJS"].iter().any(|name| {
        text.match_indices(name)
            .any(|(at, _)| !text[..at].ends_with(part) && !text[at + name.len()..].starts_with(part))
    })
}

/// What node calls its own modules.
const NODE: &str = "assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns \
    domain events fs http http2 https inspector module net os path perf_hooks process punycode querystring \
    readline repl stream string_decoder sys timers tls trace_events tty url util v8 vm wasi worker_threads zlib";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_says_where_it_comes_from() {
        for (specifier, origin) in [
            ("./a", Origin::File),
            ("..", Origin::File),
            ("cloudflare:workers", Origin::Runtime),
            ("node:buffer", Origin::Node("buffer")),
            ("fs/promises", Origin::Node("fs/promises")),
            ("hono", Origin::Package("hono")),
            ("hono/jwt", Origin::Package("hono")),
            ("@scope/name/part", Origin::Package("@scope/name")),
            ("https://example.com/a.js", Origin::Nowhere),
            ("/etc/passwd", Origin::Nowhere),
            ("@scope", Origin::Nowhere),
            ("-rf", Origin::Nowhere),
            ("a b", Origin::Nowhere),
            ("", Origin::Nowhere),
        ] {
            assert_eq!(Origin::of(specifier), origin, "{specifier}");
        }
    }

    #[test]
    fn node_is_used_where_the_code_imports_it_or_names_a_global_of_it() {
        let used = |text: &str| {
            let file = SourceFile { path: "index.ts".to_owned(), text: text.to_owned() };
            let NodeUse { modules, globals } = node_use(&[file]);
            (modules, globals)
        };
        assert_eq!(used("import { createHmac } from \"node:crypto\""), (true, false));
        assert_eq!(used("import 'node:process'"), (true, true));
        assert_eq!(used("const { a } = await import( 'buffer' )"), (true, false));
        assert_eq!(used("import {  } from 'node:crypto'\nenv."), (true, false), "in mid-typing");
        assert_eq!(used("import x from '"), (false, false));
        assert_eq!(used("const url = { \"url\": 'path' }; import y from './path'"), (false, false));
        assert_eq!(used("Buffer.from(a)"), (false, true));
        assert_eq!(used("if (process.env.API_KEY) {}"), (false, true));
        assert_eq!(used("new ArrayBuffer(8); processed(preprocess, $process)"), (false, false));
    }

    #[test]
    fn a_relative_import_finds_its_file_as_typescript_does() {
        let file = |path: &&str| SourceFile { path: (*path).to_owned(), text: String::new() };
        let files: Vec<SourceFile> =
            ["index.ts", "lib/key.ts", "lib/index.ts", "view.tsx", "data.json", "a.js"].iter().map(file).collect();
        let found = |importer, specifier| find(&files, importer, specifier).map(|file| file.path.as_str());
        assert_eq!(found("index.ts", "./lib/key"), Some("lib/key.ts"));
        assert_eq!(found("index.ts", "./lib/key.js"), Some("lib/key.ts"));
        assert_eq!(found("index.ts", "./lib"), Some("lib/index.ts"));
        assert_eq!(found("index.ts", "./lib/"), Some("lib/index.ts"));
        assert_eq!(found("lib/key.ts", "."), Some("lib/index.ts"));
        assert_eq!(found("lib/key.ts", ".."), Some("index.ts"));
        assert_eq!(found("lib/key.ts", "../view.js"), Some("view.tsx"));
        assert_eq!(found("lib/key.ts", "../data.json"), Some("data.json"));
        assert_eq!(found("index.ts", "./a"), Some("a.js"));
        assert_eq!(found("index.ts", "../a"), None);
        assert_eq!(found("index.ts", "./b"), None);
    }
}
