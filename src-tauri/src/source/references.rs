//! Which secrets the code uses, at which places, and which handlers it exports: read from the code, never from a list.
//!
//! An `env` is followed from where it is born (`births`) to everything that becomes of it (`flow`): through names,
//! members, calls, classes and the files of the function. Whatever cannot be followed counts as a place where it cannot
//! be told which names are used, so that nothing is called unused that may be used.

mod binding;
mod births;
mod calls;
mod declared;
mod flow;
mod given;
mod lists;
mod members;
mod modules;
mod names;
mod origins;
mod routers;
mod runtime;
mod trigger;
mod typed;
mod types;

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashSet, VecDeque},
};

use oxc::{
    allocator::Allocator,
    parser::{Parser, ParserReturn},
    semantic::{NodeId, Semantic, SemanticBuilder, SymbolId},
    span::{GetSpan, Span},
};

use self::{
    modules::{Module, Modules},
    types::Types,
};
use super::{
    Problem, count,
    imports::{self, Origin},
    lines::Lines,
    nesting, source_type,
};
use crate::function::{FileKind, Line, SourceFile, Trigger, entry};

/// A name that the code uses, with every use of it, in their order.
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
    /// Whether a schedule surely runs nothing: there is no handler for it.
    pub unscheduled: bool,
    pub references: Vec<Reference>,
    /// Of these names, those that the code declares as bindings of the runtime, with what they are: `D1Database`.
    pub bindings: BTreeMap<String, String>,
    /// Packages that are imported, as more than types.
    pub packages: Vec<Reference>,
    /// Where it cannot be told which names are used.
    pub dynamic: Vec<Line>,
    pub problem: Option<Problem>,
    /// The files that can't be read to their end, in mid-typing most of all: what they use is not among all this. All of
    /// them where the entry can't be, since it hands its `env` to the others.
    pub unread: Vec<String>,
}

impl Reading {
    /// Where none of the files can be read.
    pub fn none_of(files: &[SourceFile], problem: Option<Problem>) -> Self {
        Self { problem, unread: paths(files), ..Self::default() }
    }
}

/// Reads all files, the entry first. Code that does not parse yields its problem and what could be read before it.
///
/// `process_env` says whether the runtime gives the function its secrets as `process.env`, too.
pub fn read(files: &[SourceFile], process_env: bool) -> Reading {
    let Some(entry) = entry(files) else {
        return Reading::default();
    };
    let others =
        files.iter().filter(|file| file.path != entry.path && FileKind::of(&file.path) == Some(FileKind::Code));
    let mut problem = None;
    let mut too_deep = Vec::new();
    let mut code = Vec::new();
    for file in std::iter::once(entry).chain(others) {
        match nesting::check(&file.path, &file.text) {
            Ok(()) => code.push(file),
            Err(deep) if file.path == entry.path => return Reading::none_of(files, Some(deep)),
            Err(deep) => {
                too_deep.push(file.path.clone());
                problem = problem.or(Some(deep));
            }
        }
    }
    let mut reading = nesting::with_room(|| read_code(&code, process_env));
    reading.unread.extend(too_deep);
    if reading.unread.contains(&entry.path) {
        reading.unread = paths(files);
    }
    reading.problem = reading.problem.or(problem);
    reading
}

fn paths(files: &[SourceFile]) -> Vec<String> {
    files.iter().map(|file| file.path.clone()).collect()
}

fn read_code(code: &[&SourceFile], process_env: bool) -> Reading {
    let allocators: Vec<Allocator> = code.iter().map(|_| Allocator::default()).collect();
    let parsed: Vec<_> = code
        .iter()
        .zip(&allocators)
        .map(|(file, allocator)| Parser::new(allocator, &file.text, source_type(&file.path)).parse())
        .collect();
    let builder = || SemanticBuilder::new().with_build_nodes(true).with_check_syntax_error(true);
    let analysed: Vec<_> = parsed.iter().map(|parsed| builder().build(&parsed.program)).collect();
    let said = code.iter().zip(&parsed).zip(&analysed);
    let mut problems = said.map(|((file, parsed), analysed)| Problem::first(file, parsed, analysed));
    // Only the entry says what the function answers to.
    let of_entry = problems.next().flatten();
    let entry_parses = of_entry.is_none();
    let problem = of_entry.or_else(|| problems.flatten().next());

    let all = code.iter().zip(&analysed);
    let modules =
        Modules::new(all.map(|(file, analysed)| Module { path: &file.path, semantic: &analysed.semantic }).collect());
    let mut search = Search::new(&modules);
    search.handed_by_runtime();
    search.births(process_env);
    search.follow();

    let lines: Vec<Lines> = code.iter().map(|file| Lines::new(&file.path, &file.text)).collect();
    let line = |(file, span): (usize, Span)| lines[file].of(span);
    let mut used: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
    for (name, at @ (file, span)) in search.uses {
        // The bundler says what that is.
        if name == "NODE_ENV" && code[file].text[..span.start as usize].ends_with("process.env.") {
            continue;
        }
        used.entry(name).or_default().insert(at);
    }
    let exported = trigger::exported(&modules);
    let declared = declared::declared(&modules).into_iter().filter(|(name, _)| used.contains_key(name));
    Reading {
        bindings: declared.map(|(name, kind)| (name, kind.to_owned())).collect(),
        trigger: entry_parses.then(|| trigger::trigger(&modules, &exported)),
        unscheduled: entry_parses && trigger::runs_no_schedule(&modules, &exported),
        references: used
            .into_iter()
            .map(|(name, places)| Reference { name, lines: places.into_iter().map(line).collect() })
            .collect(),
        packages: packages(&parsed, &lines),
        dynamic: search.dynamic.into_iter().map(line).collect(),
        problem,
        unread: code
            .iter()
            .zip(&parsed)
            .filter(|(_, parsed)| parsed.panicked)
            .map(|(file, _)| file.path.clone())
            .collect(),
    }
}

/// What each file imports from packages, by name.
fn packages(parsed: &[ParserReturn<'_>], lines: &[Lines<'_>]) -> Vec<Reference> {
    let mut packages: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for (parsed, lines) in parsed.iter().zip(lines) {
        for import in imports::imports(&parsed.program, &parsed.module_record) {
            if let Origin::Package(name) = Origin::of(&import.specifier) {
                // Behind the quote.
                let named = Span::sized(count(import.offset + 1), count(name.len()));
                packages.entry(name.to_owned()).or_default().push(lines.of(named));
            }
        }
    }
    packages.into_iter().map(|(name, lines)| Reference { name, lines }).collect()
}

/// Every name in one file that is certain to be an `env`: whatever else is called so may be a text.
pub(super) fn environments(path: &str, is_entry: bool, semantic: &Semantic<'_>) -> HashSet<SymbolId> {
    let modules = Modules::new(vec![Module { path, semantic }]);
    let mut search = Search::new(&modules);
    search.certain = true;
    if is_entry {
        search.handed_by_runtime();
    }
    search.births(false);
    search.follow();
    let named = search.seen.iter().filter_map(|(_, carrier, way)| match carrier {
        Carrier::Symbol(symbol) if way.is_empty() => Some(*symbol),
        _ => None,
    });
    named.collect()
}

/// One step on the way from a value to the `env` that it leads to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step<'a> {
    Property(Cow<'a, str>),
    Call,
    New,
    Await,
    /// What comes after it may be an `env`, or may not.
    Unsure,
    /// What only may be there counts where it is taken, and not wherever it goes.
    Maybe,
}

/// Empty for what is an `env` itself. `[Property("env")]` is an object that has one.
type Way<'a> = Vec<Step<'a>>;

/// Longer ways are not followed.
const FARTHEST: usize = 6;

/// What has an `env`, or a way to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Carrier {
    Symbol(SymbolId),
    /// The instances of a class, or an object literal in its own methods.
    Instances(NodeId),
    /// `this` of a class itself, where it has no name to be followed by.
    Itself(NodeId),
}

/// A walk from every `env` to every use of it. Each carrier is followed once on each way.
struct Search<'s, 'a> {
    modules: &'s Modules<'s, 'a>,
    types: Types<'a>,
    queue: VecDeque<(usize, Carrier, Way<'a>)>,
    seen: HashSet<(usize, Carrier, Way<'a>)>,
    uses: Vec<(String, (usize, Span))>,
    dynamic: BTreeSet<(usize, Span)>,
    /// Whether a parameter has to say more than by its name that it is an `env`.
    certain: bool,
}

/// More are not followed: an object that holds itself has as many ways to its `env` as somebody cares to write.
const MOST: usize = 50_000;

impl<'s, 'a> Search<'s, 'a> {
    fn new(modules: &'s Modules<'s, 'a>) -> Self {
        Self {
            modules,
            types: Types::new(modules),
            queue: VecDeque::new(),
            seen: HashSet::new(),
            uses: Vec::new(),
            dynamic: BTreeSet::new(),
            certain: false,
        }
    }

    fn carry(&mut self, file: usize, carrier: Carrier, way: Way<'a>) {
        if self.seen.len() >= MOST {
            let semantic = self.modules.semantic(file);
            let span = match carrier {
                Carrier::Symbol(symbol) => semantic.scoping().symbol_span(symbol),
                Carrier::Instances(class) | Carrier::Itself(class) => semantic.nodes().kind(class).span(),
            };
            return self.cannot_tell(file, span);
        }
        if self.seen.insert((file, carrier, way.clone())) {
            self.queue.push_back((file, carrier, way));
        }
    }

    fn cannot_tell(&mut self, file: usize, span: Span) {
        self.dynamic.insert((file, span));
    }
}

#[cfg(test)]
mod tests;
