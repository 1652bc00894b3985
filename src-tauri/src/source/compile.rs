//! The files of a function to the modules that run, each with its source map, in this process: no file is written and no
//! program started.
//!
//! Types go, nothing is lowered: workerd runs the current language. One file that imports nothing but what the runtime
//! has becomes one module by `oxc` alone, in well under a millisecond; everything else is bundled.

use std::path::Path;

use oxc::{
    allocator::Allocator,
    ast::ast,
    codegen::{Codegen, CodegenOptions},
    parser::Parser,
    semantic::{Scoping, SemanticBuilder},
    transformer::{TransformOptions, Transformer},
};

use super::{
    Problem, bundle,
    imports::{self, Import, Origin},
    nesting, position, source_type,
};
use crate::{
    deployment::{Content, Module},
    function::{FileKind, SourceFile, entry},
};

/// What runs of a function.
pub struct Program {
    /// The module of the entry comes first. From each a map leads back to the TypeScript, but from WebAssembly.
    pub modules: Vec<Module>,
    /// Whether it imports what the runtime has with node compatibility only.
    pub node: bool,
}

/// `packages` is the folder with the `node_modules` of the function; it need not exist. Not to be called where futures are
/// driven: bundling runs a runtime of its own.
pub fn compile(files: &[SourceFile], packages: &Path) -> Result<Program, Problem> {
    let Some(entry) = entry(files) else {
        let message = "The function has no file.".to_owned();
        return Err(Problem { message, position: position("", "", 0) });
    };
    let others = files.iter().filter(|file| file.path != entry.path);
    nesting::with_room(|| {
        let allocator = Allocator::default();
        let parsed = parse(&allocator, entry)?;
        for import in &parsed.imports {
            check_import(files, entry, import)?;
        }
        for file in others {
            for import in check_file(file)? {
                check_import(files, file, &import)?;
            }
        }
        // Only what the entry imports runs. The bundler alone says what NODE_ENV is.
        let defines = entry.text.contains("process.env.NODE_ENV");
        if !defines && parsed.imports.iter().all(|import| bundle::is_left_alone(&import.specifier)) {
            let mut origins = parsed.imports.iter().map(|import| Origin::of(&import.specifier));
            let node = origins.any(|origin| matches!(origin, Origin::Node(_)));
            return Ok(Program { modules: vec![parsed.into_module(&allocator, entry)?], node });
        }
        bundle::bundle(files, entry, packages)
    })
}

/// What is wrong with the files, each by itself.
pub fn check(files: &[SourceFile]) -> Result<(), Problem> {
    nesting::with_room(|| files.iter().try_for_each(|file| check_file(file).map(|_| ())))
}

/// What is wrong with a file by itself, or else what it imports.
fn check_file(file: &SourceFile) -> Result<Vec<Import>, Problem> {
    if FileKind::of(&file.path) != Some(FileKind::Code) {
        return Ok(Vec::new());
    }
    parse(&Allocator::default(), file).map(|parsed| parsed.imports)
}

/// A file of code with nothing wrong in it.
struct Parsed<'a> {
    program: ast::Program<'a>,
    scoping: Scoping,
    imports: Vec<Import>,
}

fn parse<'a>(allocator: &'a Allocator, file: &'a SourceFile) -> Result<Parsed<'a>, Problem> {
    nesting::check(&file.path, &file.text)?;
    let parsed = Parser::new(allocator, &file.text, source_type(&file.path)).parse();
    let analysed = SemanticBuilder::new().with_check_syntax_error(true).with_enum_eval(true).build(&parsed.program);
    if let Some(problem) = Problem::first(file, &parsed, &analysed) {
        return Err(problem);
    }
    let imports = imports::imports(&parsed.program, &parsed.module_record);
    let scoping = analysed.semantic.into_scoping();
    Ok(Parsed { program: parsed.program, scoping, imports })
}

fn check_import(files: &[SourceFile], file: &SourceFile, import: &Import) -> Result<(), Problem> {
    let specifier = &import.specifier;
    let message = match Origin::of(specifier) {
        Origin::File if imports::find(files, &file.path, specifier).is_none() => {
            format!("The function has no file “{specifier}”. Make it with New file, or correct the name.")
        }
        Origin::Nowhere => {
            format!("“{specifier}” can't be imported: it is neither a file of the function nor the name of a package.")
        }
        _ => return Ok(()),
    };
    Err(Problem { message, position: position(&file.path, &file.text, import.offset) })
}

impl<'a> Parsed<'a> {
    fn into_module(mut self, allocator: &'a Allocator, file: &SourceFile) -> Result<Module, Problem> {
        let SourceFile { path, text } = file;
        let transformed = Transformer::new(allocator, Path::new(path), &TransformOptions::default())
            .build_with_scoping(self.scoping, &mut self.program);
        if let Some(error) = transformed.diagnostics.errors().next() {
            return Err(Problem::new(path, text, error));
        }
        let options = CodegenOptions { source_map_path: Some(path.into()), ..CodegenOptions::default() };
        let printed = Codegen::new().with_options(options).build(&self.program);
        let map = printed.map.expect("a map is made because its path is set").to_json_string();
        Ok(Module { name: module_name(path), content: Content::Code(printed.code), map: Some(map) })
    }
}

/// What stacks call the module of the entry.
pub(super) fn module_name(path: &str) -> String {
    match path.rsplit_once('.') {
        Some((stem, "ts" | "tsx" | "mts" | "js" | "jsx" | "mjs")) => format!("{stem}.js"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests;
