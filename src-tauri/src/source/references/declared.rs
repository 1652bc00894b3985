//! What the types in the files say to be a binding of the runtime, other than text: `CACHE: KVNamespace`.

use std::collections::HashMap;

use oxc::ast::{
    AstKind,
    ast::{TSType, TSTypeName},
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
/// used as an `env`'s, and nothing that is declared so is a text.
pub(super) fn declared<'a>(modules: &Modules<'_, 'a>) -> HashMap<String, &'a str> {
    let files = 0..modules.all.len();
    let kinds = files.flat_map(|file| modules.semantic(file).nodes().iter().map(|node| node.kind()));
    let members = kinds.filter_map(|kind| match kind {
        AstKind::TSPropertySignature(member) => {
            let binding = binding(&member.type_annotation.as_ref()?.type_annotation)?;
            Some((member.key.static_name()?.into_owned(), binding))
        }
        _ => None,
    });
    members.collect()
}

fn binding<'a>(kind: &'a TSType<'a>) -> Option<&'a str> {
    match kind {
        TSType::TSTypeReference(reference) => {
            let name = match &reference.type_name {
                TSTypeName::IdentifierReference(name) => name.name.as_str(),
                TSTypeName::QualifiedName(name) => name.right.name.as_str(),
                TSTypeName::ThisExpression(_) => return None,
            };
            BINDINGS.contains(&name).then_some(name)
        }
        TSType::TSParenthesizedType(inner) => binding(&inner.type_annotation),
        TSType::TSUnionType(any) => any.types.iter().find_map(binding),
        _ => None,
    }
}
