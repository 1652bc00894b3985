//! What functions are given where they are called, as far as their calls can be found.

use std::{borrow::Cow, collections::HashMap};

use oxc::{
    ast::{
        AstKind,
        ast::{
            Argument, BindingPattern, Expression, FormalParameter, MethodDefinitionKind, TSAccessibility,
            VariableDeclarator,
        },
    },
    semantic::{NodeId, SymbolId},
};

use super::{
    members::{taken, written},
    modules::{FUEL, Modules},
    origins::Origin,
};

/// What one parameter is given.
#[derive(Default)]
pub(super) struct Given<'a> {
    pub(super) values: Vec<(usize, &'a Expression<'a>)>,
    /// Whether these are all: who gets hold of a function may call it with anything.
    pub(super) all: bool,
}

/// Each place where a member is taken out of something, by the member's name.
pub(super) type Taken<'a> = HashMap<Cow<'a, str>, Vec<(usize, NodeId)>>;

/// How a function is called.
enum Callee<'a> {
    Name(SymbolId),
    /// `new Name(…)`
    Made(SymbolId),
    Member(Cow<'a, str>),
    /// It is what its file exports by default.
    Default,
}

/// One parameter of one function.
struct Place<'a> {
    /// `None` for `...others`, which is given all that is left.
    parameter: Option<&'a FormalParameter<'a>>,
    index: usize,
    function: (usize, NodeId),
}

impl<'a> Modules<'_, 'a> {
    pub(super) fn given_of(&self, file: usize, parameter: SymbolId) -> Given<'a> {
        self.fuel.set(FUEL);
        self.given(file, parameter, 0)
    }

    pub(super) fn given(&self, file: usize, parameter: SymbolId, depth: usize) -> Given<'a> {
        let nodes = self.semantic(file).nodes();
        let declaration = self.semantic(file).symbol_declaration(parameter);
        let AstKind::FormalParameters(parameters) = nodes.parent_kind(declaration.id()) else {
            return Given::default();
        };
        let whole = |pattern: &BindingPattern<'a>| {
            pattern.get_binding_identifier().is_some_and(|name| name.symbol_id.get() == Some(parameter))
        };
        let index = match parameters.items.iter().position(|item| whole(&item.pattern)) {
            Some(index) => index,
            None if parameters.rest.as_ref().is_some_and(|rest| whole(&rest.rest.argument)) => parameters.items.len(),
            None => return Given::default(),
        };
        let function = nodes.parent_id(parameters.node_id.get());
        let place = Place { parameter: parameters.items.get(index), index, function: (file, function) };
        let mut given = Given { values: Vec::new(), all: true };
        match self.callee(file, function) {
            Some(Callee::Name(symbol)) => self.given_by_name(&place, symbol, false, depth, &mut given),
            Some(Callee::Made(symbol)) => self.given_by_name(&place, symbol, true, depth, &mut given),
            Some(Callee::Member(name)) => {
                self.given_by_member(&place, &name, depth, &mut given);
                given.all &= self.is_called_here(file, function, depth);
            }
            Some(Callee::Default) => {
                for (file, symbol) in self.default_importers(file) {
                    self.given_by_references(&place, (*file, *symbol), false, &mut given);
                }
            }
            None => given.all = false,
        }
        // Somebody calls it, if nobody here does.
        given.all &= !given.values.is_empty();
        given
    }

    fn callee(&self, file: usize, function: NodeId) -> Option<Callee<'a>> {
        if let AstKind::Function(function) = self.kind(file, function)
            && let (true, Some(id)) = (function.is_declaration(), &function.id)
        {
            return id.symbol_id.get().map(Callee::Name);
        }
        match self.parent(file, function) {
            AstKind::VariableDeclarator(declarator) => declared(declarator).map(Callee::Name),
            AstKind::MethodDefinition(method) => match method.kind {
                MethodDefinitionKind::Constructor => {
                    let class = self.class_around(file, function)?;
                    class.id.as_ref()?.symbol_id.get().map(Callee::Made)
                }
                MethodDefinitionKind::Method => written(&method.key).map(Callee::Member),
                _ => None,
            },
            AstKind::PropertyDefinition(property) => written(&property.key).map(Callee::Member),
            AstKind::ObjectProperty(property) => property.key.static_name().map(Callee::Member),
            // The entry's is called by the runtime.
            AstKind::ExportDefaultDeclaration(_) if file > 0 => Some(Callee::Default),
            _ => None,
        }
    }

    fn given_by_name(&self, place: &Place<'a>, symbol: SymbolId, made: bool, depth: usize, given: &mut Given<'a>) {
        let file = place.function.0;
        self.given_by_references(place, (file, symbol), made, given);
        for (file, symbol, of) in self.importers(file, symbol) {
            match of {
                None => self.given_by_references(place, (*file, *symbol), made, given),
                Some(_) if made => given.all = false,
                Some(name) => self.given_by_member(place, name, depth, given),
            }
        }
    }

    fn given_by_references(
        &self,
        place: &Place<'a>,
        (file, symbol): (usize, SymbolId),
        made: bool,
        given: &mut Given<'a>,
    ) {
        for reference in self.semantic(file).scoping().get_resolved_references(symbol) {
            let node = reference.node_id();
            match self.parent(file, node) {
                AstKind::CallExpression(call) if !made && call.callee.node_id() == node => {
                    given.take(file, &call.arguments, place);
                }
                AstKind::NewExpression(call) if made && call.callee.node_id() == node => {
                    given.take(file, &call.arguments, place);
                }
                AstKind::ExportSpecifier(_) => {}
                AstKind::ExportDefaultDeclaration(_) if file > 0 => {}
                _ if reference.is_type() => {}
                _ => given.all = false,
            }
        }
    }

    /// `config.secret("KEY")`, where `config` is one of those that have this function as `secret`.
    fn given_by_member(&self, place: &Place<'a>, name: &str, depth: usize, given: &mut Given<'a>) {
        for (file, node) in self.taken.get_or_init(|| self.all_taken()).get(name).into_iter().flatten() {
            let Some((object, _)) = taken(self.kind(*file, *node)) else { continue };
            if self.fuel.get() == 0 {
                given.all = false;
                return;
            }
            let (mut ours, mut known) = (false, true);
            for origin in self.deeper(*file, object, depth) {
                let mut found = Vec::new();
                self.trace_member(origin, name, depth + 1, &mut found);
                ours |= found.iter().any(|origin| origin.is_function(place.function));
                known &= !found.iter().any(|origin| matches!(origin, Origin::Unknown));
            }
            match self.parent(*file, *node) {
                AstKind::CallExpression(call) if ours && call.callee.node_id() == *node => {
                    given.take(*file, &call.arguments, place);
                }
                _ => given.all &= known && !ours,
            }
        }
    }

    /// Whether nobody but the files of the function calls a method: neither what its class extends, nor somebody who was given
    /// its object.
    fn is_called_here(&self, file: usize, function: NodeId, depth: usize) -> bool {
        let nodes = self.semantic(file).nodes();
        let around = nodes.parent_id(function);
        if let AstKind::ObjectProperty(_) = nodes.kind(around) {
            return match self.parent(file, nodes.parent_id(around)) {
                AstKind::VariableDeclarator(object) => declared(object).is_some_and(|it| self.is_only_read(file, it)),
                _ => false,
            };
        }
        // What is private is called by nobody else, whoever makes the instances.
        let private = match nodes.kind(around) {
            AstKind::MethodDefinition(method) => {
                method.accessibility == Some(TSAccessibility::Private) || method.key.is_private_identifier()
            }
            _ => false,
        };
        if private {
            return true;
        }
        let heritage = self.class_around(file, function).and_then(|class| class.heritage.as_ref());
        let extended = heritage.map(|heritage| self.deeper(file, &heritage.expression, depth));
        extended.unwrap_or_default().iter().all(|origin| matches!(origin, Origin::Class(..)))
    }

    fn all_taken(&self) -> Taken<'a> {
        let mut all = Taken::new();
        for file in 0..self.all.len() {
            for node in self.semantic(file).nodes().iter() {
                if let Some((_, name)) = taken(node.kind()) {
                    all.entry(name).or_default().push((file, node.id()));
                }
            }
        }
        all
    }
}

/// The name that all of a value is given.
fn declared(declarator: &VariableDeclarator<'_>) -> Option<SymbolId> {
    declarator.id.get_binding_identifier()?.symbol_id.get()
}

impl<'a> Given<'a> {
    fn take(&mut self, file: usize, arguments: &'a [Argument<'a>], place: &Place<'a>) {
        let last = place.parameter.map_or(arguments.len(), |_| place.index + 1);
        if arguments.iter().take(last).any(|argument| matches!(argument, Argument::SpreadElement(_))) {
            self.all = false;
            return;
        }
        let given = arguments.iter().take(last).skip(place.index).filter_map(Argument::as_expression);
        let before = self.values.len();
        self.values.extend(given.map(|value| (file, value)));
        if self.values.len() == before
            && let Some(default) = place.parameter.and_then(|parameter| parameter.initializer.as_ref())
        {
            self.values.push((place.function.0, default));
        }
    }
}
