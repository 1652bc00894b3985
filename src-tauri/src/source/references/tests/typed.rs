//! What types say that functions are given, and what environments they name.

use super::*;

#[test]
fn a_function_is_given_what_its_type_says() {
    let handler = "type Call = { env: Env }\ntype Handler = (call: Call) => Response";
    for (rest, expected) in [
        ("const home: Handler = (call) => call.env.KEY", "KEY@3"),
        ("const all: Handler[] = [(call) => call.env.KEY]", "KEY@3"),
        ("const all: Record<string, Handler> = { home: (call) => call.env.KEY }", "KEY@3"),
        (
            "interface Route { at: string; run: Handler }\nconst all: Route[] = [{ at: '/', run: (call) => call.env.KEY }]",
            "KEY@4",
        ),
        (
            "interface Route { run(call: Call): void }\nconst one = { run(call) { call.env.KEY } } satisfies Route",
            "KEY@4",
        ),
        ("const make = (): Handler => (call) => call.env.KEY", "KEY@3"),
        ("const home = ((call) => call.env.KEY) as Handler", "KEY@3"),
        (
            "interface Route { at: (at) => string; run: Handler }\nconst all: Route[] = [{ at: (call) => call.env.KEY, run }]",
            "",
        ),
        ("const home: Other = (call) => call.env.KEY", ""),
        ("const home = (call) => call.env.KEY", ""),
    ] {
        let text = format!("{handler}\n{rest}");
        assert_eq!(summary(&text), expected, "{text}");
    }
    check(&[(
        "type Handler = (request: Request, env: Unknown) => void\nconst home: Handler = (r, env) => env.KEY",
        "KEY@2",
    )]);
}

#[test]
fn a_type_is_what_its_own_file_means_by_it() {
    let of = |other: &str| {
        let entry = file(ENTRY, "import './home'\nimport './other'\nexport default {}");
        let home = "import type { Handler } from 'hono'\nexport const home: Handler = (call) => call.env.KEY";
        let files = [
            entry,
            file("home.ts", home),
            file("other.ts", other),
            file("types.ts", "export type { Handler } from 'hono'"),
        ];
        let used = read(&files, false).references;
        used.into_iter().map(|each| each.name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of("export interface Handler { name: string }"), "KEY");
    assert_eq!(of("type Handler = (call: any) => void\nexport const other: Handler = (call) => call.env.NONE"), "KEY");
    assert_eq!(
        of("import { Handler } from './types'\nexport const other: Handler = (call) => call.env.MORE"),
        "KEY MORE"
    );
    assert_eq!(of("type Mine = Handler\nexport const other: Mine = (call) => call.env.NONE"), "KEY");
}

#[test]
fn the_bindings_of_a_router_are_an_environment() {
    check(&[
        ("const app = new Hono<{ Bindings: Settings }>()\nconst f = (bag: Settings) => bag.KEY", "KEY@2"),
        (
            "type App = { Bindings: Settings; Variables: Others }\nconst f = (bag: Settings, o: Others) => bag.KEY + o.NONE",
            "KEY@2",
        ),
        ("type App = { bindings: Settings }\nconst f = (bag: Settings) => bag.NONE", ""),
    ]);
}

#[test]
fn handlers_are_known_by_their_types_wherever_they_stand() {
    check(&[
        ("export const admin: ExportedHandler<Env> = { fetch: async (r, e) => e.KEY }", "KEY@1"),
        ("export const admin = { async fetch(r, e) { return e.KEY } } satisfies ExportedHandler<Env>", "KEY@1"),
        ("const go: ExportedHandlerFetchHandler<Env> = (r, e) => e.KEY", "KEY@1"),
        ("const admin: ExportedHandler<Env> = { fetch: (r) => r.KEY }", ""),
        ("const admin: ExportedHandler<Env> = { fetch: make((r, e) => e.KEY) }", ""),
        (
            "type ExportedHandler<T> = { fetch(r: Request, e: T): void }\nconst admin: ExportedHandler<X> = { fetch: (r, e) => e.KEY }",
            "",
        ),
    ]);
}

#[test]
fn generic_types_are_what_they_extend() {
    check(&[
        ("const f = <T extends Env>(bag: T) => bag.KEY", "KEY@1"),
        ("class Mail<E extends Env> { constructor(private bag: E) {}\n f() { return this.bag.KEY } }", "KEY@2"),
        ("class Mail<E extends Env> { bag: E\n f() { return this.bag.KEY } }", "KEY@2"),
        ("const f = <T>(env: T) => (env as any).KEY", "KEY@1"),
        ("const f = <T extends Env>(bag: T) => bag.KEY\nconst g = <T>(bag: T) => bag.NONE", "KEY@1"),
        ("const f = <T extends Settings>(env: T) => env.KEY", ""),
    ]);
}

#[test]
fn a_type_parameter_is_no_environment_wherever_its_letter_stands() {
    check(&[
        (
            "type App<T> = { Bindings: T }\nasync function cached<T>(value: Promise<T>) { return (await value).name }",
            "",
        ),
        (
            "import { Hono } from 'hono'\nexport const make = <B extends object>() => new Hono<{ Bindings: B }>()\nexport function first<B>(x: B | undefined) { return x?.title }",
            "",
        ),
    ]);
}

#[test]
fn what_is_called_an_environment_is_one_where_it_holds_secrets() {
    check(&[
        ("interface Environment { [key: string]: string }\nconst f = (bag: Environment) => bag.API_KEY", "API_KEY@2"),
        ("type Bindings = { [key: string]: string }\nconst f = (bag: Bindings) => bag.API_KEY", "API_KEY@2"),
        ("interface Environment { name: string }\nconst f = (bag: Environment) => bag.name", ""),
    ]);
}
