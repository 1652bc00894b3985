//! The names that an expression may be, where that can be told before the code runs: constants, what is put together of
//! them, the parts of a list, and what a function is given at each of its calls.

use oxc::{
    ast::{
        AstKind,
        ast::{BinaryOperator, BindingPattern, Expression, ObjectPropertyKind, TSEnumMember, VariableDeclarator},
    },
    semantic::SymbolId,
    span::{GetSpan, Span},
};

use super::{
    given::Given,
    lists::{Part, is_frozen, is_list, of_object, part_of, thawed},
    members,
    modules::{Export, FUEL, Modules},
};

/// How many names one expression may be, and how many names it may be put together of.
const MOST: usize = 64;
const FARTHEST: usize = 8;

/// A name, and where it is said: where the expression stands, or at the call that hands it over.
pub(super) struct Said {
    pub(super) name: String,
    pub(super) file: usize,
    pub(super) span: Span,
}

/// What an expression may be.
#[derive(Default)]
pub(super) struct Names {
    pub(super) said: Vec<Said>,
    /// Whether it can be nothing else.
    pub(super) all: bool,
}

impl Names {
    fn of(said: Vec<Said>) -> Self {
        Self { said, all: true }
    }

    fn add(&mut self, others: Self) {
        self.said.extend(others.said);
        self.all &= others.all;
    }

    /// The same, said at one place.
    fn at(self, file: usize, span: Span) -> Self {
        Self { said: self.said.into_iter().map(|each| Said { name: each.name, file, span }).collect(), ..self }
    }

    /// Each with each of the others behind it.
    fn before(self, others: &Self) -> Self {
        if self.said.len() * others.said.len() > MOST {
            return Self::default();
        }
        let both = |text: &Said| {
            others.said.iter().map(|end| text.like(format!("{}{}", text.name, end.name))).collect::<Vec<_>>()
        };
        Self { said: self.said.iter().flat_map(both).collect(), all: self.all && others.all }
    }
}

impl Said {
    fn like(&self, name: String) -> Self {
        Self { name, ..*self }
    }
}

impl<'a> Modules<'_, 'a> {
    pub(super) fn names(&self, file: usize, value: &'a Expression<'a>) -> Names {
        self.fuel.set(FUEL);
        let mut names = self.fold(file, value, 0);
        // What is set before it is known: `let name = ""`.
        names.said.retain(|each| !each.name.is_empty());
        if names.said.is_empty() || names.said.len() > MOST { Names::default() } else { names }
    }

    fn fold(&self, file: usize, value: &'a Expression<'a>, depth: usize) -> Names {
        if depth > FARTHEST || !self.burn() {
            return Names::default();
        }
        let span = value.span();
        let said = |name: &str| Names::of(vec![Said { name: name.to_owned(), file, span }]);
        // What a constant says counts where it is used.
        let here = |(of, value): (usize, &'a Expression<'a>)| self.fold(of, value, depth + 1).at(file, span);
        match value.get_inner_expression() {
            Expression::StringLiteral(text) => said(&text.value),
            Expression::TemplateLiteral(template) => {
                let mut names = said("");
                for (index, quasi) in template.quasis.iter().enumerate() {
                    let Some(cooked) = &quasi.value.cooked else { return Names::default() };
                    names.said.iter_mut().for_each(|each| each.name.push_str(cooked));
                    if let Some(part) = template.expressions.get(index) {
                        names = names.before(&self.fold(file, part, depth + 1));
                    }
                }
                names
            }
            Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {
                let names = said("").before(&self.fold(file, &sum.left, depth + 1));
                names.before(&self.fold(file, &sum.right, depth + 1))
            }
            Expression::ConditionalExpression(either) => {
                let mut names = self.fold(file, &either.consequent, depth + 1);
                names.add(self.fold(file, &either.alternate, depth + 1));
                names
            }
            Expression::LogicalExpression(either) => {
                let mut names = self.fold(file, &either.left, depth + 1);
                names.add(self.fold(file, &either.right, depth + 1));
                names
            }
            Expression::Identifier(name) => match self.symbol(file, name) {
                Some(symbol) => match self.constant(file, symbol) {
                    Some((of, Constant::Value(value))) => here((of, value)),
                    Some(_) => Names::default(),
                    None => self.fold_varying(file, symbol, depth + 1),
                },
                None => Names::default(),
            },
            member @ (Expression::StaticMemberExpression(_) | Expression::ComputedMemberExpression(_)) => {
                match self.constant_member(file, member, depth) {
                    Some(constant) => here(constant),
                    None => self.fold_taken(file, member, depth),
                }
            }
            // `env[keyOf(stage)]`
            Expression::CallExpression(call) => {
                let mut names = Names::of(Vec::new());
                for origin in self.deeper(file, &call.callee, depth + 1) {
                    let (file, returned) = origin.returned().unwrap_or_default();
                    names.all &= !returned.is_empty();
                    returned.into_iter().for_each(|value| names.add(self.fold(file, value, depth + 1)));
                }
                names.at(file, span)
            }
            _ => Names::default(),
        }
    }

    /// `KEYS[provider]`, which is any of them, or `provider.key`, where that is one of a list.
    fn fold_taken(&self, file: usize, member: &'a Expression<'a>, depth: usize) -> Names {
        match member {
            // `KEYS[0]`
            Expression::ComputedMemberExpression(member)
                if let Expression::NumericLiteral(at) = &member.expression
                    && let Some((of, value)) = self.element(file, &member.object, at.value as usize) =>
            {
                self.fold(of, value, depth + 1).at(file, member.span)
            }
            Expression::ComputedMemberExpression(member) if member.static_property_name().is_none() => {
                let values = self.values(file, &member.object, depth);
                each(values, |file, value| self.fold(file, value, depth + 1)).at(file, member.span)
            }
            Expression::StaticMemberExpression(member) => {
                let any = self.any_of(file, &member.object, depth);
                each(any, |file, value| self.fold_property(file, value, &member.property.name, depth))
            }
            _ => Names::default(),
        }
    }

    /// One of a list or an object, each in its turn or the one that is looked for.
    fn any_of(&self, file: usize, value: &'a Expression<'a>, depth: usize) -> Given<'a> {
        if depth > FARTHEST || !self.burn() {
            return Given::default();
        }
        if let Some(value) = self.constant_member(file, value, depth) {
            return Given { values: vec![value], all: true };
        }
        match value.get_inner_expression() {
            Expression::Identifier(name) => {
                let Some(symbol) = self.symbol(file, name) else { return Given::default() };
                match (self.constant(file, symbol), self.list_of(file, symbol)) {
                    (Some((file, Constant::Value(value))), _) => self.any_of(file, value, depth + 1),
                    (None, Some(list)) if self.is_whole(file, symbol) => self.elements(file, list, depth),
                    _ => Given::default(),
                }
            }
            Expression::ComputedMemberExpression(member) if member.static_property_name().is_none() => {
                self.values(file, &member.object, depth)
            }
            Expression::LogicalExpression(either) => {
                let (mut any, other) =
                    (self.any_of(file, &either.left, depth + 1), self.any_of(file, &either.right, depth + 1));
                any.values.extend(other.values);
                Given { all: any.all && other.all, ..any }
            }
            Expression::CallExpression(call) => match call.callee.get_inner_expression() {
                Expression::StaticMemberExpression(member)
                    if matches!(member.property.name.as_str(), "at" | "find") =>
                {
                    self.elements(file, &member.object, depth)
                }
                _ => Given::default(),
            },
            _ => Given::default(),
        }
    }

    fn fold_property(&self, file: usize, value: &'a Expression<'a>, name: &str, depth: usize) -> Names {
        let Expression::ObjectExpression(object) = value.get_inner_expression() else { return Names::default() };
        let property = members::only_property(object, name);
        property.map(|value| self.fold(file, value, depth + 1)).unwrap_or_default()
    }

    /// What a name takes out of each element of a list: all of it, `{ name }` or `[name]`.
    fn fold_loop(
        &self,
        file: usize,
        list: &'a Expression<'a>,
        (pattern, symbol): (&'a BindingPattern<'a>, SymbolId),
        depth: usize,
    ) -> Names {
        let elements = || self.elements(file, list, depth);
        match (part_of(pattern, symbol), of_object(list, "entries")) {
            (Part::Under(name), _) => each(elements(), |file, value| self.fold_property(file, value, &name, depth)),
            (Part::At(0), Some(object)) => self.fold_keys(file, object),
            (Part::At(1), Some(object)) => {
                each(self.values(file, object, depth), |file, value| self.fold(file, value, depth + 1))
            }
            (Part::At(at), None) => each(elements(), |file, value| {
                let element = self.element(file, value, at);
                element.map(|(file, value)| self.fold(file, value, depth + 1)).unwrap_or_default()
            }),
            (Part::Whole, _) => match of_object(list, "keys") {
                Some(object) => self.fold_keys(file, object),
                None => each(elements(), |file, value| self.fold(file, value, depth + 1)),
            },
            (Part::At(_), Some(_)) | (Part::Unknown, _) => Names::default(),
        }
    }

    /// The names that an object literal has.
    fn fold_keys(&self, file: usize, object: &'a Expression<'a>) -> Names {
        let (file, object) = match object.get_inner_expression() {
            Expression::Identifier(name) => {
                match self.symbol(file, name).and_then(|symbol| self.constant(file, symbol)) {
                    Some((file, Constant::Value(object))) => (file, object),
                    _ => return Names::default(),
                }
            }
            object => (file, object),
        };
        let Expression::ObjectExpression(object) = object else { return Names::default() };
        let name = |each: &ObjectPropertyKind<'a>| {
            let key = &each.as_property()?.key;
            Some(Said { name: key.static_name()?.into_owned(), file, span: key.span() })
        };
        object.properties.iter().map(name).collect::<Option<Vec<_>>>().map(Names::of).unwrap_or_default()
    }

    /// `KEYS.mail`, `KEYS["mail"]`, `Keys.Mail` of an enum, or what a file exports.
    pub(super) fn constant_member(
        &self,
        file: usize,
        value: &'a Expression<'a>,
        depth: usize,
    ) -> Option<(usize, &'a Expression<'a>)> {
        let (object, name) = match value.get_inner_expression() {
            Expression::StaticMemberExpression(member) => (&member.object, member.property.name.as_str()),
            Expression::ComputedMemberExpression(member) => match member.expression.get_inner_expression() {
                Expression::StringLiteral(name) => (&member.object, name.value.as_str()),
                _ => return None,
            },
            _ => return None,
        };
        let Expression::Identifier(of) = object.get_inner_expression() else {
            // `KEYS.mail.token`
            let (file, value) = self.constant_member(file, object, depth + 1).filter(|_| depth < FARTHEST)?;
            let Expression::ObjectExpression(object) = value.get_inner_expression() else { return None };
            return Some((file, members::only_property(object, name)?));
        };
        let symbol = self.symbol(file, of)?;
        if let Some(Export::Namespace(of)) = self.imported(file, symbol) {
            let Some(Export::Symbol(of, symbol)) = self.export(of, name, 0) else { return None };
            return match self.constant(of, symbol)? {
                (of, Constant::Value(value)) => Some((of, value)),
                _ => None,
            };
        }
        match self.constant(file, symbol)? {
            (of, Constant::Value(Expression::ObjectExpression(object))) => {
                Some((of, members::only_property(object, name)?))
            }
            (of, Constant::Enum(members)) => {
                let member = members.iter().find(|each| each.id.static_name() == name)?;
                Some((of, member.initializer.as_ref()?))
            }
            _ => None,
        }
    }

    /// Of a name that stands for one value after the other.
    fn fold_varying(&self, file: usize, symbol: SymbolId, depth: usize) -> Names {
        let semantic = self.semantic(file);
        let declaration = semantic.symbol_declaration(symbol);
        if semantic.scoping().symbol_is_mutated(symbol) {
            return match declaration.kind() {
                AstKind::VariableDeclarator(declarator) => self.fold_set(file, declarator, symbol, depth),
                _ => Names::default(),
            };
        }
        match (declaration.kind(), self.list_of(file, symbol)) {
            // `for (const name of ["A", "B"])`
            (AstKind::VariableDeclarator(each), Some(list)) => self.fold_loop(file, list, (&each.id, symbol), depth),
            (AstKind::FormalParameter(parameter), list) => {
                if let Some(annotation) = &parameter.type_annotation
                    && let Some(names) = self.texts_of(file, &annotation.type_annotation, depth)
                {
                    let said = |name| Said { name, file, span: annotation.span };
                    return Names::of(names.into_iter().map(said).collect());
                }
                if let Some(list) = list {
                    return self.fold_loop(file, list, (&parameter.pattern, symbol), depth);
                }
                each(self.given(file, symbol, depth), |file, value| self.fold(file, value, depth))
            }
            _ => Names::default(),
        }
    }

    /// `let name = "A"; if (live) name = "B"`, where all that it is set to can be told.
    fn fold_set(&self, file: usize, declarator: &'a VariableDeclarator<'a>, symbol: SymbolId, depth: usize) -> Names {
        let mut names = Names::of(Vec::new());
        if let Some(value) = &declarator.init {
            names.add(self.fold(file, value, depth));
        }
        for reference in self.semantic(file).scoping().get_resolved_references(symbol).filter(|it| it.is_write()) {
            names.add(match self.parent(file, reference.node_id()) {
                AstKind::AssignmentExpression(set) if set.operator.is_assign() => self.fold(file, &set.right, depth),
                _ => Names::default(),
            });
        }
        if names.all { names } else { Names::default() }
    }

    /// What a name always stands for, here or in the file that it is imported from.
    pub(super) fn constant(&self, file: usize, symbol: SymbolId) -> Option<(usize, Constant<'a>)> {
        let (file, symbol) = self.home(file, symbol)?;
        let semantic = self.semantic(file);
        if semantic.scoping().symbol_is_mutated(symbol) {
            return None;
        }
        match semantic.symbol_declaration(symbol).kind() {
            AstKind::VariableDeclarator(declarator) => match (&declarator.id, &declarator.init) {
                (BindingPattern::BindingIdentifier(_), Some(value)) => {
                    let frozen = is_frozen(value);
                    let value = thawed(value);
                    let same = frozen || !is_list(value) || self.is_only_read(file, symbol);
                    same.then_some((file, Constant::Value(value)))
                }
                _ => None,
            },
            AstKind::TSEnumDeclaration(declaration) => Some((file, Constant::Enum(&declaration.body.members))),
            _ => None,
        }
    }
}

pub(super) enum Constant<'a> {
    Value(&'a Expression<'a>),
    Enum(&'a [TSEnumMember<'a>]),
}

/// The names of each of several values.
fn each<'a>(values: Given<'a>, fold: impl Fn(usize, &'a Expression<'a>) -> Names) -> Names {
    let mut names = Names { said: Vec::new(), all: values.all };
    values.values.into_iter().for_each(|(file, value)| names.add(fold(file, value)));
    names
}
