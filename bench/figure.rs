//! A figure: two medians, what they are of, and what is aimed at.

use serde_json::json;

pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) against: &'static str,
    /// All of them are to be met.
    pub(crate) aim: &'static [Aim],
    pub(crate) measured: Measured,
}

pub(crate) enum Aim {
    /// At most so many times theirs.
    Times(f64),
    /// At most so much more than theirs, in the figure's unit.
    Above(f64),
    /// At most so much, in the figure's unit.
    AtMost(f64),
}

/// The medians of both sides, and of how many turns each.
pub(crate) struct Measured {
    pub(crate) ours: f64,
    pub(crate) theirs: f64,
    pub(crate) turns: usize,
}

impl Figure {
    fn ratio(&self) -> f64 {
        self.measured.ours / self.measured.theirs
    }

    fn is_met(&self) -> bool {
        let Measured { ours, theirs, .. } = self.measured;
        self.aim.iter().all(|aim| match *aim {
            Aim::Times(most) => self.ratio() <= most,
            Aim::Above(most) => ours - theirs <= most,
            Aim::AtMost(most) => ours <= most,
        })
    }

    fn aim_in_words(&self) -> String {
        let words = self.aim.iter().map(|aim| match *aim {
            Aim::Times(less) if less < 1.0 => format!("<= 1/{:.0}", less.recip()),
            Aim::Times(more) => format!("<= {more}"),
            Aim::Above(most) => format!("<= +{most} {}", self.unit),
            Aim::AtMost(most) => format!("<= {most} {}", self.unit),
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

/// Takes `turns` turns of each side and answers their medians. Whatever else the machine does meanwhile, it does to both.
pub(crate) async fn in_turns(
    turns: usize,
    mut ours: impl AsyncFnMut() -> f64,
    mut theirs: impl AsyncFnMut() -> f64,
) -> Measured {
    let (mut our_turns, mut their_turns) = (Vec::new(), Vec::new());
    // The first of each fills caches, and is not counted.
    ours().await;
    theirs().await;
    for turn in 1..=turns {
        our_turns.push(ours().await);
        their_turns.push(theirs().await);
        if std::env::var_os("BENCH_TURNS").is_some() {
            eprintln!("  turn {turn}: {:.3} against {:.3}", our_turns[turn - 1], their_turns[turn - 1]);
        }
    }
    Measured { ours: median(our_turns), theirs: median(their_turns), turns }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) { f64::midpoint(values[middle - 1], values[middle]) } else { values[middle] }
}

pub(crate) fn table(figures: &[Figure]) -> String {
    let mut rows = vec![["", "Postern", "against", "", "ratio", "aim", "", "n"].map(str::to_owned)];
    for figure in figures {
        let Measured { ours, theirs, turns } = figure.measured;
        let shown = |value: f64| format!("{} {}", rounded(value), figure.unit);
        rows.push([
            figure.name.to_owned(),
            shown(ours),
            figure.against.to_owned(),
            shown(theirs),
            rounded(figure.ratio()),
            figure.aim_in_words(),
            if figure.is_met() { "met" } else { "missed" }.to_owned(),
            turns.to_string(),
        ]);
    }
    let widths: Vec<usize> =
        (0..rows[0].len()).map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0)).collect();
    let line = |row: &[String; 8]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// Three digits that mean something.
fn rounded(value: f64) -> String {
    match value {
        small if small < 1.0 => format!("{small:.3}"),
        small if small < 10.0 => format!("{small:.2}"),
        small if small < 100.0 => format!("{small:.1}"),
        large => format!("{large:.0}"),
    }
}

pub(crate) fn json(figures: &[Figure]) -> String {
    let figures: Vec<_> = figures
        .iter()
        .map(|figure| {
            json!({
                "name": figure.name,
                "unit": figure.unit,
                "value": figure.measured.ours,
                "against": figure.against,
                "against_value": figure.measured.theirs,
                "ratio": figure.ratio(),
            })
        })
        .collect();
    let text = serde_json::to_string_pretty(&figures).expect("numbers and words become JSON");
    format!("{text}\n")
}
