//! What an expression says once its parts are put together: literals, templates, sums, `join` and `concat`, and constants
//! by their names.

use std::{borrow::Cow, ops::Range};

use oxc::{
    ast::ast::{
        ArrayExpressionElement, BinaryExpression, BinaryOperator, CallExpression, Expression, StringLiteral,
        TemplateLiteral,
    },
    span::{GetSpan, Span},
};

use super::super::LONGEST;
use super::{GAP_SAID, Piece, Pieces, Reader, What, in_source, range};

/// What an expression says, as far as it is known.
#[derive(Clone, Default)]
pub(super) struct Folded<'f> {
    pub(super) said: Cow<'f, str>,
    pub(super) pieces: Pieces,
}

/// In bytes, of all that constants say where they are used, and of its pieces: one may be used as often as there is room to
/// name it, and those that are made of constants may double with each.
const MOST_OF_PARTS: usize = 16 * 1024 * 1024;

impl<'f> Folded<'f> {
    pub(super) fn of(literal: &StringLiteral<'_>, source: &'f str) -> Self {
        let mut folded = Self::default();
        // One that the parser made up to go on has no quotes.
        let between = if literal.span.size() < 2 { literal.span } else { literal.span.shrink(1) };
        folded.say(in_source(source, &literal.value), range(between), What::Said);
        folded
    }

    fn say(&mut self, said: Cow<'f, str>, source: Range<usize>, what: What) {
        if said.is_empty() {
            return;
        }
        let start = self.said.len();
        self.said += said;
        self.pieces.push(Piece { said: start..self.said.len(), source, what });
    }

    fn gap(&mut self, span: Span) {
        self.say(Cow::Borrowed(GAP_SAID), range(span), What::Gap);
    }

    fn append(&mut self, other: Self) {
        let start = self.said.len();
        self.said += other.said;
        let moved = |piece: Piece| Piece { said: piece.said.start + start..piece.said.end + start, ..piece };
        self.pieces.extend(other.pieces.into_iter().map(moved));
    }

    pub(super) fn is_known(&self) -> bool {
        !self.pieces.iter().any(|piece| piece.what.is_gap())
    }
}

pub(super) fn as_sum<'e, 'a>(expression: &'e Expression<'a>) -> Option<&'e BinaryExpression<'a>> {
    match expression.get_inner_expression() {
        Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => Some(sum),
        _ => None,
    }
}

/// What a sum is of, from its left.
pub(super) fn terms<'e, 'a>(sum: &'e BinaryExpression<'a>) -> Vec<&'e Expression<'a>> {
    let mut terms = vec![&sum.right];
    let mut left = &sum.left;
    while let Some(sum) = as_sum(left) {
        terms.push(&sum.right);
        left = &sum.left;
    }
    terms.push(left);
    terms.reverse();
    terms
}

impl<'f> Reader<'f, '_> {
    /// What an expression says, if it is one that says anything of its own.
    pub(super) fn fold(&self, expression: &Expression<'_>) -> Option<Folded<'f>> {
        match expression.get_inner_expression() {
            Expression::StringLiteral(literal) => Some(Folded::of(literal, self.source)),
            Expression::TemplateLiteral(template) => Some(self.template(template)),
            Expression::BinaryExpression(sum) if sum.operator == BinaryOperator::Addition => self.sum(sum),
            Expression::CallExpression(call) => self.joined(call),
            _ => None,
        }
    }

    pub(super) fn template(&self, template: &TemplateLiteral<'_>) -> Folded<'f> {
        let mut folded = Folded::default();
        for (at, quasi) in template.quasis.iter().enumerate() {
            let said = quasi.value.cooked.as_ref().map_or(quasi.value.raw.as_str(), |cooked| cooked.as_str());
            // The span of a quasi has been with and without its marks; what it holds is as long as its raw text.
            let start = quasi.span.start as usize;
            let raw = quasi.value.raw.as_str();
            let start = (start..start + 3).find(|at| self.source[*at..].starts_with(raw)).unwrap_or(start);
            folded.say(in_source(self.source, said), start..start + raw.len(), What::Said);
            if let Some(expression) = template.expressions.get(at) {
                folded.append(self.part(expression));
            }
        }
        folded
    }

    /// A part of a larger text: here names of constants count too.
    fn part(&self, expression: &Expression<'_>) -> Folded<'f> {
        self.fold(expression).unwrap_or_else(|| self.constant_or_gap(expression))
    }

    fn constant_or_gap(&self, expression: &Expression<'_>) -> Folded<'f> {
        let mut folded = Folded::default();
        match expression.get_inner_expression() {
            Expression::Identifier(name) => match self.constants.get(name.name.as_str()) {
                Some(Some(constant)) if self.may_be_said(constant) => {
                    folded = constant.clone();
                    let used = What::Constant(name.span.start as usize, name.span.end as usize);
                    folded.pieces.iter_mut().for_each(|piece| piece.what = used);
                }
                _ => folded.gap(name.span),
            },
            other => folded.gap(other.span()),
        }
        folded
    }

    fn may_be_said(&self, Folded { said, pieces }: &Folded<'_>) -> bool {
        let spent = self.spent.get() + said.len() + size_of_val(&pieces[..]);
        let may_be = said.len() <= LONGEST && spent <= MOST_OF_PARTS;
        if may_be {
            self.spent.set(spent);
        }
        may_be
    }

    fn sum(&self, sum: &BinaryExpression<'_>) -> Option<Folded<'f>> {
        let is_constant = |side: &Expression<'_>| match side.get_inner_expression() {
            Expression::Identifier(name) => self.constants.get(name.name.as_str()).is_some_and(Option::is_some),
            _ => false,
        };
        // Once each: in a long chain the left side is all of the rest.
        let sides = [&sum.left, &sum.right].map(|side| (side, self.fold(side)));
        if sides.iter().all(|(_, said)| said.is_none()) && !sides.iter().all(|(side, _)| is_constant(side)) {
            return None;
        }
        let [mut left, right] = sides.map(|(side, said)| said.unwrap_or_else(|| self.constant_or_gap(side)));
        left.append(right);
        Some(left)
    }

    /// `["a", "b"].join("")` and `"a".concat("b")`.
    fn joined(&self, call: &CallExpression<'_>) -> Option<Folded<'f>> {
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
                        let end = call.span.end as usize;
                        folded.say(in_source(self.source, between), end..end, What::Said);
                    }
                    match element {
                        ArrayExpressionElement::SpreadElement(spread) => folded.gap(spread.span),
                        ArrayExpressionElement::Elision(elision) => folded.gap(elision.span),
                        element => {
                            let mut part = self.part(element.as_expression()?);
                            if let [Piece { what: what @ What::Gap, .. }] = &mut part.pieces[..] {
                                *what = What::Joined;
                            }
                            folded.append(part);
                        }
                    }
                }
            }
            ("concat", object) => {
                folded = self.fold(object)?;
                for argument in arguments() {
                    folded.append(self.part(argument?));
                }
            }
            _ => return None,
        }
        folded.pieces.iter().any(|piece| piece.what == What::Said).then_some(folded)
    }
}
