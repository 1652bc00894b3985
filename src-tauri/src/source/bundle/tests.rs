//! Several files, and packages that lie in a folder of the test's.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;
use crate::source::{StackMap, compile};

fn files(files: &[(&str, &str)]) -> Vec<SourceFile> {
    files.iter().map(|(path, text)| SourceFile { path: (*path).to_owned(), text: (*text).to_owned() }).collect()
}

fn program(sources: &[(&str, &str)], packages: &Path) -> Program {
    compile(&files(sources), packages).map_err(|problem| format!("{problem:?}")).expect("a program")
}

fn refused(sources: &[(&str, &str)], packages: &Path) -> Problem {
    compile(&files(sources), packages).map(|_| ()).expect_err("a problem")
}

fn map(program: &Program) -> &str {
    program.modules[0].map.as_deref().expect("a map")
}

fn code(program: &Program) -> &str {
    match &program.modules[0].content {
        Content::Code(code) => code,
        Content::Wasm(_) => panic!("the entry is code"),
    }
}

/// A folder with packages, each a list of files.
fn installed(packages: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in packages {
        let path = folder.path().join("node_modules").join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

const NOWHERE: &str = "/nowhere/at/all";

#[test]
fn files_that_lie_nowhere_become_one_module() {
    let program = program(
        &[
            (
                "index.ts",
                "import { key } from './lib/key.js'\nimport page from './page.html'\nimport data from './data.json'\nexport class Extra {}\nexport default { fetch: () => new Response(key('a') + page + data.list[0]) }",
            ),
            ("lib/key.ts", "import { more } from '.'\nexport const key = (name: string) => name + more"),
            ("lib/index.ts", "export const more: string = 'more'"),
            ("page.html", "<b>“hi”</b>"),
            ("data.json", "{ \"list\": [1] }"),
            ("unused.ts", "throw 1"),
        ],
        Path::new(NOWHERE),
    );
    assert_eq!(program.modules.len(), 1);
    assert_eq!(program.modules[0].name, "index.js");
    let code = code(&program);
    assert!(code.contains("<b>“hi”</b>") && code.contains("\"more\"") && !code.contains("throw 1"), "{code}");
    assert!(code.contains("Extra") && code.contains("as default"), "{code}");
    assert!(!code.contains(NOWHERE) && !map(&program).contains(NOWHERE), "{code}");
}

#[test]
fn a_stack_names_the_line_of_the_file_that_threw() {
    let program = program(
        &[
            ("index.ts", "import { fail } from './lib/fail'\nexport default { fetch: () => fail('a') }"),
            ("lib/fail.ts", "interface A {}\n\nexport function fail(why: string): never {\n  throw new Error(why)\n}"),
        ],
        Path::new(NOWHERE),
    );
    let code = code(&program);
    let line = code.lines().position(|line| line.contains("throw")).expect("the throw") + 1;
    let column = code.lines().nth(line - 1).and_then(|line| line.find("new Error")).expect("the error") + 1;
    let maps = StackMap::new([("index.js", map(&program))]);
    let (mapped, first) = maps.map(&format!("at fail (file:///bundle/index.js:{line}:{column})"));
    assert_eq!(mapped, "at fail (lib/fail.ts:4:9)");
    assert_eq!(first, Some(Position { file: "lib/fail.ts".to_owned(), line: 4, column: 9 }));
}

#[test]
fn a_wasm_file_stays_a_module_of_its_own() {
    let wasm = STANDARD.encode(b"\0asm\x01\0\0\0");
    let program = program(
        &[
            ("index.ts", "import { run } from './lib/run'\nexport default { fetch: () => run() }"),
            ("lib/run.ts", "import add from './add.wasm'\nexport const run = () => new WebAssembly.Instance(add)"),
            ("lib/add.wasm", &wasm),
        ],
        Path::new(NOWHERE),
    );
    let names: Vec<&str> = program.modules.iter().map(|module| module.name.as_str()).collect();
    assert_eq!(names, ["index.js", "lib/add.wasm"]);
    assert!(code(&program).contains("from \"./lib/add.wasm\""), "{}", code(&program));
    assert!(program.modules[1].content == Content::Wasm(b"\0asm\x01\0\0\0".to_vec()));
}

#[test]
fn a_wasm_file_without_a_module_in_it_is_named() {
    for text in ["", "(module)", "bm8gbW9kdWxl"] {
        let sources = [("index.ts", "import add from './add.wasm'\nexport default add"), ("add.wasm", text)];
        let problem = refused(&sources, Path::new(NOWHERE));
        let said = "add.wasm has no WebAssembly in it: its text is to be a module in Base64.";
        assert_eq!(problem.message, said, "{text}");
    }
}

#[test]
fn packages_come_from_the_folder_of_the_function_under_the_conditions_of_workers() {
    let folder = installed(&[
        (
            "shape/package.json",
            r#"{ "name": "shape", "exports": { ".": { "node": "./node.js", "workerd": "./worker.js", "default": "./other.js" } } }"#,
        ),
        ("shape/worker.js", "export { area } from './area.mjs'"),
        (
            "shape/area.mjs",
            "import EventEmitter from 'events'\nexport const area = () => 'for workers' + EventEmitter.name",
        ),
        ("@old/one/package.json", r#"{ "name": "@old/one", "main": "main.js" }"#),
        (
            "@old/one/main.js",
            "const { inherits } = require('util')\nmodule.exports = { old: () => 'old' + inherits.name }",
        ),
    ]);
    let program = program(
        &[(
            "index.ts",
            "import { area } from 'shape'\nimport { old } from '@old/one'\nexport default { fetch: () => new Response(area() + old()) }",
        )],
        folder.path(),
    );
    let code = code(&program);
    assert!(code.contains("for workers") && code.contains("from \"node:events\""), "{code}");
    assert!(code.contains("from \"node:util\"") && !code.contains("require(\"util\")"), "{code}");
    assert!(program.node);
    assert!(map(&program).contains("node_modules/shape/area.mjs"), "{}", map(&program));
}

#[test]
fn what_is_not_installed_stops_at_its_import() {
    let folder = installed(&[
        ("half/package.json", r#"{ "name": "half", "main": "main.js", "type": "module" }"#),
        ("half/main.js", "import 'other-half'\nexport const half = 1"),
    ]);
    let wrong = refused(
        &[("index.ts", "import { half } from 'half'\nexport default { fetch: () => new Response(String(half)) }")],
        folder.path(),
    );
    assert!(
        wrong.message.contains("other-half") && !wrong.message.contains(&*folder.path().to_string_lossy()),
        "{wrong}"
    );
    assert_eq!(wrong.position.file, "index.ts");
}

#[test]
fn packages_of_the_folders_above_are_not_taken() {
    let above = installed(&[("above/package.json", "{}"), ("above/index.js", "export const above = 1")]);
    let folder = above.path().join("function");
    fs::create_dir_all(folder.join("node_modules")).expect("a folder");
    let wrong = refused(&[("index.ts", "import { above } from 'above'\nexport default { above }")], &folder);
    assert!(wrong.message.contains("above"), "{wrong}");
}

#[test]
fn a_name_that_a_file_does_not_export_is_said_at_its_place() {
    let wrong = refused(
        &[("index.ts", "import { kye } from './key'\nexport default { kye }"), ("key.ts", "export const key = 1")],
        Path::new(NOWHERE),
    );
    assert_eq!(wrong.message, "\"kye\" is not exported by \"key.ts\", imported by \"index.ts\".");
    assert_eq!(wrong.position, Position { file: "index.ts".to_owned(), line: 1, column: 10 });
}

#[test]
fn code_of_a_package_that_is_nested_too_deeply_is_refused_and_ends_nothing() {
    let deep = format!("export const deep = {}1{}", "[".repeat(50_000), "]".repeat(50_000));
    let folder = installed(&[("deep/package.json", r#"{ "type": "module" }"#), ("deep/index.js", &deep)]);
    let wrong = refused(&[("index.ts", "import { deep } from 'deep'\nexport default { deep }")], folder.path());
    assert!(wrong.message.contains("nested too deeply"), "{wrong}");
}

#[test]
fn a_program_that_is_too_large_is_refused_with_numbers() {
    let text = "x".repeat(MAX_PROGRAM + 1024 * 1024);
    let folder = installed(&[("large/package.json", "{}"), ("large/text.txt", &text)]);
    let wrong = refused(
        &[("index.ts", "import text from 'large/text.txt'\nexport default { fetch: () => new Response(text) }")],
        folder.path(),
    );
    assert!(wrong.message.starts_with("The function has 17.0 MiB with its packages; 16 MiB are deployed."), "{wrong}");
}
