//! Types that say that a value is an `env`, or holds one: `Env` and what is made of it, in all files of a function.

use std::collections::HashMap;

use oxc::ast::{
    AstKind,
    ast::{
        Class, Expression, IdentifierReference, ImportDeclarationSpecifier, TSInterfaceHeritage, TSLiteral,
        TSSignature, TSType, TSTypeAnnotation, TSTypeName, TSTypeOperatorOperator, TSTypeParameterInstantiation,
    },
};

use super::{Step, Way, births::holding_env, modules::Modules};

/// What the names of types say.
pub(super) struct Types<'a> {
    known: HashMap<&'a str, Way<'a>>,
}

/// Types whose first argument is the type of the environment.
const TAKE_ENV: [&str; 5] =
    ["ExportedHandler", "WorkerEntrypoint", "DurableObject", "WorkflowEntrypoint", "ExportedHandlerFetchHandler"];

/// Types that are what their first argument is.
const ALIKE: [&str; 6] = ["Readonly", "Partial", "Required", "Pick", "Omit", "NonNullable"];

/// How far down in a type an environment is looked for.
const DEEPEST: usize = 3;

/// Whether a package is a router that hands its handlers one object that has the environment as `env`, or made for one.
pub(super) fn is_router(source: &str) -> bool {
    source == "hono" || ["hono/", "hono-", "@hono/"].iter().any(|start| source.starts_with(start))
}

impl<'a> Types<'a> {
    pub(super) fn new(modules: &Modules<'_, 'a>) -> Self {
        let known = ["Env", "Environment", "Bindings"].map(|name| (name, Way::default()));
        let mut types = Self { known: known.into() };
        let each =
            || (0..modules.all.len()).flat_map(|file| modules.telling(file).iter().map(move |node| (file, *node)));
        each().for_each(|(file, node)| types.unlearn(modules.kind(file, node)));
        // An alias may stand in front of what it is an alias of.
        for _ in 0..2 {
            each().for_each(|(file, node)| types.learn(modules.kind(file, node)));
        }
        types
    }

    /// A class of that name is none, nor are places to deploy to, unless more says so.
    fn unlearn(&mut self, kind: AstKind<'a>) {
        let name = match kind {
            AstKind::Class(Class { id: Some(id), .. }) => id.name.as_str(),
            AstKind::TSInterfaceDeclaration(named) if !named.extends.is_empty() => return,
            kind => match members_of(kind) {
                Some((name, members)) if name != "Env" && !members.iter().any(is_secret) => name,
                _ => return,
            },
        };
        self.known.remove(name);
    }

    fn learn(&mut self, kind: AstKind<'a>) {
        // Another of that name is none: this one is.
        if let Some((name @ ("Environment" | "Bindings"), members)) = members_of(kind)
            && members.iter().any(is_secret)
        {
            self.add(name, Way::default());
        }
        match kind {
            AstKind::TSTypeAliasDeclaration(alias) => {
                if let Some(way) = self.of(&alias.type_annotation) {
                    self.add(alias.id.name.as_str(), way);
                } else if is_text(&alias.type_annotation) {
                    self.known.remove(alias.id.name.as_str());
                }
            }
            AstKind::TSEnumDeclaration(named) => {
                self.known.remove(named.id.name.as_str());
            }
            AstKind::TSInterfaceDeclaration(interface) => {
                let inherited = interface.extends.iter().find_map(|heritage: &TSInterfaceHeritage<'a>| {
                    self.named(&heritage.type_name, heritage.type_arguments.as_deref())
                });
                if let Some(way) = inherited.or_else(|| self.of_members(&interface.body.body)) {
                    self.add(interface.id.name.as_str(), way);
                }
            }
            // `Hono<{ Bindings: Settings }>`
            AstKind::TSPropertySignature(bindings) => {
                if let Some(name) = bindings.type_annotation.as_ref().and_then(|of| named(&of.type_annotation)) {
                    self.add(name.name.as_str(), Way::default());
                }
            }
            AstKind::TSTypeReference(reference) => {
                if let TSTypeName::IdentifierReference(name) = &reference.type_name {
                    self.take_argument(name.name.as_str(), reference.type_arguments.as_deref());
                }
            }
            AstKind::Class(class) => {
                if let Some(heritage) = &class.heritage
                    && let Expression::Identifier(name) = &heritage.expression
                {
                    self.take_argument(name.name.as_str(), heritage.type_arguments.as_deref());
                }
            }
            AstKind::ImportDeclaration(import) => {
                for specifier in import.specifiers.iter().flatten() {
                    let ImportDeclarationSpecifier::ImportSpecifier(named) = specifier else { continue };
                    let (imported, local) = (named.imported.name().as_str(), named.local.name.as_str());
                    if !is_router(&import.source.value) {
                        self.rename(imported, local);
                    } else if imported == "Context" {
                        self.add(local, holding_env());
                    }
                }
            }
            _ => {}
        }
    }

    /// `import type { Env as Settings } from "./types"`: what one of them is, the other is.
    fn rename(&mut self, imported: &'a str, local: &'a str) {
        for (known, other) in [(imported, local), (local, imported)] {
            if let Some(way) = self.known.get(known).cloned() {
                self.add(other, way);
            }
        }
    }

    fn take_argument(&mut self, name: &str, arguments: Option<&'a TSTypeParameterInstantiation<'a>>) {
        if let Some(first) = arguments.and_then(|list| list.params.first()).and_then(named)
            && TAKE_ENV.contains(&name)
        {
            self.add(first.name.as_str(), Way::default());
        }
    }

    fn add(&mut self, name: &'a str, way: Way<'a>) {
        // One parameter of this type would make all others an `Env`.
        if name != "Record" {
            self.known.entry(name).or_insert(way);
        }
    }

    /// The type of a handler's second parameter is the environment, however it is called.
    pub(super) fn add_env(&mut self, annotation: &'a TSTypeAnnotation<'a>) {
        let TSType::TSTypeReference(reference) = &annotation.type_annotation else { return };
        match &reference.type_name {
            TSTypeName::IdentifierReference(name) => self.add(name.name.as_str(), Way::default()),
            TSTypeName::QualifiedName(name) => self.add(name.right.name.as_str(), Way::default()),
            TSTypeName::ThisExpression(_) => {}
        }
    }

    /// The way from a value of this type to an `env`, if there is one.
    pub(super) fn of(&self, kind: &'a TSType<'a>) -> Option<Way<'a>> {
        match kind {
            TSType::TSTypeReference(reference) => self.named(&reference.type_name, reference.type_arguments.as_deref()),
            TSType::TSParenthesizedType(inner) => self.of(&inner.type_annotation),
            TSType::TSIntersectionType(all) => all.types.iter().find_map(|each| self.of(each)),
            TSType::TSUnionType(any) => any.types.iter().find_map(|each| self.of(each)),
            TSType::TSTypeLiteral(literal) => self.of_members(&literal.members),
            // `AppEnv["Bindings"]`
            TSType::TSIndexedAccessType(access) => match &access.index_type {
                TSType::TSLiteralType(of) if matches!(&of.literal, TSLiteral::StringLiteral(of) if of.value == "Bindings") => {
                    Some(Way::default())
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn named(
        &self,
        name: &'a TSTypeName<'a>,
        arguments: Option<&'a TSTypeParameterInstantiation<'a>>,
    ) -> Option<Way<'a>> {
        match name {
            TSTypeName::IdentifierReference(name) if ALIKE.contains(&name.name.as_str()) => {
                self.of(arguments?.params.first()?)
            }
            TSTypeName::IdentifierReference(name) if name.name == "Promise" => {
                Some(std::iter::once(Step::Await).chain(self.of(arguments?.params.first()?)?).collect())
            }
            TSTypeName::IdentifierReference(name) => self.known.get(name.name.as_str()).cloned(),
            // `Cloudflare.Env`, `types.Settings`
            TSTypeName::QualifiedName(name) => {
                let known = self.known.get(name.right.name.as_str()).is_some_and(Vec::is_empty);
                (known || name.right.name == "Env").then(Way::default)
            }
            TSTypeName::ThisExpression(_) => None,
        }
    }

    fn of_members(&self, members: &'a [TSSignature<'a>]) -> Option<Way<'a>> {
        members.iter().find_map(|member| {
            let TSSignature::TSPropertySignature(property) = member else { return None };
            let annotation = &property.type_annotation.as_ref()?.type_annotation;
            // Not much further down: types may be built of themselves.
            let way = self.of(annotation).filter(|way| way.len() < DEEPEST)?;
            let name = property.key.static_name()?;
            // The type arguments of a router name its parts so; no value has them.
            (name != "Bindings").then(|| std::iter::once(Step::Property(name)).chain(way).collect())
        })
    }
}

/// The name of a type that is written member by member, and these.
fn members_of<'a>(kind: AstKind<'a>) -> Option<(&'a str, &'a [TSSignature<'a>])> {
    match kind {
        AstKind::TSInterfaceDeclaration(named) => Some((named.id.name.as_str(), &named.body.body)),
        AstKind::TSTypeAliasDeclaration(named) => match &named.type_annotation {
            TSType::TSTypeLiteral(literal) => Some((named.id.name.as_str(), &literal.members)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a member is called as secrets are: `API_KEY`.
fn is_secret(member: &TSSignature<'_>) -> bool {
    match member {
        TSSignature::TSPropertySignature(property) => {
            property.key.static_name().is_some_and(|name| !name.contains(char::is_lowercase))
        }
        // `[name: string]: string`
        member => matches!(member, TSSignature::TSIndexSignature(_)),
    }
}

/// The name of a type that is known by one.
pub(super) fn named<'a>(kind: &'a TSType<'a>) -> Option<&'a IdentifierReference<'a>> {
    let TSType::TSTypeReference(reference) = kind else { return None };
    match &reference.type_name {
        TSTypeName::IdentifierReference(name) => Some(name),
        _ => None,
    }
}

/// `"dev" | "prod"`, `keyof typeof settings`, `(typeof STAGES)[number]`
fn is_text(kind: &TSType<'_>) -> bool {
    match kind {
        TSType::TSUnionType(any) => any.types.iter().all(is_text),
        TSType::TSTypeOperatorType(operator) => operator.operator == TSTypeOperatorOperator::Keyof,
        TSType::TSParenthesizedType(inner) => is_text(&inner.type_annotation),
        TSType::TSIndexedAccessType(access) => is_text(&access.index_type),
        TSType::TSUndefinedKeyword(_) | TSType::TSNullKeyword(_) => true,
        TSType::TSLiteralType(_) | TSType::TSTemplateLiteralType(_) => true,
        TSType::TSStringKeyword(_) | TSType::TSNumberKeyword(_) | TSType::TSBooleanKeyword(_) => true,
        _ => false,
    }
}
