//! A single file, by itself.

use std::path::Path;

use super::*;

fn entry(text: &str) -> Vec<SourceFile> {
    vec![SourceFile { path: "index.ts".to_owned(), text: text.to_owned() }]
}

fn problem(text: &str) -> Problem {
    compile(&entry(text), Path::new("/nowhere")).map(|_| ()).expect_err("a problem")
}

#[test]
fn types_go_and_the_code_stays() {
    let source = "interface Env { KEY: string }\nenum Colour { Red }\n\
                  export default { fetch(r: Request, env: Env) { return new Response(env.KEY as string + Colour.Red) } }";
    let compiled = compile(&entry(source), Path::new("/nowhere")).map_err(|problem| problem.message).expect("a module");
    let Module { name, content, .. } = &compiled.modules[0];
    let Content::Code(code) = content else { panic!("code") };
    assert_eq!(name, "index.js");
    assert!(!compiled.node);
    assert!(code.contains("env.KEY") && !code.contains("interface") && !code.contains(": Env"), "{code}");
}

#[test]
fn node_env_is_production_in_one_file_as_in_many() {
    let source = "export default { fetch() { return new Response(process.env.NODE_ENV) } }";
    let compiled = compile(&entry(source), Path::new("/nowhere")).map_err(|problem| problem.message).expect("a module");
    let Content::Code(code) = &compiled.modules[0].content else { panic!("code") };
    assert!(code.contains("production") && !code.contains("NODE_ENV"), "{code}");
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
        let _ = compile(&entry(&source[..end]), Path::new("/nowhere"));
    }
}

#[test]
fn an_import_that_leads_nowhere_is_said_at_its_place() {
    let wrong = problem("import a from 'node:buffer'\nimport b from './b'");
    assert_eq!((wrong.position.line, wrong.position.column), (2, 15));
    assert!(wrong.message.starts_with("The function has no file “./b”."), "{wrong}");
    let wrong = problem("const a = await import('https://example.com/a.js')");
    assert_eq!((wrong.position.line, wrong.position.column), (1, 24));
}

#[test]
fn what_the_runtime_has_is_left_to_it() {
    let files = entry(
        "import { env } from 'cloudflare:workers'\nimport { Buffer } from 'node:buffer'\nexport default { env, Buffer }",
    );
    let program = compile(&files, Path::new("/nowhere")).map_err(|problem| problem.message).expect("a program");
    let Content::Code(code) = &program.modules[0].content else { panic!("code") };
    assert!(code.contains("cloudflare:workers") && code.contains("node:buffer"), "{code}");
    assert!(program.node);
}
