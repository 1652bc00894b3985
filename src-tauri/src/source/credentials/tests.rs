//! What is found, where, under which name; and what the code is once it was moved.

use super::*;
use crate::secret::SecretName;

/// Made up, and put together here so that it stands nowhere in one piece.
fn key() -> String {
    format!("sk_{}_{}", "live", "4kQz81mVbT5yWn0RdXc7Lp")
}

/// `KEY` in the source is the key, `HEAD` and `TAIL` are its halves.
fn file(source: &str) -> Vec<SourceFile> {
    let key = key();
    let text = source.replace("HEAD", &key[..15]).replace("TAIL", &key[15..]).replace("KEY", &key);
    vec![SourceFile { path: "index.ts".to_owned(), text }]
}

fn names(source: &str) -> Vec<(String, String)> {
    let files = file(source);
    Said::read(&files).credentials().into_iter().map(|found| (found.kind, found.name)).collect()
}

/// The code after the one credential in it was moved to MOVED.
fn moved(source: &str) -> Result<String, CannotMove> {
    let files = file(source);
    let said = Said::read(&files);
    let [found] = &said.credentials()[..] else { panic!("one credential is found in {source}") };
    assert_eq!(*found.spot.value, key());
    let (text, edits) = said.moved(&found.spot, &SecretName::parse("MOVED").expect("a name"))?;
    assert!(!edits.is_empty());
    assert!(!text.contains(&key()[..15]) && !text.contains(&key()[15..]), "nothing of it stays in {source}");
    Ok(text)
}

#[test]
fn a_default_is_what_the_names_around_it_say() {
    let drawn = ["9f8e7d6c5b4a3928", "1706f5e4d3c2b1a0"].concat();
    for (code, name) in [
        ("const apiKey = process.env.SERVICE || 'DRAWN'", "API_KEY"),
        ("const settings = { apiKey: bag.service ?? 'DRAWN' }", "SETTINGS_API_KEY"),
        ("const value = env.STRIPE_TOKEN || 'DRAWN'", "STRIPE_TOKEN"),
    ] {
        assert_eq!(names(&code.replace("DRAWN", &drawn)), [("credential".to_owned(), name.to_owned())], "{code}");
    }
    assert_eq!(names(&format!("const version = build.id || '{drawn}'")), []);
}

#[test]
fn the_token_of_the_documentation_is_no_credential() {
    let token = ["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0"];
    assert_eq!(names(&format!("f('{}.{}')", token.join("."), "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U")), []);
}

#[test]
fn a_format_is_told_by_its_provider_and_named_by_it() {
    assert_eq!(names("const a = 'KEY'"), [("Stripe secret key".to_owned(), "STRIPE_SECRET_KEY".to_owned())]);
    // A name that somebody gave it already goes before.
    assert_eq!(names("const a = env.PAYMENT_SECRET ?? 'KEY'")[0].1, "PAYMENT_SECRET");
    assert_eq!(names("// PAYMENT_SECRET=KEY")[0].1, "PAYMENT_SECRET");
}

#[test]
fn a_value_of_nobodys_format_is_named_after_what_holds_it() {
    let drawn = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
    let name = |source: &str| names(&source.replace("DRAWN", drawn)).pop().map(|(_, name)| name);
    assert_eq!(name("const acmeApiKey = 'DRAWN'").as_deref(), Some("ACME_API_KEY"));
    assert_eq!(name("const acme = { token: 'DRAWN' }").as_deref(), Some("ACME_TOKEN"));
    assert_eq!(name("headers.set('X-Acme-Token', 'DRAWN')").as_deref(), Some("ACME_TOKEN"));
    assert_eq!(name("const revision = 'DRAWN'"), None);
    assert_eq!(name("const tokenUrl = 'DRAWN'"), None);
    assert_eq!(name("const tokenAddress = '0xDRAWN'"), None);
    assert_eq!(name("const passwordIcon = 'DRAWN'"), None);
}

#[test]
fn what_is_put_together_is_found_once_where_it_begins() {
    for source in [
        "const a = 'HEAD' + 'TAIL'",
        "const h = 'HEAD'\nconst t = 'TAIL'\nconst a = h + t\nconst b = `${a}`",
        "const h = 'HEAD'\nconst a = `Bearer ${h}TAIL`",
        "const a = ['HEAD', 'TAIL'].join('')",
        "const a = 'HEAD'.concat('TAIL')",
        "const a = 'KEY'\nconst b = `Bearer ${a}`\nconst c = 'x' + a",
        "const a = `${request.url}:${b ? 'KEY' : ''}`",
        // What it is put to has no border towards it.
        "const a = 'prefix' + 'KEY'",
        "const a = `x${'KEY'}x${b}`",
        // What stands in the first declaration has its own kind.
        "const f = () => { let x = 1; return x }, h = 'HEAD'\nconst a = h + 'TAIL'",
    ] {
        let files = file(source);
        let found = Said::read(&files).credentials();
        assert_eq!(found.len(), 1, "{source}");
        assert_eq!(*found[0].spot.value, key(), "{source}");
    }
    // Which of the two is meant cannot be told.
    assert!(names("{ const h = 'HEAD' }\n{ const h = 'x'; f(h + 'TAIL') }").is_empty());
}

#[test]
fn a_long_sum_is_read_in_no_time() {
    let source = format!("const a = {}'HEAD' + 'TAIL' + b", "'a line of a long text. ' + ".repeat(200));
    assert_eq!(names(&source).len(), 1);
    // Nor is one that doubles with each of its constants read to its end.
    let doubled: String = (1..=40).map(|at| format!("const a{at} = `${{a{0}}}${{a{0}}}`\n", at - 1)).collect();
    assert!(names(&format!("const a0 = 'abcdefgh'\n{doubled}")).is_empty());
}

#[test]
fn a_place_is_counted_as_editors_count_behind_escapes_and_wide_characters() {
    let files = file("const é = 1\nf('🙂\\u{41}\\n KEY')");
    let found = Said::read(&files).credentials();
    let [Credential { spot, .. }] = &found[..] else { panic!("one is found") };
    assert_eq!((spot.position.line, spot.position.column), (2, 15));
    assert_eq!(spot.end.column - spot.position.column, u32::try_from(key().len()).expect("it is short"));
}

#[test]
fn code_that_does_not_parse_and_files_that_are_no_code_are_looked_through_too() {
    assert_eq!(names("export default { fetch( { const a = 'KEY'").len(), 1);
    let files = vec![SourceFile { path: "data.json".to_owned(), text: format!("{{\"key\": \"{}\"}}", key()) }];
    let said = Said::read(&files);
    let found = said.credentials();
    assert_eq!(found.len(), 1);
    let refused = said.moved(&found[0].spot, &SecretName::parse("MOVED").expect("a name"));
    assert_eq!(refused.map(|_| ()), Err(CannotMove::NotCode("MOVED".to_owned())));
}

#[test]
fn a_known_value_is_found_as_a_whole_text_and_between_the_borders_of_words() {
    let files = file(
        "f('open sesame')\n// the word is open sesame.\nf('reopen sesame', 'open ' + 'sesame')\nf('re' + 'open sesame' + 's')",
    );
    let said = Said::read(&files);
    let spots = said.recognised(&BTreeSet::from([11]), |part| (part == "open sesame").then_some(()));
    assert!(spots.iter().all(|(spot, ())| *spot.value == "open sesame"));
    let lines: Vec<u32> = spots.iter().map(|(spot, ())| spot.position.line).collect();
    assert_eq!(lines, [1, 3, 4, 2]);
}

#[test]
fn the_value_gives_way_to_the_env_that_is_there() {
    let table = [
        (
            "export default { fetch(r, env) { return f('KEY') } }",
            "export default { fetch(r, env) { return f(env.MOVED) } }",
        ),
        (
            "export default { fetch(r, e) { return f(\"KEY\") } }",
            "export default { fetch(r, e) { return f(e.MOVED) } }",
        ),
        (
            "import { env } from 'cloudflare:workers'\nconst k = 'KEY'",
            "import { env } from 'cloudflare:workers'\nconst k = env.MOVED",
        ),
    ];
    for (before, after) in table {
        assert_eq!(moved(before).as_deref(), Ok(after));
    }
}

#[test]
fn a_name_that_may_be_something_else_is_not_taken_for_the_env() {
    let import = "import { env as workerEnv } from \"cloudflare:workers\"\n\n";
    let of_a_stage = "const of = (env) => env === 'prod' ? 'KEY' : ''\nof(stage)";
    let imported = of_a_stage.replace("'KEY'", "workerEnv.MOVED");
    assert_eq!(moved(of_a_stage).as_deref(), Ok(&*format!("{import}{imported}")));
    for head in [
        "enum Env { Live, Test }\nfunction f(env: Env)",
        "type Env = keyof typeof ALL\nfunction f(env: Env)",
        "type Env = (typeof ALL)[number]\nfunction f(env: Env)",
        "type Env = 1 | 2\nfunction f(env: Env)",
        // Where it may be missing, it is no help, and a promise of it is not it.
        "function f(env?: Env)",
        "function f(env: Env | undefined)",
        "function f(env: Promise<Env>)",
    ] {
        let expected = format!("{import}{head} {{ return workerEnv.MOVED }}");
        assert_eq!(moved(&format!("{head} {{ return 'KEY' }}")).as_deref(), Ok(&*expected));
    }
    // What is given the environment has it, whatever it is called.
    assert_eq!(
        moved("const of = (b) => f(b, 'KEY')\nexport default { fetch(r, e) { return of(e) } }").as_deref(),
        Ok("const of = (b) => f(b, b.MOVED)\nexport default { fetch(r, e) { return of(e) } }")
    );
}

#[test]
fn only_the_entry_has_handlers() {
    let mut files = file("export default { fetch(path, options) { return call(path, options, 'KEY') } }");
    files[0].path = "client.ts".to_owned();
    files.push(SourceFile { path: "index.ts".to_owned(), text: "import './client'\nexport default {}".to_owned() });
    let said = Said::read(&files);
    let [found] = &said.credentials()[..] else { panic!("it is found once") };
    let (text, _) = said.moved(&found.spot, &SecretName::parse("MOVED").expect("a name")).expect("it is moved");
    assert!(text.starts_with("import { env } from \"cloudflare:workers\"\n"), "{text}");
    assert!(text.contains("call(path, options, env.MOVED)"), "{text}");
}

#[test]
fn a_constant_behind_another_thing_of_its_name_is_found_and_not_moved() {
    let code = "const h = 'HEAD'\nuse(h)\nfunction f(h) { return h + 'TAIL' }";
    assert_eq!(moved(code), Err(CannotMove::Shared("h".to_owned())));
    // Elsewhere it is what it was.
    let expected = "import { env } from \"cloudflare:workers\"\n\nf(env.MOVED)\ntype h = (h: string) => void";
    assert_eq!(moved("const h = 'HEAD'\nf(h + 'TAIL')\ntype h = (h: string) => void").as_deref(), Ok(expected));
}

#[test]
fn what_is_left_means_what_it_meant() {
    // Joined, what is undefined says nothing.
    assert_eq!(
        moved("export default { fetch(r, env) { return [r.a || r.b, 'KEY'].join(' ') } }").as_deref(),
        Ok("export default { fetch(r, env) { return `${(r.a || r.b) ?? \"\"} ${env.MOVED}` } }")
    );
    // The semicolon of the constant ended the statement before it, too.
    assert_eq!(
        moved(
            "let a = b\nconst h = 'HEAD';\n[1].map((e) => e)\nexport default { fetch(r, env) { return h + 'TAIL' } }"
        )
        .as_deref(),
        Ok("let a = b\n;\n[1].map((e) => e)\nexport default { fetch(r, env) { return env.MOVED } }")
    );
    assert_eq!(
        moved("let a = b // note;\nconst h = 'HEAD';\n[1].map(f)\nf(h + 'TAIL')").as_deref(),
        Ok("import { env } from \"cloudflare:workers\";\n\nlet a = b // note;\n;\n[1].map(f)\nf(env.MOVED)")
    );
    // Also where two of them go.
    assert_eq!(
        moved("let a = b\nconst h = 'HEAD';\nconst t = 'TAIL';\n[1].map(f)\nf(h + t)").as_deref(),
        Ok("import { env } from \"cloudflare:workers\";\n\nlet a = b\n;\n[1].map(f)\nf(env.MOVED)")
    );
    for before in ["let a = b;", "let a = b"] {
        let code = format!(
            "{before}\nconst h = 'HEAD';\n\n// Said\n/* here */ export default {{ fetch(r, env) {{ return h + 'TAIL' }} }}"
        );
        let expected = code.replace("const h = 'HEAD';\n", "").replace("h + 'TAIL'", "env.MOVED");
        assert_eq!(moved(&code).as_deref(), Ok(&*expected));
    }
    assert_eq!(
        moved("export default { fetch(r, env) { return `\\ud83d\\udd11 \\u{1F511} KEY` } }").as_deref(),
        Ok("export default { fetch(r, env) { return `\\ud83d\\udd11 \\u{1F511} ${env.MOVED}` } }")
    );
}

/// Each of these took from seconds to all of the machine's memory once.
#[test]
fn code_that_is_written_to_take_long_is_read_soon() {
    for text in [
        format!("f({}'')", "a + ".repeat(9_000)),
        format!("f({}b)", "a + ".repeat(9_000)),
        format!("f([{}])", "'KEY', ".repeat(20_000)),
        format!("f('{}')", "a://".repeat(200_000)),
        format!("f('{}')", "=".repeat(300_000)),
        format!("const a = '{}'\nf({}'')", "x".repeat(16_000), "a + ".repeat(9_000)),
        (0..40).fold("const a0 = ''\n".to_owned(), |text, at| text + &format!("const a{} = a{at} + a{at}\n", at + 1)),
    ] {
        assert!(Said::read(&file(&text)).credentials().len() <= MOST);
    }
}

#[test]
fn the_rest_of_a_text_stays_what_it_says() {
    let within = |code: &str| {
        let source = format!("export default {{ fetch(r, env) {{ return {code} }} }}");
        let text = moved(&source).expect("it is moved");
        text["export default { fetch(r, env) { return ".len()..text.len() - " } }".len()].to_owned()
    };
    assert_eq!(within("'Bearer KEY'"), "`Bearer ${env.MOVED}`");
    assert_eq!(within("`Bearer KEY`"), "`Bearer ${env.MOVED}`");
    assert_eq!(within("`KEY`"), "env.MOVED");
    assert_eq!(within("`\\u{41}${r.url} KEY \\n`"), "`\\u{41}${r.url} ${env.MOVED} \\n`");
    assert_eq!(within("'HEAD' + 'TAIL'"), "env.MOVED");
    assert_eq!(within("'Bearer HEAD' + 'TAIL' + r.url"), "`Bearer ${env.MOVED}${r.url}`");
    assert_eq!(within("'`${a}` KEY'"), "`\\`\\${a}\\` ${env.MOVED}`");
    assert_eq!(within("['HEAD', 'TAIL'].join('')"), "env.MOVED");
    assert_eq!(within("('KEY' as string)"), "(env.MOVED as string)");
    assert_eq!(within("{ a: 'KEY' }"), "{ a: env.MOVED }");
    assert_eq!(within("`Bearer ` + 'KEY'"), "`Bearer ${env.MOVED}`");
    assert_eq!(within("`Bearer ${'KEY'}`"), "`Bearer ${env.MOVED}`");
    assert_eq!(within("`a `.concat('KEY')"), "`a ${env.MOVED}`");
    // A quote had kept words apart.
    assert_eq!(
        moved("function f(env: Env) { return'KEY' }").as_deref(),
        Ok("function f(env: Env) { return env.MOVED }")
    );
    assert_eq!(
        moved("function f(env: Env) { throw`KEY`in a }").as_deref(),
        Ok("function f(env: Env) { throw env.MOVED in a }")
    );
}

#[test]
fn where_no_env_is_in_scope_it_is_imported() {
    let import = "import { env } from \"cloudflare:workers\"\n";
    assert_eq!(moved("const k = 'KEY'").as_deref(), Ok(&*format!("{import}\nconst k = env.MOVED")));
    assert_eq!(
        moved("const k = 'KEY';").as_deref(),
        Ok("import { env } from \"cloudflare:workers\";\n\nconst k = env.MOVED;"),
        "lines end as they do"
    );
    assert_eq!(
        moved("import { a } from 'b'\nfunction f(k = 'KEY') {}").as_deref(),
        Ok("import { env } from 'cloudflare:workers'\nimport { a } from 'b'\nfunction f(k = env.MOVED) {}")
    );
    assert_eq!(
        moved("import { WorkerEntrypoint } from 'cloudflare:workers';\nclass A { k = 'KEY' }").as_deref(),
        Ok("import { env, WorkerEntrypoint } from 'cloudflare:workers';\nclass A { k = env.MOVED }")
    );
    // A type is not there when it runs.
    assert_eq!(
        moved("import type { env } from 'cloudflare:workers'\nf('KEY')").as_deref(),
        Ok(
            "import { env as workerEnv } from 'cloudflare:workers'\nimport type { env } from 'cloudflare:workers'\nf(workerEnv.MOVED)"
        )
    );
    // Another thing of this name, and an `env` that is declared later than its parameter.
    assert_eq!(
        moved("const env = 1\nconst k = 'KEY'").as_deref(),
        Ok("import { env as workerEnv } from \"cloudflare:workers\"\n\nconst env = 1\nconst k = workerEnv.MOVED")
    );
}

#[test]
fn constants_that_hold_its_parts_go_with_it_unless_something_else_needs_them() {
    assert_eq!(
        moved("const h = 'HEAD'\nconst t = 'TAIL'\nexport default { fetch(r, env) { return h + t } }").as_deref(),
        Ok("export default { fetch(r, env) { return env.MOVED } }")
    );
    assert_eq!(
        moved("const h = 'HEAD'\nexport default { fetch(r, env) { return `Bearer ${h}TAIL` } }").as_deref(),
        Ok("export default { fetch(r, env) { return `Bearer ${env.MOVED}` } }")
    );
    // What else it says is written out.
    assert_eq!(
        moved("const h = 'https://x.example/?k='\nconst t = h + 'HEAD'\nf(t + 'TAIL')").as_deref(),
        Ok(
            "import { env } from \"cloudflare:workers\"\n\nconst h = 'https://x.example/?k='\nf(`https://x.example/?k=${env.MOVED}`)"
        )
    );
    assert_eq!(moved("const h = 'HEAD'\nf(h)\nf(h + 'TAIL')"), Err(CannotMove::Shared("h".to_owned())));
    assert_eq!(moved("export const h = 'HEAD'\nf(h + 'TAIL')"), Err(CannotMove::Shared("h".to_owned())));
}

#[test]
fn a_constant_that_says_nothing_by_itself_goes_where_a_text_says_what_it_is() {
    let key = ["9f8e7d6c5b4a3928", "1706f5e4d3c2b1a0"].concat();
    let files = file(&format!("const h = '{key}'\nexport default {{ fetch(r, env) {{ return `Bearer ${{h}}` }} }}"));
    let said = Said::read(&files);
    let [found] = &said.credentials()[..] else { panic!("it is found once") };
    let (text, _) = said.moved(&found.spot, &SecretName::parse("MOVED").expect("a name")).expect("it is moved");
    assert_eq!(text, "export default { fetch(r, env) { return `Bearer ${env.MOVED}` } }");
}

#[test]
fn an_attribute_in_jsx_holds_an_expression_as_well() {
    let in_jsx = |source: &str| {
        let file = SourceFile { path: "view.tsx".to_owned(), text: source.replace("KEY", &key()) };
        let files = [SourceFile { path: "index.ts".to_owned(), text: String::new() }, file];
        let said = Said::read(&files);
        let [found] = &said.credentials()[..] else { panic!("one credential is found in {source}") };
        said.moved(&found.spot, &SecretName::parse("MOVED").expect("a name")).map(|(text, _)| text)
    };
    let in_function = |jsx: &str| format!("const view = (env: Env) => <a {jsx}>x</a>");
    assert_eq!(in_jsx(&in_function("href=\"KEY\"")), Ok(in_function("href={env.MOVED}")));
    assert_eq!(in_jsx(&in_function("href='/?key=KEY&b'")), Ok(in_function("href={`/?key=${env.MOVED}&b`}")));
    assert!(in_jsx(&in_function("href='/?a=1&amp;key=KEY'")).is_err(), "an entity means something else in a template");
}

#[test]
fn what_can_only_be_a_text_is_refused_and_a_comment_says_the_name() {
    let fixed = || Err(CannotMove::Fixed("MOVED".to_owned()));
    assert_eq!(moved("f({ 'KEY': 1 })"), fixed());
    assert_eq!(moved("import a from 'https://b.example/KEY'"), fixed());
    assert_eq!(moved("type A = 'KEY'"), fixed());
    assert_eq!(moved("sql`select ${a} KEY`"), fixed());
    assert_eq!(moved("enum A { B = 'KEY' }"), fixed());
    assert_eq!(moved("f('KEY' "), Err(CannotMove::Broken));
    assert_eq!(moved("// it was KEY once").as_deref(), Ok("// it was env.MOVED once"));
}

#[test]
fn text_that_is_cut_anywhere_never_panics() {
    let source =
        file("const h = 'HÉAD'\nf(`${h}é\\u{1F642}🙂 KEY`, 'a' + \"\\x41\" + h, [,'b'].join(','))\n/* é KEY */")
            .remove(0)
            .text;
    for end in (0..=source.len()).filter(|end| source.is_char_boundary(*end)) {
        let files = vec![SourceFile { path: "index.ts".to_owned(), text: source[..end].to_owned() }];
        let said = Said::read(&files);
        said.recognised(&BTreeSet::from([8, 30]), |_| Some(()));
        for found in said.credentials() {
            let _ = said.moved(&found.spot, &SecretName::parse("MOVED").expect("a name"));
        }
    }
}
