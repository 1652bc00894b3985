//! What is sent of a function of several files: one module with its map, and WebAssembly beside it.

use crate::desk::{Desk, deploy, function};

/// Adds two numbers.
const ADD: &str = "AGFzbQEAAAABBwFgAn9/AX8DAgEABwcBA2FkZAAACgkBBwAgACABags=";

#[tokio::test]
async fn several_files_and_wasm_answer_there() {
    let (desk, app, target) = Desk::with_target().await;
    let code = "import { add } from './lib/add'\nimport { Buffer } from 'node:buffer'\n\
                export default { fetch: () => new Response(Buffer.from(String(add(40, 2))).toString('hex')) }";
    let id = function(&app, "hello", code).await;
    let lib = "import module from './add.wasm'\n\
               export const add = new WebAssembly.Instance(module).exports.add as (a: number, b: number) => number";
    app.create_file(id, "lib/add.ts", lib.to_owned()).await.expect("a file");
    app.create_file(id, "lib/add.wasm", ADD.to_owned()).await.expect("a file");

    deploy(&app, id, target).await;

    assert_eq!(desk.answer("hello").await, "3432");
    let upload = desk.uploaded();
    assert_eq!(upload["main_module"], "index.js");
    assert_eq!(upload["compatibility_flags"], serde_json::json!(["nodejs_compat"]));
    // Turning node compatibility on is no change that waits.
    let summary = app.open_function(id).await.expect("it is there").summary;
    assert_eq!(summary.remote[0].status, postern::deployment::Status::Live);
}
