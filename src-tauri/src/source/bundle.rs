//! Several files and packages to one module, by `rolldown`, in this process.
//!
//! The files of the function stand in memory, as if they lay in the folder of its packages: a plugin finds and yields
//! them. From the disk comes what is in that folder's `node_modules`, and nothing from outside it. Text and JSON become
//! part of the module; WebAssembly stays a module of its own, since no runtime compiles it from bytes.

mod plugin;

use std::{path::Path, sync::Arc, sync::Once, time::Duration};

use rolldown::{
    BundlerBuilder, BundlerOptions, CodeSplittingMode, InputItem, LogLevel, ModuleType, OutputFormat, Platform,
    ResolveOptions, SourceMapType, TsConfig,
};
use rolldown_common::Output;
use rolldown_error::{BuildDiagnostic, EventKind};

use self::plugin::Files;
use super::{Problem, Program, compile::module_name, imports::Origin, nesting::STACK, position};
use crate::{
    deployment::{Content, Module},
    function::{Position, SourceFile},
};

/// All modules of a function together, in bytes.
pub const MAX_PROGRAM: usize = 16 * 1024 * 1024;

/// Bundling takes tens of milliseconds. What takes so much longer has broken off somewhere inside.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether the runtime takes the import as it stands in the code.
pub(super) fn is_left_alone(specifier: &str) -> bool {
    specifier.starts_with("node:") || Origin::of(specifier) == Origin::Runtime
}

/// The files are sound, each by itself, and every relative import names a file.
pub(super) fn bundle(files: &[SourceFile], entry: &SourceFile, packages: &Path) -> Result<Program, Problem> {
    // The parts of rolldown that work in parallel recurse as deep as the code is nested.
    static ROOM: Once = Once::new();
    ROOM.call_once(|| {
        let built = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(STACK).build_global();
        debug_assert!(built.is_ok(), "nothing else here uses the global pool");
    });
    let failed = |message: String| Problem { message, position: position(&entry.path, &entry.text, 0) };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(STACK)
        .thread_name("bundle")
        .enable_time()
        .build()
        .map_err(|error| failed(format!("The bundler could not be started: {error}.")))?;

    let plugin = Arc::new(Files::new(files, packages));
    let bundled = runtime.block_on(async {
        let mut bundler = BundlerBuilder::default()
            .with_options(options(entry, &plugin))
            .with_plugins(vec![plugin.clone()])
            .build()?;
        match tokio::time::timeout(PATIENCE, bundler.generate()).await {
            Ok(bundled) => bundled,
            Err(_) => Err(anyhow::anyhow!("Bundling took longer than {} seconds and was ended", PATIENCE.as_secs()))?,
        }
    });
    runtime.shutdown_background();
    let output = bundled.map_err(|errors: rolldown_error::BatchedBuildDiagnostic| {
        errors.first().map_or_else(|| failed("The bundler failed.".to_owned()), |error| problem(error, &plugin, entry))
    })?;
    // What a package imports and nobody installed, rolldown would leave to the runtime.
    if let Some(unresolved) = output.warnings.iter().find(|one| matches!(one.kind(), EventKind::UnresolvedImport)) {
        return Err(problem(unresolved, &plugin, entry));
    }

    let chunks = output.assets.iter().filter_map(|asset| match asset {
        Output::Chunk(chunk) => Some(Module {
            name: chunk.filename.to_string(),
            content: Content::Code(chunk.code.clone()),
            map: chunk.map.as_ref().map(|map| map.to_json_string()),
        }),
        Output::Asset(_) => None,
    });
    let wasm = plugin.wasm().into_iter();
    let wasm = wasm.map(|(name, bytes)| Module { name, content: Content::Wasm(bytes), map: None });
    let modules: Vec<Module> = chunks.chain(wasm).collect();
    let size: usize = modules.iter().map(|module| module.content.bytes().len()).sum();
    if size > MAX_PROGRAM {
        let (size, most) = (size as f64 / 1_048_576.0, MAX_PROGRAM / 1_048_576);
        return Err(failed(format!(
            "The function has {size:.1} MiB with its packages; {most} MiB are deployed. Import less, or a smaller package."
        )));
    }
    Ok(Program { modules, node: plugin.uses_node() })
}

fn options(entry: &SourceFile, plugin: &Files) -> BundlerOptions {
    let text = ["html", "css", "sql", "md", "svg", "csv"].map(|ending| (ending.to_owned(), ModuleType::Text));
    BundlerOptions {
        input: Some(vec![InputItem { name: Some("index".to_owned()), import: plugin.id(&entry.path) }]),
        cwd: Some(plugin.root().to_owned()),
        // Names in the source map are relative to it.
        dir: Some(plugin.root().to_string_lossy().into_owned()),
        platform: Some(Platform::Browser),
        format: Some(OutputFormat::Esm),
        entry_filenames: Some(module_name(&entry.path).into()),
        code_splitting: Some(CodeSplittingMode::Bool(false)),
        sourcemap: Some(SourceMapType::Hidden),
        sourcemap_exclude_sources: Some(true),
        resolve: Some(ResolveOptions {
            condition_names: Some(vec!["workerd".to_owned(), "worker".to_owned(), "browser".to_owned()]),
            ..ResolveOptions::default()
        }),
        module_types: Some(text.into_iter().collect()),
        define: Some([("process.env.NODE_ENV".to_owned(), "\"production\"".to_owned())].into_iter().collect()),
        tsconfig: Some(TsConfig::Auto(false)),
        log_level: Some(LogLevel::Silent),
        ..BundlerOptions::default()
    }
}

/// In the code of the function, wherever the diagnostic stands.
fn problem(error: &BuildDiagnostic, plugin: &Files, entry: &SourceFile) -> Problem {
    let diagnostic = error.to_diagnostic();
    let message = plugin.complaint().unwrap_or_else(|| plugin.without_root(&error.to_string()));
    let message = format!("{}.", message.lines().next().unwrap_or_default().trim_end_matches('.'));
    let place = diagnostic.get_primary_location().and_then(|(file, line, column, _)| {
        let file = plugin.without_root(&file);
        let (line, column) = (super::count(line), super::count(column + 1));
        plugin.has(&file).then_some(Position { file, line, column })
    });
    Problem { message, position: place.unwrap_or_else(|| position(&entry.path, &entry.text, 0)) }
}

#[cfg(test)]
mod tests;
