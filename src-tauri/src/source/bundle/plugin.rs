//! What rolldown asks for a file: where an import leads to, and what is in it.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rolldown_common::{ImportKind, ModuleType, ResolvedExternal};
use rolldown_plugin::{
    HookLoadArgs, HookLoadOutput, HookLoadReturn, HookResolveIdArgs, HookResolveIdOutput, HookResolveIdReturn,
    HookUsage, Plugin, PluginContext, PluginContextResolveOptions, SharedLoadPluginContext,
};

use super::super::{
    imports::{self, Origin},
    nesting,
};
use crate::function::{FileKind, SourceFile, webassembly};

/// What `require("node:…")` in a package leads to: a module that imports it and hands it on.
const REQUIRED: &str = "\0required:";

/// The files of a function, as if they lay in the folder of its packages.
pub(super) struct Files {
    root: PathBuf,
    files: Vec<SourceFile>,
    /// Modules of WebAssembly by name, as they are met.
    wasm: Mutex<BTreeMap<String, Vec<u8>>>,
    node: AtomicBool,
    /// Why the bundler had to stop: of an error in here, rolldown tells no more than that there was one.
    complaint: Mutex<Option<String>>,
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Files {
    pub(super) fn new(files: &[SourceFile], packages: &Path) -> Self {
        // What is found in it is told with its links followed.
        let root = packages.canonicalize().unwrap_or_else(|_| packages.to_owned());
        Self {
            root,
            files: files.to_vec(),
            wasm: Mutex::default(),
            node: AtomicBool::new(false),
            complaint: Mutex::default(),
        }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// What rolldown knows a file of the function by.
    pub(super) fn id(&self, path: &str) -> String {
        self.root.join(path).to_string_lossy().into_owned()
    }

    /// The file of the function that is known by this.
    fn file(&self, id: &str) -> Option<&SourceFile> {
        let path = self.within(id)?;
        self.files.iter().find(|file| file.path == path)
    }

    /// The path in the folder, with slashes.
    fn within(&self, id: &str) -> Option<String> {
        let path = Path::new(id).strip_prefix(&self.root).ok()?;
        Some(path.to_string_lossy().replace('\\', "/"))
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.files.iter().any(|file| file.path == path)
    }

    /// A text of rolldown's, which may name files by their place on this machine.
    pub(super) fn without_root(&self, text: &str) -> String {
        let root = self.root.to_string_lossy();
        text.replace(&format!("{root}{}", std::path::MAIN_SEPARATOR), "").replace(&*root, "")
    }

    pub(super) fn wasm(&self) -> Vec<(String, Vec<u8>)> {
        std::mem::take(&mut *self.wasm.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }

    pub(super) fn complaint(&self) -> Option<String> {
        self.complaint.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn complain(&self, complaint: String) -> anyhow::Error {
        *self.complaint.lock().unwrap_or_else(PoisonError::into_inner) = Some(complaint.clone());
        anyhow::Error::msg(complaint)
    }

    pub(super) fn uses_node(&self) -> bool {
        self.node.load(Ordering::Relaxed)
    }

    fn of_node(&self, name: &str, kind: ImportKind) -> HookResolveIdOutput {
        self.node.store(true, Ordering::Relaxed);
        match kind {
            ImportKind::Require => HookResolveIdOutput::from_id(format!("{REQUIRED}{name}")),
            _ => external(format!("node:{name}")),
        }
    }

    fn external_wasm(&self, name: &str, bytes: Vec<u8>) -> HookResolveIdOutput {
        self.wasm.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), bytes);
        external(format!("./{name}"))
    }

    fn found(&self, file: &SourceFile) -> anyhow::Result<HookResolveIdOutput> {
        if FileKind::of(&file.path) != Some(FileKind::Wasm) {
            return Ok(HookResolveIdOutput::from_id(self.id(&file.path)));
        }
        let bytes = webassembly(&file.text).ok_or_else(|| {
            self.complain(format!("{} has no WebAssembly in it: its text is to be a module in Base64.", file.path))
        })?;
        Ok(self.external_wasm(&file.path, bytes))
    }
}

fn external(id: String) -> HookResolveIdOutput {
    HookResolveIdOutput {
        id: id.into(),
        external: Some(ResolvedExternal::Bool(true)),
        normalize_external_id: Some(false),
        ..HookResolveIdOutput::default()
    }
}

impl Plugin for Files {
    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("files of the function")
    }

    fn register_hook_usage(&self) -> HookUsage {
        HookUsage::ResolveId | HookUsage::Load
    }

    async fn resolve_id(&self, ctx: &PluginContext, args: &HookResolveIdArgs<'_>) -> HookResolveIdReturn {
        if args.is_entry {
            return Ok(Some(HookResolveIdOutput::from_id(args.specifier)));
        }
        // rolldown's own.
        let Some(importer) = args.importer.filter(|_| !args.specifier.starts_with('\0')) else {
            return Ok(None);
        };
        if importer.starts_with(REQUIRED) {
            return Ok(Some(external(args.specifier.to_owned())));
        }
        match Origin::of(args.specifier) {
            Origin::Runtime => return Ok(Some(external(args.specifier.to_owned()))),
            Origin::Node(name) => return Ok(Some(self.of_node(name, args.kind))),
            _ => {}
        }
        if let Some(file) = self.file(importer)
            && Origin::of(args.specifier) == Origin::File
        {
            let found = imports::find(&self.files, &file.path, args.specifier);
            return found.map(|found| self.found(found)).transpose();
        }

        let specifier = args.specifier.strip_suffix("?module").unwrap_or(args.specifier);
        let myself = PluginContextResolveOptions { import_kind: args.kind, skip_self: true, ..Default::default() };
        let Ok(found) = ctx.resolve(specifier, Some(importer), Some(myself)).await? else {
            return Ok(None);
        };
        let id = found.id.as_str();
        if !Path::new(id).is_absolute() {
            return Ok(Some(HookResolveIdOutput::from_resolved_id(found)));
        }
        // A folder above may have packages, too.
        let path = self.within(id).filter(|path| path.starts_with("node_modules/"));
        let Some(path) = path else {
            return Err(self.complain(format!("“{specifier}” is not installed in this function.")));
        };
        if path.ends_with(".wasm") {
            let bytes = fs::read(id)?;
            return Ok(Some(self.external_wasm(&path, bytes)));
        }
        Ok(Some(HookResolveIdOutput::from_resolved_id(found)))
    }

    async fn load(&self, _: SharedLoadPluginContext, args: &HookLoadArgs<'_>) -> HookLoadReturn {
        if let Some(name) = args.id.strip_prefix(REQUIRED) {
            let code = format!("import it from 'node:{name}'; export {{ it as 'module.exports' }};");
            return Ok(Some(loaded(code, ModuleType::Js)));
        }
        if let Some(file) = self.file(args.id) {
            return Ok(Some(loaded(file.text.clone(), module_type(&file.path))));
        }
        let Some(path) = self.within(args.id) else {
            return Ok(None);
        };
        if !matches!(path.rsplit('.').next(), Some("js" | "mjs" | "cjs" | "ts" | "mts" | "jsx" | "tsx")) {
            return Ok(None);
        }
        let text = read(args.id).map_err(|error| self.complain(format!("{path} can't be read: {error}.")))?;
        nesting::check(&path, &text).map_err(|problem| self.complain(format!("{path}: {}", problem.message)))?;
        Ok(Some(loaded(text, module_type(&path))))
    }
}

fn read(id: &str) -> io::Result<String> {
    Ok(String::from_utf8_lossy(&fs::read(id)?).into_owned())
}

fn loaded(code: String, module_type: ModuleType) -> HookLoadOutput {
    HookLoadOutput { code: code.into(), module_type: Some(module_type), ..HookLoadOutput::default() }
}

fn module_type(path: &str) -> ModuleType {
    match FileKind::of(path) {
        Some(FileKind::Json) => ModuleType::Json,
        Some(FileKind::Text) => ModuleType::Text,
        _ => match path.rsplit('.').next() {
            Some("ts" | "mts") => ModuleType::Ts,
            Some("tsx") => ModuleType::Tsx,
            Some("jsx") => ModuleType::Jsx,
            _ => ModuleType::Js,
        },
    }
}
