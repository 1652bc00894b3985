//! Where an `env` comes from: the handlers that the entry exports, parameters called or typed so, imports, `this.env` and
//! what a router hands over.

use oxc::{
    ast::{
        AstKind,
        ast::{
            Argument, BindingPattern, CallExpression, Class, ClassElement, Expression, FormalParameter,
            FormalParameters, ImportDeclaration, ObjectExpression, ObjectPropertyKind, PropertyKey, Statement, TSType,
            TSTypeName,
        },
    },
    semantic::NodeId,
    span::{GetSpan, Span},
};

use super::{
    Carrier, Search, Step, Way,
    modules::Export,
    origins::{Origin, method},
    types::is_router,
};

/// What the runtime calls with the environment as the second argument.
const HANDLERS: [&str; 7] = ["fetch", "scheduled", "queue", "email", "tail", "trace", "test"];

pub(super) const RUNTIME: &str = "cloudflare:workers";

fn holding_env<'a>() -> Way<'a> {
    vec![Step::Property("env".into())]
}

impl<'a> Search<'_, 'a> {
    /// To the handlers of the entry.
    pub(super) fn handed_by_runtime(&mut self) {
        let modules = self.modules;
        match modules.export(0, "default", 0) {
            Some(Export::Symbol(file, symbol)) => {
                let span = modules.semantic(file).scoping().symbol_span(symbol);
                let found = modules.origins_of(file, symbol);
                self.exported(found, file, span);
            }
            Some(Export::Value(file, value)) => {
                self.exported(modules.origins(file, value), file, value.span());
                self.wrapped(file, value);
            }
            // `export { default } from "elsewhere"`
            Some(Export::Package(source, _)) if !is_router(source) => {
                let statement = modules.body(0).iter().find(|each| matches!(each, Statement::ExportFromDeclaration(_)));
                self.cannot_tell(0, statement.map_or(Span::default(), GetSpan::span));
            }
            _ => {}
        }
    }

    pub(super) fn births(&mut self, process_env: bool) {
        let modules = self.modules;
        for file in 0..modules.all.len() {
            for node in modules.telling(file) {
                match modules.kind(file, *node) {
                    AstKind::FormalParameters(parameters) => self.parameters(file, *node, parameters),
                    AstKind::ImportDeclaration(import) => self.import(file, import, process_env),
                    AstKind::CallExpression(call) => self.registered(file, call),
                    AstKind::Class(class) => self.class(file, class),
                    AstKind::ImportExpression(import) => {
                        if matches!(&import.source, Expression::StringLiteral(source) if source.value == RUNTIME) {
                            let way = vec![Step::Await, Step::Property("env".into())];
                            self.used(file, *node, way);
                        }
                    }
                    _ => {}
                }
            }
            if process_env {
                let of_global = vec![Step::Property("process".into()), Step::Property("env".into())];
                self.global(file, "process", &holding_env());
                self.global(file, "globalThis", &of_global);
            }
        }
    }

    fn global(&mut self, file: usize, name: &str, way: &Way<'a>) {
        let scoping = self.modules.semantic(file).scoping();
        let Some(references) = scoping.root_unresolved_references().get(name) else { return };
        for reference in references {
            let reference = scoping.get_reference(*reference);
            if !reference.is_type() {
                self.used(file, reference.node_id(), way.clone());
            }
        }
    }

    /// What the entry exports by default is given the environment with each call.
    fn exported(&mut self, origins: Vec<Origin<'a>>, file: usize, span: Span) {
        for origin in origins {
            match origin {
                Origin::Object(file, object) => self.handlers(file, object),
                Origin::Package(source) if is_router(source) => {}
                Origin::Class(..) | Origin::Instance(..) => {}
                _ => self.cannot_tell(file, span),
            }
        }
    }

    /// `export default wrap({ fetch(request, env) { … } })`
    fn wrapped(&mut self, file: usize, value: &'a Expression<'a>) {
        let Expression::CallExpression(call) = value.get_inner_expression() else { return };
        for argument in call.arguments.iter().filter_map(Argument::as_expression) {
            for origin in self.modules.origins(file, argument) {
                if let Origin::Object(file, object) = origin {
                    self.handlers(file, object);
                }
            }
        }
    }

    fn handlers(&mut self, file: usize, object: &'a ObjectExpression<'a>) {
        for property in &object.properties {
            let (value, handler) = match property {
                ObjectPropertyKind::ObjectProperty(property) => {
                    let known = property.key.static_name().is_some_and(|name| HANDLERS.contains(&name.as_ref()));
                    (&property.value, known)
                }
                ObjectPropertyKind::SpreadProperty(spread) => {
                    let origins = self.modules.origins(file, &spread.argument);
                    self.exported(origins, file, spread.span);
                    continue;
                }
            };
            if !handler {
                continue;
            }
            for origin in self.modules.origins(file, value) {
                match (origin, origin.parameters()) {
                    (_, Some((file, parameters))) => {
                        if let Some(parameter) = parameters.items.get(1) {
                            if let Some(annotation) = &parameter.type_annotation {
                                self.types.add_env(annotation);
                            }
                            self.bound(file, &parameter.pattern, Way::default());
                        } else if let Some(rest) = &parameters.rest {
                            self.cannot_tell(file, rest.span);
                        }
                    }
                    (Origin::Package(source), _) if is_router(source) => {}
                    _ => self.cannot_tell(file, value.span()),
                }
            }
        }
    }

    /// Parameters that are an `env` because of their name or type, or that hold one.
    fn parameters(&mut self, file: usize, id: NodeId, parameters: &'a FormalParameters<'a>) {
        let callback = self.callback_of(file, id);
        let handed = callback.map(|call| self.handed_over(file, call));
        for parameter in &parameters.items {
            if self.certain && may_be_missing(parameter) {
                continue;
            }
            let named = !self.certain
                && matches!(&parameter.pattern, BindingPattern::BindingIdentifier(name) if name.name == "env");
            // A type of another name says that it is something else, whatever the parameter is called.
            let way = match &parameter.type_annotation {
                Some(annotation) => match &annotation.type_annotation {
                    TSType::TSAnyKeyword(_) if named => Some(Way::default()),
                    _ if matches!(handed, Some(Handed::Context)) => Some(holding_env()),
                    kind => self.types.of(kind),
                },
                // Whoever calls a callback decides what it is given: `envs.map((env) => …)`.
                None => match handed {
                    Some(Handed::Context) => Some(holding_env()),
                    Some(Handed::Unsure) if named => Some(vec![Step::Unsure]),
                    Some(Handed::Unsure) => Some(vec![Step::Property("env".into()), Step::Unsure]),
                    Some(Handed::Nothing) => None,
                    None if self.typed_by_router(file, id) => Some(holding_env()),
                    None => named.then(Way::default),
                },
            };
            if let Some(way) = way {
                self.parameter(file, parameter, way);
            }
        }
    }

    /// The call that a function is written as an argument of.
    fn callback_of(&self, file: usize, parameters: NodeId) -> Option<Caller<'a>> {
        let nodes = self.modules.semantic(file).nodes();
        let function = nodes.parent_id(parameters);
        match nodes.parent_kind(function) {
            AstKind::CallExpression(call) if call.callee.node_id() != function => {
                let own = call.callee.get_inner_expression();
                let immediate = own.node_id() == function;
                (!immediate).then_some(Caller::Call(call))
            }
            AstKind::NewExpression(_) => Some(Caller::New),
            _ => None,
        }
    }

    /// What a call gives to the functions that it is given.
    fn handed_over(&self, file: usize, caller: Caller<'a>) -> Handed {
        let Caller::Call(call) = caller else { return Handed::Nothing };
        let origins = self.modules.origins(file, &call.callee);
        let package = origins.iter().find_map(|origin| match origin {
            Origin::Package(source) => Some(*source),
            _ => None,
        });
        match package {
            Some(source) if is_router(source) => Handed::Context,
            Some(_) => Handed::Unsure,
            None => Handed::Nothing,
        }
    }

    /// `app.get("/", home)` and `cors({ origin: (from, c) => … })`: what a router is given by name, or in an object, it calls
    /// with what holds the environment. Functions that stand in the call itself are read as they are found.
    fn registered(&mut self, file: usize, call: &'a CallExpression<'a>) {
        let by_name = |value: &Expression<'_>| {
            use Expression::{ArrayExpression, Identifier, ObjectExpression, StaticMemberExpression};
            matches!(value, Identifier(_) | StaticMemberExpression(_) | ObjectExpression(_) | ArrayExpression(_))
        };
        let given = || call.arguments.iter().filter_map(Argument::as_expression).filter(|value| by_name(value));
        // What a call gives is asked last, since the answer takes the longest.
        if given().next().is_some() && matches!(self.handed_over(file, Caller::Call(call)), Handed::Context) {
            given().for_each(|value| self.called_back(file, value));
        }
    }

    fn called_back(&mut self, file: usize, value: &'a Expression<'a>) {
        match value {
            Expression::ObjectExpression(object) => {
                for property in &object.properties {
                    if let ObjectPropertyKind::ObjectProperty(property) = property {
                        self.called_back(file, &property.value);
                    }
                }
            }
            Expression::ArrayExpression(array) => {
                for element in array.elements.iter().filter_map(|each| each.as_expression()) {
                    self.called_back(file, element);
                }
            }
            _ => {
                for origin in self.modules.origins(file, value) {
                    let Some((file, parameters)) = origin.parameters() else { continue };
                    // One with a type says by that what it is.
                    for parameter in parameters.items.iter().filter(|each| each.type_annotation.is_none()) {
                        self.parameter(file, parameter, holding_env());
                    }
                }
            }
        }
    }

    /// `const check: MiddlewareHandler = async (c, next) => …`
    fn typed_by_router(&self, file: usize, parameters: NodeId) -> bool {
        let nodes = self.modules.semantic(file).nodes();
        let AstKind::VariableDeclarator(declarator) = nodes.parent_kind(nodes.parent_id(parameters)) else {
            return false;
        };
        let Some(annotation) = &declarator.type_annotation else { return false };
        self.is_of_router(file, &annotation.type_annotation)
    }

    fn is_of_router(&self, file: usize, kind: &'a TSType<'a>) -> bool {
        let TSType::TSTypeReference(reference) = kind else { return false };
        let TSTypeName::IdentifierReference(name) = &reference.type_name else { return false };
        let symbol = self.modules.symbol(file, name);
        let imported = symbol.and_then(|symbol| self.modules.imported(file, symbol));
        matches!(imported, Some(Export::Package(source, _)) if is_router(source))
    }

    fn import(&mut self, file: usize, import: &'a ImportDeclaration<'a>, process_env: bool) {
        for specifier in import.specifiers.iter().flatten() {
            let Some(symbol) = specifier.local().symbol_id.get() else { continue };
            // Through the files that export it again, too.
            let Some(Export::Package(source, name)) = self.modules.imported(file, symbol) else { continue };
            let way = match (source, name) {
                (RUNTIME, "env") => Way::default(),
                (RUNTIME, "*") => holding_env(),
                ("hono/adapter", "env") => vec![Step::Call],
                ("node:process" | "process", "env") if process_env => Way::default(),
                ("node:process" | "process", "default" | "*") if process_env => holding_env(),
                _ => continue,
            };
            self.carry(file, Carrier::Symbol(symbol), way);
        }
    }

    /// Instances that the runtime makes have the environment as `env`, unless the class makes something else of that.
    fn class(&mut self, file: usize, class: &'a Class<'a>) {
        let id = class.node_id.get();
        let of_runtime = class.heritage.as_ref().is_some_and(|heritage| {
            let origins = self.modules.origins(file, &heritage.expression);
            origins.iter().any(|origin| matches!(origin, Origin::Package(RUNTIME)))
        });
        if of_runtime
            && let Some(constructor) = method(class, "constructor")
            && let Some(parameter) = constructor.params.items.get(1)
        {
            self.parameter(file, parameter, Way::default());
        }
        if of_runtime {
            self.carry(file, Carrier::Instances(id), holding_env());
        } else if !self.has_own_env(file, class) {
            // Of a class that may well have none, what is taken out of `this` counts, and not where `this` goes.
            for this in self.modules.this_of(file, id) {
                if self.is_taken_apart(file, *this) {
                    self.used(file, *this, holding_env());
                }
            }
        }
        for element in &class.body.body {
            if let ClassElement::PropertyDefinition(property) = element
                && let (Some(annotation), Some(name)) = (&property.type_annotation, property.key.static_name())
                && let Some(way) = self.types.of(&annotation.type_annotation)
            {
                let way = std::iter::once(Step::Property(name)).chain(way).collect();
                self.carry(file, Carrier::Instances(id), way);
            }
        }
    }

    fn is_taken_apart(&self, file: usize, this: NodeId) -> bool {
        matches!(self.modules.parent(file, this), AstKind::StaticMemberExpression(_) | AstKind::VariableDeclarator(_))
    }

    /// Whether the class says itself what its `env` is. Where that is an environment, it is followed there.
    fn has_own_env(&self, file: usize, class: &'a Class<'a>) -> bool {
        let named = |key: &PropertyKey<'a>| key.static_name().is_some_and(|name| name == "env");
        let declared = class.body.body.iter().any(|element| match element {
            ClassElement::PropertyDefinition(property) => named(&property.key),
            ClassElement::MethodDefinition(method) => named(&method.key),
            ClassElement::AccessorProperty(property) => named(&property.key),
            _ => false,
        });
        let given = method(class, "constructor").is_some_and(|constructor| {
            let own = |item: &FormalParameter<'a>| item.accessibility.is_some() || item.readonly;
            let named = |item: &FormalParameter<'a>| {
                matches!(&item.pattern, BindingPattern::BindingIdentifier(name) if name.name == "env")
            };
            constructor.params.items.iter().any(|item| own(item) && named(item))
        });
        declared || given || self.sets_own_env(file, class)
    }

    /// `this.env = …`
    fn sets_own_env(&self, file: usize, class: &'a Class<'a>) -> bool {
        let nodes = self.modules.semantic(file).nodes();
        self.modules.this_of(file, class.node_id.get()).iter().any(|this| {
            let member = nodes.parent_node(*this);
            let AstKind::StaticMemberExpression(of_this) = member.kind() else { return false };
            let AstKind::AssignmentExpression(assignment) = nodes.parent_kind(member.id()) else { return false };
            of_this.property.name == "env" && assignment.left.node_id() == member.id()
        })
    }
}

/// `env?: Env`, `env: Env | undefined`
fn may_be_missing(parameter: &FormalParameter<'_>) -> bool {
    let annotation = parameter.type_annotation.as_ref().map(|annotation| &annotation.type_annotation);
    parameter.optional || matches!(annotation, Some(TSType::TSUnionType(_)))
}

#[derive(Clone, Copy)]
enum Caller<'a> {
    Call(&'a CallExpression<'a>),
    New,
}

#[derive(Clone, Copy)]
enum Handed {
    /// An object that has the environment as `env`.
    Context,
    /// A package decides that.
    Unsure,
    Nothing,
}
