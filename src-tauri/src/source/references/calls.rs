//! What leads to an `env`, passed to functions and constructors, and returned by them.

use oxc::{
    ast::{
        AstKind,
        ast::{Argument, Expression, MethodDefinition, MethodDefinitionKind, NewExpression},
    },
    semantic::NodeId,
    span::{GetSpan, Span},
};

use super::{
    Carrier, FARTHEST, Search, Step, Way,
    births::{finds_objects, makes_instances},
    flow::{called, is_chain, step},
    members::{method, written},
    origins::Origin,
    routers::reads_context,
};

impl<'a> Search<'_, 'a> {
    pub(super) fn then(&mut self, file: usize, member: NodeId, name: &str, span: Span, way: Way<'a>) {
        let parent = self.modules.parent(file, member);
        if name == "then"
            && let AstKind::CallExpression(call) = parent
            && let Some(function) = call.arguments.first().and_then(Argument::as_expression)
        {
            for origin in self.modules.origins(file, function) {
                match origin.parameters() {
                    Some((file, parameters)) => {
                        if let Some(first) = parameters.items.first() {
                            self.parameter(file, first, way[1..].to_vec());
                        }
                    }
                    None => self.cannot_tell(file, span),
                }
            }
        } else {
            self.cannot_tell(file, span);
        }
    }

    /// What is passed to functions of these files is followed into their parameters; anything else cannot be told.
    pub(super) fn passed(
        &mut self,
        file: usize,
        callee: &'a Expression<'a>,
        arguments: &'a [Argument<'a>],
        node: NodeId,
        way: Way<'a>,
    ) {
        let span = self.modules.kind(file, node).span();
        let index = arguments.iter().position(|argument| argument.node_id() == node);
        if let Expression::Super(_) = callee {
            return self.passed_to_super(file, callee, index, span, way);
        }
        // `this.answer.bind(this)`: what the method makes of it is followed anyway.
        if let Expression::StaticMemberExpression(member) = callee
            && matches!(member.property.name.as_str(), "apply" | "bind" | "call")
            && index == Some(0)
            && !way.is_empty()
            && matches!(self.modules.kind(file, node), AstKind::ThisExpression(_))
        {
            return;
        }
        let before = &arguments[..index.unwrap_or(0)];
        if before.iter().any(|argument| matches!(argument, Argument::SpreadElement(_))) {
            return self.cannot_tell(file, span);
        }
        for origin in self.modules.origins(file, callee) {
            match origin.parameters() {
                Some((into, parameters)) => match index.and_then(|index| parameters.items.get(index)) {
                    Some(parameter) => self.parameter(into, parameter, way.clone()),
                    None if parameters.rest.is_some() => self.cannot_tell(file, span),
                    // Nobody takes it.
                    None => {}
                },
                None => match origin {
                    // A router's own functions take what it hands over, and name no secret. To its `fetch` the environment
                    // itself is given, which it hands to the handlers.
                    Origin::Package(source) if !reads_context(source) && (is_fetch(callee) || !way.is_empty()) => {}
                    Origin::Package(source) if finds_objects(source) => {}
                    _ => self.cannot_tell(file, span),
                },
            }
        }
    }

    pub(super) fn passed_to_super(
        &mut self,
        file: usize,
        callee: &'a Expression<'a>,
        index: Option<usize>,
        span: Span,
        way: Way<'a>,
    ) {
        let class = self.modules.class_around(file, callee.node_id());
        let Some(heritage) = class.and_then(|class| class.heritage.as_ref()) else { return };
        for origin in self.modules.origins(file, &heritage.expression) {
            self.constructed(origin, (file, span), index, &way, 0);
        }
    }

    pub(super) fn given_to_constructor(
        &mut self,
        file: usize,
        call: &'a NewExpression<'a>,
        node: NodeId,
        way: Way<'a>,
    ) {
        let span = self.modules.kind(file, node).span();
        let index = call.arguments.iter().position(|argument| argument.node_id() == node);
        for origin in self.modules.origins(file, &call.callee) {
            self.constructed(origin, (file, span), index, &way, 0);
        }
    }

    /// What a class of these files does with an argument, or the class that it extends.
    fn constructed(
        &mut self,
        origin: Origin<'a>,
        at: (usize, Span),
        index: Option<usize>,
        way: &Way<'a>,
        depth: usize,
    ) {
        match origin {
            // Its instances have it as `this.env`, which is followed anyway.
            Origin::Package(source) if makes_instances(source) => {}
            Origin::Class(file, class) => match (method(class, "constructor"), &class.heritage) {
                (Some(constructor), _) => match index.and_then(|index| constructor.params.items.get(index)) {
                    Some(parameter) => self.parameter(file, parameter, way.clone()),
                    None => self.cannot_tell(at.0, at.1),
                },
                (None, Some(heritage)) if depth < FARTHEST => {
                    for origin in self.modules.origins(file, &heritage.expression) {
                        self.constructed(origin, at, index, way, depth + 1);
                    }
                }
                _ => self.cannot_tell(at.0, at.1),
            },
            _ => self.cannot_tell(at.0, at.1),
        }
    }

    /// A function returns it: every call of the function leads to it.
    pub(super) fn returned(&mut self, file: usize, from: NodeId, way: Way<'a>) {
        let nodes = self.modules.semantic(file).nodes();
        let function = nodes.ancestors(from).find_map(|node| match node.kind() {
            AstKind::Function(function) => Some((node.id(), function.r#async, function.generator)),
            AstKind::ArrowFunctionExpression(arrow) => Some((node.id(), arrow.r#async, false)),
            _ => None,
        });
        let Some((function, waits, generator)) = function else { return };
        if generator {
            return self.cannot_tell(file, nodes.kind(from).span());
        }
        let way = if waits && way.first() != Some(&Step::Await) { step(Step::Await, way) } else { way };
        let way = step(Step::Call, way);
        match nodes.kind(function) {
            AstKind::Function(named) if named.is_declaration() => {
                match named.id.as_ref().and_then(|id| id.symbol_id.get()) {
                    Some(symbol) => self.carry(file, Carrier::Symbol(symbol), way),
                    None => self.used(file, function, way),
                }
            }
            _ => self.used(file, function, way),
        }
    }

    pub(super) fn method(&mut self, file: usize, node: NodeId, definition: &'a MethodDefinition<'a>, way: Way<'a>) {
        let way = if definition.kind == MethodDefinitionKind::Get { called(way) } else { Some(way) };
        match (written(&definition.key), way) {
            (Some(_), Some(way)) if is_chain(&way, definition.kind == MethodDefinitionKind::Get) => {}
            (Some(name), Some(way)) => self.has(file, node, definition.r#static, step(Step::Property(name), way)),
            _ => self.cannot_tell(file, definition.key.span()),
        }
    }
}

fn is_fetch(callee: &Expression<'_>) -> bool {
    let Expression::StaticMemberExpression(member) = callee.get_inner_expression() else { return false };
    matches!(member.property.name.as_str(), "fetch" | "request")
}
