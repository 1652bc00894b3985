//! The line breaks of what was pasted, as they were copied.
//!
//! GTK hands a page LF for every line break that it pastes, and a key with CRLF must arrive to the byte. So the page asks
//! here for the breaks alone: it learns nothing of a clipboard whose text it has not been given already.

/// `None` where no clipboard holds this text any longer, or where the page was given it to the byte.
#[cfg(target_os = "linux")]
pub(super) async fn line_breaks(app: &tauri::AppHandle, pasted: &str) -> Option<Vec<String>> {
    // What was copied, and what is selected somewhere, which the middle button pastes.
    for clipboard in ["CLIPBOARD", "PRIMARY"] {
        let held = held(app, clipboard).await.unwrap_or_default();
        if let Some(breaks) = std::str::from_utf8(&held).ok().and_then(|copied| breaks_of(copied, pasted)) {
            return Some(breaks);
        }
    }
    None
}

#[cfg(target_os = "linux")]
async fn held(app: &tauri::AppHandle, clipboard: &'static str) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    use gtk::{Clipboard, gdk::Atom};

    let (answer, answered) = tokio::sync::oneshot::channel();
    // GTK is spoken to on its own thread. Whoever owns the clipboard may be slow to answer, or gone.
    app.run_on_main_thread(move || {
        Clipboard::get(&Atom::intern(clipboard)).request_contents(&Atom::intern("UTF8_STRING"), |_, contents| {
            // The page does not wait for ever, and may have gone.
            let _ = answer.send(zeroize::Zeroizing::new(contents.data()));
        });
    })
    .ok()?;
    let limit = std::time::Duration::from_secs(2);
    tokio::time::timeout(limit, answered).await.ok()?.ok()
}

#[cfg(not(target_os = "linux"))]
pub(super) async fn line_breaks(_app: &tauri::AppHandle, _pasted: &str) -> Option<Vec<String>> {
    None
}

/// The line breaks of `copied`, if `pasted` is the same text with LF for each.
#[cfg(any(target_os = "linux", test))]
fn breaks_of(copied: &str, pasted: &str) -> Option<Vec<String>> {
    let mut breaks = Vec::new();
    let (mut copied, mut pasted) = (copied, pasted);
    while let Some(end) = pasted.find('\n') {
        copied = copied.strip_prefix(&pasted[..end])?;
        let found = ["\r\n", "\n", "\r"].into_iter().find(|found| copied.starts_with(found))?;
        breaks.push(found.to_owned());
        (copied, pasted) = (&copied[found.len()..], &pasted[end + 1..]);
    }
    (copied == pasted).then_some(breaks)
}

#[cfg(test)]
mod tests {
    use super::breaks_of;

    #[test]
    fn the_line_breaks_are_those_that_were_copied() {
        assert_eq!(breaks_of("a\r\nb\nc\rd\r\n", "a\nb\nc\nd\n").expect("breaks"), ["\r\n", "\n", "\r", "\r\n"]);
        assert_eq!(breaks_of("a", "a").expect("none"), Vec::<String>::new());
    }

    #[test]
    fn of_another_text_nothing_is_told() {
        for (copied, pasted) in [("a\r\nb", "a\nc"), ("a\r\nb", "\n"), ("", "\n"), ("a\r\nb\r\n", "a\nb"), ("a", "a\n")]
        {
            assert_eq!(breaks_of(copied, pasted), None, "{copied:?} {pasted:?}");
        }
    }
}
