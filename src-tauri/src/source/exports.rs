//! What a function's module exports by default, and which handlers that has.

use oxc::{
    ast::{
        AstKind,
        ast::{
            Class, ClassElement, ExportDefaultDeclarationKind, Expression, IdentifierReference, ModuleExportName,
            ObjectExpression, ObjectPropertyKind, Statement,
        },
    },
    semantic::Semantic,
};

use crate::function::Trigger;

/// What the module exports by default.
pub(super) enum Exported<'s, 'a> {
    Object(&'s ObjectExpression<'a>),
    Class(&'s Class<'a>),
    /// An application object, such as a router, whose handlers are not written here.
    Application,
}

/// Of `export default …` or of `export { … as default }`.
pub(super) fn exported<'s, 'a>(semantic: &'s Semantic<'a>) -> Option<Exported<'s, 'a>> {
    semantic.nodes().program().body.iter().find_map(|statement| match statement {
        Statement::ExportDefaultDeclaration(export) => match &export.declaration {
            ExportDefaultDeclarationKind::ClassDeclaration(class) => Some(Exported::Class(class)),
            other => other.as_expression().map(|value| value_of(semantic, value)),
        },
        Statement::ExportNamedDeclaration(export) => {
            let default = export.specifiers.iter().find(|specifier| specifier.exported.name() == "default")?;
            match &default.local {
                ModuleExportName::IdentifierReference(name) => Some(named(semantic, name)),
                _ => None,
            }
        }
        _ => None,
    })
}

/// What an expression is, through casts, parentheses and one name.
fn value_of<'s, 'a>(semantic: &'s Semantic<'a>, value: &'s Expression<'a>) -> Exported<'s, 'a> {
    match value.get_inner_expression() {
        Expression::Identifier(name) => named(semantic, name),
        other => written(other),
    }
}

fn named<'s, 'a>(semantic: &'s Semantic<'a>, name: &IdentifierReference<'a>) -> Exported<'s, 'a> {
    let symbol = name.reference_id.get().and_then(|id| semantic.scoping().get_reference(id).symbol_id());
    match symbol.map(|symbol| semantic.symbol_declaration(symbol).kind()) {
        Some(AstKind::Class(class)) => Exported::Class(class),
        Some(AstKind::VariableDeclarator(declarator)) => match &declarator.init {
            Some(value) => written(value.get_inner_expression()),
            None => Exported::Application,
        },
        _ => Exported::Application,
    }
}

fn written<'s, 'a>(value: &'s Expression<'a>) -> Exported<'s, 'a> {
    match value {
        Expression::ObjectExpression(object) => Exported::Object(object),
        Expression::ClassExpression(class) => Exported::Class(class),
        _ => Exported::Application,
    }
}

/// The handlers of the default export.
pub(super) fn trigger(semantic: &Semantic<'_>) -> Trigger {
    let handlers: Vec<String> = match exported(semantic) {
        Some(Exported::Object(object)) => names(object),
        Some(Exported::Class(class)) => methods(class),
        // It answers HTTP.
        Some(Exported::Application) => vec!["fetch".to_owned()],
        None => Vec::new(),
    };
    Trigger {
        http: handlers.iter().any(|name| name == "fetch"),
        scheduled: handlers.iter().any(|name| name == "scheduled"),
    }
}

fn methods(class: &Class<'_>) -> Vec<String> {
    let methods = class.body.body.iter().filter_map(|element| match element {
        ClassElement::MethodDefinition(method) => method.key.static_name().map(|name| name.into_owned()),
        ClassElement::PropertyDefinition(property) => property.key.static_name().map(|name| name.into_owned()),
        _ => None,
    });
    methods.collect()
}

fn names(object: &ObjectExpression<'_>) -> Vec<String> {
    let properties = object.properties.iter().filter_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(property) => property.key.static_name().map(|name| name.into_owned()),
        ObjectPropertyKind::SpreadProperty(_) => None,
    });
    properties.collect()
}
