//! What ten minutes of typing leave behind: the memory of the window and of all that it has started, at the end and after
//! the first minutes, in which it fills what it keeps anyway. What is typed is drawn, and the same in every run: names,
//! completions that are taken, edits and their undoing, in two functions of 5,000 lines between which it changes.

use std::time::{Duration, Instant};

use crate::{
    driver::Driver,
    figure::{Aim, Figure, Measured},
    memory::by_program,
    reading::worker,
    window::{EDITOR, begun, close, functions_of, open, postern, until},
};

const LASTS: Duration = Duration::from_secs(10 * 60);
/// What is kept anyway is there by then: code that was compiled, lists, a history of the texts.
const FILLED: Duration = Duration::from_secs(3 * 60);
const PAUSE: Duration = Duration::from_millis(40);

const CONTROL: char = '\u{e009}';
const BACKSPACE: &str = "\u{e003}";
const DOWN: &str = "\u{e015}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const PAGE_DOWN: &str = "\u{e00f}";
const PAGE_UP: &str = "\u{e00e}";

pub(crate) async fn memory() -> Figure {
    let code = worker(5000);
    functions_of(&[&code, &code]).await;
    let driver = open(&postern(), &[]).await;
    until(&driver, EDITOR).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (mut hand, began) = (Hand(1), Instant::now());
    let mut samples: Vec<(Duration, f64)> = Vec::new();
    while began.elapsed() < LASTS {
        hand.writes(&driver).await;
        if samples.last().is_none_or(|(last, _)| began.elapsed() - *last > Duration::from_secs(5)) {
            let programs = by_program(begun().0);
            samples.push((began.elapsed(), programs.values().sum()));
            if std::env::var_os("BENCH_TURNS").is_some() && samples.len() % 6 == 1 {
                eprintln!("  {:>3} s: {programs:.0?}", began.elapsed().as_secs());
            }
        }
    }
    // It does not close before what was typed is saved.
    tokio::time::sleep(Duration::from_secs(2)).await;
    close(driver).await;
    let minute = Duration::from_secs(60);
    let within = |from: Duration| {
        let samples = samples.iter().filter(|(at, _)| (from..from + minute).contains(at));
        // What is to be collected yet is no leak: the least of a minute is what is kept.
        samples.map(|(_, used)| *used).fold(f64::INFINITY, f64::min)
    };
    let measured = Measured { ours: within(LASTS - minute), theirs: within(FILLED), turns: 1 };
    Figure { name: "typing_memory", unit: "MiB", against: "after 3 minutes", aim: &[Aim::Times(1.1)], measured }
}

/// Draws what to do next, by a linear congruential generator (Knuth, MMIX).
struct Hand(u64);

impl Hand {
    fn draws(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits fit") % below
    }

    async fn writes(&mut self, driver: &Driver) {
        match self.draws(12) {
            // Another function; then to some place in it.
            0 => {
                driver.click("nav li button", self.draws(2)).await;
                driver.click(".cm-line", 5 + self.draws(20)).await;
            }
            1 => keys(driver, &[PAGE_DOWN, PAGE_UP][self.draws(2)].repeat(1 + self.draws(20))).await,
            2 | 3 => keys(driver, &DOWN.repeat(self.draws(30))).await,
            // What stands under the pointer is explained.
            4 => {
                driver.point_at(".cm-line", 5 + self.draws(20)).await;
                tokio::time::sleep(Duration::from_millis(600)).await;
            }
            // As often as not all of what was typed last.
            5 => driver.press_with(CONTROL, &"z".repeat(1 + self.draws(6))).await,
            6 => keys(driver, &BACKSPACE.repeat(self.draws(40))).await,
            // A completion, taken or left.
            7 | 8 => {
                keys(driver, "crypto.").await;
                tokio::time::sleep(Duration::from_millis(400)).await;
                keys(driver, [ENTER, ESCAPE][self.draws(2)]).await;
            }
            9 => {
                let name = self.draws(1000);
                keys(driver, &format!("const made{name} = items.filter((item) => item.length > {name}); ")).await;
            }
            10 => keys(driver, "fetch(url, { headers })").await,
            _ => keys(driver, ENTER).await,
        }
    }
}

async fn keys(driver: &Driver, keys: &str) {
    for key in keys.chars() {
        driver.press(&key.to_string()).await;
        tokio::time::sleep(PAUSE).await;
    }
}
