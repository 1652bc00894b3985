//! What objects and classes have under a name.

use std::borrow::Cow;

use oxc::{
    ast::{
        AstKind,
        ast::{
            Class, ClassElement, Expression, Function, MethodDefinitionKind, ObjectExpression, ObjectPropertyKind,
            PrivateIdentifier, PropertyKey,
        },
    },
    semantic::NodeId,
};

use super::{
    modules::Modules,
    origins::{FARTHEST, Origin},
    types::is_router,
};

impl<'a> Modules<'_, 'a> {
    pub(super) fn trace_member(&self, of: Origin<'a>, name: &str, depth: usize, found: &mut Vec<Origin<'a>>) {
        match of {
            Origin::Object(file, object) => match property(object, name) {
                Some(value) => self.trace(file, value, depth, found),
                None => found.push(Origin::Unknown),
            },
            Origin::Instance(file, class) => self.trace_instance(file, class, name, depth, found),
            Origin::Class(file, class) => match member(class, name, true) {
                Some(member) => self.trace_written(file, member, depth, found),
                None => found.push(Origin::Unknown),
            },
            Origin::Namespace(file) => match self.export(file, name, 0) {
                Some(export) => self.trace_export(export, depth, found),
                None => found.push(Origin::Unknown),
            },
            Origin::Package(source) => found.push(Origin::Package(source)),
            _ => found.push(Origin::Unknown),
        }
    }

    fn trace_written(&self, file: usize, member: Member<'a>, depth: usize, found: &mut Vec<Origin<'a>>) {
        match member {
            Member::Method(function) => found.push(Origin::Function(file, function)),
            Member::Value(value) => self.trace(file, value, depth, found),
        }
    }

    /// What an instance has under a name, be it from the class that its own one extends.
    fn trace_instance(&self, file: usize, class: &'a Class<'a>, name: &str, depth: usize, found: &mut Vec<Origin<'a>>) {
        let before = found.len();
        if let Some(member) = member(class, name, false) {
            self.trace_written(file, member, depth, found);
        }
        for value in self.set_on_this(file, class, name) {
            self.trace(file, value, depth, found);
        }
        if found.len() > before {
            return;
        }
        let inherited = class.heritage.as_ref().filter(|_| depth <= FARTHEST);
        for origin in inherited.map(|heritage| self.deeper(file, &heritage.expression, depth)).unwrap_or_default() {
            match origin {
                Origin::Class(file, class) => self.trace_instance(file, class, name, depth + 1, found),
                // `class Api extends Hono`
                Origin::Package(source) if is_router(source) => found.push(origin),
                _ => {}
            }
        }
        if found.len() == before {
            found.push(Origin::Unknown);
        }
    }

    /// The object literal that `this` is in one of its methods.
    pub(super) fn object_of_this(&self, file: usize, this: NodeId) -> Option<NodeId> {
        let nodes = self.semantic(file).nodes();
        let function =
            nodes.ancestors(this).find(|node| matches!(node.kind(), AstKind::Function(_) | AstKind::Class(_)))?;
        let property = nodes.parent_node(function.id());
        let AstKind::ObjectProperty(written) = property.kind() else { return None };
        (written.value.node_id() == function.id()).then(|| nodes.parent_id(property.id()))
    }

    /// The class that something is written in.
    pub(super) fn class_around(&self, file: usize, node: NodeId) -> Option<&'a Class<'a>> {
        self.semantic(file).nodes().ancestor_kinds(node).find_map(|kind| match kind {
            AstKind::Class(class) => Some(class),
            _ => None,
        })
    }

    /// The class whose instance `this` is.
    pub(super) fn class_of_this(&self, file: usize, this: NodeId) -> Option<&'a Class<'a>> {
        let nodes = self.semantic(file).nodes();
        let mut own = true;
        let mut within = this;
        for ancestor in nodes.ancestors(this) {
            match ancestor.kind() {
                AstKind::Class(class) => return own.then_some(class),
                AstKind::Function(_) => {
                    own &= matches!(nodes.parent_kind(ancestor.id()), AstKind::MethodDefinition(method) if !method.r#static);
                    if !own {
                        return None;
                    }
                }
                AstKind::StaticBlock(_) => return None,
                AstKind::PropertyDefinition(property) => {
                    let value = property.value.as_ref().is_some_and(|value| value.node_id() == within);
                    own &= value && !property.r#static;
                }
                _ => {}
            }
            within = ancestor.id();
        }
        None
    }
}

/// What is taken out of what, where a node takes a member by its name: `#name` where that is private.
pub(super) fn taken<'a>(kind: AstKind<'a>) -> Option<(&'a Expression<'a>, Cow<'a, str>)> {
    match kind {
        AstKind::StaticMemberExpression(member) => Some((&member.object, member.property.name.as_str().into())),
        AstKind::PrivateFieldExpression(member) => Some((&member.object, private(&member.field))),
        _ => None,
    }
}

/// The same name, where the member is written.
pub(super) fn written<'a>(key: &PropertyKey<'a>) -> Option<Cow<'a, str>> {
    match key {
        PropertyKey::PrivateIdentifier(name) => Some(private(name)),
        key => key.static_name(),
    }
}

pub(super) fn private<'a>(name: &PrivateIdentifier<'a>) -> Cow<'a, str> {
    format!("#{}", name.name).into()
}

/// What an object literal has under a name.
pub(super) fn property<'a>(object: &'a ObjectExpression<'a>, name: &str) -> Option<&'a Expression<'a>> {
    object.properties.iter().rev().find_map(|each| value_under(each, name))
}

/// The same, unless what is spread or computed behind it may have the name as well.
pub(super) fn only_property<'a>(object: &'a ObjectExpression<'a>, name: &str) -> Option<&'a Expression<'a>> {
    let named = |each: &ObjectPropertyKind<'a>| each.as_property().is_some_and(|each| each.key.static_name().is_some());
    let mut last_ones = object.properties.iter().rev().take_while(|each| named(each));
    last_ones.find_map(|each| value_under(each, name))
}

fn value_under<'a>(property: &'a ObjectPropertyKind<'a>, name: &str) -> Option<&'a Expression<'a>> {
    let property = property.as_property()?;
    property.key.is_specific_static_name(name).then_some(&property.value)
}

/// A method of a class, or the one that makes its instances.
pub(super) fn method<'a>(class: &'a Class<'a>, name: &str) -> Option<&'a Function<'a>> {
    match member(class, name, false) {
        Some(Member::Method(function)) => Some(function),
        _ => None,
    }
}

pub(super) enum Member<'a> {
    Method(&'a Function<'a>),
    Value(&'a Expression<'a>),
}

/// What stands in a class under a name, of its instances or of the class itself.
pub(super) fn member<'a>(class: &'a Class<'a>, name: &str, r#static: bool) -> Option<Member<'a>> {
    let named = |key: &PropertyKey<'a>| written(key).is_some_and(|key| key == name);
    class.body.body.iter().find_map(|element| match element {
        ClassElement::MethodDefinition(method) if method.r#static == r#static && named(&method.key) => {
            let plain = matches!(method.kind, MethodDefinitionKind::Method | MethodDefinitionKind::Constructor);
            // One without a body only says what types there are.
            (plain && method.value.body.is_some()).then_some(Member::Method(&method.value))
        }
        ClassElement::PropertyDefinition(property) if property.r#static == r#static && named(&property.key) => {
            property.value.as_ref().map(Member::Value)
        }
        _ => None,
    })
}
