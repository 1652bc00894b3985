//! What the types in the files say to be a binding of the runtime, other than text: `CACHE: KVNamespace`.

use std::collections::HashMap;

use oxc::{
    ast::{
        AstKind,
        ast::{IdentifierReference, TSType, TSTypeName},
    },
    semantic::Semantic,
};

use super::modules::Modules;

/// As the declarations of the runtime call them.
const BINDINGS: [&str; 30] = [
    "Ai",
    "AnalyticsEngineDataset",
    "Artifacts",
    "AutoRAG",
    "BrowserRun",
    "Container",
    "D1Database",
    "DispatchNamespace",
    "DurableObjectNamespace",
    "Fetcher",
    "HostedImagesBinding",
    "Hyperdrive",
    "ImagesBinding",
    "KVNamespace",
    "MediaBinding",
    "Pipeline",
    "Queue",
    "R2Bucket",
    "RateLimit",
    "SecretsStoreSecret",
    "SendEmail",
    "Service",
    "ServiceStub",
    "StreamBinding",
    "Vectorize",
    "VectorizeIndex",
    "WorkerLoader",
    "WorkerVersionMetadata",
    "Workflow",
    "WorkflowBinding",
];

/// Members by name, with the binding that each is declared as. Which type they are of is not asked: what is looked up is
/// used as an `env`'s. A name that is declared as anything else as well may be a text.
pub(super) fn declared<'a>(modules: &Modules<'_, 'a>) -> HashMap<String, &'a str> {
    let mut members: HashMap<String, Option<&'a str>> = HashMap::new();
    for file in 0..modules.all.len() {
        let semantic = modules.semantic(file);
        for node in semantic.nodes().iter() {
            if let AstKind::TSPropertySignature(member) = node.kind()
                && let (Some(name), Some(kind)) = (member.key.static_name(), &member.type_annotation)
            {
                let binding = binding(semantic, &kind.type_annotation);
                let known = members.entry(name.into_owned()).or_insert(binding);
                *known = known.and(binding);
            }
        }
    }
    members.into_iter().filter_map(|(name, binding)| Some((name, binding?))).collect()
}

fn binding<'a>(semantic: &Semantic<'a>, kind: &'a TSType<'a>) -> Option<&'a str> {
    match kind {
        TSType::TSTypeReference(reference) => {
            let name = match &reference.type_name {
                TSTypeName::IdentifierReference(name) if is_own(semantic, name) => return None,
                TSTypeName::IdentifierReference(name) => name.name.as_str(),
                TSTypeName::QualifiedName(name) => name.right.name.as_str(),
                TSTypeName::ThisExpression(_) => return None,
            };
            BINDINGS.contains(&name).then_some(name)
        }
        TSType::TSParenthesizedType(inner) => binding(semantic, &inner.type_annotation),
        // One that need not be there.
        TSType::TSUnionType(any) => {
            let is_none = |kind: &&TSType<'_>| matches!(kind, TSType::TSUndefinedKeyword(_) | TSType::TSNullKeyword(_));
            let mut some = any.types.iter().filter(|kind| !is_none(kind));
            let only = some.next()?;
            some.next().is_none().then(|| binding(semantic, only))?
        }
        _ => None,
    }
}

/// Whether the name is a type of the function's own, or of a package that is not about the runtime.
fn is_own(semantic: &Semantic<'_>, name: &IdentifierReference<'_>) -> bool {
    let Some(symbol) = semantic.scoping().get_reference(name.reference_id()).symbol_id() else { return false };
    let declaration = semantic.scoping().symbol_declaration(symbol);
    match semantic.nodes().parent_kind(declaration) {
        AstKind::ImportDeclaration(import) => {
            !["@cloudflare/", "cloudflare:"].iter().any(|runtime| import.source.value.starts_with(runtime))
        }
        _ => true,
    }
}
