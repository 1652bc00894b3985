//! What an expression says once its parts are put together: literals, templates, sums, `join` and `concat`, and constants
//! by their names.

use std::ops::Range;

use oxc::{
    ast::ast::{ArrayExpressionElement, BinaryExpression, CallExpression, Expression, TemplateLiteral},
    span::{GetSpan, Span},
};

use super::{GAP, Piece, Reader, What, range};

/// What an expression says, as far as it is known.
#[derive(Clone, Default)]
pub(super) struct Folded {
    pub(super) said: String,
    pub(super) pieces: Vec<Piece>,
}

impl Folded {
    pub(super) fn say(&mut self, said: &str, source: Range<usize>, what: What) {
        let start = self.said.len();
        self.said.push_str(said);
        self.pieces.push(Piece { said: start..self.said.len(), source, what });
    }

    fn gap(&mut self, span: Span) {
        let mut gap = [0; 3];
        self.say(GAP.encode_utf8(&mut gap), range(span), What::Gap);
    }

    fn append(&mut self, other: Self) {
        let start = self.said.len();
        self.said.push_str(&other.said);
        let moved = |piece: Piece| Piece { said: piece.said.start + start..piece.said.end + start, ..piece };
        self.pieces.extend(other.pieces.into_iter().map(moved));
    }

    pub(super) fn is_known(&self) -> bool {
        self.pieces.iter().all(|piece| piece.what != What::Gap)
    }
}

impl Reader<'_> {
    /// What an expression says, if it is one that says anything of its own.
    pub(super) fn fold(&self, expression: &Expression<'_>) -> Option<Folded> {
        let mut folded = Folded::default();
        match expression {
            Expression::StringLiteral(literal) => {
                let span = literal.span;
                folded.say(&literal.value, span.start as usize + 1..(span.end as usize).max(2) - 1, What::Said);
            }
            Expression::TemplateLiteral(template) => self.template(template, &mut folded),
            Expression::ParenthesizedExpression(inner) => return self.fold(&inner.expression),
            Expression::TSAsExpression(inner) => return self.fold(&inner.expression),
            Expression::TSSatisfiesExpression(inner) => return self.fold(&inner.expression),
            Expression::TSNonNullExpression(inner) => return self.fold(&inner.expression),
            Expression::BinaryExpression(sum) => return self.sum(sum),
            Expression::CallExpression(call) => return self.joined(call),
            _ => return None,
        }
        Some(folded)
    }

    pub(super) fn template(&self, template: &TemplateLiteral<'_>, folded: &mut Folded) {
        for (at, quasi) in template.quasis.iter().enumerate() {
            let said = quasi.value.cooked.as_ref().map_or(quasi.value.raw.as_str(), |cooked| cooked.as_str());
            // The span of a quasi has been with and without its marks; what it holds is as long as its raw text.
            let start = quasi.span.start as usize;
            let raw = quasi.value.raw.as_str();
            let start = (start..start + 3).find(|at| self.source[*at..].starts_with(raw)).unwrap_or(start);
            folded.say(said, start..start + raw.len(), What::Said);
            if let Some(expression) = template.expressions.get(at) {
                self.part(expression, folded);
            }
        }
    }

    /// A part of a larger text: here names of constants count too.
    fn part(&self, expression: &Expression<'_>, folded: &mut Folded) {
        if let Some(part) = self.fold(expression) {
            return folded.append(part);
        }
        match expression.get_inner_expression() {
            Expression::Identifier(name) => match self.constants.get(name.name.as_str()) {
                Some(Some(constant)) => {
                    let mut constant = constant.clone();
                    let used = What::Constant(name.span.start as usize, name.span.end as usize);
                    constant.pieces.iter_mut().for_each(|piece| piece.what = used);
                    folded.append(constant);
                }
                _ => folded.gap(name.span),
            },
            other => folded.gap(other.span()),
        }
    }

    fn sum(&self, sum: &BinaryExpression<'_>) -> Option<Folded> {
        if !sum.operator.as_str().eq("+") {
            return None;
        }
        let is_constant = |side: &Expression<'_>| match side.get_inner_expression() {
            Expression::Identifier(name) => self.constants.get(name.name.as_str()).is_some_and(Option::is_some),
            _ => false,
        };
        let both = is_constant(&sum.left) && is_constant(&sum.right);
        if !both && self.fold(&sum.left).is_none() && self.fold(&sum.right).is_none() {
            return None;
        }
        let mut folded = Folded::default();
        self.part(&sum.left, &mut folded);
        self.part(&sum.right, &mut folded);
        Some(folded)
    }

    /// `["a", "b"].join("")` and `"a".concat("b")`.
    fn joined(&self, call: &CallExpression<'_>) -> Option<Folded> {
        let Expression::StaticMemberExpression(callee) = &call.callee else { return None };
        let arguments = || call.arguments.iter().map(|argument| argument.as_expression());
        let mut folded = Folded::default();
        match (callee.property.name.as_str(), callee.object.get_inner_expression()) {
            ("join", Expression::ArrayExpression(array)) => {
                let between = match arguments().next() {
                    Some(Some(Expression::StringLiteral(text))) => text.value.as_str(),
                    _ => return None,
                };
                for (at, element) in array.elements.iter().enumerate() {
                    if at > 0 && !between.is_empty() {
                        folded.say(between, call.span.end as usize..call.span.end as usize, What::Said);
                    }
                    match element {
                        ArrayExpressionElement::SpreadElement(spread) => folded.gap(spread.span),
                        ArrayExpressionElement::Elision(elision) => folded.gap(elision.span),
                        element => self.part(element.as_expression()?, &mut folded),
                    }
                }
            }
            ("concat", object) => {
                folded = self.fold(object)?;
                for argument in arguments() {
                    self.part(argument?, &mut folded);
                }
            }
            _ => return None,
        }
        folded.pieces.iter().any(|piece| piece.what == What::Said).then_some(folded)
    }
}
