//! What a router hands over, and to whom.

use super::*;

#[test]
fn routers_hand_over_the_environment() {
    check(&[
        (
            "import { Hono } from 'hono'\nconst app = new Hono<{ Bindings: Env }>()\n\
             app.get('/', (c) => c.text(c.env.KEY))\nexport default app",
            "KEY@3",
        ),
        (
            "import { Hono } from 'hono'\nconst app = new Hono()\napp.get('/', async ({ env, text }) => text(env.KEY))\n\
             export default app",
            "KEY@3",
        ),
        (
            "import { Hono } from 'hono'\nconst app = new Hono().get('/', (c) => {\n const { KEY } = c.env\n return c.text('') })\n\
             export default app",
            "KEY@3",
        ),
        (
            "import { Hono } from 'hono'\nconst app = new Hono()\napp.use(async (c, next) => { c.env['KEY']; await next() })\n\
             app.onError((e, c) => c.text(c.env.OTHER))\nexport default { fetch: app.fetch }",
            "KEY@3 OTHER@4",
        ),
        (
            "import { Hono, type Context } from 'hono'\nconst app = new Hono()\n\
             async function show(c: Context<{ Bindings: Env }>) { return c.env.KEY }\napp.get('/', show)\nexport default app",
            "KEY@3",
        ),
        (
            "import { Hono } from 'hono'\nconst app = new Hono()\nconst key = (c) => c.env.KEY\n\
             app.get('/', (c) => c.text(key(c)))\nexport default app",
            "KEY@3",
        ),
        (
            "import { Hono } from 'hono'\nimport { bearerAuth } from 'hono/bearer-auth'\nconst app = new Hono()\n\
             app.use((c, next) => bearerAuth({ token: c.env.KEY })(c, next))\nexport default app",
            "KEY@4",
        ),
        (
            "import { createMiddleware } from 'hono/factory'\n\
             export const check = createMiddleware(async (c, next) => { c.env.KEY })\nexport default {}",
            "KEY@2",
        ),
        (
            "import type { MiddlewareHandler } from 'hono'\n\
             export const check: MiddlewareHandler = async (c, next) => { c.env.KEY }\nexport default {}",
            "KEY@2",
        ),
        (
            "import { Hono } from 'hono'\nimport { env } from 'hono/adapter'\nconst app = new Hono()\n\
             app.get('/', (c) => { const { KEY } = env<Env>(c)\n return c.text(KEY) })\nexport default app",
            "KEY@4",
        ),
        (
            "import { Hono } from 'hono'\nconst app = new Hono()\napp.get('/', (c) => c.text('a'))\n\
             export default { fetch: app.fetch, scheduled(c, env) { env.KEY } }",
            "KEY@4",
        ),
        (
            "import { OpenAPIHono } from '@hono/zod-openapi'\nconst api = new OpenAPIHono().basePath('/api')\n\
             api.openapi(route, (c) => c.json(c.env.KEY))\nexport default api",
            "KEY@3",
        ),
        (
            "import { Hono } from 'hono'\nconst app = new Hono()\napp.get('/', home)\nfunction home(c) { return c.text(c.env.KEY) }\n\
             export default app",
            "KEY@4",
        ),
        (
            "import { Hono } from 'hono'\nimport { cors } from 'hono/cors'\nconst app = new Hono()\n\
             const routes = { home: (c) => c.env.KEY }\napp.get('/', routes.home)\n\
             app.use(cors({ origin: (from, c) => c.env.ORIGIN }))\nexport default app",
            "KEY@4 ORIGIN@6",
        ),
        ("type Where = { env: Env }\nconst key = (where: Where) => where.env.KEY", "KEY@2"),
        ("interface Where { env: Env; path: string }\nconst key = ({ env }: Where) => env.KEY", "KEY@2"),
        ("const key = ({ env }: { env: Env }) => env.KEY", "KEY@1"),
    ]);
}

const APP: &str = "import { Hono } from 'hono'\nconst app = new Hono()\nexport default app\n";

/// Behind three lines that make the router.
fn check_with_app(table: &[(&str, &str)]) {
    let whole: Vec<_> = table.iter().map(|(text, expected)| (format!("{APP}{text}"), *expected)).collect();
    check(&whole.iter().map(|(text, expected)| (text.as_str(), *expected)).collect::<Vec<_>>());
}

#[test]
fn routes_are_read_wherever_they_are_added() {
    let chain: String = (1..=30).map(|at| format!(".get('/{at}', (c) => c.env.K{at})")).collect();
    let reading = reading(&format!("{APP}app{chain}"));
    assert_eq!(reading.references.len(), 30, "a chain has as many links as one likes");
    check_with_app(&[
        ("class Users { router = new Hono(); constructor() { this.router.get('/', (c) => c.env.KEY) } }", "KEY@4"),
        (
            "class Users { router; constructor() { this.router = new Hono(); this.router.get('/', (c) => c.env.KEY) } }",
            "KEY@4",
        ),
        ("class Api extends Hono { constructor() { super(); this.get('/', (c) => c.env.KEY) } }", "KEY@4"),
        ("class Users { constructor(private api: Hono) { this.api.get('/', (call) => call.env.KEY) } }", "KEY@4"),
        (
            "class Users { constructor(private api) { this.api.get('/', (call) => call.env.KEY) } }\nnew Users(app)",
            "KEY@4",
        ),
        ("class Users { constructor(private api: Other) { this.api.get('/', (call) => call.env.KEY) } }", ""),
        ("class Users { constructor(private api: Hono) { this.other.get('/', (call) => call.env.KEY) } }", ""),
        ("class Make { static app() { return new Hono() } }\nMake.app().get('/', (c) => c.env.KEY)", "KEY@5"),
        ("const users = (api: Hono) => api.get('/', (c) => c.env.KEY)", "KEY@4"),
        ("app.mount('/x', (request, b: Env) => b.KEY)", "KEY@4"),
        ("app.mount('/x', (request, env) => env.KEY)", "KEY@4"),
        ("const old = { fetch(request, b) { return b.KEY } }\napp.mount('/x', old.fetch)", "KEY@4"),
        ("const chain = [auth, (c) => c.env.KEY]\napp.get('/', ...chain)", "KEY@4"),
        (
            "const routes = [{ at: '/', run: (c) => c.env.KEY }]\nfor (const { at, run } of routes) app.get(at, run)",
            "KEY@4",
        ),
        ("const routes = [['/', (c) => c.env.KEY]]\nroutes.forEach(([at, run]) => app.get(at, run))", "KEY@4"),
        ("class Users { add(api) { api.get('/', (c) => c.env.KEY) } }\nnew Users().add(app)", "KEY@4"),
        ("class Users { constructor(api) { api.get('/', (c) => c.env.KEY) } }\nnew Users(app)", "KEY@4"),
        ("for (const method of methods) app[method]('/', (call) => call.env.KEY)", "KEY@4"),
        ("for (const method of methods) app[method]('/', home)\nconst home = (call) => call.env.KEY", "KEY@5"),
        ("for (const method of methods) other[method]('/', (call) => call.env.KEY)", ""),
        (
            "type App = Hono<{ Bindings: Env }>\nexport const users = (api: App) => api.get('/', (call) => call.env.KEY)",
            "KEY@5",
        ),
        (
            "type App = Hono\nconst all: ((api: App) => void)[] = [(api) => api.get('/', (call) => call.env.KEY)]",
            "KEY@5",
        ),
        ("type App = Other<Hono>\nexport const users = (api: App) => api.get('/', (call) => call.env.KEY)", ""),
        (
            "import { createFactory } from 'hono/factory'\ncreateFactory({ initApp: (api) => api.use((call) => call.env.KEY) })",
            "KEY@5",
        ),
        ("import { create } from 'elsewhere'\ncreate({ initApp: (api) => api.use((call) => call.env.KEY) })", ""),
        ("create({ initApp: (api) => api.use((call) => call.env.KEY) })", ""),
        (
            "import { OpenAPIHono } from '@hono/zod-openapi'\nnew OpenAPIHono({ defaultHook: (result, c) => c.env.KEY })",
            "KEY@5",
        ),
        ("new Other({ defaultHook: (result, c) => c.env.KEY })", ""),
        ("export class Room extends DurableObject { fetch(r) { return app.fetch(r, this.env) } }", ""),
    ]);
}

#[test]
fn handlers_are_found_wherever_they_are_made() {
    check_with_app(&[
        ("const auth = (role) => async (c, next) => { c.env.KEY; await next() }\napp.use(auth('x'))", "KEY@4"),
        ("const safe = (go) => (c) => go(c)\napp.get('/', safe(async (c) => c.env.KEY))", "KEY@5"),
        ("const a = (c) => c.env.A, b = (c) => c.env.B\napp.get('/', live ? a : b)", "A@4 B@4"),
        (
            "class Users { list(c) { return c.env.KEY } }\nconst users = new Users()\napp.get('/', users.list.bind(users))",
            "KEY@4",
        ),
        (
            "import type { MiddlewareHandler } from 'hono'\nconst auth = (): MiddlewareHandler => async (c, next) => { c.env.KEY }",
            "KEY@5",
        ),
        (
            "import type { Handler } from 'hono'\nfunction home(): Handler { if (x) { return (c) => c.env.KEY } }",
            "KEY@5",
        ),
        (
            "import type { Handler } from 'hono'\ntype Mine = Handler<AppEnv>\nconst home: Mine = (c) => c.env.KEY",
            "KEY@6",
        ),
        (
            "import type { Handler } from 'hono'\nconst all: Record<string, Handler> = { home: (c) => c.env.KEY }",
            "KEY@5",
        ),
        ("import type { Handler } from 'hono'\nconst all = [((c) => c.env.KEY) satisfies Handler]", "KEY@5"),
        ("import { getContext } from 'hono/context-storage'\nconst key = () => getContext().env.KEY", "KEY@5"),
        (
            "import { rateLimiter } from 'hono-rate-limiter'\napp.use(rateLimiter({ keyGenerator: (c) => c.env.KEY }))",
            "KEY@5",
        ),
    ]);
}

#[test]
fn a_middleware_of_a_package_may_take_what_it_likes() {
    check_with_app(&[
        ("import { clerkMiddleware } from '@hono/clerk-auth'\napp.use('*', clerkMiddleware())", "?5"),
        ("import { theirs } from 'elsewhere'\napp.use(theirs)", "?5"),
        ("import { theirs } from 'hono-theirs'\napp.use(theirs())", "?5"),
        ("import { cors } from 'hono/cors'\napp.use(cors())", ""),
        (
            "import { zValidator } from '@hono/zod-validator'\nimport { z } from 'zod'\napp.post('/', zValidator('json', z.object({})))",
            "",
        ),
    ]);
}

#[test]
fn what_is_no_context_is_nobodys_business() {
    check_with_app(&[
        ("app.onError((err, c) => { console.error(err); return c.text(c.env.KEY) })", "KEY@4"),
        ("app.onError((err: Error, c) => { report(err) })", ""),
        ("const report = (err, b) => b.env.KEY\napp.onError((err, call) => report(err, call))", "KEY@4"),
        ("const key = (role, b) => b.env.KEY\nconst bound = key.bind(null, 'x')\napp.get('/', bound)", ""),
        ("import { logger } from 'hono/logger'\napp.use(logger((message) => console.log(message)))", ""),
        (
            "import { validator } from 'hono/validator'\napp.use(validator('form', (value, c) => schema.parse(value)))",
            "",
        ),
        ("import { z } from '@hono/zod-openapi'\nz.string().transform((value) => Number(value))", ""),
        ("app.routes.map((route) => JSON.stringify(route))", ""),
        ("app.use(async (c, next) => { trace(next); await next() })", ""),
        // What is taken out of it all the same counts.
        ("app.on('GET', '/', (call) => call.env.KEY)\napp.route('/', other((hub) => hub.env.B))", "KEY@4"),
    ]);
}

#[test]
fn a_type_of_the_same_name_elsewhere_takes_no_handler_away() {
    let home = "import type { Handler } from 'hono'\nexport const home: Handler = (c) => c.env.KEY";
    let entry = file(ENTRY, "import { home } from './home'\nexport default { fetch: home }");
    let files = [entry, file("home.ts", home), file("other.ts", "export interface Handler { name: string }")];
    assert_eq!(read(&files, false).references.len(), 1);
}

#[test]
fn what_finds_objects_in_an_environment_takes_no_secret_out_of_it() {
    check(&[
        (
            "import { routeAgentRequest, Agent } from 'agents'\nexport class A extends Agent<Env> {}\n\
             export default { fetch: (r, env) => routeAgentRequest(r, env) }",
            "",
        ),
        (
            "import { McpAgent } from 'agents/mcp'\nexport class A extends McpAgent<Env> { init() { this.env.KEY } }\nexport default A.serve('/mcp')",
            "KEY@2",
        ),
        (
            "import { McpAgent } from 'agents/mcp'\nexport class A extends McpAgent<Env> {}\n\
             export default { fetch: (r, env, ctx) => A.serve('/mcp').fetch(r, env, ctx) }",
            "",
        ),
        (
            "import { getCurrentAgent } from 'agents'\nconst f = () => { const { agent } = getCurrentAgent(); agent.env.KEY }",
            "KEY@2",
        ),
        ("import { route } from 'agents-of-others'\nexport default { fetch: (r, env) => route(r, env) }", "?2"),
        ("class A {}\nexport default A.serve('/mcp')", "?2"),
    ]);
}
