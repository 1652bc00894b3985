//! Where an `env` comes from: the handlers that the entry exports, parameters called or typed so, imports, `this.env` and
//! what a router hands over.

use oxc::{
    ast::{
        AstKind,
        ast::{
            Argument, BindingPattern, Class, ClassElement, Expression, FormalParameter, FormalParameters,
            ImportDeclaration, ObjectExpression, ObjectPropertyKind, PropertyKey, Statement, TSType,
        },
    },
    semantic::NodeId,
    span::{GetSpan, Span},
};

use super::{
    Carrier, Search, Step, Way, members::method, modules::Export, origins::Origin, routers::Handed, types::is_router,
};

/// What the runtime calls with the environment as the second argument.
const HANDLERS: [&str; 8] = ["fetch", "scheduled", "queue", "email", "tail", "tailStream", "trace", "test"];

pub(super) const RUNTIME: &str = "cloudflare:workers";

pub(super) fn holding_env<'a>() -> Way<'a> {
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
        let handed = self.handed_to(file, id);
        for (index, parameter) in parameters.items.iter().enumerate() {
            if self.certain && may_be_missing(parameter) {
                continue;
            }
            let called_env =
                matches!(&parameter.pattern, BindingPattern::BindingIdentifier(name) if name.name == "env");
            let named = called_env && !self.certain;
            let typed = parameter.type_annotation.as_ref().map(|annotation| &annotation.type_annotation);
            // A type of another name says that it is something else, whatever the parameter is called.
            let way = match (typed, handed) {
                (Some(TSType::TSAnyKeyword(_)), _) if named => Some(Way::default()),
                (Some(kind), Some(Handed::Context { first })) => {
                    self.types.of(kind).or_else(|| self.context(index, parameter, first))
                }
                (Some(kind), _) => self.types.of(kind),
                // `app.mount("/", (request, env) => …)`
                (None, Some(Handed::Context { .. })) if named => Some(Way::default()),
                (None, Some(Handed::Context { first })) => self.context(index, parameter, first),
                // Whoever calls a callback decides what it is given: `envs.map((env) => …)`.
                (None, Some(Handed::Unsure)) if named => Some(vec![Step::Unsure]),
                (None, Some(Handed::Unsure)) => Some(vec![Step::Maybe, Step::Property("env".into()), Step::Unsure]),
                (None, Some(Handed::Nothing)) => None,
                (None, None) => named.then(Way::default),
            };
            if let Some(way) = way {
                self.parameter(file, parameter, way);
            }
        }
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
                (source, "getContext" | "tryGetContext" | "useRequestContext") if is_router(source) => {
                    vec![Step::Call, Step::Property("env".into())]
                }
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
