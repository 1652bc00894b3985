//! TypeScript to an ES module with a source map, in this process: no file is written and no program started.
//!
//! One file becomes one module of the same name with `.js` at its end. Types go, nothing is lowered: workerd runs the
//! current language.

use std::path::Path;

use oxc::{
    allocator::Allocator,
    codegen::{Codegen, CodegenOptions},
    parser::Parser,
    semantic::SemanticBuilder,
    transformer::{TransformOptions, Transformer},
};

use super::{Problem, nesting, source_type};
use crate::{
    deployment::Module,
    function::{FileKind, SourceFile, entry},
};

/// A module and the source map (JSON, version 3) that leads back to its TypeScript.
pub struct Compiled {
    pub module: Module,
    pub map: String,
}

/// The module of the entry comes first.
pub fn compile(files: &[SourceFile]) -> Result<Vec<Compiled>, Problem> {
    let entry = entry(files);
    let others = files.iter().filter(|file| Some(*file) != entry && FileKind::of(&file.path) == Some(FileKind::Code));
    let code: Vec<&SourceFile> = entry.into_iter().chain(others).collect();
    for SourceFile { path, text } in &code {
        nesting::check(path, text)?;
    }
    let path = entry.map_or("", |file| &file.path);
    nesting::with_room(path, || code.iter().map(|file| compile_file(file)).collect())?
}

fn compile_file(file: &SourceFile) -> Result<Compiled, Problem> {
    let SourceFile { path, text } = file;
    let problem = |diagnostic| Problem::new(path, text, diagnostic);
    let allocator = Allocator::default();

    let parsed = Parser::new(&allocator, text, source_type(path)).parse();
    if let Some(error) = parsed.diagnostics.errors().next() {
        return Err(problem(error));
    }
    let mut program = parsed.program;
    let analysed = SemanticBuilder::new().with_enum_eval(true).with_check_syntax_error(true).build(&program);
    if let Some(error) = analysed.diagnostics.errors().next() {
        return Err(problem(error));
    }
    let scoping = analysed.semantic.into_scoping();
    let transformed = Transformer::new(&allocator, Path::new(path), &TransformOptions::default())
        .build_with_scoping(scoping, &mut program);
    if let Some(error) = transformed.diagnostics.errors().next() {
        return Err(problem(error));
    }
    let options = CodegenOptions { source_map_path: Some(path.into()), ..CodegenOptions::default() };
    let printed = Codegen::new().with_options(options).build(&program);
    Ok(Compiled {
        module: Module { name: module_name(path), code: printed.code, map: None },
        map: printed.map.expect("a map is made because its path is set").to_json_string(),
    })
}

fn module_name(path: &str) -> String {
    match path.rsplit_once('.') {
        Some((stem, "ts" | "mts" | "js" | "mjs")) => format!("{stem}.js"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(text: &str) -> Vec<SourceFile> {
        vec![SourceFile { path: "index.ts".to_owned(), text: text.to_owned() }]
    }

    fn problem(text: &str) -> Problem {
        compile(&entry(text)).map(|_| ()).expect_err("a problem")
    }

    #[test]
    fn types_go_and_the_code_stays() {
        let source = "interface Env { KEY: string }\nenum Colour { Red }\n\
                      export default { fetch(r: Request, env: Env) { return new Response(env.KEY as string + Colour.Red) } }";
        let compiled = compile(&entry(source)).map_err(|problem| problem.message).expect("a module");
        let Module { name, code, .. } = &compiled[0].module;
        assert_eq!(name, "index.js");
        assert!(code.contains("env.KEY") && !code.contains("interface") && !code.contains(": Env"), "{code}");
    }

    #[test]
    fn an_error_has_its_line_and_column_as_editors_count_them() {
        let wrong = problem("const a = 1\nconst é🙂 = \"🙂\" +\n}\n");
        assert_eq!(wrong.position.line, 2, "{wrong:?}");
        let wrong = problem("/* 🙂 */ const = 1");
        assert_eq!((wrong.position.line, wrong.position.column), (1, 16), "{wrong:?}");
    }

    #[test]
    fn what_the_parser_lets_pass_and_the_language_forbids_is_an_error_too() {
        assert_eq!(problem("const a = 1\nconst a = 2").position.line, 1);
        assert_eq!(problem("export default {}\nreturn 1").position.line, 2);
    }

    #[test]
    fn text_that_is_cut_anywhere_never_panics() {
        let source = "export default { async fetch(r, env) { return new Response(`ü ${env.KEY} 🙂`) } } // é";
        for end in (0..=source.len()).filter(|end| source.is_char_boundary(*end)) {
            let _ = compile(&entry(&source[..end]));
        }
    }
}
