//! What the function answers to: the handlers of what its entry exports by default, wherever that is written.

use std::borrow::Cow;

use oxc::ast::{
    AstKind,
    ast::{ObjectExpression, ObjectPropertyKind, PropertyKey},
};

use super::{
    modules::{Export, Module, Modules},
    origins::Origin,
};
use crate::function::Trigger;

/// What may be the entry's default export.
pub(super) fn exported<'a>(modules: &Modules<'_, 'a>) -> Vec<Origin<'a>> {
    let exported = modules.export(0, "default", 0).filter(|export| !matches!(export, Export::Nothing));
    exported.map(|export| modules.origins_of_export(export)).unwrap_or_default()
}

pub(super) fn trigger<'a>(modules: &Modules<'_, 'a>, exported: &[Origin<'a>]) -> Trigger {
    let handles = |handler: &str| {
        exported.iter().any(|origin| match origin {
            Origin::Object(_, object) => {
                keys(object).any(|key| is_called(key, handler)) || (handler == "fetch" && spreads(object))
            }
            Origin::Function(..) => false,
            Origin::Class(file, class) => modules.inherited(*file, class, handler).is_some(),
            Origin::Instance(file, class) if modules.inherited(*file, class, handler).is_some() => true,
            // An application, such as a router, answers HTTP; what a package wraps has what is written of it here.
            Origin::Package(_) => handler == "fetch" || is_written(modules, handler),
            _ => handler == "fetch",
        })
    };
    Trigger { http: handles("fetch"), scheduled: handles("scheduled") }
}

/// Whether all handlers are written here, and none is for schedules: certainly, since nothing is run for them then. What a
/// package makes or a class inherits from one may have one, and so may what is added to later, which names it somewhere.
pub(super) fn runs_no_schedule(modules: &Modules<'_, '_>, exported: &[Origin<'_>]) -> bool {
    let all_written = |origin: &Origin<'_>| match origin {
        Origin::Object(_, object) => !spreads(object) && keys(object).all(|key| key.static_name().is_some()),
        Origin::Class(_, class) => class.heritage.as_ref().is_none_or(|heritage| {
            let parent = heritage.expression.get_inner_expression().get_identifier_reference();
            parent.is_some_and(|parent| parent.name == "WorkerEntrypoint")
        }),
        Origin::Function(..) => true,
        _ => false,
    };
    !exported.is_empty() && exported.iter().all(all_written) && naming(modules, "scheduled").next().is_none()
}

/// Whether any object has it as a function.
fn is_written<'a>(modules: &Modules<'_, 'a>, handler: &str) -> bool {
    let is_function = |origin: &Origin<'_>| matches!(origin, Origin::Function(..) | Origin::Arrow(..));
    naming(modules, handler).any(|(file, module)| {
        module.semantic.nodes().iter().any(|node| match node.kind() {
            AstKind::ObjectProperty(property) if is_called(&property.key, handler) => {
                modules.origins(file, &property.value).iter().any(is_function)
            }
            _ => false,
        })
    })
}

/// The modules whose text has its name somewhere.
fn naming<'m, 's, 'a>(
    modules: &'m Modules<'s, 'a>,
    handler: &'m str,
) -> impl Iterator<Item = (usize, &'m Module<'s, 'a>)> {
    modules.all.iter().enumerate().filter(move |(_, module)| module.semantic.source_text().contains(handler))
}

fn is_called(key: &PropertyKey<'_>, name: &str) -> bool {
    key.static_name() == Some(Cow::Borrowed(name))
}

fn keys<'a>(object: &'a ObjectExpression<'a>) -> impl Iterator<Item = &'a PropertyKey<'a>> {
    object.properties.iter().filter_map(|property| match property {
        ObjectPropertyKind::ObjectProperty(property) => Some(&property.key),
        ObjectPropertyKind::SpreadProperty(_) => None,
    })
}

/// What is spread into it may be an application.
fn spreads(object: &ObjectExpression<'_>) -> bool {
    object.properties.iter().any(|property| matches!(property, ObjectPropertyKind::SpreadProperty(_)))
}
