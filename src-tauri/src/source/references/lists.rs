//! What stands in lists and objects, while they stay as they are written.

use std::borrow::Cow;

use oxc::{
    ast::{
        AstKind,
        ast::{
            ArrayExpression, ArrayExpressionElement, BindingPattern, CallExpression, Expression, ForStatementLeft,
            ObjectPropertyKind, PropertyKind, UnaryOperator,
        },
    },
    semantic::{NodeId, SymbolId},
};

use super::{
    given::Given,
    modules::Modules,
    names::Constant,
    origins::{FARTHEST, Origin},
    typed::is_const,
};

/// What a name takes out of the value that its pattern is given.
pub(super) enum Part<'a> {
    Whole,
    /// `{ name }`
    Under(Cow<'a, str>),
    /// `[name]`
    At(usize),
    /// What stands further in.
    Unknown,
}

pub(super) fn part_of<'a>(pattern: &BindingPattern<'a>, symbol: SymbolId) -> Part<'a> {
    let is_it = |pattern: &BindingPattern<'a>| {
        pattern.get_binding_identifier().is_some_and(|name| name.symbol_id.get() == Some(symbol))
    };
    match pattern {
        BindingPattern::ObjectPattern(object) => {
            let property = object.properties.iter().find(|property| is_it(&property.value));
            property.and_then(|property| property.key.static_name()).map_or(Part::Unknown, Part::Under)
        }
        BindingPattern::ArrayPattern(array) => {
            let at = array.elements.iter().position(|each| each.as_ref().is_some_and(is_it));
            at.map_or(Part::Unknown, Part::At)
        }
        _ => Part::Whole,
    }
}

impl<'a> Modules<'_, 'a> {
    /// Each element of a list: of one that is written, the parts of others, or what a function is given.
    pub(super) fn elements(&self, file: usize, list: &'a Expression<'a>, depth: usize) -> Given<'a> {
        let mut found = Given { values: Vec::new(), all: true };
        self.gather(file, list, depth, &mut found);
        found
    }

    /// Each value of an object or a list.
    pub(super) fn values(&self, file: usize, of: &'a Expression<'a>, depth: usize) -> Given<'a> {
        let mut found = Given { values: Vec::new(), all: true };
        self.gather_values(file, of, depth, &mut found);
        found
    }

    fn gather(&self, file: usize, list: &'a Expression<'a>, depth: usize, found: &mut Given<'a>) {
        if depth > FARTHEST || !self.burn() {
            found.all = false;
            return;
        }
        match list.get_inner_expression() {
            Expression::ArrayExpression(list) => {
                for element in &list.elements {
                    match element {
                        ArrayExpressionElement::SpreadElement(others) => {
                            self.gather(file, &others.argument, depth + 1, found);
                        }
                        element => found.values.extend(element.as_expression().map(|value| (file, value))),
                    }
                }
            }
            Expression::Identifier(name) => {
                let symbol = self.symbol(file, name);
                match symbol.and_then(|symbol| self.constant(file, symbol)) {
                    Some((file, Constant::Value(list))) => self.gather(file, list, depth + 1, found),
                    Some(_) => found.all = false,
                    None => self.gather_given(file, symbol, depth, found),
                }
            }
            value @ Expression::CallExpression(call) => {
                match (of_object(value, "values"), call.callee.get_inner_expression()) {
                    (Some(object), _) => self.gather_values(file, object, depth + 1, found),
                    (None, Expression::StaticMemberExpression(same)) if PART.contains(&same.property.name.as_str()) => {
                        self.gather(file, &same.object, depth + 1, found);
                    }
                    _ => found.all = false,
                }
            }
            Expression::StaticMemberExpression(_) => match self.constant_member(file, list, depth) {
                Some((file, list)) => self.gather(file, list, depth + 1, found),
                None => found.all = false,
            },
            _ => found.all = false,
        }
    }

    /// Of a list that a function is given and leaves as it is.
    fn gather_given(&self, file: usize, symbol: Option<SymbolId>, depth: usize, found: &mut Given<'a>) {
        let kept = |symbol: &SymbolId| {
            !self.semantic(file).scoping().symbol_is_mutated(*symbol) && self.is_only_read(file, *symbol)
        };
        let Some(symbol) = symbol.filter(kept) else {
            found.all = false;
            return;
        };
        let given = self.given(file, symbol, depth + 1);
        found.all &= given.all;
        match self.semantic(file).symbol_declaration(symbol).kind() {
            AstKind::FormalParameter(_) => {
                given.values.into_iter().for_each(|(file, list)| self.gather(file, list, depth + 1, found));
            }
            // `(...names) => …`
            _ => found.values.extend(given.values),
        }
    }

    fn gather_values(&self, file: usize, of: &'a Expression<'a>, depth: usize, found: &mut Given<'a>) {
        if depth > FARTHEST || !self.burn() {
            found.all = false;
            return;
        }
        match of.get_inner_expression() {
            Expression::ObjectExpression(object) => {
                for each in &object.properties {
                    match each {
                        ObjectPropertyKind::ObjectProperty(property) if property.kind == PropertyKind::Init => {
                            found.values.push((file, &property.value));
                        }
                        ObjectPropertyKind::ObjectProperty(_) => found.all = false,
                        ObjectPropertyKind::SpreadProperty(others) => {
                            self.gather_values(file, &others.argument, depth + 1, found);
                        }
                    }
                }
            }
            Expression::Identifier(name) => {
                match self.symbol(file, name).and_then(|symbol| self.constant(file, symbol)) {
                    Some((file, Constant::Value(of))) => self.gather_values(file, of, depth + 1, found),
                    _ => found.all = false,
                }
            }
            Expression::StaticMemberExpression(_) => match self.constant_member(file, of, depth) {
                Some((file, of)) => self.gather_values(file, of, depth + 1, found),
                None => found.all = false,
            },
            list => self.gather(file, list, depth, found),
        }
    }

    /// The list that a name goes through.
    pub(super) fn list_of(&self, file: usize, symbol: SymbolId) -> Option<&'a Expression<'a>> {
        let declaration = self.semantic(file).symbol_declaration(symbol);
        match declaration.kind() {
            AstKind::VariableDeclarator(_) => self.list_of_each(file, declaration.id()),
            AstKind::FormalParameter(_) => self.list_of_callback(file, declaration.id()),
            _ => None,
        }
    }

    /// Whether a name stands for all of a value, and not for a part of it.
    pub(super) fn is_whole(&self, file: usize, symbol: SymbolId) -> bool {
        match self.semantic(file).symbol_declaration(symbol).kind() {
            AstKind::VariableDeclarator(declarator) => declarator.id.is_binding_identifier(),
            AstKind::FormalParameter(parameter) => parameter.pattern.is_binding_identifier(),
            _ => false,
        }
    }

    /// `for (const name of list)`
    pub(super) fn list_of_each(&self, file: usize, declarator: NodeId) -> Option<&'a Expression<'a>> {
        let nodes = self.semantic(file).nodes();
        let variables = nodes.parent_node(declarator);
        let AstKind::ForOfStatement(each) = nodes.parent_kind(variables.id()) else { return None };
        let ForStatementLeft::VariableDeclaration(left) = &each.left else { return None };
        (left.node_id.get() == variables.id()).then_some(&each.right)
    }

    /// `list.map((name) => …)`
    pub(super) fn list_of_callback(&self, file: usize, parameter: NodeId) -> Option<&'a Expression<'a>> {
        let nodes = self.semantic(file).nodes();
        let AstKind::FormalParameters(parameters) = nodes.parent_kind(parameter) else { return None };
        if parameters.items.first()?.node_id.get() != parameter {
            return None;
        }
        let function = nodes.parent_id(parameters.node_id.get());
        let AstKind::CallExpression(call) = nodes.parent_kind(function) else { return None };
        if call.arguments.first()?.as_expression()?.node_id() != function {
            return None;
        }
        let Expression::StaticMemberExpression(member) = call.callee.get_inner_expression() else { return None };
        let each = ["every", "filter", "find", "flatMap", "forEach", "map", "some"];
        each.contains(&member.property.name.as_str()).then_some(&member.object)
    }

    /// What stands at a place in a list, where nothing of unknown length stands before it.
    pub(super) fn element(
        &self,
        file: usize,
        list: &'a Expression<'a>,
        at: usize,
    ) -> Option<(usize, &'a Expression<'a>)> {
        let (file, list) = self.list(file, list)?;
        let spread = list.elements.iter().take(at + 1).any(ArrayExpressionElement::is_spread);
        Some((file, list.elements.get(at)?.as_expression()?)).filter(|_| !spread)
    }

    /// What is written as a list, here or where a constant is declared.
    pub(super) fn list(&self, file: usize, list: &'a Expression<'a>) -> Option<(usize, &'a ArrayExpression<'a>)> {
        match list.get_inner_expression() {
            Expression::ArrayExpression(list) => Some((file, list)),
            Expression::Identifier(name) => match self.constant(file, self.symbol(file, name)?)? {
                (file, Constant::Value(Expression::ArrayExpression(list))) => Some((file, list)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a name takes out of a value: all of it, `{ name }` or `[name]`.
    pub(super) fn trace_part(
        &self,
        file: usize,
        value: &'a Expression<'a>,
        (pattern, symbol): (&'a BindingPattern<'a>, SymbolId),
        depth: usize,
        found: &mut Vec<Origin<'a>>,
    ) {
        match part_of(pattern, symbol) {
            Part::Whole => self.trace(file, value, depth, found),
            Part::Under(name) => {
                for origin in self.deeper(file, value, depth) {
                    self.trace_member(origin, &name, depth, found);
                }
            }
            Part::At(at) => match self.element(file, value, at) {
                Some((file, element)) => self.trace(file, element, depth, found),
                None => found.push(Origin::Unknown),
            },
            Part::Unknown => found.push(Origin::Unknown),
        }
    }

    /// The same of each element of a list.
    pub(super) fn trace_each(
        &self,
        file: usize,
        list: &'a Expression<'a>,
        part: (&'a BindingPattern<'a>, SymbolId),
        depth: usize,
        found: &mut Vec<Origin<'a>>,
    ) {
        let mut elements = self.elements(file, list, depth);
        if !elements.all {
            found.push(Origin::Unknown);
            // What is written in it is there, whatever else may be.
            if let Expression::Identifier(name) = list.get_inner_expression()
                && let Some((file, Expression::ArrayExpression(list))) =
                    self.symbol(file, name).and_then(|symbol| self.as_written(file, symbol))
            {
                let written = list.elements.iter().filter_map(|each| each.as_expression());
                elements.values = written.map(|value| (file, value)).collect();
            }
        }
        for (file, element) in elements.values {
            self.trace_part(file, element, part, depth + 1, found);
        }
    }

    /// What a name stands for where it is declared.
    fn as_written(&self, file: usize, symbol: SymbolId) -> Option<(usize, &'a Expression<'a>)> {
        let (file, symbol) = self.home(file, symbol)?;
        match self.semantic(file).symbol_declaration(symbol).kind() {
            AstKind::VariableDeclarator(declarator) if declarator.id.is_binding_identifier() => {
                Some((file, thawed(declarator.init.as_ref()?)))
            }
            _ => None,
        }
    }

    /// Whether a list or an object stays as it is written: nothing is put into it, and nobody else gets hold of it.
    pub(super) fn is_only_read(&self, file: usize, symbol: SymbolId) -> bool {
        self.is_left(file, symbol, 0)
    }

    fn is_left(&self, file: usize, symbol: SymbolId, depth: usize) -> bool {
        let mut references = self.semantic(file).scoping().get_resolved_references(symbol);
        depth <= FARTHEST
            && references.all(|reference| reference.is_type() || self.is_read(file, reference.node_id(), depth))
            && self
                .importers(file, symbol)
                .iter()
                .all(|(file, symbol, of)| of.is_none() && self.is_left(*file, *symbol, depth + 1))
    }

    /// Of one use: what is taken out of it there, and out of that, is neither set nor changed.
    fn is_read(&self, file: usize, mut node: NodeId, depth: usize) -> bool {
        let nodes = self.semantic(file).nodes();
        let mut name = None;
        loop {
            let parent = nodes.parent_node(node);
            let (object, taken) = match parent.kind() {
                AstKind::StaticMemberExpression(member) => (&member.object, member.property.name.as_str()),
                AstKind::ComputedMemberExpression(member) => (&member.object, ""),
                _ => break,
            };
            if object.node_id() != node {
                break;
            }
            name = Some(taken);
            node = parent.id();
        }
        match nodes.parent_kind(node) {
            AstKind::AssignmentExpression(set) if set.left.node_id() == node => false,
            AstKind::UnaryExpression(delete) if delete.operator == UnaryOperator::Delete => false,
            AstKind::UpdateExpression(_) => false,
            _ if name.is_some_and(|name| CHANGE.contains(&name)) => false,
            AstKind::BinaryExpression(_)
            | AstKind::ExportSpecifier(_)
            | AstKind::ForOfStatement(_)
            | AstKind::SpreadElement(_) => true,
            AstKind::CallExpression(call) if name.is_none() && call.callee.node_id() != node => {
                reads(&call.callee) || self.is_left_by(file, call, node, depth)
            }
            _ => name.is_some(),
        }
    }

    /// Of what a function is given: it may do no more with it.
    fn is_left_by(&self, file: usize, call: &'a CallExpression<'a>, argument: NodeId, depth: usize) -> bool {
        let index = call.arguments.iter().position(|each| each.node_id() == argument);
        if !self.burn() {
            return false;
        }
        let origins = self.deeper(file, &call.callee, depth + 1);
        !origins.is_empty()
            && origins.iter().all(|origin| {
                let into = origin.parameters().zip(index).and_then(|((file, parameters), index)| {
                    Some((file, parameters.items.get(index)?.pattern.get_binding_identifier()?.symbol_id.get()?))
                });
                into.is_some_and(|(file, symbol)| self.is_left(file, symbol, depth + 1))
            })
    }
}

/// What gives back elements of the same list, and no others.
const PART: [&str; 6] = ["filter", "reverse", "slice", "sort", "toReversed", "toSorted"];

const CHANGE: [&str; 7] = ["copyWithin", "fill", "pop", "push", "shift", "splice", "unshift"];

/// `Object.keys(KEYS)` changes nothing.
fn reads(callee: &Expression<'_>) -> bool {
    let of_object = ["entries", "freeze", "hasOwn", "keys", "values"];
    of_object.iter().any(|name| callee.is_specific_member_access("Object", name))
}

/// What `Object.values(…)` and its like are given.
pub(super) fn of_object<'a>(value: &'a Expression<'a>, name: &str) -> Option<&'a Expression<'a>> {
    let Expression::CallExpression(call) = value.get_inner_expression() else { return None };
    let given = call.arguments.first()?.as_expression()?;
    call.callee.is_specific_member_access("Object", name).then_some(given)
}

/// The value itself of `Object.freeze(…)`.
pub(super) fn thawed<'a>(value: &'a Expression<'a>) -> &'a Expression<'a> {
    of_object(value, "freeze").unwrap_or(value).get_inner_expression()
}

/// `[…] as const`: the compiler sees to it that it stays so.
pub(super) fn is_frozen(value: &Expression<'_>) -> bool {
    match value {
        Expression::TSAsExpression(cast) => is_const(&cast.type_annotation),
        Expression::TSSatisfiesExpression(cast) => is_frozen(&cast.expression),
        Expression::ParenthesizedExpression(inner) => is_frozen(&inner.expression),
        _ => false,
    }
}

pub(super) fn is_list(value: &Expression<'_>) -> bool {
    matches!(value.get_inner_expression(), Expression::ArrayExpression(_) | Expression::ObjectExpression(_))
}
