//! The only place that knows Tauri: it builds the window, hands the commands to `App`, and ends what was started.

mod clipboard;
mod closing;
mod commands;
mod dialogs;
#[cfg(target_os = "linux")]
mod graphics;
mod menu;
#[cfg(target_os = "linux")]
mod page;
mod watcher;
mod zoom;

use std::{path::PathBuf, sync::Arc};

use postern::{
    app::{App, Config},
    vault::keychain::Keychain,
    wire::Failure,
};
use tauri::{
    AppHandle, Manager, RunEvent, WebviewWindow,
    async_runtime::{JoinHandle, block_on, spawn},
    webview::PageLoadEvent,
};
use tauri_plugin_window_state::StateFlags;

pub(crate) fn run() {
    postern::hardening::apply();
    #[cfg(target_os = "linux")]
    graphics::load_no_renderer_in_vain();
    log_to_stderr();
    let app = tauri::Builder::default()
        // First: a second start ends here, and brings this window to the front.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| bring_to_front(app)))
        .plugin(tauri_plugin_window_state::Builder::default().with_state_flags(remembered()).build())
        .menu(menu::build)
        .on_menu_event(|app, event| menu::chosen(app, event.id().as_ref()))
        .invoke_handler(commands::handler())
        .manage(watcher::Watcher::default())
        .manage(closing::Closing::default())
        .manage(zoom::Size::default())
        .on_window_event(closing::watch)
        .on_page_load(|page, load| {
            if load.event() == PageLoadEvent::Started {
                page.state::<watcher::Watcher>().leave_page();
            }
        })
        .build(tauri::generate_context!())
        .expect("tauri.conf.json and the capabilities were checked when this was built");
    // A second start has ended by now. The window takes longer to come up than the database to open: both at once.
    let mut opening = Some(spawn(open(app.handle().clone())));
    app.run(move |tauri, event| match event {
        // The window is there, and its page has asked for nothing yet: that is answered in a later turn of this loop.
        RunEvent::Ready => start(tauri, opening.take()),
        RunEvent::Exit => {
            if let Some(app) = tauri.try_state::<App>() {
                block_on(app.shutdown());
            }
        }
        _ => {}
    });
}

type Opening = JoinHandle<Result<App, Failure>>;

fn start(tauri: &AppHandle, opening: Option<Opening>) {
    match opening.map(|opening| block_on(opening).expect("opening does not panic")) {
        Some(Ok(app)) => {
            tauri.manage(app);
            tauri.get_webview_window("main").as_ref().map(shown);
        }
        // It is not shown: its page has nobody to ask, and nothing to say.
        Some(Err(failure)) => dialogs::cannot_start(&failure),
        None => {}
    }
}

/// Not before: a window that is built in sight draws itself first, and only then starts the process of its page.
fn shown(window: &WebviewWindow) {
    zoom::restore(window);
    if let Err(error) = window.show() {
        tracing::error!(%error, "the window cannot be shown");
    }
    #[cfg(target_os = "linux")]
    page::watch(window);
}

/// Not whether it was shown, which is decided at each start.
fn remembered() -> StateFlags {
    StateFlags::all() - StateFlags::VISIBLE
}

async fn open(tauri: AppHandle) -> Result<App, Failure> {
    let paths = tauri.path();
    let data = paths.app_data_dir().unwrap_or_else(|_| PathBuf::from("postern-data"));
    // Never the folder for temporary files, where another user could be first.
    let run = paths.runtime_dir().map_or_else(|_| data.join("run"), |folder| folder.join("postern"));
    let typescript = paths.resource_dir().unwrap_or_default().join("typescript");
    App::open(Config { data, run, workerd: workerd(), typescript, keys: Arc::new(Keychain::new()) }).await
}

/// The runtime lies beside the program: set-up and the packages put it there.
fn workerd() -> PathBuf {
    let name = if cfg!(windows) { "postern-workerd.exe" } else { "postern-workerd" };
    std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join(name))).unwrap_or_else(|| name.into())
}

fn bring_to_front(app: &AppHandle) {
    if let Some(window) = app.get_webview_window("main") {
        // A window that cannot be raised is still there to be found.
        let _ = window.unminimize();
        let _ = window.set_focus();
    }
}

/// `POSTERN_LOG=debug postern` tells more. No line carries a value: no type that holds one can be printed.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("POSTERN_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
