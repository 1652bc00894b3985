//! What this process loads to draw with. The page is drawn by a process of its own.

#![allow(unsafe_code)]

use std::{
    env,
    ffi::{CStr, c_char, c_int, c_void},
    fs,
    mem::transmute,
    path::Path,
    ptr::null_mut,
};

/// Where EGL looks for its drivers, if somebody says so.
const DRIVERS: [&str; 2] = ["__EGL_VENDOR_LIBRARY_FILENAMES", "__EGL_VENDOR_LIBRARY_DIRS"];

/// Without a graphics card, WebKit asks EGL about one in this process as well, which loads a renderer in software to answer
/// that there is none: 25 MB, and a tenth of the start. EGL looks for its drivers once, so it does that here and finds none;
/// the process of the page, which draws, looks for itself.
///
/// To be called before there are threads: it changes the environment.
pub(super) fn load_no_renderer_in_vain() {
    if has_card() || DRIVERS.iter().any(|drivers| env::var_os(drivers).is_some()) {
        return;
    }
    // SAFETY: there is no other thread that could read the environment.
    unsafe { env::set_var(DRIVERS[0], "/dev/null") };
    look_for_drivers();
    // SAFETY: as above; what looks for drivers starts no thread.
    unsafe { env::remove_var(DRIVERS[0]) };
}

/// NVIDIA's own driver may show itself in a place of its own alone.
fn has_card() -> bool {
    let nodes = fs::read_dir("/dev/dri").into_iter().flatten().flatten();
    Path::new("/dev/nvidiactl").exists()
        || nodes.map(|node| node.file_name()).any(|name| name.as_encoded_bytes().starts_with(b"renderD"))
}

/// By name, since a program that was linked to EGL would not start without it.
fn look_for_drivers() {
    unsafe extern "C" {
        fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
        fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    }
    type QueryString = extern "C" fn(display: *mut c_void, name: c_int) -> *const c_char;
    const NOW: c_int = 2;
    const EXTENSIONS: c_int = 0x3055;
    const LIBRARY: &CStr = c"libEGL.so.1";

    // SAFETY: both are given texts that end; the library is never closed, so that what is found in it stays. EGL declares
    // `eglQueryString` as it is declared here, and takes no display for a question about itself.
    unsafe {
        let library = dlopen(LIBRARY.as_ptr(), NOW);
        let query = if library.is_null() { null_mut() } else { dlsym(library, c"eglQueryString".as_ptr()) };
        if !query.is_null() {
            transmute::<*mut c_void, QueryString>(query)(null_mut(), EXTENSIONS);
        }
    }
}
