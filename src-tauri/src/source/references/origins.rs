//! Where a value comes from: the functions, classes and objects that an expression may be.

use std::slice;

use oxc::{
    ast::{
        AstKind,
        ast::{
            Argument, ArrowFunctionBody, ArrowFunctionExpression, BindingPattern, CallExpression, ChainElement, Class,
            Expression, FormalParameter, FormalParameters, Function, ObjectExpression, Statement,
        },
    },
    semantic::{NodeId, SymbolId},
};

use super::{
    modules::{Export, FUEL, Modules},
    types::{is_router, named},
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
                _ => found.push(Origin::Unknown),
            },
            Expression::CallExpression(call) => match bound(call) {
                Some(function) => self.trace(file, function, depth, found),
                None => self.trace_call(file, &call.callee, depth, found),
            },
            Expression::NewExpression(call) => self.trace_made(file, &call.callee, depth, found),
            Expression::ThisExpression(this) => found.push(match self.class_of_this(file, this.node_id.get()) {
                Some(class) => Origin::Instance(file, class),
                None => Origin::Unknown,
            }),
            Expression::Super(own) => {
                let heritage = self.class_around(file, own.node_id.get()).and_then(|class| class.heritage.as_ref());
                match heritage {
                    Some(heritage) => self.trace_made(file, &heritage.expression, depth, found),
                    None => found.push(Origin::Unknown),
                }
            }
            Expression::StaticMemberExpression(member) => {
                for origin in self.deeper(file, &member.object, depth) {
                    self.trace_member(origin, &member.property.name, depth + 1, found);
                }
            }
            Expression::PrivateFieldExpression(member) => {
                let name = format!("#{}", member.field.name);
                for origin in self.deeper(file, &member.object, depth) {
                    self.trace_member(origin, &name, depth + 1, found);
                }
            }
            _ => found.push(Origin::Unknown),
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
            match origin {
                Origin::Package(source) => found.push(Origin::Package(source)),
                Origin::Arrow(file, arrow) => match &arrow.body {
                    ArrowFunctionBody::FunctionBody(body) => {
                        self.trace_returned(file, &body.statements, depth, found);
                    }
                    body => {
                        if let Some(value) = body.as_expression() {
                            self.trace(file, value, depth + 1, found);
                        }
                    }
                },
                Origin::Function(file, function) => {
                    let statements = function.body.as_ref().map_or(&[][..], |body| &body.statements);
                    self.trace_returned(file, statements, depth, found);
                }
                _ => found.push(Origin::Unknown),
            }
        }
    }

    fn trace_returned(&self, file: usize, body: &'a [Statement<'a>], depth: usize, found: &mut Vec<Origin<'a>>) {
        let mut returned = Vec::new();
        returns(body, &mut returned);
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

    fn trace_symbol(&self, file: usize, symbol: SymbolId, depth: usize, found: &mut Vec<Origin<'a>>) {
        if let Some(export) = self.imported(file, symbol) {
            return self.trace_export(export, depth, found);
        }
        let declaration = self.semantic(file).symbol_declaration(symbol);
        match declaration.kind() {
            AstKind::Function(function) => {
                found.push(Origin::Function(file, self.implementation(file, symbol).unwrap_or(function)));
            }
            AstKind::Class(class) => found.push(Origin::Class(file, class)),
            AstKind::VariableDeclarator(declarator) => match (&declarator.id, &declarator.init) {
                (BindingPattern::BindingIdentifier(_), Some(value)) => {
                    if self.semantic(file).scoping().symbol_is_mutated(symbol) {
                        found.push(Origin::Unknown);
                    }
                    self.trace(file, value, depth + 1, found);
                }
                _ => found.push(Origin::Unknown),
            },
            AstKind::FormalParameter(parameter) if self.is_typed_router(file, parameter) => {
                found.push(Origin::Package("hono"));
            }
            AstKind::FormalParameter(_) => match self.given(file, symbol) {
                Some(values) if depth <= FARTHEST => {
                    for (file, value) in values {
                        self.trace(file, value, depth + 1, found);
                    }
                }
                _ => found.push(Origin::Unknown),
            },
            _ => found.push(Origin::Unknown),
        }
    }

    /// `(app: Hono) => …`
    fn is_typed_router(&self, file: usize, parameter: &FormalParameter<'a>) -> bool {
        let Some(annotation) = &parameter.type_annotation else { return false };
        let symbol = named(&annotation.type_annotation).and_then(|name| self.symbol(file, name));
        let imported = symbol.and_then(|symbol| self.imported(file, symbol));
        matches!(imported, Some(Export::Package(source, "Hono" | "OpenAPIHono")) if is_router(source))
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

    /// What a parameter is given at every call of its function; `None` where not all of its calls are known.
    pub(super) fn given(&self, file: usize, parameter: SymbolId) -> Option<Vec<(usize, &'a Expression<'a>)>> {
        let nodes = self.semantic(file).nodes();
        let declaration = self.semantic(file).symbol_declaration(parameter);
        let AstKind::FormalParameters(parameters) = nodes.parent_kind(declaration.id()) else { return None };
        let index = parameters.items.iter().position(|item| item.node_id.get() == declaration.id())?;
        let function = nodes.parent_node(nodes.parent_id(declaration.id()));
        let symbol = self.name_of(file, function.id())?;
        let importers = self.importers(file, symbol).iter().map(|(file, symbol, of)| (*file, *symbol, *of));
        let mut values = Vec::new();
        for (file, symbol, of) in std::iter::once((file, symbol, None)).chain(importers) {
            if of.is_some() {
                return None;
            }
            for reference in self.semantic(file).scoping().get_resolved_references(symbol) {
                match self.parent(file, reference.node_id()) {
                    AstKind::CallExpression(call) if call.callee.node_id() == reference.node_id() => {
                        values.push((file, call.arguments.get(index).and_then(Argument::as_expression)?));
                    }
                    AstKind::ExportSpecifier(_) => {}
                    _ if reference.is_type() => {}
                    _ => return None,
                }
            }
        }
        Some(values)
    }

    /// The name that a function is declared by, or that it is the value of.
    pub(super) fn name_of(&self, file: usize, function: NodeId) -> Option<SymbolId> {
        if let AstKind::Function(function) = self.kind(file, function)
            && let (true, Some(id)) = (function.is_declaration(), &function.id)
        {
            return id.symbol_id.get();
        }
        match self.parent(file, function) {
            AstKind::VariableDeclarator(declarator) => match &declarator.id {
                BindingPattern::BindingIdentifier(name) => name.symbol_id.get(),
                _ => None,
            },
            _ => None,
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
