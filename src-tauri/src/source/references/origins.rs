//! Where a value comes from: the functions, classes and objects that an expression may be.

use std::slice;

use oxc::{
    ast::{
        AstKind,
        ast::{
            ArrowFunctionBody, ArrowFunctionExpression, CallExpression, ChainElement, Class, ComputedMemberExpression,
            Expression, FormalParameters, Function, ObjectExpression, Statement,
        },
    },
    semantic::{NodeId, SymbolId},
};

use super::{
    members::private,
    modules::{Export, FUEL, Modules},
};

/// How many names, members and calls are looked behind. Code that needs more cannot be told. What stands in one expression
/// costs nothing: routes are added to a router in a chain of calls, each to what the one before gives back.
pub(super) const FARTHEST: usize = 8;

#[derive(Clone, Copy)]
pub(super) enum Origin<'a> {
    Function(usize, &'a Function<'a>),
    Arrow(usize, &'a ArrowFunctionExpression<'a>),
    Class(usize, &'a Class<'a>),
    Instance(usize, &'a Class<'a>),
    Object(usize, &'a ObjectExpression<'a>),
    Namespace(usize),
    /// Imported from outside of the function, by the name of its package; or made by what is.
    Package(&'a str),
    Unknown,
}

impl<'a> Origin<'a> {
    pub(super) fn is_function(&self, (file, function): (usize, NodeId)) -> bool {
        match self {
            Self::Function(of, known) => *of == file && known.node_id.get() == function,
            Self::Arrow(of, known) => *of == file && known.node_id.get() == function,
            _ => false,
        }
    }

    /// What a function gives back.
    pub(super) fn returned(&self) -> Option<(usize, Vec<&'a Expression<'a>>)> {
        let (file, body) = match self {
            Self::Function(file, function) => (*file, function.body.as_ref().map(|body| &body.statements)),
            Self::Arrow(file, arrow) => match &arrow.body {
                ArrowFunctionBody::FunctionBody(body) => (*file, Some(&body.statements)),
                body => return Some((*file, body.as_expression().into_iter().collect())),
            },
            _ => return None,
        };
        let mut found = Vec::new();
        returns(body.map_or(&[][..], |body| body), &mut found);
        Some((file, found))
    }

    pub(super) fn parameters(&self) -> Option<(usize, &'a FormalParameters<'a>)> {
        match self {
            Self::Function(file, function) => Some((*file, &function.params)),
            Self::Arrow(file, arrow) => Some((*file, &arrow.params)),
            _ => None,
        }
    }
}

impl<'a> Modules<'_, 'a> {
    pub(super) fn origins(&self, file: usize, value: &'a Expression<'a>) -> Vec<Origin<'a>> {
        self.fuel.set(FUEL);
        let mut found = Vec::new();
        self.trace(file, value, 0, &mut found);
        found
    }

    pub(super) fn origins_of(&self, file: usize, symbol: SymbolId) -> Vec<Origin<'a>> {
        self.fuel.set(FUEL);
        let mut found = Vec::new();
        self.trace_symbol(file, symbol, 0, &mut found);
        found
    }

    pub(super) fn origins_of_export(&self, export: Export<'a>) -> Vec<Origin<'a>> {
        self.fuel.set(FUEL);
        let mut found = Vec::new();
        self.trace_export(export, 0, &mut found);
        found
    }

    pub(super) fn trace(&self, file: usize, value: &'a Expression<'a>, depth: usize, found: &mut Vec<Origin<'a>>) {
        if depth > FARTHEST || !self.burn() {
            return found.push(Origin::Unknown);
        }
        match value.get_inner_expression() {
            Expression::Identifier(name) => match self.symbol(file, name) {
                Some(symbol) => self.trace_symbol(file, symbol, depth, found),
                None => found.push(Origin::Unknown),
            },
            Expression::FunctionExpression(function) => found.push(Origin::Function(file, function)),
            Expression::ArrowFunctionExpression(arrow) => found.push(Origin::Arrow(file, arrow)),
            Expression::ClassExpression(class) => found.push(Origin::Class(file, class)),
            Expression::ObjectExpression(object) => found.push(Origin::Object(file, object)),
            Expression::AwaitExpression(waits) => self.trace(file, &waits.argument, depth, found),
            Expression::ConditionalExpression(either) => {
                self.trace(file, &either.consequent, depth, found);
                self.trace(file, &either.alternate, depth, found);
            }
            Expression::LogicalExpression(either) => {
                self.trace(file, &either.left, depth, found);
                self.trace(file, &either.right, depth, found);
            }
            Expression::ChainExpression(chain) => match &chain.expression {
                ChainElement::CallExpression(call) => self.trace_call(file, &call.callee, depth, found),
                ChainElement::ComputedMemberExpression(member) => self.trace_computed(file, member, depth, found),
                ChainElement::StaticMemberExpression(member) => {
                    self.trace_taken(file, &member.object, &member.property.name, depth, found);
                }
                _ => found.push(Origin::Unknown),
            },
            Expression::CallExpression(call) => match bound(call) {
                Some(function) => self.trace(file, function, depth, found),
                None => self.trace_call(file, &call.callee, depth, found),
            },
            Expression::NewExpression(call) => self.trace_made(file, &call.callee, depth, found),
            Expression::ThisExpression(this) => match self.class_of_this(file, this.node_id.get()) {
                Some((class, false)) => found.push(Origin::Instance(file, class)),
                Some((class, true)) => {
                    found.push(Origin::Class(file, class));
                    self.trace_extending(file, class, depth, found);
                }
                None => found.push(Origin::Unknown),
            },
            Expression::Super(own) => {
                let heritage = self.class_around(file, own.node_id.get()).and_then(|class| class.heritage.as_ref());
                match heritage {
                    Some(heritage) => self.trace_made(file, &heritage.expression, depth, found),
                    None => found.push(Origin::Unknown),
                }
            }
            Expression::StaticMemberExpression(member) => {
                self.trace_taken(file, &member.object, &member.property.name, depth, found);
            }
            Expression::PrivateFieldExpression(member) => {
                self.trace_taken(file, &member.object, &private(&member.field), depth, found);
            }
            Expression::ComputedMemberExpression(member) => self.trace_computed(file, member, depth, found),
            Expression::ImportExpression(import) => match &import.source {
                Expression::StringLiteral(source) => {
                    self.trace_export(self.from(file, &source.value, "*", 0), depth, found);
                }
                _ => found.push(Origin::Unknown),
            },
            _ => found.push(Origin::Unknown),
        }
    }

    fn trace_taken(
        &self,
        file: usize,
        object: &'a Expression<'a>,
        name: &str,
        depth: usize,
        found: &mut Vec<Origin<'a>>,
    ) {
        for origin in self.deeper(file, object, depth) {
            self.trace_member(origin, name, depth + 1, found);
        }
    }

    /// `routes[path]` is any of them, and `app[method]` something of the router's.
    fn trace_computed(
        &self,
        file: usize,
        member: &'a ComputedMemberExpression<'a>,
        depth: usize,
        found: &mut Vec<Origin<'a>>,
    ) {
        if let Some(name) = member.static_property_name() {
            return self.trace_taken(file, &member.object, &name, depth, found);
        }
        let values = self.values(file, &member.object, depth);
        if !values.all {
            found.extend(self.deeper(file, &member.object, depth).into_iter().map(|origin| match origin {
                Origin::Package(_) => origin,
                _ => Origin::Unknown,
            }));
        }
        for (file, value) in values.values {
            self.trace(file, value, depth + 1, found);
        }
    }

    pub(super) fn deeper(&self, file: usize, value: &'a Expression<'a>, depth: usize) -> Vec<Origin<'a>> {
        let mut found = Vec::new();
        self.trace(file, value, depth, &mut found);
        found
    }

    /// What a class makes.
    fn trace_made(&self, file: usize, class: &'a Expression<'a>, depth: usize, found: &mut Vec<Origin<'a>>) {
        for origin in self.deeper(file, class, depth) {
            found.push(match origin {
                Origin::Class(file, class) => Origin::Instance(file, class),
                Origin::Package(source) => Origin::Package(source),
                _ => Origin::Unknown,
            });
        }
    }

    fn trace_call(&self, file: usize, callee: &'a Expression<'a>, depth: usize, found: &mut Vec<Origin<'a>>) {
        for origin in self.deeper(file, callee, depth) {
            match (origin, origin.returned()) {
                (Origin::Package(_), _) => found.push(origin),
                (_, Some((file, mut returned))) => {
                    // That there is nothing to be had is no value to be followed.
                    returned.retain(|value| !value.is_literal() && !value.is_undefined());
                    if returned.is_empty() {
                        found.push(Origin::Unknown);
                    }
                    for value in returned {
                        // Once more: they are gathered at each call of the function.
                        self.burn();
                        self.trace(file, value, depth + 1, found);
                    }
                }
                _ => found.push(Origin::Unknown),
            }
        }
    }

    /// Where a name is declared: in this file, or in the one that it is imported from.
    pub(super) fn home(&self, file: usize, symbol: SymbolId) -> Option<(usize, SymbolId)> {
        match self.imported(file, symbol) {
            Some(Export::Symbol(file, symbol)) => Some((file, symbol)),
            Some(_) => None,
            None => Some((file, symbol)),
        }
    }

    pub(super) fn trace_symbol(&self, file: usize, symbol: SymbolId, depth: usize, found: &mut Vec<Origin<'a>>) {
        if let Some(export) = self.imported(file, symbol) {
            return self.trace_export(export, depth, found);
        }
        let declaration = self.semantic(file).symbol_declaration(symbol);
        match declaration.kind() {
            AstKind::Function(function) => {
                found.push(Origin::Function(file, self.implementation(file, symbol).unwrap_or(function)));
            }
            AstKind::Class(class) => found.push(Origin::Class(file, class)),
            AstKind::VariableDeclarator(declarator) => {
                if self.semantic(file).scoping().symbol_is_mutated(symbol) {
                    found.push(Origin::Unknown);
                }
                match (&declarator.init, self.list_of_each(file, declaration.id())) {
                    (Some(value), _) => self.trace_part(file, value, (&declarator.id, symbol), depth + 1, found),
                    (None, Some(list)) => self.trace_each(file, list, (&declarator.id, symbol), depth, found),
                    (None, None) => found.push(Origin::Unknown),
                }
            }
            AstKind::FormalParameter(parameter) if self.is_given_router(file, parameter, depth) => {
                found.push(Origin::Package("hono"));
            }
            AstKind::FormalParameter(parameter) => {
                if let Some(list) = self.list_of_callback(file, declaration.id()) {
                    return self.trace_each(file, list, (&parameter.pattern, symbol), depth, found);
                }
                let given = self.given(file, symbol, depth + 1);
                match self.class_of_type(file, parameter, depth) {
                    Some(class) => found.push(class),
                    None if given.all => {}
                    None => found.push(Origin::Unknown),
                }
                for (file, value) in given.values {
                    self.trace(file, value, depth + 1, found);
                }
            }
            _ => found.push(Origin::Unknown),
        }
    }

    /// Of a function that is declared more than once, each time with other types, the one that has a body.
    fn implementation(&self, file: usize, symbol: SymbolId) -> Option<&'a Function<'a>> {
        let semantic = self.semantic(file);
        semantic.scoping().symbol_redeclarations(symbol).iter().find_map(|again| {
            match semantic.nodes().kind(again.declaration) {
                AstKind::Function(function) if function.body.is_some() => Some(function),
                _ => None,
            }
        })
    }

    pub(super) fn trace_export(&self, export: Export<'a>, depth: usize, found: &mut Vec<Origin<'a>>) {
        match export {
            Export::Symbol(file, symbol) if depth <= FARTHEST => self.trace_symbol(file, symbol, depth + 1, found),
            Export::Value(file, value) => self.trace(file, value, depth, found),
            Export::Function(file, function) => found.push(Origin::Function(file, function)),
            Export::Class(file, class) => found.push(Origin::Class(file, class)),
            Export::Namespace(file) => found.push(Origin::Namespace(file)),
            Export::Package(source, _) => found.push(Origin::Package(source)),
            _ => found.push(Origin::Unknown),
        }
    }
}

/// `list` of `list.bind(users)`, where no argument is bound with it.
fn bound<'a>(call: &'a CallExpression<'a>) -> Option<&'a Expression<'a>> {
    match call.callee.get_inner_expression() {
        Expression::StaticMemberExpression(member) if member.property.name == "bind" && call.arguments.len() == 1 => {
            Some(&member.object)
        }
        _ => None,
    }
}

/// Everything that a function gives back, at its end or before.
fn returns<'a>(body: &'a [Statement<'a>], found: &mut Vec<&'a Expression<'a>>) {
    for statement in body {
        let within = match statement {
            Statement::ReturnStatement(returned) => {
                found.extend(&returned.argument);
                continue;
            }
            Statement::BlockStatement(block) => &block.body,
            Statement::IfStatement(either) => {
                returns(slice::from_ref(&either.consequent), found);
                either.alternate.as_slice()
            }
            Statement::ForStatement(each) => slice::from_ref(&each.body),
            Statement::ForInStatement(each) => slice::from_ref(&each.body),
            Statement::ForOfStatement(each) => slice::from_ref(&each.body),
            Statement::WhileStatement(each) => slice::from_ref(&each.body),
            Statement::DoWhileStatement(each) => slice::from_ref(&each.body),
            Statement::LabeledStatement(named) => slice::from_ref(&named.body),
            Statement::SwitchStatement(switch) => {
                switch.cases.iter().for_each(|case| returns(&case.consequent, found));
                continue;
            }
            Statement::TryStatement(tried) => {
                returns(&tried.block.body, found);
                tried.handler.iter().for_each(|handler| returns(&handler.body.body, found));
                tried.finalizer.as_ref().map_or(&[][..], |last| &last.body)
            }
            _ => continue,
        };
        returns(within, found);
    }
}
