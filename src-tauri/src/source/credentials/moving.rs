//! Taking a value out of the code and putting `env.NAME` in its place, whatever holds it: a literal, a part of a template,
//! strings that are put together, a constant.
//!
//! What comes out has been read again: code that parsed before still does. Where that cannot be had, nothing is changed and
//! the reason is said.

use std::{collections::HashSet, ops::Range};

use oxc::{
    allocator::Allocator,
    ast::{
        AstKind,
        ast::{ImportDeclarationSpecifier, Statement},
    },
    parser::Parser,
    semantic::{Semantic, SemanticBuilder, SymbolId},
    span::GetSpan,
};

use super::{
    Read, Said, Spot, overlap,
    texts::{Place, Text, What, range},
};
use crate::{
    function::{Edit, SourceFile},
    secret::SecretName,
    source::{nesting, references, source_type},
};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotMove {
    #[error("Only code can use env.{0}: in this file the value has to be taken out by hand. Nothing was changed.")]
    NotCode(String),
    #[error("The code does not parse here, so that it cannot be told what may stand there. Nothing was changed.")]
    Broken,
    #[error(
        "A name, a type, an import or a tagged template can't hold env.{0}. Put the value into a constant, then move it. \
         Nothing was changed."
    )]
    Fixed(String),
    #[error(
        "A part of it stands in {0}, which is used elsewhere too. Put it together in one place. Nothing was changed."
    )]
    Shared(String),
}

/// What is changed, in bytes of the source.
type Change = (Range<usize>, String);

impl Said<'_> {
    /// The file's new text, and the edits that lead to it, in the order of the file.
    pub fn moved(&self, spot: &Spot, name: &SecretName) -> Result<(String, Vec<Edit>), CannotMove> {
        let read = &self.files[spot.file];
        let (file, text) = (read.file, &read.texts[spot.text]);
        let mut changes = match &text.place {
            Place::Raw => return Err(CannotMove::NotCode(name.to_string())),
            Place::Broken => return Err(CannotMove::Broken),
            Place::Fixed => return Err(CannotMove::Fixed(name.to_string())),
            Place::Comment => spot.places.iter().map(|place| (place.clone(), format!("env.{name}"))).collect(),
            Place::Expression(place) | Place::Attribute(place) => {
                nesting::with_room(|| in_code(read, text, spot, place.clone(), name))?
            }
        };
        changes.sort_by_key(|(range, _)| range.start);
        let mut moved = String::with_capacity(file.text.len());
        let mut edits = Vec::new();
        let mut at = 0;
        for (range, insert) in changes {
            if range.start < at {
                return Err(CannotMove::Fixed(name.to_string()));
            }
            moved.push_str(&file.text[at..range.start]);
            moved.push_str(&insert);
            at = range.end;
            let place = |offset| read.lines().position(offset);
            edits.push(Edit { from: place(range.start), to: place(range.end), insert });
        }
        moved.push_str(&file.text[at..]);
        let before = super::super::check(std::slice::from_ref(file)).is_ok();
        if before && super::super::check(&[SourceFile { path: file.path.clone(), text: moved.clone() }]).is_err() {
            return Err(CannotMove::Fixed(name.to_string()));
        }
        Ok((moved, edits))
    }
}

fn in_code(
    &Read { file, is_entry, .. }: &Read<'_>,
    text: &Text,
    spot: &Spot,
    expression: Range<usize>,
    name: &SecretName,
) -> Result<Vec<Change>, CannotMove> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, &file.text, source_type(&file.path)).parse();
    let semantic = SemanticBuilder::new_linter().build(&parsed.program).semantic;
    let environments = references::environments(&file.path, is_entry, &semantic);
    let (env, import) = environment(&file.text, &semantic, environments, &parsed.program.body, expression.start);
    let member = format!("{env}.{name}");
    let mut changes: Vec<Change> = import.into_iter().collect();

    let mut constants = Vec::new();
    for piece in text.touched(&spot.range) {
        if let What::Constant(from, to) = piece.what {
            if !is_of_constant(&semantic, from) {
                return Err(CannotMove::Shared(file.text[from..to].to_owned()));
            }
            constants.extend(without_constant(&file.text, &semantic, &piece.source)?);
        }
    }
    constants.sort_by_key(|(range, _): &Change| range.start);
    constants.dedup();
    changes.extend(constants);

    let whole = !text.pieces.iter().any(|piece| piece.what.is_gap()) && spot.range == (0..text.said.len());
    let new = if whole {
        member
    } else if let [only] = &text.touched(&spot.range).collect::<Vec<_>>()[..]
        && only.what == What::Said
        && file.text[expression.start..only.source.start].ends_with(['`', '}'])
    {
        // The rest of the template stays as it was written.
        changes.push((spot.places[0].clone(), format!("${{{member}}}")));
        return Ok(changes);
    } else {
        template(&file.text, text, &spot.range, &member)
    };
    let new = match text.place {
        Place::Attribute(_) => format!("{{{new}}}"),
        _ => apart(&file.text, &expression, &new),
    };
    changes.push((expression, new));
    Ok(changes)
}

/// Kept from words at its sides, which a quote had kept apart: `return"key"`.
fn apart(source: &str, place: &Range<usize>, new: &str) -> String {
    let is_word = |character: char| character.is_alphanumeric() || matches!(character, '_' | '$');
    let before = if source[..place.start].ends_with(is_word) { " " } else { "" };
    let after = if source[place.end..].starts_with(is_word) { " " } else { "" };
    format!("{before}{new}{after}")
}

/// What the text says, with `member` in place of the stretch.
fn template(source: &str, text: &Text, stretch: &Range<usize>, member: &str) -> String {
    let mut template = String::from("`");
    let (mut placed, mut last_used) = (false, None);
    // Constants that go with the stretch: what else they say is written out.
    let gone: Vec<What> = text.touched(stretch).map(|piece| piece.what).collect();
    for piece in &text.pieces {
        let Range { start, end } = piece.said.clone();
        let touched = overlap(&piece.said, stretch);
        match piece.what {
            What::Gap => template.push_str(&format!("${{{}}}", &source[piece.source.clone()])),
            What::Joined => template.push_str(&format!("${{({}) ?? \"\"}}", &source[piece.source.clone()])),
            // Once for all that the constant says.
            What::Constant(from, to) if !touched && !gone.contains(&piece.what) => {
                if last_used != Some((from, to)) {
                    template.push_str(&format!("${{{}}}", &source[from..to]));
                }
                last_used = Some((from, to));
            }
            _ => {
                template.push_str(&escaped(&text.said[start..stretch.start.clamp(start, end)]));
                if touched && !placed {
                    template.push_str(&format!("${{{member}}}"));
                    placed = true;
                }
                // What stands behind the stretch; all of it is in front where the stretch begins later.
                let behind = if stretch.start >= end { end } else { stretch.end.clamp(start, end) };
                template.push_str(&escaped(&text.said[behind..end]));
            }
        }
    }
    template.push('`');
    template
}

/// As it is written in a template.
fn escaped(said: &str) -> String {
    let mut written = String::with_capacity(said.len());
    for character in said.chars() {
        match character {
            '\\' | '`' => written.extend(['\\', character]),
            '\r' => written.push_str("\\r"),
            '\n' | '\t' => written.push(character),
            control if control.is_control() => written.push_str(&format!("\\u{{{:x}}}", u32::from(control))),
            other => written.push(other),
        }
    }
    written.replace("${", "\\${")
}

/// The name of an `env` at this place, and the import that brings it there if there is none.
fn environment(
    source: &str,
    semantic: &Semantic<'_>,
    environments: HashSet<SymbolId>,
    body: &[Statement<'_>],
    at: usize,
) -> (String, Option<Change>) {
    let scoping = semantic.scoping();
    let holds = |node: &&oxc::semantic::AstNode<'_>| range(node.kind().span()).contains(&at);
    let innermost = semantic.nodes().iter().filter(holds).min_by_key(|node| node.kind().span().size());
    let scope = innermost.map_or_else(|| scoping.root_scope_id(), |node| node.scope_id());

    // An alias may be declared further down; parameters and imports are there from the beginning.
    let is_there = |symbol: SymbolId| {
        let span = scoping.symbol_span(symbol);
        let declared = semantic.symbol_declaration(symbol).kind();
        let flags = scoping.symbol_flags(symbol);
        let import = flags.is_import() && !flags.is_type_import();
        import || ((span.start as usize) < at && matches!(declared, AstKind::FormalParameter(_)))
    };
    let mut there: Vec<SymbolId> = environments.into_iter().filter(|symbol| is_there(*symbol)).collect();
    there.retain(|symbol| scoping.find_binding(scope, scoping.symbol_name(*symbol).into()) == Some(*symbol));
    if let Some(nearest) = there.into_iter().max_by_key(|symbol| scoping.symbol_span(*symbol).start) {
        return (scoping.symbol_name(nearest).to_owned(), None);
    }

    let free = |name: &&&str| scoping.find_binding(scope, (**name).into()).is_none();
    let name = ["env", "workerEnv", "boundEnv"].iter().find(free).copied().unwrap_or("importedEnv");
    let specifier = if name == "env" { "env".to_owned() } else { format!("env as {name}") };
    let mut imports = body.iter().filter_map(|statement| match statement {
        Statement::ImportDeclaration(import) => Some(import),
        _ => None,
    });
    let first = imports.clone().next();
    let ours = imports.find(|import| import.source.value == "cloudflare:workers" && import.import_kind.is_value());
    let among = ours.and_then(|import| {
        let mut specifiers = import.specifiers.iter().flatten();
        specifiers.find_map(|specifier| match specifier {
            ImportDeclarationSpecifier::ImportSpecifier(named) => Some(named.span.start as usize),
            _ => None,
        })
    });
    let change = match (among, first) {
        (Some(at), _) => (at..at, format!("{specifier}, ")),
        (None, Some(first)) => {
            let at = first.span.start as usize;
            let quote = &source[first.source.span.start as usize..=first.source.span.start as usize];
            let end = if source[range(first.span)].ends_with(';') { ";" } else { "" };
            (at..at, format!("import {{ {specifier} }} from {quote}cloudflare:workers{quote}{end}\n"))
        }
        (None, None) => {
            let end = if source.lines().any(|line| line.trim_end().ends_with(';')) { ";" } else { "" };
            (0..0, format!("import {{ {specifier} }} from \"cloudflare:workers\"{end}\n\n"))
        }
    };
    (name.to_owned(), Some(change))
}

/// Whether the name that is used at a place is a variable's there, and not that of a parameter or import in front of it:
/// texts know constants by their names alone.
fn is_of_constant(semantic: &Semantic<'_>, at: usize) -> bool {
    let scoping = semantic.scoping();
    let symbol = semantic.nodes().iter().find_map(|node| match node.kind() {
        AstKind::IdentifierReference(name) if name.span.start as usize == at => {
            scoping.get_reference(name.reference_id.get()?).symbol_id()
        }
        _ => None,
    });
    symbol.is_some_and(|symbol| matches!(semantic.symbol_declaration(symbol).kind(), AstKind::VariableDeclarator(_)))
}

/// Takes out the declaration of a constant that only the text uses.
fn without_constant(source: &str, semantic: &Semantic<'_>, piece: &Range<usize>) -> Result<Option<Change>, CannotMove> {
    let nodes = semantic.nodes();
    let declarator = nodes.iter().filter_map(|node| match node.kind() {
        AstKind::VariableDeclarator(declarator) if range(declarator.span).contains(&piece.start) => {
            Some((node, declarator))
        }
        _ => None,
    });
    let Some((node, declarator)) = declarator.min_by_key(|(_, declarator)| declarator.span.size()) else {
        return Ok(None);
    };
    let name = source[range(declarator.id.span())].to_owned();
    let symbol = declarator.id.get_binding_identifier().and_then(|name| name.symbol_id.get());
    let uses = symbol.map_or(0, |symbol| semantic.scoping().get_resolved_references(symbol).count());
    let declaration = nodes.parent_node(node.id());
    let AstKind::VariableDeclaration(all) = declaration.kind() else { return Err(CannotMove::Shared(name)) };
    let exported = source[..all.span.start as usize].trim_end().ends_with("export");
    if uses != 1 || exported || all.declarations.len() != 1 {
        return Err(CannotMove::Shared(name));
    }
    let Range { start, mut end } = range(all.span);
    if source[end..].starts_with(';') {
        end += 1;
    }
    // What stands before it may have none, and would go on with what comes now.
    let around = nodes.parent_id(declaration.id());
    let beside = nodes.iter().filter(|node| nodes.parent_id(node.id()) == around);
    let after =
        beside.map(|node| range(node.kind().span())).filter(|other| other.start >= end).min_by_key(|other| other.start);
    if after.is_some_and(|after| source[after].starts_with(['(', '[', '`', '+', '-', '*', '/', '<'])) {
        return Ok(Some((start..end, ";".to_owned())));
    }
    // With its line, where it has one of its own.
    let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = source[end..].find('\n').map_or(source.len(), |at| end + at + 1);
    let alone = source[line_start..start].trim().is_empty() && source[end..line_end].trim().is_empty();
    Ok(Some((if alone { line_start..line_end } else { start..end }, String::new())))
}
