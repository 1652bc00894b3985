//! The editor beside Monaco with its TypeScript worker, and beside plain CodeMirror: each in a window of its own of the
//! same kind, with the engine that Postern's window has.
//!
//! The same on all sides: the code, the size and the font, the declarations of the runtime and the options of the
//! compiler, the keys, which come from the driver as a keyboard's do, and the clock, which is the page's own (see
//! `editors/watch.js`). Monaco's scripts are loaded before the clock starts, and its declarations are handed over.

mod pages;

use std::time::{Duration, Instant};

use pages::Pages;

use crate::{
    driver::Driver,
    figure::{Aim, Figure, Measured, in_turns},
    reading::worker,
    window::{EDITOR, blank, close, functions_of, open, postern, until},
};

const WATCH: &str = include_str!("editors/watch.js");
const TEMPLATE: &str = include_str!("../src-tauri/templates/http.ts");

/// What only the declarations of the runtime know, and all of it fits into a list without being scrolled.
const NAME: &str = "crypto.";
const MEMBER: &str = "randomUUID";

/// Between two keys: a fast hand.
const PAUSE: Duration = Duration::from_millis(60);
const TYPED: &str = "const names = answers.map((each) => each.title + \" by \" + each.author.name); ";

const ESCAPE: &str = "\u{e00c}";
const BACKSPACE: &str = "\u{e003}";
const ENTER: &str = "\u{e007}";
const UP: &str = "\u{e013}";
const PAGE_DOWN: &str = "\u{e00f}";

#[derive(Clone, Copy)]
enum Editor {
    Postern,
    Monaco,
    CodeMirror,
}

impl Editor {
    /// A window in which a click opens the code.
    async fn closed(self, pages: &Pages) -> Driver {
        let (driver, ready) = match self {
            Self::Postern => (open(&postern(), &[]).await, EDITOR),
            Self::Monaco => (open(&blank(), &[pages.address("monaco")]).await, READY),
            Self::CodeMirror => (open(&blank(), &[pages.address("plain")]).await, READY),
        };
        until(&driver, ready).await;
        driver.script(WATCH).await;
        // What is loaded after the start is there by then.
        tokio::time::sleep(Duration::from_secs(2)).await;
        driver
    }

    /// A window with the code, whose caret stands in the middle of it.
    async fn opened(self, pages: &Pages) -> Driver {
        let driver = self.closed(pages).await;
        if !matches!(self, Self::Postern) {
            self.open(&driver).await;
        }
        driver
    }

    async fn open(self, driver: &Driver) {
        let button = match self {
            Self::Postern => "section ul button",
            Self::Monaco | Self::CodeMirror => "button",
        };
        driver.click(button, 0).await;
        let focused = "const at = document.activeElement?.closest('.cm-editor, .monaco-editor'); return at ? 1 : null";
        until(driver, focused).await;
    }

    /// The list of completions.
    fn list(self) -> &'static str {
        match self {
            Self::Postern | Self::CodeMirror => ".cm-tooltip-autocomplete",
            Self::Monaco => ".suggest-widget.visible .monaco-list-rows",
        }
    }
}

const READY: &str = "return document.title === 'Ready' ? 1 : null";

/// From the click that opens a first function to the list of completions for the first letter that is typed in it. No
/// language server and no worker runs before.
pub(crate) async fn complete_first() -> Figure {
    let pages = Pages::serve(TEMPLATE).await;
    let turn = async |editor: Editor| {
        functions_of(&[]).await;
        let driver = editor.closed(&pages).await;
        expect(&driver, "click", editor.list(), "").await;
        editor.open(&driver).await;
        driver.press(&NAME[..1]).await;
        let taken = taken(&driver).await;
        leave(driver).await;
        taken
    };
    let measured = in_turns(7, async || turn(Editor::Postern).await, async || turn(Editor::Monaco).await).await;
    let aim = &[Aim::Times(1.0 / 4.0)];
    Figure { name: "complete_first", unit: "ms", against: "Monaco", aim, measured }
}

/// From a key to the list of completions that it brings: the first letter of a name, and the dot behind it.
pub(crate) async fn complete_warm() -> Figure {
    let code = worker(200);
    let pages = Pages::serve(&code).await;
    functions_of(&[&code]).await;
    let turn = async |editor: Editor| {
        let driver = editor.opened(&pages).await;
        let mut times = Vec::new();
        driver.press(&format!("{ENTER}{UP}")).await;
        for round in 0..20 {
            for (keys, word) in [(&NAME[..1], ""), (&NAME[1..], MEMBER)] {
                let (before, key) = keys.split_at(keys.len() - 1);
                for before in before.chars() {
                    driver.press(&before.to_string()).await;
                    tokio::time::sleep(PAUSE).await;
                }
                expect(&driver, "keydown", editor.list(), word).await;
                driver.press(key).await;
                let taken = taken(&driver).await;
                // The first ones are cold.
                if round > 1 {
                    times.push(taken);
                }
                tokio::time::sleep(PAUSE).await;
            }
            driver.press(ESCAPE).await;
            driver.press(&BACKSPACE.repeat(NAME.len())).await;
            tokio::time::sleep(PAUSE).await;
        }
        leave(driver).await;
        nearly_all(times)
    };
    let measured = in_turns(3, async || turn(Editor::Postern).await, async || turn(Editor::Monaco).await).await;
    let aim = &[Aim::AtMost(30.0), Aim::Times(1.0)];
    Figure { name: "complete_warm", unit: "ms", against: "Monaco", aim, measured }
}

/// From a key to the next frame, in the middle of 5,000 lines.
pub(crate) async fn key_paint() -> Figure {
    let measured = painting(Editor::Monaco).await;
    Figure { name: "key_paint", unit: "ms", against: "Monaco", aim: &[Aim::Times(1.0 / 3.0)], measured }
}

/// The same beside an editor that does nothing else: at most a frame more.
pub(crate) async fn key_paint_plain() -> Figure {
    let measured = painting(Editor::CodeMirror).await;
    Figure { name: "key_paint_plain", unit: "ms", against: "CodeMirror", aim: &[Aim::Above(16.7)], measured }
}

async fn painting(other: Editor) -> Measured {
    let code = worker(5000);
    let pages = Pages::serve(&code).await;
    functions_of(&[&code]).await;
    let turn = async |editor: Editor| {
        let driver = editor.opened(&pages).await;
        for _ in 0..60 {
            driver.press(PAGE_DOWN).await;
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
        driver.press(ENTER).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        // That one is not counted.
        driver.script("watch.keys()").await;
        for key in TYPED.chars() {
            driver.press(&key.to_string()).await;
            tokio::time::sleep(PAUSE).await;
        }
        let times = driver.script("return watch.keys()").await;
        let times: Vec<f64> = times.as_array().into_iter().flatten().filter_map(|time| time.as_f64()).collect();
        assert_eq!(times.len(), TYPED.len(), "a key was lost");
        leave(driver).await;
        nearly_all(times)
    };
    in_turns(3, async || turn(Editor::Postern).await, async || turn(other).await).await
}

async fn expect(driver: &Driver, after: &str, list: &str, word: &str) {
    driver.script(&format!("watch.await('{after}', '{list}', '{word}')")).await;
}

async fn taken(driver: &Driver) -> f64 {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(20) {
        if let Some(taken) = driver.script("return watch.taken()").await.as_f64() {
            return taken;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the list did not come");
}

async fn leave(driver: Driver) {
    // Without its server Postern has less to do, and what was measured is nobody's.
    let alone = driver.script("return document.body.textContent.includes('TypeScript stopped')").await;
    assert_eq!(alone.as_bool(), Some(false), "Postern found no TypeScript beside it");
    // Postern does not close before what was typed is saved.
    tokio::time::sleep(Duration::from_secs(1)).await;
    close(driver).await;
}

/// What 95 of 100 stay below.
fn nearly_all(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[(times.len() * 95).div_ceil(100) - 1]
}
