//! Two things are made before the crate compiles, and they know nothing of each other: Rust types for workerd's
//! configuration, and (with the window) what Tauri embeds.

use std::path::Path;

fn main() {
    workerd_schema();
    #[cfg(feature = "desktop")]
    desktop::embed();
}

/// Writes `workerd_capnp.rs` from the request that the `capnp` tool would send to its Rust plugin. The request is
/// committed, so that building needs no `capnp`. To make it again for a newer workerd (npm package `workerd`):
///
/// ```sh
/// mkdir -p /tmp/schema/capnp && cp ui/node_modules/workerd/workerd.capnp /tmp/schema/
/// cp ~/.cargo/registry/src/*/capnp-0.27*/c++.capnp /tmp/schema/capnp/
/// # Debian's capnp 0.9.2 rejects this shorthand, which newer ones write out in the same way:
/// sed -i 's/= "internet";/= (name = "internet");/' /tmp/schema/workerd.capnp
/// (cd /tmp/schema && capnp compile -I. -o- workerd.capnp) > src-tauri/schema/workerd.capnp.request
/// ```
fn workerd_schema() {
    const REQUEST: &str = "src-tauri/schema/workerd.capnp.request";
    println!("cargo::rerun-if-changed={REQUEST}");
    let request = std::fs::File::open(REQUEST).expect("the schema is committed");
    let out = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    capnpc::codegen::CodeGenerationCommand::new()
        .output_directory(Path::new(&out))
        .default_parent_module(vec!["target".into(), "workerd_config".into()])
        .run(request)
        .expect("the committed request is what this capnpc understands");
}

/// What Tauri embeds, and exactly the commands that a page may be allowed to call.
#[cfg(feature = "desktop")]
mod desktop {
    use tauri_build::{AppManifest, Attributes};

    const COMMANDS: &[&str] = &[
        "overview",
        "watch",
        "hear_close",
        "close_window",
        "zoom",
        "open_function",
        "look_through",
        "create_function",
        "rename_function",
        "duplicate_function",
        "delete_function",
        "save_file",
        "create_file",
        "rename_file",
        "delete_file",
        "set_schedules",
        "read_schedule",
        "pasted_line_breaks",
        "create_secret",
        "replace_secret",
        "delete_secret",
        "credentials",
        "credential_pasted",
        "allow_credential",
        "withdraw_allowance",
        "move_to_secret",
        "leaked_values",
        "remove_versions",
        "set_variable",
        "delete_variable",
        "check_token",
        "add_target",
        "replace_token",
        "remove_target",
        "choose_targets",
        "remote_scripts",
        "import_script",
        "plan",
        "deploy",
        "finish_deployment",
        "history",
        "read_deployment",
        "roll_back",
        "move_script",
        "kept_deployments",
        "keep_deployments",
        "change_packages",
        "cancel_deploy",
        "run_now",
        "stop_function",
        "read_log",
        "clear_log",
        "change_address",
        "retry_vault",
        "start_new_vault",
        "retry_runtime",
        "start_language",
        "restart_language",
        "open_in_language",
        "tell_language",
        "ask_language",
        "read_declaration",
    ];

    pub(crate) fn embed() {
        println!("cargo::rerun-if-changed=src-tauri/capabilities");
        let attributes = Attributes::new()
            .capabilities_path_pattern("./src-tauri/capabilities/**/*")
            .app_manifest(AppManifest::new().commands(COMMANDS));
        tauri_build::try_build(attributes).expect("tauri.conf.json and the capabilities fit each other");
    }
}
