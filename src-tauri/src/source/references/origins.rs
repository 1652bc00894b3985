//! Where a value comes from: the functions, classes and objects that an expression may be.

use oxc::{
    ast::{
        AstKind,
        ast::{
            Argument, ArrowFunctionBody, ArrowFunctionExpression, BindingPattern, ChainElement, Class, ClassElement,
            Expression, FormalParameters, Function, MethodDefinitionKind, ObjectExpression, ObjectPropertyKind,
            Statement,
        },
    },
    semantic::{NodeId, SymbolId},
};

use super::modules::{Export, FUEL, Modules};

/// How many names, calls and members are looked through. Code that needs more cannot be told.
const FARTHEST: usize = 10;

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

    fn trace(&self, file: usize, value: &'a Expression<'a>, depth: usize, found: &mut Vec<Origin<'a>>) {
        if depth > FARTHEST || !self.burn() {
            return found.push(Origin::Unknown);
        }
        let depth = depth + 1;
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
            Expression::CallExpression(call) => self.trace_call(file, &call.callee, depth, found),
            Expression::NewExpression(call) => {
                for origin in self.deeper(file, &call.callee, depth) {
                    found.push(match origin {
                        Origin::Class(file, class) => Origin::Instance(file, class),
                        Origin::Package(source) => Origin::Package(source),
                        _ => Origin::Unknown,
                    });
                }
            }
            Expression::ThisExpression(this) => found.push(match self.class_of_this(file, this.node_id.get()) {
                Some(class) => Origin::Instance(file, class),
                None => Origin::Unknown,
            }),
            Expression::StaticMemberExpression(member) => {
                let name = member.property.name.as_str();
                for origin in self.deeper(file, &member.object, depth) {
                    self.trace_member(origin, name, depth, found);
                }
            }
            _ => found.push(Origin::Unknown),
        }
    }

    fn deeper(&self, file: usize, value: &'a Expression<'a>, depth: usize) -> Vec<Origin<'a>> {
        let mut found = Vec::new();
        self.trace(file, value, depth, &mut found);
        found
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
                            self.trace(file, value, depth, found);
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
        let returned: Vec<_> = body
            .iter()
            .filter_map(|statement| match statement {
                Statement::ReturnStatement(returned) => returned.argument.as_ref(),
                _ => None,
            })
            .collect();
        if returned.is_empty() {
            found.push(Origin::Unknown);
        }
        for value in returned {
            self.trace(file, value, depth, found);
        }
    }

    fn trace_member(&self, of: Origin<'a>, name: &str, depth: usize, found: &mut Vec<Origin<'a>>) {
        match of {
            Origin::Object(file, object) => match property(object, name) {
                Some(value) => self.trace(file, value, depth, found),
                None => found.push(Origin::Unknown),
            },
            Origin::Instance(file, class) => found.push(match method(class, name) {
                Some(function) => Origin::Function(file, function),
                None => Origin::Unknown,
            }),
            Origin::Namespace(file) => match self.export(file, name, 0) {
                Some(export) => self.trace_export(export, depth, found),
                None => found.push(Origin::Unknown),
            },
            Origin::Package(source) => found.push(Origin::Package(source)),
            _ => found.push(Origin::Unknown),
        }
    }

    fn trace_symbol(&self, file: usize, symbol: SymbolId, depth: usize, found: &mut Vec<Origin<'a>>) {
        if let Some(export) = self.imported(file, symbol) {
            return self.trace_export(export, depth, found);
        }
        let declaration = self.semantic(file).symbol_declaration(symbol);
        match declaration.kind() {
            AstKind::Function(function) => found.push(Origin::Function(file, function)),
            AstKind::Class(class) => found.push(Origin::Class(file, class)),
            AstKind::VariableDeclarator(declarator) => match (&declarator.id, &declarator.init) {
                (BindingPattern::BindingIdentifier(_), Some(value)) => {
                    if self.semantic(file).scoping().symbol_is_mutated(symbol) {
                        found.push(Origin::Unknown);
                    }
                    self.trace(file, value, depth, found);
                }
                _ => found.push(Origin::Unknown),
            },
            AstKind::FormalParameter(_) => match self.given(file, symbol) {
                Some(values) if depth <= FARTHEST => {
                    for (file, value) in values {
                        self.trace(file, value, depth, found);
                    }
                }
                _ => found.push(Origin::Unknown),
            },
            _ => found.push(Origin::Unknown),
        }
    }

    fn trace_export(&self, export: Export<'a>, depth: usize, found: &mut Vec<Origin<'a>>) {
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

/// What an object literal has under a name.
pub(super) fn property<'a>(object: &'a ObjectExpression<'a>, name: &str) -> Option<&'a Expression<'a>> {
    object.properties.iter().find_map(|each| match each {
        ObjectPropertyKind::ObjectProperty(each) if each.key.static_name().is_some_and(|key| key == name) => {
            Some(&each.value)
        }
        _ => None,
    })
}

/// A method of a class, or the one that makes its instances.
pub(super) fn method<'a>(class: &'a Class<'a>, name: &str) -> Option<&'a Function<'a>> {
    class.body.body.iter().find_map(|element| match element {
        ClassElement::MethodDefinition(method) if method.key.static_name().is_some_and(|key| key == name) => {
            let plain = matches!(method.kind, MethodDefinitionKind::Method | MethodDefinitionKind::Constructor);
            (plain && !method.r#static).then_some(&*method.value)
        }
        _ => None,
    })
}
