//! What objects and classes have under a name.

use std::{borrow::Cow, collections::HashMap};

use oxc::{
    ast::{
        AstKind,
        ast::{
            BindingIdentifier, Class, ClassElement, Expression, FormalParameter, Function, MethodDefinitionKind,
            ObjectExpression, ObjectPropertyKind, PrivateIdentifier, PropertyKey, PropertyKind,
        },
    },
    semantic::NodeId,
};

use super::{
    modules::{Export, Modules},
    origins::{FARTHEST, Origin},
    types::is_router,
};

/// By each class, those that extend it.
pub(super) type Extending<'a> = HashMap<(usize, NodeId), Vec<(usize, &'a Class<'a>)>>;

impl<'a> Modules<'_, 'a> {
    pub(super) fn trace_member(&self, of: Origin<'a>, name: &str, depth: usize, found: &mut Vec<Origin<'a>>) {
        match of {
            Origin::Object(file, object) => self.trace_property(file, object, name, depth, found),
            Origin::Instance(file, class) => self.trace_instance(file, class, name, depth, found),
            Origin::Class(file, class) => match (member(class, name, true), &class.heritage) {
                (Some(member), _) => self.trace_written(file, member, depth, found),
                (None, Some(heritage)) if depth <= FARTHEST => {
                    for origin in self.deeper(file, &heritage.expression, depth) {
                        self.trace_member(origin, name, depth + 1, found);
                    }
                }
                _ => found.push(Origin::Unknown),
            },
            Origin::Namespace(file) => match self.export(file, name, 0) {
                Some(export) => self.trace_export(export, depth, found),
                None => found.push(Origin::Unknown),
            },
            Origin::Package(source) => found.push(Origin::Package(source)),
            _ => found.push(Origin::Unknown),
        }
    }

    /// What an object has under a name: the last one that is written, or what is spread or computed behind it.
    fn trace_property(
        &self,
        file: usize,
        object: &'a ObjectExpression<'a>,
        name: &str,
        depth: usize,
        found: &mut Vec<Origin<'a>>,
    ) {
        for each in object.properties.iter().rev() {
            match each {
                ObjectPropertyKind::ObjectProperty(property) if property.key.is_specific_static_name(name) => {
                    return match property.kind {
                        PropertyKind::Init => self.trace(file, &property.value, depth, found),
                        _ => found.push(Origin::Unknown),
                    };
                }
                ObjectPropertyKind::ObjectProperty(property) if property.key.static_name().is_some() => {}
                ObjectPropertyKind::ObjectProperty(_) => found.push(Origin::Unknown),
                ObjectPropertyKind::SpreadProperty(spread) if depth <= FARTHEST => {
                    let mut certain = true;
                    for origin in self.deeper(file, &spread.argument, depth + 1) {
                        let has = match origin {
                            Origin::Object(_, theirs) => has(theirs, name),
                            _ => None,
                        };
                        certain &= has == Some(true);
                        if has != Some(false) {
                            self.trace_member(origin, name, depth + 1, found);
                        }
                    }
                    if certain {
                        return;
                    }
                }
                ObjectPropertyKind::SpreadProperty(_) => found.push(Origin::Unknown),
            }
        }
        found.push(Origin::Unknown);
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
        self.trace_overriding(file, class, name, depth, found);
        self.trace_inherited(file, class, name, depth, found);
        if found.len() == before {
            found.push(Origin::Unknown);
        }
    }

    /// What a class gives its instances itself, or else what the one does that it extends.
    fn trace_inherited(
        &self,
        file: usize,
        class: &'a Class<'a>,
        name: &str,
        depth: usize,
        found: &mut Vec<Origin<'a>>,
    ) {
        let before = found.len();
        if let Some(member) = member(class, name, false) {
            self.trace_written(file, member, depth, found);
        }
        for value in self.set_on_this(file, class, name) {
            self.trace(file, value, depth, found);
        }
        if let Some(symbol) = kept_parameter(class, name).and_then(|name| name.symbol_id.get()) {
            self.trace_symbol(file, symbol, depth + 1, found);
        }
        if found.len() > before {
            return;
        }
        let inherited = class.heritage.as_ref().filter(|_| depth <= FARTHEST);
        for origin in inherited.map(|heritage| self.deeper(file, &heritage.expression, depth)).unwrap_or_default() {
            match origin {
                Origin::Class(file, class) => self.trace_inherited(file, class, name, depth + 1, found),
                // `class Api extends Hono`
                Origin::Package(source) if is_router(source) => found.push(origin),
                _ => {}
            }
        }
    }

    /// What an instance has instead where its class is one that extends this one.
    fn trace_overriding(
        &self,
        file: usize,
        class: &'a Class<'a>,
        name: &str,
        depth: usize,
        found: &mut Vec<Origin<'a>>,
    ) {
        self.look_at_extending(file, class, depth, found, &|file, class, depth, found| {
            if let Some(member) = member(class, name, false) {
                self.trace_written(file, member, depth, found);
            }
        });
    }

    /// The classes that extend one: `this` of it may be any of them.
    pub(super) fn trace_extending(&self, file: usize, class: &'a Class<'a>, depth: usize, found: &mut Vec<Origin<'a>>) {
        self.look_at_extending(file, class, depth, found, &|file, class, _, found| {
            found.push(Origin::Class(file, class));
        });
    }

    fn look_at_extending(
        &self,
        file: usize,
        class: &'a Class<'a>,
        depth: usize,
        found: &mut Vec<Origin<'a>>,
        look: &impl Fn(usize, &'a Class<'a>, usize, &mut Vec<Origin<'a>>),
    ) {
        let extending = self.extending.get_or_init(|| self.all_extending());
        for (file, class) in extending.get(&(file, class.node_id.get())).into_iter().flatten() {
            if depth > FARTHEST || !self.burn() {
                return found.push(Origin::Unknown);
            }
            look(*file, class, depth, found);
            self.look_at_extending(*file, class, depth + 1, found, look);
        }
    }

    fn all_extending(&self) -> Extending<'a> {
        let mut all = Extending::new();
        for file in 0..self.all.len() {
            for node in self.telling(file) {
                if let AstKind::Class(class) = self.kind(file, *node)
                    && let Some((of, extended)) = self.extended(file, class)
                {
                    all.entry((of, extended.node_id.get())).or_default().push((file, class));
                }
            }
        }
        all
    }

    /// The class that a class says by its name to extend.
    fn extended(&self, file: usize, class: &'a Class<'a>) -> Option<(usize, &'a Class<'a>)> {
        let Expression::Identifier(name) = class.heritage.as_ref()?.expression.get_inner_expression() else {
            return None;
        };
        let symbol = self.symbol(file, name)?;
        if let Some(Export::Class(file, class)) = self.imported(file, symbol) {
            return Some((file, class));
        }
        let (file, symbol) = self.home(file, symbol)?;
        match self.semantic(file).symbol_declaration(symbol).kind() {
            AstKind::Class(class) => Some((file, class)),
            _ => None,
        }
    }

    /// What a class has for its instances, be it from one that it extends.
    pub(super) fn inherited(&self, file: usize, class: &'a Class<'a>, name: &str) -> Option<(usize, Member<'a>)> {
        let mut at = (file, class);
        for _ in 0..FARTHEST {
            match member(at.1, name, false) {
                Some(member) => return Some((at.0, member)),
                None => at = self.extended(at.0, at.1)?,
            }
        }
        None
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

    /// The class that `this` belongs to, and whether it is the class itself rather than an instance.
    pub(super) fn class_of_this(&self, file: usize, this: NodeId) -> Option<(&'a Class<'a>, bool)> {
        let nodes = self.semantic(file).nodes();
        let mut own = true;
        let mut itself = false;
        let mut within = this;
        for ancestor in nodes.ancestors(this) {
            match ancestor.kind() {
                AstKind::Class(class) => return own.then_some((class, itself)),
                AstKind::Function(_) => {
                    let AstKind::MethodDefinition(method) = nodes.parent_kind(ancestor.id()) else { return None };
                    itself = method.r#static;
                }
                AstKind::StaticBlock(_) => itself = true,
                AstKind::PropertyDefinition(property) => {
                    own &= property.value.as_ref().is_some_and(|value| value.node_id() == within);
                    itself = property.r#static;
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

/// Whether an object literal has something under a name; `None` where what is spread or computed in it may be that.
fn has(object: &ObjectExpression<'_>, name: &str) -> Option<bool> {
    let mut has = Some(false);
    for each in &object.properties {
        match each.as_property().and_then(|each| each.key.static_name()) {
            Some(written) if written == name => return Some(true),
            Some(_) => {}
            None => has = None,
        }
    }
    has
}

/// What an object literal has under a name, unless what is spread or computed behind it may have the name as well.
pub(super) fn only_property<'a>(object: &'a ObjectExpression<'a>, name: &str) -> Option<&'a Expression<'a>> {
    let named = |each: &ObjectPropertyKind<'a>| each.as_property().is_some_and(|each| each.key.static_name().is_some());
    let mut last_ones = object.properties.iter().rev().take_while(|each| named(each));
    let property = last_ones.find_map(|each| each.as_property().filter(|it| it.key.is_specific_static_name(name)))?;
    (property.kind == PropertyKind::Init).then_some(&property.value)
}

/// A method of a class, or the one that makes its instances.
pub(super) fn method<'a>(class: &'a Class<'a>, name: &str) -> Option<&'a Function<'a>> {
    match member(class, name, false) {
        Some(Member::Method(function)) => Some(function),
        _ => None,
    }
}

/// `constructor(private name: …)`
pub(super) fn kept_parameter<'a>(class: &'a Class<'a>, name: &str) -> Option<&'a BindingIdentifier<'a>> {
    let kept = |item: &FormalParameter<'a>| item.accessibility.is_some() || item.readonly;
    let items = method(class, "constructor")?.params.items.iter().filter(|item| kept(item));
    items.filter_map(|item| item.pattern.get_binding_identifier()).find(|written| written.name == name)
}

/// `set name(value) { … }`
pub(super) fn setter<'a>(class: &'a Class<'a>, name: &str) -> Option<&'a Function<'a>> {
    class.body.body.iter().find_map(|element| match element {
        ClassElement::MethodDefinition(method) => {
            let sets = method.kind == MethodDefinitionKind::Set && !method.r#static;
            (sets && written(&method.key).is_some_and(|key| key == name)).then_some(&*method.value)
        }
        _ => None,
    })
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
