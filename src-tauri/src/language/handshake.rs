//! What is said to the server before any question, and what it is answered when it asks. Pure.

use serde_json::value::RawValue;
use serde_json::{Value, json};

pub(super) fn initialize() -> Value {
    json!({
        "processId": std::process::id(),
        // It must be there. Every function brings a folder of its own.
        "rootUri": null,
        "clientInfo": { "name": "Postern" },
        "capabilities": {
            "general": { "positionEncodings": ["utf-16"] },
            "workspace": {
                "configuration": true,
                "workspaceEdit": { "documentChanges": false },
                "fileOperations": { "willRename": true },
            },
            "textDocument": {
                "completion": {
                    "completionItem": {
                        "documentationFormat": ["markdown"],
                        "labelDetailsSupport": true,
                        "insertReplaceSupport": true,
                        "resolveSupport": { "properties": ["documentation", "detail", "additionalTextEdits"] },
                    },
                    "completionList": { "itemDefaults": ["commitCharacters", "editRange"] },
                },
                "hover": { "contentFormat": ["markdown"] },
                "signatureHelp": {
                    "signatureInformation": {
                        "documentationFormat": ["markdown"],
                        "parameterInformation": { "labelOffsetSupport": true },
                        "activeParameterSupport": true,
                    },
                },
                "definition": { "linkSupport": true },
                "rename": { "prepareSupport": true },
                "codeAction": {
                    "codeActionLiteralSupport": {
                        "codeActionKind": { "valueSet": ["quickfix", "source.organizeImports", "source.fixAll"] },
                    },
                    "resolveSupport": { "properties": ["edit"] },
                    "dataSupport": true,
                    "isPreferredSupport": true,
                },
                "diagnostic": { "tagSupport": { "valueSet": [1, 2] } },
                "semanticTokens": {
                    "requests": { "full": true },
                    "tokenTypes": TOKEN_TYPES,
                    "tokenModifiers": TOKEN_MODIFIERS,
                    "formats": ["relative"],
                },
            },
        },
    })
}

/// The page reads tokens by their place in these lists.
const TOKEN_TYPES: &[&str] = &[
    "namespace",
    "class",
    "enum",
    "interface",
    "typeParameter",
    "type",
    "parameter",
    "variable",
    "property",
    "enumMember",
    "function",
    "method",
];
const TOKEN_MODIFIERS: &[&str] = &["declaration", "readonly", "static", "async", "defaultLibrary", "local"];

/// What a question of the server is answered.
pub(super) fn answer(method: &str, params: Option<&RawValue>) -> Value {
    if method != "workspace/configuration" {
        // `client/registerCapability` and the like: taken note of.
        return Value::Null;
    }
    let params: Value = params.and_then(|params| serde_json::from_str(params.get()).ok()).unwrap_or_default();
    let items = params["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().map(|item| section(item["section"].as_str().unwrap_or_default())).collect()
}

fn section(name: &str) -> Value {
    match name {
        "js/ts" => json!({
            // Else it runs npm to fetch types for what the code imports.
            "tsserver": { "automaticTypeAcquisition": { "enabled": false } },
            "preferences": { "useAliasesForRenames": false, "preferTypeOnlyAutoImports": true },
            "suggest": { "includeAutomaticOptionalChainCompletions": true },
        }),
        // The older name of the same.
        "typescript" | "javascript" => json!({ "disableAutomaticTypeAcquisition": true }),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_that_can_fetch_types_is_told_not_to() {
        let asked =
            r#"{"items":[{"section":"js/ts"},{"section":"typescript"},{"section":"javascript"},{"section":"editor"}]}"#;
        let asked: Box<RawValue> = serde_json::from_str(asked).unwrap();
        let answer = answer("workspace/configuration", Some(&asked));
        assert_eq!(answer[0]["tsserver"]["automaticTypeAcquisition"]["enabled"], json!(false));
        assert_eq!(answer[1]["disableAutomaticTypeAcquisition"], json!(true));
        assert_eq!(answer[2]["disableAutomaticTypeAcquisition"], json!(true));
        assert_eq!(answer[3], Value::Null);
        assert_eq!(super::answer("client/registerCapability", None), Value::Null);
    }
}
