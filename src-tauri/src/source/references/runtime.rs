//! What the runtime calls with the environment: the handlers that the entry exports, and its classes.

use oxc::{
    ast::{
        AstKind,
        ast::{
            Argument, Class, Expression, FormalParameter, ObjectExpression, ObjectPropertyKind, PropertyKind, Statement,
        },
    },
    span::{GetSpan, Span},
};

use super::{
    Search, Way,
    births::finds_objects,
    members::{Member, method},
    modules::Export,
    origins::Origin,
    types::{is_router, named},
};

/// What the runtime calls with the environment as the second argument.
const HANDLERS: [&str; 8] = ["fetch", "scheduled", "queue", "email", "tail", "tailStream", "trace", "test"];

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
        self.durable_objects();
    }

    /// What the entry exports by default is given the environment with each call.
    fn exported(&mut self, origins: Vec<Origin<'a>>, file: usize, span: Span) {
        for origin in origins {
            match origin {
                Origin::Object(file, object) => self.handlers(file, object),
                Origin::Package(source) if is_router(source) || finds_objects(source) => {}
                Origin::Instance(file, class) => self.methods(file, class),
                Origin::Class(..) => {}
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
                ObjectPropertyKind::ObjectProperty(property) if property.kind == PropertyKind::Get => {
                    self.cannot_tell(file, property.span);
                    continue;
                }
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
            if handler {
                self.handler_value(file, value);
            }
        }
    }

    /// `export default new App()`
    fn methods(&mut self, file: usize, class: &'a Class<'a>) {
        for name in HANDLERS {
            match self.modules.inherited(file, class, name) {
                Some((file, Member::Method(it))) => self.handler(Origin::Function(file, it), file, it.span),
                Some((file, Member::Value(value))) => self.handler_value(file, value),
                None => {}
            }
        }
    }

    fn handler_value(&mut self, file: usize, value: &'a Expression<'a>) {
        for origin in self.modules.origins(file, value) {
            self.handler(origin, file, value.span());
        }
    }

    /// The runtime gives a handler the environment as its second argument.
    pub(super) fn handler(&mut self, origin: Origin<'a>, file: usize, span: Span) {
        match (origin, origin.parameters()) {
            (_, Some((file, parameters))) => {
                if let Some(parameter) = parameters.items.get(1) {
                    self.handed_env(file, parameter);
                } else if let Some(rest) = &parameters.rest {
                    self.cannot_tell(file, rest.span);
                }
            }
            (Origin::Package(source), _) if is_router(source) => {}
            _ => self.cannot_tell(file, span),
        }
    }

    fn handed_env(&mut self, file: usize, parameter: &'a FormalParameter<'a>) {
        if let Some(annotation) = &parameter.type_annotation {
            self.types.add_env(annotation);
        }
        self.parameter(file, parameter, Way::default());
    }

    /// `export class Room { constructor(state: DurableObjectState, env: RoomEnv) { … } }`: as it was done before there was a
    /// class to extend.
    fn durable_objects(&mut self) {
        let modules = self.modules;
        for (_, symbol) in modules.exported_names(0) {
            let AstKind::Class(class) = modules.semantic(0).symbol_declaration(symbol).kind() else { continue };
            let Some(constructor) = method(class, "constructor").filter(|_| class.heritage.is_none()) else { continue };
            let [state, env, ..] = &constructor.params.items[..] else { continue };
            let annotation = state.type_annotation.as_ref();
            let named = annotation.and_then(|annotation| named(&annotation.type_annotation));
            if named.is_some_and(|name| name.name == "DurableObjectState") {
                self.handed_env(0, env);
            }
        }
    }
}
