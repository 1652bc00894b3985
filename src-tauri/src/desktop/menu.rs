//! The native menu. An item that is not the system's own is told to the page by its id; the page has the commands.

use postern::wire::Event;
use tauri::{
    AppHandle, Manager, Runtime,
    menu::{Menu, MenuBuilder, MenuItemBuilder, Submenu, SubmenuBuilder},
};

use super::watcher::Watcher;

/// Id, words, and key: those of the window's table of keys.
type Item = (&'static str, &'static str, &'static str);

const FILE: &[Item] = &[
    ("new-function", "New function…", "CmdOrCtrl+N"),
    ("new-file", "New file…", ""),
    ("packages", "Packages…", ""),
    ("rename", "Rename…", "F2"),
    ("duplicate", "Duplicate", ""),
    ("delete", "Delete…", ""),
    ("save", "Save", "CmdOrCtrl+S"),
    ("import", "Import a Worker…", ""),
    ("settings", "Settings…", "CmdOrCtrl+,"),
];
const VIEW: &[Item] = &[
    ("command-palette", "Every command…", "CmdOrCtrl+Shift+P"),
    ("go-to-function", "Go to function…", "CmdOrCtrl+P"),
    ("next-file", "Next file", "CmdOrCtrl+PageDown"),
    ("previous-file", "Previous file", "CmdOrCtrl+PageUp"),
    ("zoom-in", "Zoom in", "CmdOrCtrl+="),
    ("zoom-out", "Zoom out", "CmdOrCtrl+-"),
    ("zoom-reset", "Reset zoom", "CmdOrCtrl+0"),
    ("toggle-left", "Functions", "CmdOrCtrl+B"),
    ("toggle-right", "Panel", "CmdOrCtrl+Alt+B"),
    ("problems", "Problems", "CmdOrCtrl+Shift+M"),
    ("tab-secrets", "Secrets", "Alt+1"),
    ("tab-run", "Run", "Alt+2"),
    ("tab-history", "History", "Alt+3"),
];
const CODE: &[Item] = &[
    ("definition", "Go to definition", "F12"),
    ("references", "Find references", "Shift+F12"),
    ("back", "Go back", if cfg!(target_os = "macos") { "CmdOrCtrl+Alt+Left" } else { "Alt+Left" }),
    ("forward", "Go forward", if cfg!(target_os = "macos") { "CmdOrCtrl+Alt+Right" } else { "Alt+Right" }),
    ("rename-symbol", "Rename symbol…", "F2"),
    ("fix", "Quick fix…", "CmdOrCtrl+."),
    ("format", "Format document", "Alt+Shift+F"),
    ("imports", "Organise imports", "Alt+Shift+O"),
    ("next-problem", "Next problem", "F8"),
    ("previous-problem", "Previous problem", "Shift+F8"),
];
const FUNCTION: &[Item] = &[
    ("deploy", "Deploy", "CmdOrCtrl+Enter"),
    ("review", "Review and deploy…", "CmdOrCtrl+Shift+Enter"),
    ("focus-secret", "New secret…", "CmdOrCtrl+Shift+S"),
    ("stop", "Stop", ""),
];

/// On Linux these go to the page as editing commands; elsewhere the system has items of its own.
#[cfg(target_os = "linux")]
const EDITING: &[(&str, &str, &str)] = &[
    ("edit-cut", "Cut", "Cut"),
    ("edit-copy", "Copy", "Copy"),
    ("edit-paste", "Paste", "Paste"),
    ("edit-all", "Select all", "SelectAll"),
];

pub(super) fn build<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<Menu<R>> {
    let menu = MenuBuilder::new(app);
    #[cfg(target_os = "macos")]
    let menu = menu.item(
        &SubmenuBuilder::new(app, "Postern")
            .about(None)
            .separator()
            .hide()
            .hide_others()
            .show_all()
            .separator()
            .quit()
            .build()?,
    );
    let file = filled(app, "File", FILE)?;
    #[cfg(not(target_os = "macos"))]
    {
        file.append(&tauri::menu::PredefinedMenuItem::separator(app)?)?;
        file.append(&item(app, &("quit", "Quit", "CmdOrCtrl+Q"))?)?;
    }
    menu.item(&file)
        .item(&edit(app)?)
        .item(&filled(app, "View", VIEW)?)
        .item(&filled(app, "Code", CODE)?)
        .item(&filled(app, "Function", FUNCTION)?)
        .build()
}

fn edit<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<Submenu<R>> {
    let edit = filled(app, "Edit", &[("undo", "Undo", ""), ("redo", "Redo", "")])?;
    edit.append(&tauri::menu::PredefinedMenuItem::separator(app)?)?;
    #[cfg(target_os = "linux")]
    for (id, words, _) in EDITING {
        edit.append(&item(app, &(id, words, ""))?)?;
    }
    #[cfg(not(target_os = "linux"))]
    {
        use tauri::menu::PredefinedMenuItem as System;
        edit.append_items(&[
            &System::cut(app, None)?,
            &System::copy(app, None)?,
            &System::paste(app, None)?,
            &System::select_all(app, None)?,
        ])?;
    }
    edit.append(&tauri::menu::PredefinedMenuItem::separator(app)?)?;
    edit.append(&item(app, &("find", "Find…", "CmdOrCtrl+F"))?)?;
    Ok(edit)
}

fn filled<R: Runtime>(app: &AppHandle<R>, title: &str, items: &[Item]) -> tauri::Result<Submenu<R>> {
    let menu = SubmenuBuilder::new(app, title).build()?;
    for entry in items {
        menu.append(&item(app, entry)?)?;
    }
    Ok(menu)
}

/// On Linux the key is only written beside the words, and the page listens for it: GTK would act on it at once, ahead of
/// letters that were typed before and that the page has yet to take. Elsewhere the page is asked first.
fn item<R: Runtime>(app: &AppHandle<R>, (id, words, key): &Item) -> tauri::Result<tauri::menu::MenuItem<R>> {
    let of_the_page = cfg!(target_os = "linux") && *id != "quit";
    match *key {
        "" => MenuItemBuilder::with_id(*id, words).build(app),
        key if of_the_page => {
            let key = key.replace("CmdOrCtrl", "Ctrl");
            MenuItemBuilder::with_id(*id, format!("{words}\u{2003}{key}")).build(app)
        }
        key => MenuItemBuilder::with_id(*id, words).accelerator(key).build(app),
    }
}

pub(super) fn chosen<R: Runtime>(app: &AppHandle<R>, id: &str) {
    let Some(window) = app.get_webview_window("main") else {
        return;
    };
    if id == "quit" {
        // Closed and not ended, so that the page saves what was typed last.
        let _ = window.close();
        return;
    }
    #[cfg(target_os = "linux")]
    if let Some((_, _, command)) = EDITING.iter().find(|(known, _, _)| *known == id) {
        use webkit2gtk::WebViewExt;
        let _ = window.with_webview(move |webview| webview.inner().execute_editing_command(command));
        return;
    }
    if !app.state::<Watcher>().tell(Event::Menu { command: id.to_owned() }) {
        tracing::warn!(id, "the page did not hear of a menu item");
    }
}
