//! Which secrets the code uses, at which lines, and which handlers it exports: read from the code, never from a list.
//!
//! Names are followed from where an `env` is born (a handler's second parameter, a parameter called `env` or typed `Env`,
//! `import { env } from "cloudflare:workers"`, `this.env`) through aliases, destructuring and calls within the file.
//! Whatever else is done with an `env` counts as a name computed at run time: this file says "cannot tell" rather than
//! "not used".

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use oxc::{
    allocator::Allocator,
    ast::{
        AstKind,
        ast::{
            Argument, BindingPattern, Expression, FormalParameter, FormalParameters, ImportDeclarationSpecifier,
            ObjectPattern, TSType, TSTypeAnnotation, TSTypeName,
        },
    },
    parser::Parser,
    semantic::{AstNode, NodeId, Semantic, SemanticBuilder, SymbolId},
    span::{GetSpan, Span},
};

use super::{
    Problem,
    exports::{Exported, exported, trigger},
    nesting, position, source_type,
};
use crate::function::{FileKind, Line, SourceFile, Trigger, entry};

/// A name used after `env.`, with the lines that use it, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub name: String,
    pub lines: Vec<Line>,
}

/// What one reading of a function's files yields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// `None` where the code does not parse, so that nobody mistakes a typing error for a change of trigger.
    pub trigger: Option<Trigger>,
    pub references: Vec<Reference>,
    /// Lines where it cannot be told which names are used.
    pub dynamic: Vec<Line>,
    pub problem: Option<Problem>,
}

/// Reads every file of code, the entry first. Code that does not parse yields its problem and what could be read before
/// it. Only the entry has handlers.
pub fn read(files: &[SourceFile]) -> Reading {
    let Some(entry) = entry(files) else {
        return Reading::default();
    };
    let mut reading = read_file(entry);
    let code = files.iter().filter(|file| file.path != entry.path && FileKind::of(&file.path) == Some(FileKind::Code));
    for file in code {
        reading.add(read_file(file));
    }
    reading
}

fn read_file(file: &SourceFile) -> Reading {
    let roomy =
        nesting::check(&file.path, &file.text).and_then(|()| nesting::with_room(&file.path, || read_code(file)));
    roomy.unwrap_or_else(|problem| Reading { problem: Some(problem), ..Reading::default() })
}

impl Reading {
    /// What another file of the same function says, beside what is known.
    fn add(&mut self, other: Self) {
        for reference in other.references {
            match self.references.binary_search_by(|known| known.name.cmp(&reference.name)) {
                Ok(at) => self.references[at].lines.extend(reference.lines),
                Err(at) => self.references.insert(at, reference),
            }
        }
        self.dynamic.extend(other.dynamic);
        if self.problem.is_none() {
            self.problem = other.problem;
        }
    }
}

fn read_code(file: &SourceFile) -> Reading {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, &file.text, source_type(&file.path)).parse();
    let analysed = SemanticBuilder::new_linter().with_check_syntax_error(true).build(&parsed.program);
    let problem = parsed
        .diagnostics
        .errors()
        .chain(analysed.diagnostics.errors())
        .next()
        .map(|error| Problem::new(&file.path, &file.text, error));

    let mut search = Search::new(&analysed.semantic);
    search.births();
    search.follow();
    let line = |offset: u32| position(&file.path, &file.text, offset as usize).line;
    let placed = |lines: BTreeSet<u32>| -> Vec<Line> {
        lines.into_iter().map(|line| Line { file: file.path.clone(), line }).collect()
    };
    let mut lines: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for (name, span) in search.uses {
        lines.entry(name).or_default().insert(line(span.start));
    }
    let dynamic: BTreeSet<u32> = search.dynamic.iter().map(|span| line(span.start)).collect();
    Reading {
        trigger: problem.is_none().then(|| trigger(&analysed.semantic)),
        references: lines.into_iter().map(|(name, lines)| Reference { name, lines: placed(lines) }).collect(),
        dynamic: placed(dynamic),
        problem,
    }
}

/// A walk from every `env` to every use of it. Each symbol is followed once.
struct Search<'s, 'a> {
    semantic: &'s Semantic<'a>,
    /// The object that the module exports by default.
    exported: Option<Span>,
    queue: VecDeque<SymbolId>,
    seen: HashSet<SymbolId>,
    uses: Vec<(String, Span)>,
    dynamic: Vec<Span>,
}

impl<'s, 'a> Search<'s, 'a> {
    fn new(semantic: &'s Semantic<'a>) -> Self {
        let exported = match exported(semantic) {
            Some(Exported::Object(object)) => Some(object.span),
            _ => None,
        };
        let (queue, seen) = (VecDeque::new(), HashSet::new());
        Self { semantic, exported, queue, seen, uses: Vec::new(), dynamic: Vec::new() }
    }

    fn births(&mut self) {
        for node in self.semantic.nodes().iter() {
            match node.kind() {
                AstKind::FormalParameters(parameters) => self.parameters(node.id(), parameters),
                AstKind::ImportDeclaration(import) if import.source.value == "cloudflare:workers" => {
                    for specifier in import.specifiers.iter().flatten() {
                        if let ImportDeclarationSpecifier::ImportSpecifier(named) = specifier
                            && named.imported.name() == "env"
                        {
                            self.enqueue(named.local.symbol_id.get());
                        }
                    }
                }
                AstKind::StaticMemberExpression(member)
                    if member.property.name == "env" && matches!(member.object, Expression::ThisExpression(_)) =>
                {
                    self.used(node);
                }
                // `const { env } = this`
                AstKind::VariableDeclarator(declarator)
                    if matches!(declarator.init, Some(Expression::ThisExpression(_))) =>
                {
                    if let BindingPattern::ObjectPattern(pattern) = &declarator.id {
                        for property in &pattern.properties {
                            if property.key.static_name().is_some_and(|name| name == "env") {
                                self.bound(&property.value);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Parameters that are an `env` because of their name, their type, or their place in a handler.
    fn parameters(&mut self, id: NodeId, parameters: &FormalParameters<'a>) {
        let (handler, callback) = (self.is_handler(id), self.is_callback(id));
        for (index, parameter) in parameters.items.iter().enumerate() {
            let typed = parameter.type_annotation.as_deref().map(is_env_type);
            let named =
                matches!(inner(&parameter.pattern), BindingPattern::BindingIdentifier(name) if name.name == "env");
            // A type of another name says that it is something else, whatever the parameter is called. Handlers stay:
            // their second parameter is the environment however its type is called. Whoever calls a callback decides
            // what it is given: `envs.map((env) => …)`.
            if (index == 1 && handler) || typed == Some(true) || (named && typed.is_none() && !callback) {
                self.parameter(parameter);
            }
        }
    }

    fn parameter(&mut self, parameter: &FormalParameter<'a>) {
        self.bound(&parameter.pattern);
    }

    /// Whether these are the parameters of `fetch`, `scheduled` and the like in the default export.
    fn is_handler(&self, parameters: NodeId) -> bool {
        let nodes = self.semantic.nodes();
        let function = nodes.parent_id(parameters);
        let AstKind::ObjectProperty(property) = nodes.parent_kind(function) else {
            return false;
        };
        let known = ["fetch", "scheduled", "queue", "email", "tail", "trace", "test"];
        if !property.key.static_name().is_some_and(|name| known.contains(&name.as_ref())) {
            return false;
        }
        let object = nodes.parent_kind(nodes.parent_id(function));
        matches!(object, AstKind::ObjectExpression(object) if self.exported == Some(object.span))
    }

    /// Whether these are the parameters of a function that is written as an argument of a call.
    fn is_callback(&self, parameters: NodeId) -> bool {
        let nodes = self.semantic.nodes();
        let function = nodes.parent_node(parameters);
        let span = function.kind().span();
        match nodes.parent_kind(function.id()) {
            AstKind::CallExpression(call) => !call.callee.span().contains_inclusive(span),
            AstKind::NewExpression(_) => true,
            _ => false,
        }
    }

    fn enqueue(&mut self, symbol: Option<SymbolId>) {
        if let Some(symbol) = symbol
            && self.seen.insert(symbol)
        {
            self.queue.push_back(symbol);
        }
    }

    fn follow(&mut self) {
        while let Some(symbol) = self.queue.pop_front() {
            for reference in self.semantic.scoping().get_resolved_references(symbol) {
                if reference.is_type() {
                    continue;
                }
                self.used(self.semantic.nodes().get_node(reference.node_id()));
            }
        }
    }

    /// What becomes of an expression that is an `env`.
    fn used(&mut self, node: &AstNode<'a>) {
        let nodes = self.semantic.nodes();
        let span = node.kind().span();
        let parent = nodes.parent_node(node.id());
        match parent.kind() {
            AstKind::StaticMemberExpression(member) => {
                self.uses.push((member.property.name.to_string(), member.property.span));
            }
            AstKind::ComputedMemberExpression(member) if member.object.span() == span => {
                match member.static_property_name() {
                    Some(name) => self.uses.push((name.to_string(), member.expression.span())),
                    None => self.dynamic.push(span),
                }
            }
            // Casts, `!` and parentheses change nothing.
            AstKind::TSAsExpression(_)
            | AstKind::TSSatisfiesExpression(_)
            | AstKind::TSNonNullExpression(_)
            | AstKind::TSTypeAssertion(_)
            | AstKind::ParenthesizedExpression(_)
            | AstKind::ChainExpression(_) => self.used(parent),
            AstKind::VariableDeclarator(declarator) if !declarator.id.span().contains_inclusive(span) => {
                self.bound(&declarator.id);
            }
            AstKind::CallExpression(call) if !call.callee.span().contains_inclusive(span) => {
                self.passed(&call.callee, &call.arguments, span);
            }
            AstKind::NewExpression(_) => self.dynamic.push(span),
            // `if (env)`, `env;`, `typeof env`: no name is used.
            AstKind::ExpressionStatement(_) | AstKind::UnaryExpression(_) | AstKind::IfStatement(_) => {}
            _ => self.dynamic.push(span),
        }
    }

    /// An `env` passed to a function of this file is followed into its parameter; anything else cannot be told.
    fn passed(&mut self, callee: &Expression<'a>, arguments: &[Argument<'a>], span: Span) {
        let index = arguments.iter().position(|argument| argument.span().contains_inclusive(span));
        let parameter = self.parameters_of(callee).and_then(|parameters| parameters.items.get(index?));
        match parameter {
            Some(parameter) => self.parameter(parameter),
            None => self.dynamic.push(span),
        }
    }

    fn parameters_of(&self, callee: &Expression<'a>) -> Option<&'s FormalParameters<'a>> {
        let Expression::Identifier(name) = callee.get_inner_expression() else {
            return None;
        };
        let reference = self.semantic.scoping().get_reference(name.reference_id.get()?);
        match self.semantic.symbol_declaration(reference.symbol_id()?).kind() {
            AstKind::Function(function) => Some(&function.params),
            AstKind::VariableDeclarator(declarator) => match declarator.init.as_ref()?.get_inner_expression() {
                Expression::ArrowFunctionExpression(arrow) => Some(&arrow.params),
                Expression::FunctionExpression(function) => Some(&function.params),
                _ => None,
            },
            _ => None,
        }
    }

    /// A pattern that an `env` is bound to: a name is followed, a destructuring names what it takes.
    fn bound(&mut self, pattern: &BindingPattern<'a>) {
        match inner(pattern) {
            BindingPattern::BindingIdentifier(name) => self.enqueue(name.symbol_id.get()),
            BindingPattern::ObjectPattern(pattern) => self.destructured(pattern),
            other => self.dynamic.push(other.span()),
        }
    }

    fn destructured(&mut self, pattern: &ObjectPattern<'a>) {
        for property in &pattern.properties {
            match property.key.static_name() {
                Some(name) => self.uses.push((name.into_owned(), property.key.span())),
                None => self.dynamic.push(property.span),
            }
        }
        if let Some(rest) = &pattern.rest {
            self.dynamic.push(rest.span);
        }
    }
}

/// The pattern without its default.
fn inner<'p, 'a>(pattern: &'p BindingPattern<'a>) -> &'p BindingPattern<'a> {
    match pattern {
        BindingPattern::AssignmentPattern(assignment) => inner(&assignment.left),
        other => other,
    }
}

/// `Env`, `Cloudflare.Env`, and those read-only or in part.
fn is_env_type(annotation: &TSTypeAnnotation<'_>) -> bool {
    fn is_env(kind: &TSType<'_>) -> bool {
        let TSType::TSTypeReference(reference) = kind else {
            return false;
        };
        match &reference.type_name {
            TSTypeName::IdentifierReference(name) if matches!(name.name.as_str(), "Readonly" | "Partial" | "Pick") => {
                reference.type_arguments.as_ref().and_then(|list| list.params.first()).is_some_and(is_env)
            }
            TSTypeName::IdentifierReference(name) => {
                matches!(name.name.as_str(), "Env" | "Environment" | "Bindings")
            }
            TSTypeName::QualifiedName(name) => name.right.name == "Env",
            TSTypeName::ThisExpression(_) => false,
        }
    }
    is_env(&annotation.type_annotation)
}

#[cfg(test)]
mod tests;
