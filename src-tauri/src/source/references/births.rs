//! Where an `env` comes from beside the runtime: parameters called or typed so, imports and `this.env`.

use oxc::{
    ast::{
        AstKind,
        ast::{
            BindingIdentifier, Class, ClassElement, Expression, FormalParameter, FormalParameters, ImportDeclaration,
            PropertyKey, TSType,
        },
    },
    semantic::NodeId,
};

use super::{
    Carrier, FARTHEST, Search, Step, Way,
    flow::step,
    members::{kept_parameter, method},
    modules::Export,
    origins::Origin,
    routers::Handed,
    typed::type_at,
    types::is_router,
};

pub(super) const RUNTIME: &str = "cloudflare:workers";

/// Whether the classes of a package are the runtime's, or made on top of them: Agents, containers, rooms.
pub(super) fn makes_instances(source: &str) -> bool {
    source == RUNTIME || source.starts_with("@cloudflare/") || finds_objects(source)
}

/// Whether the functions of a package are given an environment to find Durable Objects in it, and take no secret.
pub(super) fn finds_objects(source: &str) -> bool {
    ["agents", "partyserver"].contains(&source.split('/').next().unwrap_or_default())
}

pub(super) fn holding_env<'a>() -> Way<'a> {
    vec![Step::Property("env".into())]
}

impl<'a> Search<'_, 'a> {
    pub(super) fn births(&mut self, process_env: bool) {
        let modules = self.modules;
        for file in 0..modules.all.len() {
            for node in modules.telling(file) {
                match modules.kind(file, *node) {
                    AstKind::FormalParameters(parameters) => self.parameters(file, *node, parameters),
                    AstKind::ImportDeclaration(import) => self.import(file, import, process_env),
                    AstKind::CallExpression(call) => self.registered(file, &call.callee, &call.arguments),
                    AstKind::NewExpression(call) => self.registered(file, &call.callee, &call.arguments),
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
                for name in ["global", "globalThis", "self"] {
                    self.global(file, name, &of_global);
                }
            }
        }
    }

    fn global(&mut self, file: usize, name: &str, way: &Way<'a>) {
        let semantic = self.modules.semantic(file);
        let scoping = semantic.scoping();
        for reference in scoping.root_unresolved_references().get(name).into_iter().flatten() {
            let reference = scoping.get_reference(*reference);
            if !reference.is_type() {
                self.used(file, reference.node_id(), way.clone());
            }
        }
        // `declare const process: any`
        let Some(symbol) = scoping.get_root_binding(name.into()) else { return };
        let declaration = semantic.symbol_declaration(symbol);
        if matches!(self.modules.parent(file, declaration.id()), AstKind::VariableDeclaration(ambient) if ambient.declare)
        {
            self.carry(file, Carrier::Symbol(symbol), way.clone());
        }
    }

    /// Parameters that are an `env` because of their name or type, or that hold one.
    fn parameters(&mut self, file: usize, id: NodeId, parameters: &'a FormalParameters<'a>) {
        let handed = self.handed_to(file, id);
        for (index, parameter) in parameters.items.iter().enumerate() {
            if self.certain && may_be_missing(parameter) {
                continue;
            }
            let name = parameter.pattern.get_binding_identifier().filter(|name| name.name == "env" && !self.certain);
            // What it is given is asked last: that looks through all files.
            let named = || name.is_some_and(|name| !self.is_given_else(file, name));
            let typed = parameter.type_annotation.as_ref();
            let typed = typed.and_then(|annotation| self.modules.said_of(file, &annotation.type_annotation));
            // A type of another name says that it is something else, whatever the parameter is called.
            let way = match (typed, handed) {
                (Some(TSType::TSAnyKeyword(_)), _) if named() => Some(Way::default()),
                (Some(kind), Some(Handed::Context { first })) => {
                    self.types.of(kind).or_else(|| self.context(index, parameter, first))
                }
                (Some(kind), _) => self.types.of(kind),
                // `app.mount("/", (request, env) => …)`
                (None, Some(Handed::Context { .. })) if named() => Some(Way::default()),
                (None, Some(Handed::Context { first })) => self.context(index, parameter, first),
                // Whoever calls a callback decides what it is given: `envs.map((env) => …)`.
                (None, Some(Handed::Unsure)) if named() => Some(vec![Step::Unsure]),
                (None, Some(Handed::Unsure)) => Some(vec![Step::Maybe, Step::Property("env".into()), Step::Unsure]),
                (None, Some(Handed::Typed(_, written))) => {
                    type_at(written, index).and_then(|kind| self.types.of(kind)).or_else(|| named().then(Way::default))
                }
                (None, Some(Handed::Env)) => (index == 1).then(Way::default),
                (None, Some(Handed::Nothing)) => None,
                (None, None) => named().then(Way::default),
            };
            if let Some(way) = way {
                self.parameter(file, parameter, way);
            }
        }
    }

    /// `label("dev")`, `render({ title })`: whatever the parameter is called, it is no environment.
    fn is_given_else(&self, file: usize, parameter: &BindingIdentifier<'a>) -> bool {
        let Some(symbol) = parameter.symbol_id.get() else { return false };
        let given = self.modules.given_of(file, symbol);
        given.all && given.values.iter().all(|(file, value)| self.is_else(*file, value))
    }

    fn is_else(&self, file: usize, value: &'a Expression<'a>) -> bool {
        let is_written = |origin: &Origin<'a>| match origin {
            // What is spread into it may be an environment.
            Origin::Object(_, object) => object.properties.iter().all(|each| each.as_property().is_some()),
            _ => false,
        };
        match value.get_inner_expression() {
            Expression::ArrayExpression(_) => true,
            Expression::NewExpression(made) => !made.callee.is_specific_id("Proxy"),
            value => {
                let origins = self.modules.origins(file, value);
                !origins.is_empty() && origins.iter().all(is_written) || self.modules.names(file, value).all
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
                ("agents", "getCurrentAgent") => {
                    vec![Step::Call, Step::Property("agent".into()), Step::Property("env".into())]
                }
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
            origins.iter().any(|origin| matches!(origin, Origin::Package(source) if makes_instances(source)))
        });
        if of_runtime
            && let Some(constructor) = method(class, "constructor")
            && let Some(parameter) = constructor.params.items.get(1)
        {
            self.parameter(file, parameter, Way::default());
        }
        if of_runtime {
            self.carry(file, Carrier::Instances(id), holding_env());
        } else if !self.has_own_env(file, class, 0) {
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
                && let Some(said) = self.modules.said_of(file, &annotation.type_annotation)
                && let Some(way) = self.types.of(said)
            {
                self.has(file, property.node_id.get(), property.r#static, step(Step::Property(name), way));
            }
        }
    }

    fn is_taken_apart(&self, file: usize, this: NodeId) -> bool {
        use AstKind::{ComputedMemberExpression, StaticMemberExpression, VariableDeclarator};
        let nodes = self.modules.semantic(file).nodes();
        // Behind `(this as any)`.
        let cast = |kind: &AstKind<'_>| {
            matches!(
                kind,
                AstKind::TSAsExpression(_) | AstKind::ParenthesizedExpression(_) | AstKind::TSNonNullExpression(_)
            )
        };
        let taken = nodes.ancestor_kinds(this).find(|kind| !cast(kind));
        matches!(taken, Some(ComputedMemberExpression(_) | StaticMemberExpression(_) | VariableDeclarator(_)))
    }

    /// Whether the class says itself what its `env` is. Where that is an environment, it is followed there.
    fn has_own_env(&self, file: usize, class: &'a Class<'a>, depth: usize) -> bool {
        let named = |key: &PropertyKey<'a>| key.static_name().is_some_and(|name| name == "env");
        let declared = class.body.body.iter().any(|element| match element {
            ClassElement::PropertyDefinition(property) => named(&property.key),
            ClassElement::MethodDefinition(method) => named(&method.key),
            ClassElement::AccessorProperty(property) => named(&property.key),
            _ => false,
        });
        declared
            || kept_parameter(class, "env").is_some()
            || self.modules.set_on_this(file, class, "env").next().is_some()
            || self.inherits_own_env(file, class, depth)
    }

    fn inherits_own_env(&self, file: usize, class: &'a Class<'a>, depth: usize) -> bool {
        let Some(heritage) = class.heritage.as_ref().filter(|_| depth < FARTHEST) else { return false };
        let origins = self.modules.origins(file, &heritage.expression);
        origins.iter().any(|origin| match origin {
            Origin::Class(file, class) => self.has_own_env(*file, class, depth + 1),
            _ => false,
        })
    }
}

/// `env?: Env`, `env: Env | undefined`
fn may_be_missing(parameter: &FormalParameter<'_>) -> bool {
    let annotation = parameter.type_annotation.as_ref().map(|annotation| &annotation.type_annotation);
    parameter.optional || matches!(annotation, Some(TSType::TSUnionType(_)))
}
