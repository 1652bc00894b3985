//! What types say whose names are looked up where they stand, through imports and aliases: what a function is given by the
//! type that is written for it, and which values are a router or of a class.

use std::borrow::Cow;

use oxc::{
    ast::{
        AstKind,
        ast::{
            FormalParameter, FormalParameters, TSLiteral, TSPropertySignature, TSSignature, TSType, TSTypeName,
            TSTypeParameter,
        },
    },
    semantic::NodeId,
};

use super::{
    modules::{Export, Modules},
    origins::{FARTHEST, Origin},
    routers::Handed,
    types::{is_router, named},
};

/// What a type's name stands for.
enum Meaning<'a> {
    Alias(usize, &'a TSType<'a>),
    Members(usize, &'a [TSSignature<'a>]),
    /// A name from outside of the function.
    Package(&'a str, &'a str),
}

/// Where something stands in a list (`None`) or in an object.
type Place<'a> = Option<Cow<'a, str>>;

impl<'a> Modules<'_, 'a> {
    fn meaning(&self, file: usize, kind: &'a TSType<'a>) -> Option<Meaning<'a>> {
        let mut at = (file, self.symbol(file, named(kind)?)?);
        // What is imported may be so where it is exported, too.
        for _ in 0..FARTHEST {
            at = match self.imported(at.0, at.1) {
                Some(Export::Symbol(file, symbol)) => (file, symbol),
                Some(Export::Package(source, name)) => return Some(Meaning::Package(source, name)),
                Some(_) => return None,
                None => break,
            };
        }
        let (file, symbol) = at;
        match self.semantic(file).symbol_declaration(symbol).kind() {
            AstKind::TSTypeAliasDeclaration(alias) => Some(Meaning::Alias(file, &alias.type_annotation)),
            AstKind::TSInterfaceDeclaration(interface) => Some(Meaning::Members(file, &interface.body.body)),
            _ => None,
        }
    }

    /// What is written behind a colon, or what that extends: `T` of `<T extends Env>` is an `Env`, and `T` alone says nothing.
    pub(super) fn said_of(&self, file: usize, kind: &'a TSType<'a>) -> Option<&'a TSType<'a>> {
        match self.parameter_of_type(file, kind) {
            Some(parameter) => parameter.constraint.as_ref(),
            None => Some(kind),
        }
    }

    /// `Bindings: Settings` of `Hono<…>`. `Bindings: T` is whatever somebody says.
    pub(super) fn says_bindings(&self, file: usize, property: &'a TSPropertySignature<'a>) -> bool {
        let said = property.type_annotation.as_ref().map(|annotation| &annotation.type_annotation);
        property.key.is_specific_id("Bindings") && said.is_some_and(|said| self.parameter_of_type(file, said).is_none())
    }

    fn parameter_of_type(&self, file: usize, kind: &'a TSType<'a>) -> Option<&'a TSTypeParameter<'a>> {
        let symbol = self.symbol(file, named(kind)?)?;
        match self.semantic(file).symbol_declaration(symbol).kind() {
            AstKind::TSTypeParameter(parameter) => Some(parameter),
            _ => None,
        }
    }

    /// The texts of `"A" | "B"`.
    pub(super) fn texts_of(&self, file: usize, kind: &'a TSType<'a>, depth: usize) -> Option<Vec<String>> {
        match kind {
            TSType::TSLiteralType(literal) => match &literal.literal {
                TSLiteral::StringLiteral(text) => Some(vec![text.value.to_string()]),
                _ => None,
            },
            TSType::TSUnionType(union) => {
                let parts: Option<Vec<_>> = union.types.iter().map(|each| self.texts_of(file, each, depth)).collect();
                Some(parts?.into_iter().flatten().collect())
            }
            TSType::TSTypeReference(_) if depth <= FARTHEST => match self.meaning(file, kind)? {
                Meaning::Alias(file, kind) => self.texts_of(file, kind, depth + 1),
                _ => None,
            },
            _ => None,
        }
    }

    /// `(app: Hono) => …`, or an alias of it; and what Hono's factory gives to who sets an application up.
    pub(super) fn is_given_router(&self, file: usize, parameter: &'a FormalParameter<'a>, depth: usize) -> bool {
        if let Some(annotation) = &parameter.type_annotation {
            return self.is_router_type(file, &annotation.type_annotation, 0);
        }
        let nodes = self.semantic(file).nodes();
        let AstKind::FormalParameters(parameters) = nodes.parent_kind(parameter.node_id.get()) else { return false };
        let function = nodes.parent_id(parameters.node_id.get());
        let property = nodes.parent_node(function);
        if let AstKind::ObjectProperty(named) = property.kind()
            && named.key.is_specific_static_name("initApp")
            && let AstKind::CallExpression(call) = nodes.parent_kind(nodes.parent_id(property.id()))
        {
            let makers = self.deeper(file, &call.callee, depth);
            return makers.iter().any(|origin| matches!(origin, Origin::Package(source) if is_router(source)));
        }
        let index = parameters.items.iter().position(|each| each.node_id == parameter.node_id);
        match (self.handed_by_type(file, function), index) {
            (Some(Handed::Typed(file, written)), Some(index)) => {
                type_at(written, index).is_some_and(|kind| self.is_router_type(file, kind, 0))
            }
            _ => false,
        }
    }

    fn is_router_type(&self, file: usize, kind: &'a TSType<'a>, depth: usize) -> bool {
        match self.meaning(file, kind) {
            Some(Meaning::Package(source, "Hono" | "OpenAPIHono")) => is_router(source),
            Some(Meaning::Alias(file, kind)) if depth < FARTHEST => self.is_router_type(file, kind, depth + 1),
            _ => false,
        }
    }

    /// An instance of the class that a parameter says to be of.
    pub(super) fn class_of_type(
        &self,
        file: usize,
        parameter: &'a FormalParameter<'a>,
        depth: usize,
    ) -> Option<Origin<'a>> {
        let annotation = parameter.type_annotation.as_ref()?;
        let symbol = self.symbol(file, named(&annotation.type_annotation)?)?;
        let mut found = Vec::new();
        self.trace_symbol(file, symbol, depth, &mut found);
        found.into_iter().find_map(|origin| match origin {
            Origin::Class(file, class) => Some(Origin::Instance(file, class)),
            _ => None,
        })
    }

    /// `const home: Handler = (c) => …`, and the same in a list or an object, behind `satisfies`, or returned.
    pub(super) fn handed_by_type(&self, file: usize, function: NodeId) -> Option<Handed<'a>> {
        let nodes = self.semantic(file).nodes();
        let mut places = Vec::new();
        let whole = nodes.ancestors(function).find(|node| match node.kind() {
            AstKind::ArrayExpression(_) => {
                places.push(None);
                false
            }
            AstKind::ObjectProperty(property) => {
                places.push(Some(property.key.static_name().unwrap_or_default()));
                false
            }
            AstKind::TSAsExpression(cast) => !is_const(&cast.type_annotation),
            kind => !matches!(kind, AstKind::ObjectExpression(_) | AstKind::ParenthesizedExpression(_)),
        })?;
        let annotation = match whole.kind() {
            AstKind::TSAsExpression(cast) => return self.handed_at(file, &cast.type_annotation, &places, 0),
            AstKind::TSSatisfiesExpression(cast) => return self.handed_at(file, &cast.type_annotation, &places, 0),
            AstKind::VariableDeclarator(declarator) => &declarator.type_annotation,
            AstKind::PropertyDefinition(property) => &property.type_annotation,
            AstKind::ArrowFunctionExpression(arrow) => &arrow.return_type,
            AstKind::ReturnStatement(_) => nodes.ancestor_kinds(whole.id()).find_map(|kind| match kind {
                AstKind::Function(function) => Some(&function.return_type),
                AstKind::ArrowFunctionExpression(arrow) => Some(&arrow.return_type),
                _ => None,
            })?,
            _ => &None,
        };
        self.handed_at(file, &annotation.as_ref()?.type_annotation, &places, 0)
    }

    /// The same for what stands at a place in a value of a type, the outermost part of the place last.
    fn handed_at(&self, file: usize, kind: &'a TSType<'a>, places: &[Place<'a>], depth: usize) -> Option<Handed<'a>> {
        if depth > FARTHEST || !self.burn() {
            return None;
        }
        let within = || places.split_last().map_or(&[][..], |(_, within)| within);
        match kind {
            TSType::TSFunctionType(function) if places.is_empty() => Some(Handed::Typed(file, &function.params)),
            TSType::TSArrayType(list) => self.handed_at(file, &list.element_type, within(), depth + 1),
            TSType::TSParenthesizedType(inner) => self.handed_at(file, &inner.type_annotation, places, depth + 1),
            // `readonly Handler[]`
            TSType::TSTypeOperatorType(of) => self.handed_at(file, &of.type_annotation, places, depth + 1),
            TSType::TSUnionType(any) => any.types.iter().find_map(|each| self.handed_at(file, each, places, depth + 1)),
            TSType::TSTypeLiteral(literal) => self.handed_to_member(file, &literal.members, places, depth),
            TSType::TSTypeReference(reference) => match self.meaning(file, kind) {
                Some(Meaning::Package(source, _)) if is_router(source) => Some(Handed::Context { first: false }),
                Some(Meaning::Alias(file, kind)) => self.handed_at(file, kind, places, depth + 1),
                Some(Meaning::Members(file, members)) => self.handed_to_member(file, members, places, depth),
                Some(Meaning::Package(source, _)) if source != "@cloudflare/workers-types" => None,
                _ => {
                    let TSTypeName::IdentifierReference(name) = &reference.type_name else { return None };
                    let places = match name.name.as_str() {
                        "ExportedHandler" if places.len() == 1 => return Some(Handed::Env),
                        "ExportedHandlerFetchHandler" if places.is_empty() => return Some(Handed::Env),
                        "Array" | "ReadonlyArray" | "Record" => within(),
                        "Partial" | "Promise" | "Readonly" => places,
                        _ => return None,
                    };
                    self.handed_at(file, reference.type_arguments.as_deref()?.params.last()?, places, depth + 1)
                }
            },
            _ => None,
        }
    }

    fn handed_to_member(
        &self,
        file: usize,
        members: &'a [TSSignature<'a>],
        places: &[Place<'a>],
        depth: usize,
    ) -> Option<Handed<'a>> {
        let Some((place, within)) = places.split_last() else {
            return members.iter().find_map(|member| match member {
                TSSignature::TSCallSignatureDeclaration(call) => Some(Handed::Typed(file, &call.params)),
                _ => None,
            });
        };
        let name = place.as_deref()?;
        members.iter().find_map(|member| match member {
            TSSignature::TSMethodSignature(method) if within.is_empty() && method.key.is_specific_static_name(name) => {
                Some(Handed::Typed(file, &method.params))
            }
            TSSignature::TSPropertySignature(property) if property.key.is_specific_static_name(name) => {
                let annotation = property.type_annotation.as_ref()?;
                self.handed_at(file, &annotation.type_annotation, within, depth + 1)
            }
            TSSignature::TSIndexSignature(any) => {
                self.handed_at(file, &any.type_annotation.type_annotation, within, depth + 1)
            }
            _ => None,
        })
    }
}

/// The type of a parameter of a type.
pub(super) fn type_at<'a>(parameters: &'a FormalParameters<'a>, index: usize) -> Option<&'a TSType<'a>> {
    Some(&parameters.items.get(index)?.type_annotation.as_ref()?.type_annotation)
}

/// `as const`
pub(super) fn is_const(kind: &TSType<'_>) -> bool {
    named(kind).is_some_and(|name| name.name == "const")
}
