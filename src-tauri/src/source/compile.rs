//! The files of a function to the modules that run, each with its source map, in this process: no file is written and no
//! program started.
//!
//! Types go, nothing is lowered: workerd runs the current language. One file that imports nothing but what the runtime
//! has becomes one module by `oxc` alone, in well under a millisecond; everything else is bundled.

use std::path::Path;

use oxc::{
    allocator::Allocator,
    codegen::{Codegen, CodegenOptions},
    parser::Parser,
    semantic::SemanticBuilder,
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

/// `packages` is the folder with the `node_modules` of the function; it need not exist.
pub fn compile(files: &[SourceFile], packages: &Path) -> Result<Program, Problem> {
    let Some(entry) = entry(files) else {
        let message = "The function has no file.".to_owned();
        return Err(Problem { message, position: position("", "", 0) });
    };
    let others = files.iter().filter(|file| file.path != entry.path);
    nesting::with_room(&entry.path, || {
        let imported = check_file(entry)?;
        for import in &imported {
            check_import(files, entry, import)?;
        }
        for file in others {
            for import in check_file(file)? {
                check_import(files, file, &import)?;
            }
        }
        // Only what the entry imports runs.
        let mut origins = imported.iter().map(|import| Origin::of(&import.specifier));
        if imported.iter().all(|import| bundle::is_left_alone(&import.specifier)) {
            let node = origins.any(|origin| matches!(origin, Origin::Node(_)));
            return Ok(Program { modules: vec![compile_file(entry)?], node });
        }
        bundle::bundle(files, entry, packages)
    })?
}

/// What is wrong with the files, each by itself.
pub fn check(files: &[SourceFile]) -> Result<(), Problem> {
    let first = files.first().map_or("", |file| &file.path);
    nesting::with_room(first, || files.iter().try_for_each(|file| check_file(file).map(|_| ())))?
}

/// What is wrong with a file by itself, or else what it imports.
fn check_file(file: &SourceFile) -> Result<Vec<Import>, Problem> {
    if FileKind::of(&file.path) != Some(FileKind::Code) {
        return Ok(Vec::new());
    }
    nesting::check(&file.path, &file.text)?;
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, &file.text, source_type(&file.path)).parse();
    let analysed = SemanticBuilder::new().with_check_syntax_error(true).build(&parsed.program);
    match Problem::first(file, &parsed, &analysed) {
        Some(problem) => Err(problem),
        None => Ok(imports::imports(&parsed.module_record, &file.text)),
    }
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

fn compile_file(file: &SourceFile) -> Result<Module, Problem> {
    let SourceFile { path, text } = file;
    let problem = |diagnostic| Problem::new(path, text, diagnostic);
    let allocator = Allocator::default();

    let mut program = Parser::new(&allocator, text, source_type(path)).parse().program;
    let scoping = SemanticBuilder::new().with_enum_eval(true).build(&program).semantic.into_scoping();
    let transformed = Transformer::new(&allocator, Path::new(path), &TransformOptions::default())
        .build_with_scoping(scoping, &mut program);
    if let Some(error) = transformed.diagnostics.errors().next() {
        return Err(problem(error));
    }
    let options = CodegenOptions { source_map_path: Some(path.into()), ..CodegenOptions::default() };
    let printed = Codegen::new().with_options(options).build(&program);
    let map = printed.map.expect("a map is made because its path is set").to_json_string();
    Ok(Module { name: module_name(path), content: Content::Code(printed.code), map: Some(map) })
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
