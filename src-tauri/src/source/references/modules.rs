//! The files of a function as they import from each other: which name of one is which of another.

use std::{
    borrow::Cow,
    cell::{Cell, OnceCell},
    collections::HashMap,
};

use oxc::{
    ast::{
        AstKind,
        ast::{
            BindingIdentifier, Class, Declaration, ExportDefaultDeclarationKind, Expression, Function,
            IdentifierReference, ModuleExportName, Statement,
        },
    },
    semantic::{NodeId, Semantic, SymbolId},
};

use super::super::imports;
use super::{
    given::Taken,
    members::{Extending, taken},
    types::is_router,
};

/// How many times what is imported may be exported anew.
const FARTHEST: usize = 8;

/// How many expressions are looked at to answer one question.
pub(super) const FUEL: usize = 1000;

pub(super) struct Module<'s, 'a> {
    pub(super) path: &'s str,
    pub(super) semantic: &'s Semantic<'a>,
}

/// What an import leads to.
#[derive(Clone, Copy)]
pub(super) enum Export<'a> {
    Symbol(usize, SymbolId),
    /// What a module exports by default where that has no name.
    Value(usize, &'a Expression<'a>),
    Function(usize, &'a Function<'a>),
    Class(usize, &'a Class<'a>),
    /// All that a file exports.
    Namespace(usize),
    /// A name from outside of the function, `*` for all of them.
    Package(&'a str, &'a str),
    /// It is imported from a file that is not there, or does not export it.
    Nothing,
}

/// A name in a file, and what is to be taken of it first.
type Importer<'a> = (usize, SymbolId, Option<&'a str>);

/// A name, and a value that it is set to.
type Set<'a> = (Cow<'a, str>, &'a Expression<'a>);

pub(super) struct Modules<'s, 'a> {
    pub(super) all: Vec<Module<'s, 'a>>,
    /// How many more expressions one question may look at: code can be written so that there are too many to look at.
    pub(super) fuel: Cell<usize>,
    /// In each file, the few nodes among its many that an `env` may come from, or that say what is one.
    telling: Vec<Vec<NodeId>>,
    /// Every `this` that is an instance of a class, or an object whose method it stands in.
    this: HashMap<(usize, NodeId), Vec<NodeId>>,
    /// Every one that is the class itself.
    itself: HashMap<(usize, NodeId), Vec<NodeId>>,
    /// What is set on it, by name: `this.router = …`
    set: HashMap<(usize, NodeId), Vec<Set<'a>>>,
    /// The names by which other files know what stands in one, with what to take of them first.
    importers: HashMap<(usize, SymbolId), Vec<Importer<'a>>>,
    default_importers: HashMap<usize, Vec<(usize, SymbolId)>>,
    /// Few questions need these.
    pub(super) taken: OnceCell<Taken<'a>>,
    pub(super) extending: OnceCell<Extending<'a>>,
}

impl<'s, 'a> Modules<'s, 'a> {
    pub(super) fn new(all: Vec<Module<'s, 'a>>) -> Self {
        let mut modules = Self {
            all,
            fuel: Cell::new(0),
            telling: Vec::new(),
            this: HashMap::new(),
            itself: HashMap::new(),
            set: HashMap::new(),
            importers: HashMap::new(),
            default_importers: HashMap::new(),
            taken: OnceCell::new(),
            extending: OnceCell::new(),
        };
        let routes = (0..modules.all.len()).any(|file| modules.imports_router(file));
        for file in 0..modules.all.len() {
            modules.look_through(file, routes);
        }
        if modules.all.len() > 1 {
            modules.connect();
        }
        modules
    }

    fn imports_router(&self, file: usize) -> bool {
        let of_router = |each: &Statement<'a>| matches!(each, Statement::ImportDeclaration(import) if is_router(&import.source.value));
        self.body(file).iter().any(of_router)
    }

    /// `routes` says that there is a router, in whatever file: calls may add routes to it.
    fn look_through(&mut self, file: usize, routes: bool) {
        let mut telling = Vec::new();
        for node in self.semantic(file).nodes().iter() {
            match node.kind() {
                AstKind::FormalParameters(_)
                | AstKind::ImportDeclaration(_)
                | AstKind::ImportExpression(_)
                | AstKind::Class(_)
                | AstKind::TSTypeAliasDeclaration(_)
                | AstKind::TSInterfaceDeclaration(_)
                | AstKind::TSEnumDeclaration(_) => telling.push(node.id()),
                AstKind::TSTypeReference(of) if of.type_arguments.is_some() => telling.push(node.id()),
                AstKind::TSPropertySignature(of) if self.says_bindings(file, of) => telling.push(node.id()),
                AstKind::CallExpression(_) | AstKind::NewExpression(_) if routes => telling.push(node.id()),
                AstKind::ThisExpression(_) => self.look_at_this(file, node.id()),
                _ => {}
            }
        }
        self.telling.push(telling);
    }

    fn look_at_this(&mut self, file: usize, this: NodeId) {
        let of = match self.class_of_this(file, this) {
            Some((class, true)) => {
                self.itself.entry((file, class.node_id.get())).or_default().push(this);
                return;
            }
            Some((class, false)) => Some(class.node_id.get()),
            None => self.object_of_this(file, this),
        };
        let Some(of) = of else { return };
        self.this.entry((file, of)).or_default().push(this);
        if let Some(set) = self.set_on(file, this) {
            self.set.entry((file, of)).or_default().push(set);
        }
    }

    pub(super) fn telling(&self, file: usize) -> &[NodeId] {
        &self.telling[file]
    }

    pub(super) fn this_of(&self, file: usize, class: NodeId) -> &[NodeId] {
        self.this.get(&(file, class)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn this_of_class_itself(&self, file: usize, class: NodeId) -> &[NodeId] {
        self.itself.get(&(file, class)).map_or(&[], Vec::as_slice)
    }

    /// What is set on `this` here.
    fn set_on(&self, file: usize, this: NodeId) -> Option<Set<'a>> {
        let nodes = self.semantic(file).nodes();
        let member = nodes.parent_node(this);
        let (_, name) = taken(member.kind())?;
        match nodes.parent_kind(member.id()) {
            AstKind::AssignmentExpression(set) if set.left.node_id() == member.id() => Some((name, &set.right)),
            _ => None,
        }
    }

    /// Everything that is set on `this` in a class under a name.
    pub(super) fn set_on_this(
        &self,
        file: usize,
        class: &'a Class<'a>,
        name: &str,
    ) -> impl Iterator<Item = &'a Expression<'a>> {
        let set = self.set.get(&(file, class.node_id.get())).into_iter().flatten();
        set.filter(move |(of, _)| of == name).map(|(_, value)| *value)
    }

    /// Whether one more expression may be looked at.
    pub(super) fn burn(&self) -> bool {
        let left = self.fuel.get();
        self.fuel.set(left.saturating_sub(1));
        left > 0
    }

    pub(super) fn semantic(&self, file: usize) -> &'s Semantic<'a> {
        self.all[file].semantic
    }

    pub(super) fn kind(&self, file: usize, node: NodeId) -> AstKind<'a> {
        self.semantic(file).nodes().kind(node)
    }

    pub(super) fn parent(&self, file: usize, node: NodeId) -> AstKind<'a> {
        self.semantic(file).nodes().parent_kind(node)
    }

    pub(super) fn body(&self, file: usize) -> &'a [Statement<'a>] {
        &self.semantic(file).nodes().program().body
    }

    /// What a name in the code stands for, if it is declared in the file.
    pub(super) fn symbol(&self, file: usize, name: &IdentifierReference<'a>) -> Option<SymbolId> {
        self.semantic(file).scoping().get_reference(name.reference_id.get()?).symbol_id()
    }

    pub(super) fn is_parameter(&self, file: usize, symbol: SymbolId) -> bool {
        matches!(self.semantic(file).symbol_declaration(symbol).kind(), AstKind::FormalParameter(_))
    }

    pub(super) fn importers(&self, file: usize, symbol: SymbolId) -> &[Importer<'a>] {
        self.importers.get(&(file, symbol)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn default_importers(&self, file: usize) -> &[(usize, SymbolId)] {
        self.default_importers.get(&file).map_or(&[], Vec::as_slice)
    }

    /// What an imported name stands for; `None` for one that is not imported.
    pub(super) fn imported(&self, file: usize, symbol: SymbolId) -> Option<Export<'a>> {
        let declaration = self.semantic(file).symbol_declaration(symbol);
        let name = match declaration.kind() {
            AstKind::ImportSpecifier(named) => named.imported.name().as_str(),
            AstKind::ImportDefaultSpecifier(_) => "default",
            AstKind::ImportNamespaceSpecifier(_) => "*",
            _ => return None,
        };
        match self.parent(file, declaration.id()) {
            AstKind::ImportDeclaration(import) => Some(self.from(file, import.source.value.as_str(), name, 0)),
            _ => None,
        }
    }

    /// `name` of the module that a file calls `source`.
    pub(super) fn from(&self, file: usize, source: &'a str, name: &'a str, depth: usize) -> Export<'a> {
        if !source.starts_with('.') {
            return Export::Package(source, name);
        }
        match self.find(file, source) {
            Some(found) if name == "*" => Export::Namespace(found),
            Some(found) => {
                let of_package = || Some(Export::Package(self.package_behind(found)?, name));
                self.export(found, name, depth + 1).or_else(of_package).unwrap_or(Export::Nothing)
            }
            None => Export::Nothing,
        }
    }

    /// The file that a relative import means.
    fn find(&self, file: usize, source: &str) -> Option<usize> {
        let at = |path: &str| self.all.iter().position(|module| module.path == path);
        imports::resolve(self.all[file].path, source, at)
    }

    pub(super) fn export(&self, file: usize, name: &str, depth: usize) -> Option<Export<'a>> {
        if depth > FARTHEST {
            return None;
        }
        let own = self.body(file).iter().find_map(|statement| match statement {
            Statement::ExportDeclaration(export) => {
                let declared = declared(&export.declaration);
                let (_, symbol) = declared.into_iter().find(|(declared, _)| *declared == name)?;
                Some(Export::Symbol(file, symbol))
            }
            Statement::ExportNamedDeclaration(export) => {
                let named = export.specifiers.iter().find(|each| each.exported.name() == name)?;
                match &named.local {
                    ModuleExportName::IdentifierReference(local) => {
                        Some(Export::Symbol(file, self.symbol(file, local)?))
                    }
                    _ => None,
                }
            }
            Statement::ExportFromDeclaration(export) => {
                let named = export.specifiers.iter().find(|each| each.exported.name() == name)?;
                Some(self.from(file, export.source.value.as_str(), named.local.name().as_str(), depth))
            }
            Statement::ExportAllDeclaration(export)
                if export.exported.as_ref().is_some_and(|all| all.name() == name) =>
            {
                Some(self.from(file, export.source.value.as_str(), "*", depth))
            }
            Statement::ExportDefaultDeclaration(export) if name == "default" => {
                self.default_export(file, &export.declaration)
            }
            _ => None,
        });
        own.or_else(|| {
            self.body(file).iter().find_map(|statement| match statement {
                // All but what the other one exports by default.
                Statement::ExportAllDeclaration(export) if export.exported.is_none() && name != "default" => {
                    let found = self.find(file, export.source.value.as_str())?;
                    self.export(found, name, depth + 1)
                }
                _ => None,
            })
        })
    }

    /// `export * from "elsewhere"`: what no file has may be from there.
    fn package_behind(&self, file: usize) -> Option<&'a str> {
        self.body(file).iter().find_map(|statement| match statement {
            Statement::ExportAllDeclaration(export) if export.exported.is_none() => {
                Some(export.source.value.as_str()).filter(|source| !source.starts_with('.'))
            }
            _ => None,
        })
    }

    fn default_export(&self, file: usize, value: &'a ExportDefaultDeclarationKind<'a>) -> Option<Export<'a>> {
        let named = |id: &Option<BindingIdentifier<'a>>| {
            id.as_ref().and_then(|id| id.symbol_id.get()).map(|symbol| Export::Symbol(file, symbol))
        };
        match value {
            ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                Some(named(&function.id).unwrap_or(Export::Function(file, function)))
            }
            ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                Some(named(&class.id).unwrap_or(Export::Class(file, class)))
            }
            other => {
                let value = other.as_expression()?;
                match value.get_inner_expression() {
                    Expression::Identifier(name) => match self.symbol(file, name) {
                        Some(symbol) => Some(Export::Symbol(file, symbol)),
                        None => Some(Export::Value(file, value)),
                    },
                    _ => Some(Export::Value(file, value)),
                }
            }
        }
    }

    fn connect(&mut self) {
        for file in 0..self.all.len() {
            for statement in self.body(file) {
                let Statement::ImportDeclaration(import) = statement else { continue };
                for specifier in import.specifiers.iter().flatten() {
                    if let Some(symbol) = specifier.local().symbol_id.get() {
                        self.connect_import(file, symbol);
                    }
                }
            }
        }
    }

    fn connect_import(&mut self, file: usize, symbol: SymbolId) {
        match self.imported(file, symbol) {
            Some(Export::Symbol(origin, exported)) => {
                self.importers.entry((origin, exported)).or_default().push((file, symbol, None));
            }
            Some(Export::Value(origin, _) | Export::Function(origin, _) | Export::Class(origin, _)) => {
                self.default_importers.entry(origin).or_default().push((file, symbol));
            }
            Some(Export::Namespace(origin)) => {
                for (name, exported) in self.exported_names(origin) {
                    self.importers.entry((origin, exported)).or_default().push((file, symbol, Some(name)));
                }
            }
            _ => {}
        }
    }

    pub(super) fn exported_names(&self, file: usize) -> Vec<(&'a str, SymbolId)> {
        let names = self.body(file).iter().flat_map(|statement| match statement {
            Statement::ExportDeclaration(export) => declared(&export.declaration),
            Statement::ExportNamedDeclaration(export) => {
                let symbol = |local: &ModuleExportName<'a>| match local {
                    ModuleExportName::IdentifierReference(local) => self.symbol(file, local),
                    _ => None,
                };
                let specifiers = export.specifiers.iter();
                specifiers.filter_map(|each| Some((each.exported.name().as_str(), symbol(&each.local)?))).collect()
            }
            _ => Vec::new(),
        });
        names.collect()
    }
}

/// The names that a declaration makes.
fn declared<'a>(declaration: &'a Declaration<'a>) -> Vec<(&'a str, SymbolId)> {
    let identifiers = match declaration {
        Declaration::VariableDeclaration(variables) => {
            variables.declarations.iter().flat_map(|each| each.id.get_binding_identifiers()).collect()
        }
        Declaration::FunctionDeclaration(function) => function.id.iter().collect(),
        Declaration::ClassDeclaration(class) => class.id.iter().collect(),
        Declaration::TSEnumDeclaration(named) => vec![&named.id],
        Declaration::TSInterfaceDeclaration(named) => vec![&named.id],
        Declaration::TSTypeAliasDeclaration(named) => vec![&named.id],
        _ => Vec::new(),
    };
    identifiers.into_iter().filter_map(|name| Some((name.name.as_str(), name.symbol_id.get()?))).collect()
}
