//! What this process loads to draw with. The page is drawn by a process of its own.

#![allow(unsafe_code)]

use std::{
    env,
    ffi::{c_char, c_int, c_void},
    fs,
    mem::transmute,
    path::Path,
    ptr::null_mut,
};

/// Where EGL looks for its drivers, if somebody says so.
const DRIVERS: [&str; 2] = ["__EGL_VENDOR_LIBRARY_FILENAMES", "__EGL_VENDOR_LIBRARY_DIRS"];

/// Where a card shows itself, beside `/dev/dri`: NVIDIA's own driver, Windows underneath, and some of phones and small boards.
const CARDS: [&str; 4] = ["/dev/nvidiactl", "/dev/dxg", "/dev/mali0", "/dev/kgsl-3d0"];

/// Without a graphics card, WebKit asks EGL about one in this process as well, which loads a renderer in software to answer
/// that there is none: 25 MB, and a tenth of the start. EGL looks for its drivers once, so it does that here and finds none;
/// the process of the page, which draws, looks for itself.
///
/// To be called before there are threads: it changes the environment. The one that WebKit starts as it is loaded gives memory
/// back, and reads no environment.
pub(super) fn load_no_renderer_in_vain() {
    let chosen = DRIVERS.iter().any(|drivers| env::var_os(drivers).is_some());
    if chosen || has_card() {
        return;
    }
    let Some(query) = dispatcher() else { return };
    // SAFETY: there is no other thread that reads the environment.
    unsafe { env::set_var(DRIVERS[0], "/dev/null") };
    query(null_mut(), EXTENSIONS);
    // SAFETY: as above; to look for drivers in an empty file starts no thread.
    unsafe { env::remove_var(DRIVERS[0]) };
}

fn has_card() -> bool {
    let nodes = fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    CARDS.iter().any(|card| Path::new(card).exists())
        || nodes.map(|node| node.file_name()).any(|name| name.as_encoded_bytes().starts_with(b"renderD"))
}

type QueryString = extern "C" fn(display: *mut c_void, name: c_int) -> *const c_char;
const EXTENSIONS: c_int = 0x3055;

/// `eglQueryString` of the EGL that hands everything on to drivers, which it looks for at the first question. Looked up by name,
/// since a program that was linked to EGL would not start without it.
fn dispatcher() -> Option<QueryString> {
    unsafe extern "C" {
        fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
        fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    }
    const NOW: c_int = 2;
    const IF_LOADED: c_int = 4;

    // SAFETY: they are given texts that end; the library is never closed, so that what is found in it stays. EGL declares the
    // function as it is declared here, and takes no display for a question about itself.
    unsafe {
        let library = dlopen(c"libEGL.so.1".as_ptr(), NOW);
        // What only that one brings with it. Another EGL is a driver itself.
        if library.is_null() || dlopen(c"libGLdispatch.so.0".as_ptr(), NOW | IF_LOADED).is_null() {
            return None;
        }
        let query = dlsym(library, c"eglQueryString".as_ptr());
        (!query.is_null()).then(|| transmute::<*mut c_void, QueryString>(query))
    }
}
