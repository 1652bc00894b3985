//! Names of secrets that are put together, chosen or listed somewhere else.

use super::*;

#[test]
fn names_are_read_out_of_lists_and_objects() {
    let with = |keys: &str, rest: &str| summary(&format!("const KEYS = {keys}\nconst f = (env, x) => {{\n{rest} }}"));
    for (keys, rest, expected) in [
        ("{ a: 'A', b: 'B' }", "env[KEYS[x]]", "A@3 B@3"),
        ("Object.freeze({ a: 'A', b: 'B' })", "env[KEYS[x]] + env[KEYS.a]", "A@3 B@3"),
        ("{ a: 'A', b: 'B' }", "for (const k of Object.values(KEYS)) env[k]", "A@1 B@1"),
        ("{ a: 'A', b: 'B' }", "for (const [n, k] of Object.entries(KEYS)) env[k]", "A@1 B@1"),
        ("{ A: 'for a', B: 'for b' }", "for (const [k] of Object.entries(KEYS)) env[k]", "A@1 B@1"),
        ("{ A: 'for a', B: 'for b' }", "Object.keys(KEYS).filter((k) => env[k])", "A@1 B@1"),
        ("[{ id: 1, key: 'A' }, { id: 2, key: 'B' }]", "for (const p of KEYS) env[p.key]", "A@1 B@1"),
        ("[{ id: 1, key: 'A' }, { id: 2, key: 'B' }]", "KEYS.map(({ key }) => env[key])", "A@1 B@1"),
        ("[['x', 'A'], ['y', 'B']]", "for (const [n, k] of KEYS) env[k]", "A@1 B@1"),
        ("[['x', 'A'], [...x, 'B']]", "for (const [n, k] of KEYS) env[k]", "A@1 ?3"),
        ("{ a: { key: 'A' }, b: { key: 'B' } }", "const one = KEYS[x] ?? KEYS.a; env[one.key]", "A@1 B@1"),
        ("{ a: { key: 'A' }, b: { key: 'B' } }", "const one = KEYS['a']; env[one.key]", "A@1"),
        ("[{ part: { key: 'A' }, key: 'NONE' }]", "KEYS.map(({ part }) => env[part.key])", "?3"),
        ("['A']", "for (const k of [...KEYS, 'B']) env[k]", "A@1 B@3"),
        ("['A', 'B']", "KEYS.filter((k) => k in env).map((k) => env[k])", "A@1 B@1"),
        ("{ a: { key: 'A' }, b: { key: 'B' } }", "const one = KEYS[x]; env[one.key]", "A@1 B@1"),
        ("[{ id: 1, key: 'A' }, { id: 2, key: 'B' }]", "const one = KEYS.find(x)!; env[one.key]", "A@1 B@1"),
        ("{ all: ['A', 'B'] }", "for (const k of KEYS.all) env[k]", "A@1 B@1"),
        ("{ all: ['A', 'B'] }", "KEYS.all = x; for (const k of KEYS.all) env[k]", "?3"),
        ("{ a: { key: 'A' }, b: x }", "const one = KEYS[x]; env[one.key]", "A@1 ?3"),
        ("['A', 'B']", "KEYS.map((k) => env[k]); KEYS.push(x)", "?3"),
        ("{ a: 'A', ...more }", "env[KEYS[x]]", "A@3 ?3"),
        ("{ a: 'A', b: 'B' }", "KEYS[x] = x; env[KEYS[x]]", "?3"),
        ("{ a: 'A', b: 'B' }", "Object.assign(KEYS, x); env[KEYS[x]]", "?3"),
        ("{ a: 'A', b: x }", "env[KEYS[x]]", "A@3 ?3"),
        ("[{ id: 1, key: 'A' }, { id: 2 }]", "for (const p of KEYS) env[p.key]", "A@1 ?3"),
    ] {
        assert_eq!(with(keys, rest), expected, "{keys} {rest}");
    }
}

#[test]
fn names_are_followed_to_where_they_are_chosen() {
    check(&[
        ("const pick = (x) => { if (x) return 'A'\n return 'B' }\nconst f = (env) => env[pick(x)]", "A@3 B@3"),
        ("const pick = (x) => `${x}_KEY`\nconst f = (env) => env[pick('A')]", "A_KEY@2"),
        ("type Of = 'A' | 'B'\nconst f = (env: Env, x: Of) => env[`${x}_KEY`]", "A_KEY@2 B_KEY@2"),
        ("type Of = 'A' | string\nconst f = (env: Env, x: Of) => env[`${x}_KEY`]", "?2"),
        ("const pick = (x) => x ? 'A' : other(x)\nconst f = (env) => env[pick(x)]", "A@2 ?2"),
        ("const f = (env, x) => { let n = 'A'; if (x) n = 'B'\n return env[n] }", "A@1 B@1"),
        ("const f = (env, x) => { let n; if (x) n = 'A'; else n = 'B'\n return env[n] }", "A@1 B@1"),
        ("const f = (env, x) => { let n = 'A'; if (x) n = x.y\n return env[n] }", "?2"),
        ("const f = (env, x) => { let n = 'A'; n += 'B'\n return env[n] }", "?2"),
        ("const f = (env, x) => { let n = 'A'; n = n + 'B'\n return env[n] }", "?2"),
    ]);
}

#[test]
fn lists_of_names_are_followed_to_the_calls() {
    let check_all = "function all(env, names) { for (const n of names) env[n] }";
    let need = "const need = (env, ...names) => names.map((n) => env[n])";
    for (text, expected) in [
        (format!("{check_all}\nconst f = (env) => all(env, ['A', 'B'])"), "A@2 B@2"),
        (format!("{check_all}\nconst ALL = ['A']\nconst f = (env) => all(env, ALL)"), "A@2"),
        (format!("{check_all}\nconst ALL = ['A']\nconst f = (env) => {{ fill(ALL); all(env, ALL) }}"), "?1"),
        (format!("{check_all}\nconst ALL = ['A'] as const\nconst f = (env) => all(env, ALL)"), "A@2"),
        (format!("{check_all}\nconst ALL = ['A']\nconst f = (env) => all(env, [...ALL, 'B'])"), "A@2 B@3"),
        (format!("{check_all}\nconst f = (env, x) => all(env, x.names)"), "?1"),
        (check_all.replace("for", "names.push(x); for") + "\nconst f = (env) => all(env, ['A'])", "?1"),
        (format!("{need}\nconst f = (env) => {{ need(env, 'A'); need(env, 'B', 'C') }}"), "A@2 B@2 C@2"),
        (format!("{need}\nconst f = (env, x) => need(env, 'A', x.b)"), "A@2 ?1"),
        (format!("{need}\nconst f = (env, x) => need(env, ...x)"), "?1"),
    ] {
        assert_eq!(summary(&text), expected, "{text}");
    }
}

#[test]
fn a_place_in_a_list_is_one_of_it_and_no_text_is_no_name() {
    check(&[
        ("const NAMES = ['API_KEY', 'region']\nconst f = (env) => env[NAMES[0]]", "API_KEY@2"),
        ("const f = (env, p) => {\nlet name = ''\nif (p) name = 'A'; else name = 'B'\nreturn env[name] }", "A@3 B@3"),
    ]);
}
