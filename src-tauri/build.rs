fn main() {
    #[cfg(feature = "desktop")]
    desktop::embed();
}

/// What Tauri embeds, and exactly the commands that a page may be allowed to call.
#[cfg(feature = "desktop")]
mod desktop {
    use tauri_build::{AppManifest, Attributes};

    const COMMANDS: &[&str] = &[
        "overview",
        "watch",
        "open_function",
        "create_function",
        "rename_function",
        "duplicate_function",
        "delete_function",
        "save_file",
        "set_schedules",
        "read_schedule",
        "create_secret",
        "replace_secret",
        "delete_secret",
        "deploy",
        "cancel_deploy",
        "run_now",
        "stop_function",
        "read_log",
        "clear_log",
        "change_address",
        "retry_vault",
        "start_new_vault",
        "retry_runtime",
    ];

    pub(crate) fn embed() {
        println!("cargo::rerun-if-changed=src-tauri/capabilities");
        let attributes = Attributes::new()
            .capabilities_path_pattern("./src-tauri/capabilities/**/*")
            .app_manifest(AppManifest::new().commands(COMMANDS));
        tauri_build::try_build(attributes).expect("tauri.conf.json and the capabilities fit each other");
    }
}
