//! What the code says as text: literals, templates, and what constants make of them when they are put together; comments;
//! and the names under which it says so.
//!
//! A text remembers where each stretch of it stands in the source, so that a part of it can be found there again.

use std::{borrow::Cow, cell::Cell, collections::HashMap, ops::Range};

use oxc::{
    allocator::Allocator,
    ast::ast::{
        AssignmentExpression, AssignmentPattern, CallExpression, Expression, FormalParameter, Function, FunctionBody,
        JSXAttribute, JSXAttributeValue, LogicalExpression, ObjectProperty, PropertyDefinition, PropertyKey,
        StringLiteral, TSEnumMember, TaggedTemplateExpression, VariableDeclaration, VariableDeclarator,
    },
    ast_visit::{Visit, walk},
    parser::Parser,
    span::{GetSpan, Span},
    syntax::scope::ScopeFlags,
};
use smallvec::{SmallVec, smallvec};

use super::super::{nesting, source_type};
use super::{finding::is_secret_name, words};
use crate::function::{FileKind, SourceFile};
use folding::{Folded, as_sum, terms};

mod folding;

/// Stands for what is known only at run time. No format and no value has it.
pub(super) const GAP: char = '\u{FFFC}';
const GAP_SAID: &str = "\u{FFFC}";

/// What a string is once it is put together, or what a comment says.
pub(super) struct Text<'f> {
    pub(super) said: Cow<'f, str>,
    pub(super) pieces: Pieces,
    /// The names that it is given to, the nearest last.
    pub(super) names: Names<'f>,
    pub(super) place: Place,
}

/// Most texts are one piece, and have at most two names.
pub(super) type Pieces = SmallVec<[Piece; 1]>;
type Names<'f> = SmallVec<[Cow<'f, str>; 2]>;

/// A stretch of a text, and where it stands.
#[derive(Clone)]
pub(super) struct Piece {
    pub(super) said: Range<usize>,
    /// What stands between the quotes.
    pub(super) source: Range<usize>,
    pub(super) what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Said,
    /// Said by a constant that is declared elsewhere; where it is used, from and to.
    Constant(usize, usize),
    /// Code whose value is known only at run time.
    Gap,
    /// The same, in an array that is joined: there, what is undefined or null says nothing.
    Joined,
}

impl What {
    pub(super) fn is_gap(self) -> bool {
        matches!(self, Self::Gap | Self::Joined)
    }
}

/// Where a text stands, which decides what can stand there instead.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// An expression, with its range.
    Expression(Range<usize>),
    /// The value of an attribute in JSX, which an expression in braces can be as well; with its quotes.
    Attribute(Range<usize>),
    /// A key, the source of an import, a type, a tagged template: nothing but a text can be there.
    Fixed,
    Comment,
    /// A file that is not code.
    Raw,
    /// Code that does not parse, or is too deep to be.
    Broken,
}

/// Everything that a file says.
pub(super) fn of(file: &SourceFile) -> Vec<Text<'_>> {
    let SourceFile { path, text } = file;
    if FileKind::of(path) != Some(FileKind::Code) || nesting::check(path, text).is_err() {
        return as_it_stands(file);
    }
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, source_type(path)).parse();
    if parsed.panicked {
        // Half typed: it is read again with the next key.
        return as_it_stands(file);
    }
    let mut reader = Reader {
        source: text,
        constants: HashMap::new(),
        spent: Cell::new(0),
        declaring: true,
        constant: false,
        names: Names::new(),
        texts: Vec::new(),
    };
    reader.visit_program(&parsed.program);
    reader.declaring = false;
    reader.visit_program(&parsed.program);
    for comment in &parsed.program.comments {
        let span = comment.content_span();
        reader.texts.push(raw(text, range(span), Place::Comment));
    }
    reader.texts
}

/// A file as one text; a module of WebAssembly says nothing.
fn as_it_stands(file: &SourceFile) -> Vec<Text<'_>> {
    let place = match FileKind::of(&file.path) {
        Some(FileKind::Wasm) => return Vec::new(),
        Some(FileKind::Code) => Place::Broken,
        _ => Place::Raw,
    };
    vec![raw(&file.text, 0..file.text.len(), place)]
}

fn raw(text: &str, source: Range<usize>, place: Place) -> Text<'_> {
    let said = Cow::Borrowed(&text[source.clone()]);
    let pieces = smallvec![Piece { said: 0..said.len(), source, what: What::Said }];
    Text { said, pieces, names: Names::new(), place }
}

pub(super) fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// The same text in the source, where most of what the parser tells stands; a copy of what was written with escapes.
fn in_source<'f>(source: &'f str, text: &str) -> Cow<'f, str> {
    let start = text.as_ptr().addr().wrapping_sub(source.as_ptr().addr());
    match source.get(start..start.wrapping_add(text.len())) {
        Some(there) => Cow::Borrowed(there),
        None => Cow::Owned(text.to_owned()),
    }
}

/// Walks a program twice: for its constants, then for what it says.
struct Reader<'f, 'a> {
    source: &'f str,
    /// `None` where a name is no constant that is known, or declared more than once, so that nobody knows which is meant.
    constants: HashMap<&'a str, Option<Folded<'f>>>,
    /// How many bytes constants have been made to say where they are used.
    spent: Cell<usize>,
    declaring: bool,
    /// Whether the declaration that is read is of constants.
    constant: bool,
    names: Names<'f>,
    texts: Vec<Text<'f>>,
}

impl<'f, 'a> Reader<'f, 'a> {
    fn push(&mut self, folded: Folded<'f>, place: Place) {
        if folded.said.len() >= super::SHORTEST_WHOLE {
            let names = self.names.clone();
            self.texts.push(Text { said: folded.said, pieces: folded.pieces, names, place });
        }
    }

    fn named(&mut self, name: Option<impl AsRef<str>>, walk: impl FnOnce(&mut Self)) {
        if self.declaring {
            return walk(self);
        }
        let known = self.names.len();
        self.names.extend(name.map(|name| in_source(self.source, name.as_ref())));
        walk(self);
        self.names.truncate(known);
    }

    /// What is inside a function is not what it is called.
    fn apart(&mut self, walk: impl FnOnce(&mut Self)) {
        let names = std::mem::take(&mut self.names);
        walk(self);
        self.names = names;
    }
}

impl<'a> Visit<'a> for Reader<'_, 'a> {
    fn visit_expression(&mut self, expression: &Expression<'a>) {
        // What is around a text stays around what comes in its place.
        let is_around = !std::ptr::eq(expression, expression.get_inner_expression());
        // Of the first walk nothing is kept but constants, and those are folded where they are declared.
        if is_around || self.declaring {
            return walk::walk_expression(self, expression);
        }
        let Some(folded) = self.fold(expression) else {
            // None of the sums in a sum that says nothing says anything, and a chain of them has as many as it has terms.
            return match as_sum(expression) {
                Some(sum) => terms(sum).into_iter().for_each(|term| self.visit_expression(term)),
                None => walk::walk_expression(self, expression),
            };
        };
        // The parts that are known only at run time may say something of their own.
        let gaps = !folded.is_known();
        self.push(folded, Place::Expression(range(expression.span())));
        if gaps {
            Inside(self).visit_expression(expression);
        }
    }

    fn visit_string_literal(&mut self, literal: &StringLiteral<'a>) {
        if !self.declaring {
            self.push(Folded::of(literal, self.source), Place::Fixed);
        }
    }

    fn visit_jsx_attribute(&mut self, attribute: &JSXAttribute<'a>) {
        let Some(JSXAttributeValue::StringLiteral(literal)) = &attribute.value else {
            return walk::walk_jsx_attribute(self, attribute);
        };
        if !self.declaring {
            let name = attribute.name.as_identifier().map(|name| name.name.as_str());
            let raw = &self.source[range(literal.span)];
            // What is written as `&amp;` there would say that in an expression.
            let entities = raw.split_once('&').is_some_and(|(_, rest)| rest.contains(';'));
            let place = if entities { Place::Fixed } else { Place::Attribute(range(literal.span)) };
            self.named(name, |reader| reader.push(Folded::of(literal, reader.source), place));
        }
    }

    fn visit_tagged_template_expression(&mut self, tagged: &TaggedTemplateExpression<'a>) {
        if !self.declaring {
            self.push(self.template(&tagged.quasi), Place::Fixed);
        }
        self.visit_expression(&tagged.tag);
        tagged.quasi.expressions.iter().for_each(|expression| self.visit_expression(expression));
    }

    /// Its value is worked out when it is compiled.
    fn visit_ts_enum_member(&mut self, member: &TSEnumMember<'a>) {
        if let Some(Expression::StringLiteral(literal)) = &member.initializer {
            let name = member.id.static_name();
            self.named(Some(name.as_str()), |reader| reader.visit_string_literal(literal));
        }
    }

    fn visit_property_key(&mut self, key: &PropertyKey<'a>) {
        match key {
            PropertyKey::StringLiteral(literal) => self.visit_string_literal(literal),
            key => walk::walk_property_key(self, key),
        }
    }

    fn visit_variable_declaration(&mut self, declaration: &VariableDeclaration<'a>) {
        for declarator in &declaration.declarations {
            // For each: the one before may have held another declaration.
            self.constant = declaration.kind.is_const();
            self.visit_variable_declarator(declarator);
        }
    }

    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        let name = declarator.id.get_identifier_name().map(|name| name.as_str());
        if let (true, Some(name)) = (self.declaring, name) {
            let constant = self.constant.then(|| self.fold(declarator.init.as_ref()?)).flatten();
            let constant = constant.filter(Folded::is_known);
            self.constants.entry(name).and_modify(|known| *known = None).or_insert(constant);
        }
        self.visit_binding_pattern(&declarator.id);
        if let Some(init) = &declarator.init {
            self.named(name, |reader| reader.visit_expression(init));
        }
    }

    fn visit_object_property(&mut self, property: &ObjectProperty<'a>) {
        self.visit_property_key(&property.key);
        let name = property.key.static_name();
        self.named(name, |reader| reader.visit_expression(&property.value));
    }

    fn visit_property_definition(&mut self, property: &PropertyDefinition<'a>) {
        self.visit_property_key(&property.key);
        if let Some(value) = &property.value {
            let name = property.key.static_name();
            self.named(name, |reader| reader.visit_expression(value));
        }
    }

    fn visit_assignment_expression(&mut self, assignment: &AssignmentExpression<'a>) {
        self.visit_assignment_target(&assignment.left);
        let name = assignment.left.get_identifier_name();
        self.named(name, |reader| reader.visit_expression(&assignment.right));
    }

    /// `env.NAME ?? "…"`. A name that promises nothing leaves the word to the one that is around it.
    fn visit_logical_expression(&mut self, either: &LogicalExpression<'a>) {
        self.visit_expression(&either.left);
        let name = match either.left.get_inner_expression() {
            Expression::StaticMemberExpression(member) => Some(member.property.name.as_str()),
            Expression::Identifier(name) => Some(name.name.as_str()),
            _ => None,
        };
        let says = |name: &&str| is_secret_name(name) || words::promise(name) != words::Promise::Nothing;
        let name = name.filter(|name| self.names.is_empty() || says(name));
        self.named(name, |reader| reader.visit_expression(&either.right));
    }

    fn visit_assignment_pattern(&mut self, pattern: &AssignmentPattern<'a>) {
        self.visit_binding_pattern(&pattern.left);
        let name = pattern.left.get_identifier_name().map(|name| name.as_str());
        self.named(name, |reader| reader.visit_expression(&pattern.right));
    }

    fn visit_formal_parameter(&mut self, parameter: &FormalParameter<'a>) {
        let name = parameter.pattern.get_identifier_name().map(|name| name.as_str());
        self.visit_binding_pattern(&parameter.pattern);
        if let Some(default) = &parameter.initializer {
            self.named(name, |reader| reader.visit_expression(default));
        }
    }

    /// `headers.set("Authorization", …)`.
    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        self.visit_expression(&call.callee);
        let name = match call.arguments.first().and_then(|argument| argument.as_expression()) {
            Some(Expression::StringLiteral(name)) if call.arguments.len() == 2 => Some(name.value.as_str()),
            _ => None,
        };
        for (at, argument) in call.arguments.iter().enumerate() {
            let name = name.filter(|_| at == 1);
            self.named(name, |reader| reader.visit_argument(argument));
        }
    }

    fn visit_function(&mut self, function: &Function<'a>, flags: ScopeFlags) {
        self.apart(|reader| walk::walk_function(reader, function, flags));
    }

    fn visit_function_body(&mut self, body: &FunctionBody<'a>) {
        self.apart(|reader| walk::walk_function_body(reader, body));
    }
}

/// Visits what stands in the gaps of a text, and not the text again.
struct Inside<'r, 'f, 'a>(&'r mut Reader<'f, 'a>);

impl<'a> Visit<'a> for Inside<'_, '_, 'a> {
    fn visit_expression(&mut self, expression: &Expression<'a>) {
        let says = match expression {
            Expression::Identifier(_) | Expression::StringLiteral(_) => return,
            // What it says is said already, and its terms are asked themselves.
            expression if as_sum(expression).is_some() => true,
            expression => self.0.fold(expression).is_some(),
        };
        if says { walk::walk_expression(self, expression) } else { self.0.visit_expression(expression) }
    }
}
