//! The names that an expression may be, where that can be told before the code runs: constants, what is put together of
//! them, the parts of a list, and what a function is given at each of its calls.

use oxc::{
    ast::{
        AstKind,
        ast::{
            ArrayExpression, BinaryOperator, BindingPattern, Expression, ForStatementLeft, TSEnumMember, TSLiteral,
            TSType, UnaryOperator,
        },
    },
    semantic::{NodeId, SymbolId},
    span::{GetSpan, Span},
};

use super::{
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
        let names = self.fold(file, value, 0);
        if names.said.is_empty() || names.said.len() > MOST { Names::default() } else { names }
    }

    fn fold(&self, file: usize, value: &'a Expression<'a>, depth: usize) -> Names {
        if depth > FARTHEST || !self.burn() {
            return Names::default();
        }
        let span = value.span();
        let said = |name: &str| Names::of(vec![Said { name: name.to_owned(), file, span }]);
        // What a constant says counts where it is used.
        let here = |(of, value): (usize, &'a Expression<'a>)| {
            let names = self.fold(of, value, depth + 1);
            Names { said: names.said.into_iter().map(|each| Said { name: each.name, file, span }).collect(), ..names }
        };
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
                self.constant_member(file, member, depth).map(here).unwrap_or_default()
            }
            _ => Names::default(),
        }
    }

    /// `KEYS.mail`, `KEYS["mail"]`, `Keys.Mail` of an enum, or what a file exports.
    fn constant_member(
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
        if semantic.scoping().symbol_is_mutated(symbol) {
            return Names::default();
        }
        let declaration = semantic.symbol_declaration(symbol);
        match declaration.kind() {
            // `for (const name of ["A", "B"])`
            AstKind::VariableDeclarator(_) => match self.list_of_each(file, declaration.id()) {
                Some(list) => self.fold_list(file, list, depth),
                None => Names::default(),
            },
            AstKind::FormalParameter(parameter) => {
                if let Some(annotation) = &parameter.type_annotation
                    && let Some(names) = of_type(&annotation.type_annotation)
                {
                    let said = |name| Said { name, file, span: annotation.span };
                    return Names::of(names.into_iter().map(said).collect());
                }
                if let Some(list) = self.list_of_callback(file, declaration.id()) {
                    return self.fold_list(file, list, depth);
                }
                let given = self.given(file, symbol, depth);
                let mut names = Names { said: Vec::new(), all: given.all };
                given.values.into_iter().for_each(|(file, value)| names.add(self.fold(file, value, depth)));
                names
            }
            _ => Names::default(),
        }
    }

    /// The list that a name goes through: `for (const name of list)`.
    pub(super) fn list_of_each(&self, file: usize, declarator: NodeId) -> Option<&'a Expression<'a>> {
        let nodes = self.semantic(file).nodes();
        let variables = nodes.parent_node(declarator);
        let AstKind::ForOfStatement(each) = nodes.parent_kind(variables.id()) else { return None };
        let ForStatementLeft::VariableDeclaration(left) = &each.left else { return None };
        (left.node_id.get() == variables.id()).then_some(&each.right)
    }

    /// The list that a parameter goes through: `list.map((name) => …)`.
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

    fn fold_list(&self, file: usize, list: &'a Expression<'a>, depth: usize) -> Names {
        let Some((file, list)) = self.list(file, list) else { return Names::default() };
        let mut names = Names::of(Vec::new());
        for element in &list.elements {
            let element = element.as_expression();
            names.add(element.map(|element| self.fold(file, element, depth + 1)).unwrap_or_default());
        }
        names
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

    /// What a name always stands for, here or in the file that it is imported from.
    fn constant(&self, file: usize, symbol: SymbolId) -> Option<(usize, Constant<'a>)> {
        let (file, symbol) = match self.imported(file, symbol) {
            Some(Export::Symbol(file, symbol)) => (file, symbol),
            Some(_) => return None,
            None => (file, symbol),
        };
        let semantic = self.semantic(file);
        if semantic.scoping().symbol_is_mutated(symbol) {
            return None;
        }
        match semantic.symbol_declaration(symbol).kind() {
            AstKind::VariableDeclarator(declarator) => match (&declarator.id, &declarator.init) {
                (BindingPattern::BindingIdentifier(_), Some(value)) => {
                    let same = !is_list(value) || self.is_only_read(file, symbol);
                    same.then(|| (file, Constant::Value(value.get_inner_expression())))
                }
                _ => None,
            },
            AstKind::TSEnumDeclaration(declaration) => Some((file, Constant::Enum(&declaration.body.members))),
            _ => None,
        }
    }

    /// Whether a list or an object stays as it is written: nothing is put into it, and nobody else gets hold of it.
    pub(super) fn is_only_read(&self, file: usize, symbol: SymbolId) -> bool {
        let references = self.semantic(file).scoping().get_resolved_references(symbol);
        references.filter(|reference| !reference.is_type()).all(|reference| self.is_read(file, reference.node_id()))
    }

    /// Of one use: what is taken out of it there, and out of that, is neither set nor changed.
    fn is_read(&self, file: usize, mut node: NodeId) -> bool {
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
            AstKind::ForOfStatement(_) | AstKind::SpreadElement(_) | AstKind::ExportSpecifier(_) => true,
            _ => name.is_some(),
        }
    }
}

const CHANGE: [&str; 7] = ["copyWithin", "fill", "pop", "push", "shift", "splice", "unshift"];

enum Constant<'a> {
    Value(&'a Expression<'a>),
    Enum(&'a [TSEnumMember<'a>]),
}

fn is_list(value: &Expression<'_>) -> bool {
    matches!(value.get_inner_expression(), Expression::ArrayExpression(_) | Expression::ObjectExpression(_))
}

/// The names of `"A" | "B"`.
fn of_type(kind: &TSType<'_>) -> Option<Vec<String>> {
    match kind {
        TSType::TSLiteralType(literal) => match &literal.literal {
            TSLiteral::StringLiteral(text) => Some(vec![text.value.to_string()]),
            _ => None,
        },
        TSType::TSUnionType(union) => {
            let parts: Option<Vec<_>> = union.types.iter().map(of_type).collect();
            Some(parts?.into_iter().flatten().collect())
        }
        _ => None,
    }
}
