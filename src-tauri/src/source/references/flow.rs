//! What becomes of an `env`, and of everything that leads to one.

use oxc::{
    ast::{
        AstKind,
        ast::{BinaryOperator, Class, Expression, PropertyKind},
    },
    semantic::{NodeId, SymbolId},
    span::{GetSpan, Span},
};

use super::{
    Carrier, FARTHEST, Search, Step, Way,
    members::{private, setter, written},
};

/// What every object has. No secret is meant.
const OF_EVERY_OBJECT: [&str; 7] =
    ["constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf"];

impl<'a> Search<'_, 'a> {
    pub(super) fn follow(&mut self) {
        while let Some((file, carrier, way)) = self.queue.pop_front() {
            match carrier {
                Carrier::Symbol(symbol) => self.follow_symbol(file, symbol, &way),
                Carrier::Instances(class) => self.follow_instances(file, class, &way),
                Carrier::Itself(class) => {
                    for this in self.modules.this_of_class_itself(file, class) {
                        self.used(file, *this, way.clone());
                    }
                }
            }
        }
    }

    fn follow_symbol(&mut self, file: usize, symbol: SymbolId, way: &Way<'a>) {
        let semantic = self.modules.semantic(file);
        for reference in semantic.scoping().get_resolved_references(symbol) {
            if !reference.is_type() {
                self.used(file, reference.node_id(), way.clone());
            }
        }
        if let AstKind::Class(class) = semantic.symbol_declaration(symbol).kind() {
            for this in self.modules.this_of_class_itself(file, class.node_id.get()) {
                self.used(file, *this, way.clone());
            }
        }
        for (file, symbol, of) in self.modules.importers(file, symbol) {
            let first = of.map(|name| Step::Property(name.into()));
            let way = first.into_iter().chain(way.iter().cloned()).collect();
            self.carry(*file, Carrier::Symbol(*symbol), way);
        }
    }

    fn follow_instances(&mut self, file: usize, class: NodeId, way: &Way<'a>) {
        for this in self.modules.this_of(file, class) {
            self.used(file, *this, way.clone());
        }
        let AstKind::Class(class) = self.modules.kind(file, class) else { return };
        if let Some(Step::Property(name)) = way.first()
            && let Some(parameter) = setter(class, name).and_then(|setter| setter.params.items.first())
        {
            self.parameter(file, parameter, way[1..].to_vec());
        }
        self.carry_class(file, class, step(Step::New, way.clone()));
    }

    /// The class itself has it, and not what it makes.
    pub(super) fn carry_class(&mut self, file: usize, class: &'a Class<'a>, way: Way<'a>) {
        match &class.id {
            Some(id) if class.is_declaration() => {
                if let Some(symbol) = id.symbol_id.get() {
                    self.carry(file, Carrier::Symbol(symbol), way);
                }
            }
            _ => {
                self.carry(file, Carrier::Itself(class.node_id.get()), way.clone());
                self.used(file, class.node_id.get(), way);
            }
        }
    }

    /// What becomes of an expression that leads to an `env`.
    pub(super) fn used(&mut self, file: usize, node: NodeId, way: Way<'a>) {
        let nodes = self.modules.semantic(file).nodes();
        let span = nodes.kind(node).span();
        let parent = nodes.parent_node(node);
        if way.len() > FARTHEST {
            // What goes round in a circle was met before.
            if !goes_round(&way) {
                self.cannot_tell(file, span);
            }
            return;
        }
        let guess = way.first() == Some(&Step::Maybe);
        match parent.kind() {
            AstKind::StaticMemberExpression(member) => {
                self.member(file, parent.id(), &member.property.name, member.property.span, way);
            }
            AstKind::PrivateFieldExpression(member) => {
                let name = private(&member.field);
                self.member(file, parent.id(), &name, member.field.span, way);
            }
            AstKind::VariableDeclarator(declarator) => self.bound(file, &declarator.id, way),
            // Casts, `!` and parentheses change nothing, nor do these for a value that is an object.
            AstKind::TSAsExpression(_)
            | AstKind::TSSatisfiesExpression(_)
            | AstKind::TSNonNullExpression(_)
            | AstKind::TSTypeAssertion(_)
            | AstKind::TSInstantiationExpression(_)
            | AstKind::ParenthesizedExpression(_)
            | AstKind::ChainExpression(_) => self.used(file, parent.id(), way),
            AstKind::ComputedMemberExpression(member) if member.object.node_id() == node => {
                self.computed_member(file, parent.id(), &member.expression, span, way);
            }
            // It names a member of something else: `names[env]`.
            AstKind::ComputedMemberExpression(_) => {}
            _ if guess => {}
            AstKind::LogicalExpression(either) => {
                // What stands before `&&` is the value only where it is no object.
                if either.operator.is_and() && either.left.node_id() == node {
                    return;
                }
                self.used(file, parent.id(), way);
            }
            AstKind::ConditionalExpression(either) if either.test.node_id() != node => {
                self.used(file, parent.id(), way);
            }
            AstKind::SequenceExpression(all) => {
                if all.expressions.last().is_some_and(|last| last.node_id() == node) {
                    self.used(file, parent.id(), way);
                }
            }
            AstKind::AwaitExpression(_) => {
                let way = if way.first() == Some(&Step::Await) { way[1..].to_vec() } else { way };
                self.used(file, parent.id(), way);
            }
            AstKind::AssignmentPattern(_) | AstKind::FormalParameter(_) => self.default_of(file, parent.id(), way),
            AstKind::AssignmentExpression(assignment) if assignment.right.node_id() == node => {
                self.assigned(file, &assignment.left, way.clone());
                self.used(file, parent.id(), way);
            }
            AstKind::CallExpression(call) if call.callee.node_id() == node => {
                if way.first() == Some(&Step::Call) {
                    self.used(file, parent.id(), way[1..].to_vec());
                } else if way.first() == Some(&Step::Unsure) {
                    self.cannot_tell(file, span);
                }
            }
            AstKind::CallExpression(call) => {
                self.passed(file, &call.callee, &call.arguments, node, way);
            }
            AstKind::NewExpression(call) if call.callee.node_id() == node => {
                if way.first() == Some(&Step::New) {
                    self.used(file, parent.id(), way[1..].to_vec());
                }
            }
            AstKind::NewExpression(call) => self.given_to_constructor(file, call, node, way),
            AstKind::ObjectProperty(property) if property.value.node_id() == node => {
                let object = nodes.parent_id(parent.id());
                let way = if property.kind == PropertyKind::Get {
                    called(way).filter(|way| !is_chain(way, true))
                } else {
                    Some(way)
                };
                match (property.key.static_name(), way) {
                    (Some(name), Some(way)) => self.held(file, object, step(Step::Property(name), way)),
                    (None, _) => self.cannot_tell(file, span),
                    _ => {}
                }
            }
            AstKind::SpreadElement(_) => match nodes.parent_kind(parent.id()) {
                AstKind::ObjectExpression(_) if matches!(way.first(), Some(Step::Property(_))) => {
                    self.held(file, nodes.parent_id(parent.id()), way);
                }
                _ => self.cannot_tell(file, span),
            },
            AstKind::ReturnStatement(_) => self.returned(file, parent.id(), way),
            AstKind::ArrowFunctionExpression(_) => self.returned(file, node, way),
            AstKind::MethodDefinition(definition) => self.method(file, parent.id(), definition, way),
            AstKind::PropertyDefinition(property) => match written(&property.key) {
                Some(name) => self.has(file, parent.id(), property.r#static, step(Step::Property(name), way)),
                None => self.cannot_tell(file, span),
            },
            // `class Mine extends Theirs`: what that and its instances have, this one and its own have.
            AstKind::Class(class) => match way.first() {
                Some(Step::New) => self.carry(file, Carrier::Instances(class.node_id.get()), way[1..].to_vec()),
                Some(Step::Property(_)) => self.carry_class(file, class, way),
                _ => {}
            },
            AstKind::BinaryExpression(binary) => match binary.operator {
                BinaryOperator::In if binary.right.node_id() == node => {
                    self.computed_member(file, parent.id(), &binary.left, span, way);
                }
                _ => {}
            },
            // A tag is given what stands in its template.
            AstKind::TemplateLiteral(_)
                if !matches!(nodes.parent_kind(parent.id()), AstKind::TaggedTemplateExpression(_)) => {}
            // The runtime asks what the entry gives it for no name.
            AstKind::ExportDefaultDeclaration(_) => {
                for (file, symbol) in self.modules.default_importers(file) {
                    self.carry(*file, Carrier::Symbol(*symbol), way.clone());
                }
            }
            // What is exported is followed where it is imported. Of the others, none uses a name or hands it on.
            AstKind::ExportSpecifier(_)
            | AstKind::ExpressionStatement(_)
            | AstKind::UnaryExpression(_)
            | AstKind::ConditionalExpression(_)
            | AstKind::IfStatement(_)
            | AstKind::WhileStatement(_)
            | AstKind::AssignmentExpression(_)
            | AstKind::ObjectProperty(_)
            | AstKind::TSTypeQuery(_) => {}
            _ => self.cannot_tell(file, span),
        }
    }

    /// An object literal has it, and so has `this` in its methods.
    pub(super) fn held(&mut self, file: usize, object: NodeId, way: Way<'a>) {
        if !is_chain(&way, false) && !self.modules.this_of(file, object).is_empty() {
            self.carry(file, Carrier::Instances(object), way.clone());
        }
        self.used(file, object, way);
    }

    fn member(&mut self, file: usize, node: NodeId, name: &str, span: Span, way: Way<'a>) {
        match way.first() {
            None if OF_EVERY_OBJECT.contains(&name) => {}
            None => self.uses.push((name.to_owned(), (file, span))),
            Some(Step::Property(known)) if known == name => self.used(file, node, way[1..].to_vec()),
            Some(Step::Property(_)) | Some(Step::New) => {}
            Some(Step::Unsure) => self.cannot_tell(file, span),
            Some(Step::Maybe) => self.member(file, node, name, span, way[1..].to_vec()),
            // `promise.then(…)`, `make.call(…)`
            Some(Step::Await) => self.then(file, node, name, span, way),
            Some(Step::Call) => {
                if matches!(name, "apply" | "bind" | "call") {
                    self.cannot_tell(file, span);
                }
            }
        }
    }

    fn computed_member(&mut self, file: usize, node: NodeId, name: &'a Expression<'a>, span: Span, way: Way<'a>) {
        let names = self.modules.names(file, name);
        for said in names.said {
            match way.first() {
                None => self.uses.push((said.name, (said.file, said.span))),
                Some(_) => self.member(file, node, &said.name, said.span, way.clone()),
            }
        }
        if !names.all && !matches!(way.first(), Some(Step::New | Step::Maybe)) {
            self.cannot_tell(file, span);
        }
    }
}

pub(super) fn step<'a>(first: Step<'a>, way: Way<'a>) -> Way<'a> {
    std::iter::once(first).chain(way).collect()
}

/// Methods that `return this` lead to each other without an end.
pub(super) fn is_chain(way: &Way<'_>, getter: bool) -> bool {
    way.len() > FARTHEST - 2 && (getter || way.iter().filter(|step| **step == Step::Call).count() > 1)
}

/// Whether it comes by the same name twice.
fn goes_round(way: &Way<'_>) -> bool {
    let named = |step: &Step<'_>| matches!(step, Step::Property(_));
    way.iter().enumerate().any(|(at, step)| named(step) && way[..at].contains(step))
}

/// What a getter gives without being called.
pub(super) fn called(way: Way<'_>) -> Option<Way<'_>> {
    (way.first() == Some(&Step::Call)).then(|| way[1..].to_vec())
}
