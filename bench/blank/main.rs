//! A window with nothing in it: what any program pays that is made of the same parts. Given an address, it shows that
//! page instead: another editor, in the engine that Postern's window has.

use tauri::WebviewUrl;

fn main() {
    let mut context = tauri::generate_context!("bench/blank/tauri.conf.json");
    if let Some(page) = std::env::args().nth(1) {
        let page = page.parse().expect("the argument is an address");
        context.config_mut().app.windows[0].url = WebviewUrl::External(page);
    }
    tauri::Builder::default().run(context).expect("the window opens");
}
