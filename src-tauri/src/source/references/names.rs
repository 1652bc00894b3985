//! The names that an expression may be, where that can be told before the code runs: constants, what is put together of
//! them, the parts of a list, and what a function is given at each of its calls.

use oxc::{
    ast::{
        AstKind,
        ast::{
            ArrayExpression, BinaryOperator, BindingPattern, Expression, ForStatementLeft, TSEnumMember, TSLiteral,
            TSType,
        },
    },
    semantic::{NodeId, SymbolId},
    span::Span,
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

type Names = Option<Vec<Said>>;

impl<'a> Modules<'_, 'a> {
    /// All names that the expression may be, or `None` where that cannot be told.
    pub(super) fn names(&self, file: usize, value: &'a Expression<'a>) -> Names {
        self.fuel.set(FUEL);
        self.fold(file, value, 0).filter(|names| !names.is_empty() && names.len() <= MOST)
    }

    fn fold(&self, file: usize, value: &'a Expression<'a>, depth: usize) -> Names {
        if depth > FARTHEST || !self.burn() {
            return None;
        }
        let span = oxc::span::GetSpan::span(value);
        let said = |name: String| Said { name, file, span };
        // What a constant says counts where it is used.
        let here = |names: Vec<Said>| Some(names.into_iter().map(|each| said(each.name)).collect());
        match value.get_inner_expression() {
            Expression::StringLiteral(text) => Some(vec![said(text.value.to_string())]),
            Expression::TemplateLiteral(template) => {
                let mut texts = vec![String::new()];
                for (index, quasi) in template.quasis.iter().enumerate() {
                    let cooked = quasi.value.cooked.as_ref()?;
                    texts.iter_mut().for_each(|text| text.push_str(cooked));
                    if let Some(part) = template.expressions.get(index) {
                        texts = combine(&texts, &self.fold(file, part, depth + 1)?)?;
                    }
                }
                Some(texts.into_iter().map(said).collect())
            }
            Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => {
                let left: Vec<String> =
                    self.fold(file, &sum.left, depth + 1)?.into_iter().map(|said| said.name).collect();
                let texts = combine(&left, &self.fold(file, &sum.right, depth + 1)?)?;
                Some(texts.into_iter().map(said).collect())
            }
            Expression::ConditionalExpression(either) => {
                let mut names = self.fold(file, &either.consequent, depth + 1)?;
                names.extend(self.fold(file, &either.alternate, depth + 1)?);
                Some(names)
            }
            Expression::LogicalExpression(either) => {
                let mut names = self.fold(file, &either.left, depth + 1)?;
                names.extend(self.fold(file, &either.right, depth + 1)?);
                Some(names)
            }
            Expression::Identifier(name) => {
                let symbol = self.symbol(file, name)?;
                match self.constant(file, symbol) {
                    Some((of, Constant::Value(value))) => here(self.fold(of, value, depth + 1)?),
                    Some(_) => None,
                    None => self.fold_varying(file, symbol, depth + 1),
                }
            }
            Expression::StaticMemberExpression(_) | Expression::ComputedMemberExpression(_) => {
                let (of, value) = self.constant_member(file, value.get_inner_expression())?;
                here(self.fold(of, value, depth + 1)?)
            }
            _ => None,
        }
    }

    /// `KEYS.mail`, `KEYS["mail"]`, `Keys.Mail` of an enum, or what a file exports.
    fn constant_member(&self, file: usize, value: &'a Expression<'a>) -> Option<(usize, &'a Expression<'a>)> {
        let (object, name) = match value {
            Expression::StaticMemberExpression(member) => (&member.object, member.property.name.as_str()),
            Expression::ComputedMemberExpression(member) => match member.expression.get_inner_expression() {
                Expression::StringLiteral(name) => (&member.object, name.value.as_str()),
                _ => return None,
            },
            _ => return None,
        };
        let Expression::Identifier(of) = object.get_inner_expression() else { return None };
        let symbol = self.symbol(file, of)?;
        if let Some(Export::Namespace(of)) = self.imported(file, symbol) {
            let Some(Export::Symbol(of, symbol)) = self.export(of, name, 0) else { return None };
            return match self.constant(of, symbol)? {
                (of, Constant::Value(value)) => Some((of, value)),
                _ => None,
            };
        }
        match self.constant(file, symbol)? {
            (of, Constant::Value(Expression::ObjectExpression(object))) => Some((of, members::property(object, name)?)),
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
            return None;
        }
        let declaration = semantic.symbol_declaration(symbol);
        match declaration.kind() {
            // `for (const name of ["A", "B"])`
            AstKind::VariableDeclarator(_) => {
                let nodes = semantic.nodes();
                let variables = nodes.parent_node(declaration.id());
                let AstKind::ForOfStatement(each) = nodes.parent_kind(variables.id()) else { return None };
                let ForStatementLeft::VariableDeclaration(left) = &each.left else { return None };
                (left.node_id.get() == variables.id()).then(|| self.fold_list(file, &each.right, depth))?
            }
            AstKind::FormalParameter(parameter) => {
                if let Some(annotation) = &parameter.type_annotation
                    && let Some(names) = of_type(&annotation.type_annotation)
                {
                    let said = |name| Said { name, file, span: annotation.span };
                    return Some(names.into_iter().map(said).collect());
                }
                self.fold_callback(file, declaration.id(), depth).or_else(|| {
                    let mut names = Vec::new();
                    for (file, value) in self.given(file, symbol)? {
                        names.extend(self.fold(file, value, depth)?);
                    }
                    Some(names)
                })
            }
            _ => None,
        }
    }

    /// `["A", "B"].map((name) => …)`
    fn fold_callback(&self, file: usize, parameter: NodeId, depth: usize) -> Names {
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
        each.contains(&member.property.name.as_str()).then(|| self.fold_list(file, &member.object, depth))?
    }

    fn fold_list(&self, file: usize, list: &'a Expression<'a>, depth: usize) -> Names {
        let (file, list): (usize, &'a ArrayExpression<'a>) = match list.get_inner_expression() {
            Expression::ArrayExpression(list) => (file, list),
            Expression::Identifier(name) => match self.constant(file, self.symbol(file, name)?)? {
                (file, Constant::Value(Expression::ArrayExpression(list))) => (file, list),
                _ => return None,
            },
            _ => return None,
        };
        let mut names = Vec::new();
        for element in &list.elements {
            names.extend(self.fold(file, element.as_expression()?, depth + 1)?);
        }
        Some(names)
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
    fn is_only_read(&self, file: usize, symbol: SymbolId) -> bool {
        let nodes = self.semantic(file).nodes();
        let references = self.semantic(file).scoping().get_resolved_references(symbol);
        references.filter(|reference| !reference.is_type()).all(|reference| {
            let parent = nodes.parent_node(reference.node_id());
            let assigned = matches!(
                nodes.parent_kind(parent.id()),
                AstKind::AssignmentExpression(assignment) if assignment.left.node_id() == parent.id()
            );
            match parent.kind() {
                AstKind::StaticMemberExpression(member) => {
                    !assigned && !CHANGE.contains(&member.property.name.as_str())
                }
                AstKind::ComputedMemberExpression(_) => !assigned,
                AstKind::ForOfStatement(_) | AstKind::SpreadElement(_) | AstKind::ExportSpecifier(_) => true,
                _ => false,
            }
        })
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

fn combine(texts: &[String], ends: &[Said]) -> Option<Vec<String>> {
    let all = texts.iter().flat_map(|text| ends.iter().map(move |end| format!("{text}{}", end.name)));
    (texts.len() * ends.len() <= MOST).then(|| all.collect())
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
