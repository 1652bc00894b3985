//! What a router hands to the functions that it is given: the context of a call, which has the environment as `env`.

use oxc::{
    ast::{
        AstKind,
        ast::{Argument, ArrayExpressionElement, Expression, FormalParameter, FormalParameters, ObjectPropertyKind},
    },
    semantic::NodeId,
    span::GetSpan,
};

use super::{
    Search, Step, Way,
    births::{RUNTIME, holding_env},
    modules::FUEL,
    origins::Origin,
    types::is_router,
};

/// What gives the context to a function as the first argument.
const HANDLE: [&str; 17] = [
    "all",
    "createHandlers",
    "createMiddleware",
    "delete",
    "every",
    "get",
    "head",
    "notFound",
    "on",
    "openapi",
    "options",
    "patch",
    "post",
    "put",
    "some",
    "upgradeWebSocket",
    "use",
];

/// Names of a context, wherever among the arguments it stands.
const CONTEXT: [&str; 3] = ["c", "context", "ctx"];

/// What a function is given by whoever calls it.
#[derive(Clone, Copy)]
pub(super) enum Handed<'a> {
    /// The context of a call, at least among others. `first` says that it is the first argument for certain.
    Context {
        first: bool,
    },
    /// What the runtime gives to a handler: the environment as the second argument.
    Env,
    /// What the parameters of its type say, in the file where that is written.
    Typed(usize, &'a FormalParameters<'a>),
    /// A package decides that.
    Unsure,
    Nothing,
}

impl<'a> Search<'_, 'a> {
    /// What is handed to a function by the call that it is written in, or as its type says; `None` where that says nothing.
    pub(super) fn handed_to(&self, file: usize, parameters: NodeId) -> Option<Handed<'a>> {
        let nodes = self.modules.semantic(file).nodes();
        let function = nodes.parent_id(parameters);
        match nodes.parent_kind(function) {
            AstKind::CallExpression(call) if call.callee.node_id() != function => {
                let immediate = call.callee.get_inner_expression().node_id() == function;
                (!immediate).then(|| self.handed_over(file, &call.callee))
            }
            AstKind::NewExpression(_) => Some(Handed::Nothing),
            _ => {
                self.modules.fuel.set(FUEL);
                self.modules.handed_by_type(file, function)
            }
        }
    }

    /// What a call gives to the functions that it is given.
    fn handed_over(&self, file: usize, callee: &'a Expression<'a>) -> Handed<'a> {
        let origins = self.modules.origins(file, callee);
        let package = origins.iter().find_map(|origin| match origin {
            Origin::Package(source) => Some(*source),
            _ => None,
        });
        match package {
            Some(source) if is_router(source) => {
                // `app[method]("/", (c) => …)`
                let computed = matches!(callee.get_inner_expression(), Expression::ComputedMemberExpression(_));
                Handed::Context { first: computed || called(callee).is_some_and(|name| HANDLE.contains(&name)) }
            }
            // `import("cloudflare:workers").then(({ env }) => …)` is followed from there.
            Some(source) if source != RUNTIME => Handed::Unsure,
            _ => Handed::Nothing,
        }
    }

    /// The way from what a router hands over at a place among the arguments.
    pub(super) fn context(&self, index: usize, parameter: &FormalParameter<'a>, first: bool) -> Option<Way<'a>> {
        let name = parameter.pattern.get_binding_identifier();
        let named = name.is_some_and(|name| CONTEXT.contains(&name.name.as_str()));
        // What is not given it first is given it later: `onError((error, c) => …)`.
        if named || (index == 0) == first {
            return Some(holding_env());
        }
        // It is an error, a message, or what was validated.
        (!self.certain).then(|| vec![Step::Maybe, Step::Property("env".into())])
    }

    /// `app.get("/", home)` and `cors({ origin: (from, c) => … })`: what a router is given by name, in an object, or by
    /// whoever makes it, it calls with the context. Functions that stand in the call itself are read as they are found.
    pub(super) fn registered(&mut self, file: usize, callee: &'a Expression<'a>, arguments: &'a [Argument<'a>]) {
        use Expression::{
            ArrayExpression, AwaitExpression, CallExpression, ConditionalExpression, Identifier, LogicalExpression,
            ObjectExpression, StaticMemberExpression,
        };
        let elsewhere = |value: &Expression<'_>| {
            matches!(
                value.get_inner_expression(),
                Identifier(_)
                    | StaticMemberExpression(_)
                    | ObjectExpression(_)
                    | ArrayExpression(_)
                    | AwaitExpression(_)
                    | CallExpression(_)
                    | ConditionalExpression(_)
                    | LogicalExpression(_)
            )
        };
        let each = |argument: &'a Argument<'a>| match argument {
            Argument::SpreadElement(chain) => Some(&chain.argument),
            argument => argument.as_expression(),
        };
        let given = || arguments.iter().filter_map(each).filter(|value| elsewhere(value));
        // What a call gives is asked last, since the answer takes the longest.
        if given().next().is_some()
            && let Handed::Context { first } = self.handed_over(file, callee)
        {
            let mounted = called(callee) == Some("mount");
            given().for_each(
                |value| if mounted { self.mounted(file, value) } else { self.called_back(file, value, first) },
            );
        }
    }

    /// `app.mount("/old", old.fetch)`: it is called as the runtime would.
    fn mounted(&mut self, file: usize, value: &'a Expression<'a>) {
        for origin in self.modules.origins(file, value) {
            if origin.parameters().is_some() {
                self.handler(origin, file, value.span());
            }
        }
    }

    fn called_back(&mut self, file: usize, value: &'a Expression<'a>, first: bool) {
        if let Some((file, list)) = self.modules.list(file, value) {
            for element in &list.elements {
                let element = match element {
                    ArrayExpressionElement::SpreadElement(others) => Some(&others.argument),
                    element => element.as_expression(),
                };
                element.into_iter().for_each(|element| self.called_back(file, element, first));
            }
            return;
        }
        match value.get_inner_expression() {
            Expression::ObjectExpression(object) => {
                for property in &object.properties {
                    if let ObjectPropertyKind::ObjectProperty(property) = property {
                        self.called_back(file, &property.value, false);
                    }
                }
            }
            value => {
                for origin in self.modules.origins(file, value) {
                    if let Origin::Package(source) = origin
                        && first
                        && reads_context(source)
                    {
                        self.cannot_tell(file, value.span());
                    }
                    let Some((file, parameters)) = origin.parameters() else { continue };
                    // One with a type says by that what it is.
                    let untyped =
                        parameters.items.iter().enumerate().filter(|(_, each)| each.type_annotation.is_none());
                    for (index, parameter) in untyped {
                        if let Some(way) = self.context(index, parameter, first) {
                            self.parameter(file, parameter, way);
                        }
                    }
                }
            }
        }
    }
}

/// The name of what is called.
fn called<'a>(callee: &'a Expression<'a>) -> Option<&'a str> {
    match callee.get_inner_expression() {
        Expression::StaticMemberExpression(member) => Some(&member.property.name),
        Expression::Identifier(name) => Some(&name.name),
        _ => None,
    }
}

/// Whether a middleware of this package may take secrets out of the context that it is given: Hono's own takes none, and
/// what validates or renders has nothing to do with them.
pub(super) fn reads_context(source: &str) -> bool {
    if source == "hono" || source.starts_with("hono/") || source.ends_with("-validator") {
        return false;
    }
    !["@hono/react-renderer", "@hono/swagger-ui", "@hono/zod-openapi", "hono-openapi", "hono-rate-limiter"]
        .contains(&source)
}
