//! Where there is no graphics card, nobody needs to look for one.
//!
//! GDK asks X11 for the visuals of OpenGL, and WebKit asks EGL which device it draws with. Without a card both get their
//! answer from Mesa's renderer in software, which is read into this process with all of LLVM (20 MB, and a tenth of the
//! start), and is not used: what a page looks like is then drawn on the processor, in the page's own process.

use std::path::Path;

/// Before the window's libraries start, and before there is a second thread that could read the environment.
pub(super) fn apply() {
    let rendering = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with("renderD");
    let cards = Path::new("/dev/dri").read_dir();
    if cards.is_ok_and(|cards| cards.flatten().any(rendering)) {
        return;
    }
    for (name, value) in [("GDK_GL", "disable"), ("WEBKIT_WEB_RENDER_DEVICE_FILE", "/dev/null")] {
        // What the user set stays. Without either the window is the same, and a little later.
        let _ = gtk::glib::setenv(name, value, false);
    }
}
