//! A window with nothing in it: what any program pays that is made of the same parts.

fn main() {
    let blank = tauri::Builder::default();
    blank.run(tauri::generate_context!("bench/blank/tauri.conf.json")).expect("a blank window opens");
}
