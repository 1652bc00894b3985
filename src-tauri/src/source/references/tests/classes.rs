//! What classes have and hand on: from each other, by overriding, and for themselves rather than for their instances.

use super::*;

#[test]
fn what_a_class_overrides_is_given_what_the_other_one_would_be() {
    let base = "class Base { run(env) { this.go(env) } go(b) {} }";
    let of_nobody = "abstract class Base { abstract go(b); run(env) { this.go(env) } }";
    for (text, expected) in [
        (format!("{base}\nclass Mine extends Base {{ go(b) {{ b.KEY }} }}"), "KEY@2"),
        (format!("{base}\nclass Near extends Base {{}}\nclass Mine extends Near {{ go = (b) => b.KEY }}"), "KEY@3"),
        (format!("{of_nobody}\nclass Mine extends Base {{ go(b) {{ b.KEY }} }}"), "KEY@2"),
        (of_nobody.to_owned(), "?1"),
        (format!("{base}\nclass Other {{ go(b) {{ b.KEY }} }}"), ""),
        (format!("{base}\nclass Mine extends Base {{ gone(b) {{ b.KEY }} }}"), ""),
        (
            format!(
                "{base}\nclass Mine extends Base {{ go(b) {{ b.KEY }} }}\nclass Own extends Mine {{ go(b) {{ b.OWN }} }}"
            ),
            "KEY@2 OWN@3",
        ),
    ] {
        assert_eq!(summary(&text), expected, "{text}");
    }
}

#[test]
fn handlers_are_inherited() {
    let base = "class Base { fetch(r, e) { return e.KEY } }";
    for (text, expected) in [
        (format!("{base}\nclass App extends Base {{}}\nexport default new App()"), "KEY@1"),
        (
            format!("{base}\nclass App extends Base {{ fetch(r, e) {{ return e.OWN }} }}\nexport default new App()"),
            "OWN@2",
        ),
        (format!("{base}\nclass App {{}}\nexport default new App()"), ""),
    ] {
        assert_eq!(summary(&text), expected, "{text}");
    }
}

#[test]
fn a_class_itself_has_what_its_instances_have_not() {
    check(&[
        (
            "class Api { static from(env) { return new Api({ env }) }\n constructor(c) { this.c = c }\n key() { return this.c.env.KEY } }",
            "KEY@3",
        ),
        (
            "class Api { constructor(e) { this.e = e }\n static from(env) { return new Api(env) } }\nconst key = (env) => Api.from(env).e.KEY",
            "KEY@3",
        ),
        (
            "class Api { constructor(e) { this.e = e }\n static from(env) { return new this(env) } }\n\
             class Mine extends Api {}\nconst key = (env) => Mine.from(env).e.KEY",
            "KEY@4",
        ),
        (
            "class Api { static bag\n static set(e) { this.bag = e }\n static key() { return this.bag.KEY } }\nconst go = (env) => Api.set(env)",
            "KEY@3",
        ),
        (
            "class Api { static bag\n static key() { return this.bag.KEY } }\nconst go = (env) => { Api.bag = env }",
            "KEY@2",
        ),
        ("class Api { static bag\n key() { return this.bag.KEY } }\nconst go = (env) => { Api.bag = env }", ""),
        ("class Api { #bag(env) { return { env } }\n go(env) { return this.#bag(env).env.KEY } }", "KEY@2"),
    ]);
}

#[test]
fn what_methods_give_back_is_followed_as_deep_as_anything() {
    let deep =
        "class A { all() { return { a: { b: { c: { d: this.env } } } } }\n f() { return this.all().a.b.c.d.KEY } }";
    check(&[
        (deep, "KEY@2"),
        (&deep.replace("d: this.env", "d: { e: this.env }").replace("d.KEY", "d.e.KEY"), "?1,2"),
        // Whoever gives back itself has no end.
        (
            "class B { a() { return this } b() { return this } c() { return this }\n\
             go(env) { this.e = env; return this.a().b().e.KEY } }",
            "KEY@2",
        ),
        (
            "import { DurableObject } from 'cloudflare:workers'\n\
             class Help { constructor(private room) {} key() { return this.room.env.KEY } }\n\
             export class Room extends DurableObject { help = new Help(this) }",
            "KEY@2",
        ),
    ]);
}

#[test]
fn what_is_set_from_outside_is_seen_inside() {
    check(&[
        (
            "class Box { bag; key() { return this.bag.KEY } }\nconst box = new Box()\nconst go = (env) => { box.bag = env }",
            "KEY@1",
        ),
        (
            "class Box { bag; key() { return this.bag.KEY } }\nconst box = new Box()\nconst go = (env) => { box.bag = env.B }",
            "B@3",
        ),
        ("class Box { bag; key() { return this.bag.KEY } }\nconst box = {}\nconst go = (env) => { box.bag = env }", ""),
        (
            "class Box { #e; set bag(e) { this.#e = e } key() { return this.#e.KEY } }\nconst box = new Box()\nconst go = (env) => { box.bag = env }",
            "KEY@1",
        ),
        ("const box = { bag: null, key() { return this.bag.KEY } }\nconst go = (env) => { box.bag = env }", "KEY@1"),
        (
            "const box = { init(e) { this.bag = e }, key() { return this.bag.KEY } }\nconst go = (env) => box.init(env)",
            "KEY@1",
        ),
        (
            "const box = { init(e) { this.bag = e }, key() { return this.other.KEY } }\nconst go = (env) => box.init(env)",
            "",
        ),
        ("export default { fetch(r, e) { this.bag = e; return this.key() }, key() { return this.bag.KEY } }", "KEY@1"),
    ]);
}

#[test]
fn a_class_calls_what_its_constructor_was_given() {
    let service = "class Mail { send(b) { return b.KEY } }";
    for (app, expected) in [
        ("class App { constructor(private mail: Mail) {} go(env) { this.mail.send(env) } }", "KEY@1"),
        ("class App { constructor(readonly mail) {} go(env) { this.mail.send(env) } }\nnew App(new Mail())", "KEY@1"),
        ("class App { constructor(mail: Mail) {} go(env) { this.mail.send(env) } }", "?2"),
        ("class App { constructor(private mail: Other) {} go(env) { this.mail.send(env) } }", "?2"),
    ] {
        assert_eq!(summary(&format!("{service}\n{app}")), expected, "{app}");
    }
}

#[test]
fn what_another_class_overrides_hides_nothing_that_is_inherited() {
    let base = "class Base { go(b) { b.KEY } }\nclass Mid extends Base { run(env) { this.go(env) } }";
    assert_eq!(summary(&format!("{base}\nclass Leaf extends Mid {{ go(b) {{ b.LEAF }} }}")), "KEY@1 LEAF@3");
    let siblings = "class Base { go(b) {} }\nclass Mail extends Base { go(b) { b.NONE } }\nclass Other extends Base {}";
    assert_eq!(summary(&format!("{siblings}\nconst f = (env) => new Other().go(env)")), "");
}

#[test]
fn this_of_a_class_itself_may_be_a_class_that_extends_it() {
    check(&[
        (
            "class Base { static run(env) { this.go(env) } static go(b) {} }\nclass Mine extends Base { static go(b) { b.KEY } }\nexport default { fetch(r, env) { Mine.run(env) } }",
            "KEY@2",
        ),
        (
            "class Base { constructor(e) {} static from(env) { return new this(env) } }\nclass Mine extends Base { constructor(e) { super(e); this.e = e } key() { return this.e.KEY } }\nexport default { fetch(r, env) { return Mine.from(env).key() } }",
            "KEY@2",
        ),
        (
            "const Api = class { static bag; static set(e) { this.bag = e } static key() { return this.bag.KEY } }\nexport default { fetch(r, env) { Api.set(env); return Api.key() } }",
            "KEY@1",
        ),
    ]);
}
