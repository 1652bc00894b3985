//! Code that nests without end, in every way that the language has; and code that only looks like it.

use super::*;
use crate::{
    function::{MAX_SOURCE, SourceFile},
    source::{compile, read},
};

fn message(text: &str) -> Option<String> {
    check("index.ts", text).err().map(|problem| problem.message)
}

/// What opens, what stands within, what closes.
const WAYS: &[(&str, &str, &str)] = &[
    ("(", "1", ")"),
    ("[", "1", "]"),
    ("{", "", "}"),
    ("x={a:", "1", "}"),
    ("f(", "1", ")"),
    ("function f(){", "", "}"),
    ("class A{m(){", "", "}}"),
    ("x=>{", "", "}"),
    ("if(a){", "", "}"),
    ("if(a){}else ", ";", ""),
    ("if(a)b,c;else ", ";", ""),
    ("if(a)", ";", ""),
    ("for(;;)", ";", ""),
    ("`${", "1", "}`"),
    ("a?b:", "1", ""),
    ("a?", "1", ":b"),
    ("1+", "1", ""),
    ("a??", "1", ""),
    ("1**", "1", ""),
    ("!", "1", ""),
    ("- ", "1", ""),
    ("typeof ", "1", ""),
    ("new ", "a", ""),
    ("x=>", "1", ""),
    ("async x=>", "1", ""),
    ("a=", "1", ""),
    ("<a>", "1", ""),
    ("a,", "a", ""),
    ("", "a", ".b"),
    ("", "a", "?.b"),
    ("", "a", "()"),
    ("", "a", "[0]"),
    ("", "a", "!"),
    ("", "a", "``"),
    ("", "a", " as a"),
    ("let x:", "a", ""),
    ("type x=", "a", "[]"),
    ("type x=A<", "a", ">"),
    ("type x=keyof ", "a", ""),
    ("type x=a extends b?c:", "a", ""),
    ("type x=()=>", "a", ""),
    ("let [", "a", "]=x"),
];

/// `times` levels of one way; a statement's beginning stands once.
fn nested((open, inner, close): (&str, &str, &str), times: usize) -> String {
    let (start, open) = ["type x=", "let ", "x="]
        .into_iter()
        .find_map(|start| Some((start, open.strip_prefix(start)?)))
        .unwrap_or(("", open));
    let (close, end) = close.strip_suffix("=x").map_or((close, ""), |close| (close, "=x"));
    format!("{start}{}{inner}{}{end}", open.repeat(times), close.repeat(times))
}

fn both(text: String) -> Option<Problem> {
    let files = [SourceFile { path: "index.ts".to_owned(), text }];
    let compiled = compile(&files, std::path::Path::new("/nowhere")).err();
    let read = read(&files, false).problem;
    assert_eq!(compiled.is_some(), read.is_some());
    read
}

/// This test's own thread has 2 MiB, as the threads have that the app reads code on.
#[test]
fn the_deepest_code_ends_in_a_problem_and_not_in_the_end_of_the_app() {
    for way in WAYS {
        let size = way.0.len() + way.2.len();
        let _ = both(nested(*way, MAX_SOURCE / size.max(1)));
    }
    assert!(both("(".repeat(MAX_SOURCE)).is_some());
}

#[test]
fn the_deepest_code_that_is_let_pass_has_room() {
    for way in WAYS {
        let passes = |times: &usize| check("index.ts", &nested(*way, *times)).is_ok();
        let times = [19_000, 9_500, 6_000, 4_500, 3_000, 990, 490].into_iter().find(passes);
        let times = times.unwrap_or_else(|| panic!("{way:?} is refused"));
        both(nested(*way, times));
    }
}

#[test]
fn too_deep_is_said_where_it_becomes_so() {
    let problem = check("index.ts", &format!("let x =\n{}", "(".repeat(5000))).expect_err("a problem");
    assert!(problem.message.contains("nested too deeply"), "{problem}");
    assert_eq!((problem.position.line, problem.position.column), (2, 1001));
    assert!(message(&"1+".repeat(100_000)).is_some_and(|message| message.contains("too long")));
}

#[test]
fn long_code_is_not_deep() {
    for line in [
        "const a = { b: [1, 2, -3], c: (d) => d?.e ?? `f${g(`h`)}` }\n",
        "if (a) { b() } else if (c) { d() } else { e() }\n",
        "if (a) return b;\n",
        "if (a) { b() }\n",
        "interface A { b: string\nc: { d: number } }\n",
        "const text = 'it is (((' + \"and [[[\" + `or {{{` // and ((( here\n",
        "const re = /[/\"'`(]{1,2}\\/(((/g; /* ((( */\n",
        "half = (a) / 2; third = b[0] / \"(\".length;\n",
        "class A { m: Map<string, Map<string, number>> = new Map(); n() { return 1 < 2 } }\n",
        "case 'a': x = y ? z : w; break;\n",
    ] {
        let text = line.repeat(MAX_SOURCE / 4 / line.len());
        assert_eq!(message(&text), None, "{line}");
    }
    let data = format!("const data = [{}]", "{ a: -1, b: '(' },".repeat(20_000));
    assert_eq!(message(&data), None);
    let branches = format!("if (a) b();{}", "else if (a === 'x') { b() }".repeat(2000));
    assert_eq!(message(&branches), None);
}

#[test]
fn text_that_is_cut_anywhere_never_panics() {
    let text = "a(`ü${b}\\`/[\\]/]/g, 'c\\'', \"d\\\\\") /* e */ // f\\";
    for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
        let _ = check("index.ts", &text[..end]);
    }
}

#[test]
fn nothing_hides_how_deep_code_goes() {
    let begins = [
        "//\r",
        "//\u{2028}",
        "// é\u{2029}",
        "'a\\\r\n' + ",
        "a++ /",
        "a-- /",
        "a! /",
        "f<a> /",
        "a.in /",
        "a.default/",
        "of /",
        "if(a)/'/;",
        "if(a)/[\"']/;",
        "x = <a>it's {",
    ];
    for begins in begins {
        for path in ["index.ts", "index.tsx"] {
            let text = format!("{begins}{}", "(".repeat(100_000));
            assert!(check(path, &text).is_err(), "{begins:?}");
        }
    }
    let member = format!("x=1{}", "+a.let".repeat(MAX_CHAIN));
    assert!(check("index.ts", &member).is_err());
}

#[test]
fn brackets_in_what_is_no_code_may_stay_open() {
    let lines = ["const open = /[(]\\(/\n", "// ((\r\n", "say('(', \"[\", `{`, a++ / 2, b! / 3)\n"].concat();
    assert_eq!(message(&lines.repeat(300)), None);
}
