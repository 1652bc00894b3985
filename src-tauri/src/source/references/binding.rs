//! Names, patterns and members that are given what leads to an `env`.

use oxc::{
    ast::{
        AstKind,
        ast::{
            AssignmentTarget, AssignmentTargetMaybeDefault, AssignmentTargetProperty, BindingPattern, Expression,
            FormalParameter, ObjectAssignmentTarget, ObjectPattern,
        },
    },
    semantic::NodeId,
    span::{GetSpan, Span},
};

use super::{Carrier, Search, Step, Way, flow::step, members::private, modules::Export, origins::Origin};

impl<'a> Search<'_, 'a> {
    /// A pattern that is given what leads to an `env`: a name is followed, a destructuring names what it takes.
    pub(super) fn bound(&mut self, file: usize, pattern: &'a BindingPattern<'a>, way: Way<'a>) {
        match pattern {
            BindingPattern::BindingIdentifier(name) => {
                if let Some(symbol) = name.symbol_id.get() {
                    self.carry(file, Carrier::Symbol(symbol), way);
                }
            }
            BindingPattern::AssignmentPattern(assignment) => self.bound(file, &assignment.left, way),
            BindingPattern::ObjectPattern(pattern) => self.destructured(file, pattern, way),
            BindingPattern::ArrayPattern(_) if way.first() == Some(&Step::Maybe) => {}
            BindingPattern::ArrayPattern(pattern) => self.cannot_tell(file, pattern.span),
        }
    }

    pub(super) fn parameter(&mut self, file: usize, parameter: &'a FormalParameter<'a>, way: Way<'a>) {
        // `constructor(private env: Env)`
        if (parameter.accessibility.is_some() || parameter.readonly)
            && let BindingPattern::BindingIdentifier(name) = &parameter.pattern
        {
            let property = Step::Property(name.name.as_str().into());
            self.has(file, parameter.node_id.get(), false, step(property, way.clone()));
        }
        self.bound(file, &parameter.pattern, way);
    }

    /// A class has it around here, or each of its instances has.
    pub(super) fn has(&mut self, file: usize, within: NodeId, itself: bool, way: Way<'a>) {
        match self.modules.class_around(file, within) {
            Some(class) if itself => self.carry_class(file, class, way),
            Some(class) => self.carry(file, Carrier::Instances(class.node_id.get()), way),
            None => {}
        }
    }

    pub(super) fn destructured(&mut self, file: usize, pattern: &'a ObjectPattern<'a>, way: Way<'a>) {
        let guess = way.first() == Some(&Step::Maybe);
        let way = if guess { way[1..].to_vec() } else { way };
        let mut taken = false;
        for property in &pattern.properties {
            match (property.key.static_name(), way.first()) {
                (None, _) if guess => {}
                (_, Some(Step::Unsure)) | (None, _) => self.cannot_tell(file, property.span),
                (Some(name), None) => {
                    self.uses.push((name.into_owned(), (file, property.key.span())));
                }
                (Some(name), Some(Step::Property(known))) if *known == name => {
                    taken = true;
                    self.bound(file, &property.value, way[1..].to_vec());
                }
                _ => {}
            }
        }
        match (&pattern.rest, way.first()) {
            // What is taken out before is not in there any more.
            (Some(_), None) if self.certain => {}
            // The others are all in there.
            (Some(rest), None) => self.bound(file, &rest.argument, way),
            (Some(rest), Some(Step::Unsure)) => self.cannot_tell(file, rest.span),
            (Some(rest), Some(Step::Property(_))) if !taken => {
                self.bound(file, &rest.argument, if guess { step(Step::Maybe, way) } else { way });
            }
            _ => {}
        }
    }

    /// `(env = environment) => …`, `{ bag = env }`: the name may stand for it.
    pub(super) fn default_of(&mut self, file: usize, node: NodeId, way: Way<'a>) {
        match self.modules.kind(file, node) {
            AstKind::AssignmentPattern(pattern) => self.bound(file, &pattern.left, way),
            AstKind::FormalParameter(parameter) => self.parameter(file, parameter, way),
            _ => {}
        }
    }

    pub(super) fn assigned(&mut self, file: usize, target: &'a AssignmentTarget<'a>, way: Way<'a>) {
        match target {
            AssignmentTarget::AssignmentTargetIdentifier(name) => match self.modules.symbol(file, name) {
                Some(symbol) => self.carry(file, Carrier::Symbol(symbol), way),
                None => self.cannot_tell(file, name.span),
            },
            AssignmentTarget::StaticMemberExpression(member) => {
                let way = step(Step::Property(member.property.name.as_str().into()), way);
                self.assigned_member(file, &member.object, member.span, way);
            }
            AssignmentTarget::PrivateFieldExpression(member) => {
                let way = step(Step::Property(private(&member.field)), way);
                self.assigned_member(file, &member.object, member.span, way);
            }
            AssignmentTarget::ObjectAssignmentTarget(pattern) => self.taken_apart(file, pattern, &way),
            other => self.cannot_tell(file, other.span()),
        }
    }

    pub(super) fn assigned_member(&mut self, file: usize, object: &'a Expression<'a>, span: Span, way: Way<'a>) {
        match object.get_inner_expression() {
            Expression::ThisExpression(this) => match self.modules.class_of_this(file, this.node_id.get()) {
                Some((class, false)) => self.carry(file, Carrier::Instances(class.node_id.get()), way),
                Some((class, true)) => self.carry_class(file, class, way),
                None => match self.modules.object_of_this(file, this.node_id.get()) {
                    Some(object) => self.held(file, object, way),
                    None => self.cannot_tell(file, span),
                },
            },
            Expression::Identifier(name) => {
                let Some(symbol) = self.modules.symbol(file, name) else { return self.cannot_tell(file, span) };
                // What another file declares is known there, and to whoever else imports it.
                let (of, symbol) = match self.modules.imported(file, symbol) {
                    Some(Export::Symbol(of, exported)) => (of, exported),
                    Some(_) => return self.cannot_tell(file, span),
                    None => (file, symbol),
                };
                // Whoever gave a parameter its object sees it there.
                if self.modules.is_parameter(of, symbol) {
                    self.cannot_tell(file, span);
                }
                // Its own methods see it, too.
                for origin in self.modules.origins_of(of, symbol) {
                    match origin {
                        Origin::Instance(file, class) => {
                            self.carry(file, Carrier::Instances(class.node_id.get()), way.clone());
                        }
                        Origin::Object(file, object) => self.held(file, object.node_id.get(), way.clone()),
                        _ => {}
                    }
                }
                self.carry(of, Carrier::Symbol(symbol), way);
            }
            _ => self.cannot_tell(file, span),
        }
    }

    /// `({ KEY: key } = env)`
    pub(super) fn taken_apart(&mut self, file: usize, pattern: &'a ObjectAssignmentTarget<'a>, way: &Way<'a>) {
        for property in &pattern.properties {
            let (name, span) = match property {
                AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(each) => {
                    (Some(each.binding.name.as_str().into()), each.binding.span)
                }
                AssignmentTargetProperty::AssignmentTargetPropertyProperty(each) => {
                    (each.name.static_name(), each.name.span())
                }
            };
            match (name, way.first()) {
                (Some(name), None) => self.uses.push((name.into_owned(), (file, span))),
                (Some(name), Some(Step::Property(known))) if *known == name => {
                    let rest = way[1..].to_vec();
                    match property {
                        AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(each) => {
                            if let Some(symbol) = self.modules.symbol(file, &each.binding) {
                                self.carry(file, Carrier::Symbol(symbol), rest);
                            }
                        }
                        AssignmentTargetProperty::AssignmentTargetPropertyProperty(each) => match &each.binding {
                            AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(each) => {
                                self.assigned(file, &each.binding, rest);
                            }
                            other => match other.as_assignment_target() {
                                Some(target) => self.assigned(file, target, rest),
                                None => self.cannot_tell(file, span),
                            },
                        },
                    }
                }
                (Some(_), Some(Step::Property(_))) => {}
                _ => self.cannot_tell(file, span),
            }
        }
        if let Some(rest) = &pattern.rest {
            self.cannot_tell(file, rest.span);
        }
    }
}
