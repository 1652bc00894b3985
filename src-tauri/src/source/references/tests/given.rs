//! What functions and methods are given at their calls: names of secrets, and what an environment is passed through.

use super::*;

#[test]
fn a_method_that_takes_a_name_uses_what_it_is_called_with() {
    let config = "class Config {\n constructor(private env: Env) {}\n need(name: string) { return this.env[name] } }";
    let with = |rest: &str| summary(&format!("{config}\n{rest}"));
    for (rest, expected) in [
        ("const go = (env) => { const c = new Config(env)\n c.need('A'); c.need('B') }", "A@5 B@5"),
        ("const go = (env) => new Config(env).need('A')", "A@4"),
        ("const go = (config: Config) => config.need('A')", "A@4"),
        ("class App { config = new Config(this.env)\n go() { this.config.need('A') } }", "A@5"),
        // Somebody else's is another matter, and where it cannot be told whose it is, that is said.
        ("const other = { need: (n) => n }; other.need('X')\nconst go = (c: Config) => c.need('A')", "A@5"),
        ("const go = (c: Config, d) => { c.need('A'); d.need('X') }", "A@4 ?3"),
        ("const go = (c: Config) => { c.need('A'); c.need(c.other) }", "A@4 ?3"),
        ("const go = (c: Config) => { c.need('A'); return c.need }", "A@4 ?3"),
        ("", "?3"),
    ] {
        assert_eq!(with(rest), expected, "{rest}");
    }
    check(&[
        (
            "class A { #env\n constructor(env: Env) { this.#env = env }\n #need(n) { return this.#env[n] }\n go() { this.#need('A') } }",
            "A@4",
        ),
        ("class A { static need(env: Env, n) { return env[n] }\n static go(env) { A.need(env, 'A') } }", "A@2"),
        ("class A { need = (n) => this.env[n]\n go() { return this.need('A') } }", "A@2"),
        ("class A { need(n = 'A') { return this.env[n] }\n go() { this.need(); this.need('B') } }", "A@1 B@2"),
        ("class B { need(n) { return this.env[n] } }\nclass A extends B { go() { return this.need('A') } }", "A@2"),
        // Whatever calls the runtime's own instances from outside is not to be seen.
        ("class A extends WorkerEntrypoint { need(n) { return this.env[n] }\n go() { this.need('A') } }", "A@2 ?1"),
        // Nor is that kept from the others by its type, but meant to be.
        (
            "class A extends WorkerEntrypoint { private need(n) { return this.env[n] }\n go() { this.need('A') } }",
            "A@2",
        ),
        ("class A extends WorkerEntrypoint { #need(n) { return this.env[n] }\n go() { this.#need('A') } }", "A@2"),
        ("const make = (env) => ({ need: (n) => env[n] })\nmake(e).need('A')", "A@2 ?1"),
        ("import { env } from 'cloudflare:workers'\nconst c = { need: (n) => env[n] }\nc.need('A')", "A@3"),
        ("import { env } from 'cloudflare:workers'\nconst c = { need: (n) => env[n] }\nc.need('A'); keep(c)", "A@3 ?2"),
    ]);
}

#[test]
fn the_names_that_are_known_are_said_where_others_are_not() {
    check(&[
        ("const f = (env, other) => env[other ? 'A' : other]", "A@1 ?1"),
        ("const need = (env, n) => env[n]\nneed(e, 'A'); need(e, location.hash)", "A@2 ?1"),
        ("const need = (env, n) => env[n]\nneed(e, 'A'); keep(need)", "A@2 ?1"),
        ("const f = (env, more) => { for (const n of ['A', ...more]) env[n] }", "A@1 ?1"),
        ("const f = (env, n) => env[`${n}_KEY`]\nf(e, 'A'); f(e, x.y)", "A_KEY@1 ?1"),
    ]);
}

#[test]
fn constants_are_read_as_deep_as_they_go_while_nobody_changes_them() {
    let keys = "const KEYS = { mail: { token: 'A', other: 'B' }, a: 'C', ...more, late: 'D', late: 'E' }";
    let with = |rest: &str| summary(&format!("{keys}\n{rest}"));
    for (rest, expected) in [
        ("const f = (env) => env[KEYS.late]", "E@2"),
        // What is spread behind it may have the name as well.
        ("const f = (env) => env[KEYS.mail.token]", "?2"),
        ("const f = (env) => env[KEYS.a]", "?2"),
    ] {
        assert_eq!(with(rest), expected, "{rest}");
    }
    check(&[
        ("const K = { m: { t: 'A' } }\nconst f = (env) => env[K.m.t] + env[K['m']['t']]", "A@2"),
        ("const K = { m: { t: 'A' } }\nK.m.t = 'B'\nconst f = (env) => env[K.m.t]", "?3"),
        ("const K = { t: 'A' }\ndelete K.t\nconst f = (env) => env[K.t]", "?3"),
        ("const K = { t: 'A' }\nconst f = (env) => K.t && typeof K.t && env[K.t]", "A@2"),
    ]);
}

#[test]
fn functions_in_lists_are_given_what_each_of_them_is_given() {
    check(&[
        (
            "const a = (b) => b.A\nexport default { fetch(r, env) { for (const f of [a, (b) => b.B]) f(env) } }",
            "A@1 B@2",
        ),
        ("const all = [(b) => b.A]\nexport default { fetch(r, env) { all.forEach((f) => f(env)) } }", "A@1"),
        (
            "const routes = [{ at: '/', run: (b) => b.A }] as const\nexport default { fetch(r, env) { for (const { run } of routes) run(env) } }",
            "A@1",
        ),
        (
            "const routes = [['/', (b) => b.A]] as const\nexport default { fetch(r, env) { for (const [, run] of routes) run(env) } }",
            "A@1",
        ),
        ("const [a, c] = [(b) => b.A, (b) => b.B]\nexport default { fetch(r, env) { a(env) } }", "A@1"),
        ("const { a } = { a: (b) => b.A }\nexport default { fetch(r, env) { a(env) } }", "A@1"),
        ("export default { fetch(r, env) { for (const f of r.all) f(env) } }", "?1"),
    ]);
}
