//! Cron expressions: what they mean in words, and when they run next. All times are UTC, as on every Workers runtime.
//!
//! The user writes Unix cron: five fields, weekdays 0 = Sunday to 6 = Saturday (7 is Sunday, too). How a target numbers
//! its weekdays is that target's business and not known here.

use std::borrow::Cow;

use croner::{
    errors::CronError,
    parser::{CronParser, Seconds, Year},
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// An expression that parses and that runs at least once more.
#[derive(Clone, Debug)]
pub struct Cron {
    text: String,
    pattern: croner::Cron,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCron {
    #[error("Type a schedule, such as 0 2 * * * for every day at 02:00 UTC.")]
    Empty,
    #[error("A schedule has five fields: minute, hour, day, month, weekday. This one has {0}.")]
    Fields(usize),
    #[error("“{0}” is not a schedule: {1}.")]
    Pattern(String, String),
    #[error("“{0}” never runs: no such day comes.")]
    Never(String),
}

/// Two are the same whose fields are, whether days and months are named or counted.
impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        self.pattern.pattern == other.pattern.pattern
    }
}

impl Eq for Cron {}

impl Cron {
    pub fn parse(text: &str) -> Result<Self, InvalidCron> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let text = fields.join(" ");
        match fields.len() {
            0 => return Err(InvalidCron::Empty),
            5 => {}
            other => return Err(InvalidCron::Fields(other)),
        }
        // The parser knows an AND of day and weekday written with a plus: not Unix, and no target takes it.
        if text.contains('+') {
            return Err(InvalidCron::Pattern(text, "+ has no meaning in it".to_owned()));
        }
        let pattern = pattern(&text).map_err(|error| {
            let why = wrong_field(&fields).unwrap_or_else(|| sentence_part(&error.to_string()));
            InvalidCron::Pattern(text.clone(), why)
        })?;
        let cron = Self { text, pattern };
        match cron.next_after(0) {
            Some(_) => Ok(cron),
            None => Err(InvalidCron::Never(cron.text)),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// One sentence: “At 02:00, on Monday.”
    pub fn words(&self) -> String {
        let fields = self.text.split(' ').enumerate().map(|(at, field)| match CYCLES.get(at) {
            Some(cycle) => without_uneven_step(field, *cycle),
            None => Cow::Borrowed(field),
        });
        let even = fields.collect::<Vec<_>>().join(" ");
        let words = pattern(&even).as_ref().unwrap_or(&self.pattern).describe();
        match words.strip_prefix("At every") {
            Some(rest) => format!("Every{rest}"),
            None => words,
        }
    }

    /// The first run later than `ms`, both in milliseconds since the Unix epoch.
    pub fn next_after(&self, ms: i64) -> Option<i64> {
        to_ms(self.pattern.find_next_occurrence(&date_time(ms)?, false).ok()?)
    }

    /// The last run earlier than `ms`.
    pub fn last_before(&self, ms: i64) -> Option<i64> {
        // The library drops parts of a second: going back, it would pass over the run of the second that has begun.
        let next_second = ms.checked_add(999)?.div_euclid(1000) * 1000;
        to_ms(self.pattern.find_previous_occurrence(&date_time(next_second)?, false).ok()?)
    }

    /// The runs later than `ms`, soonest first, each found as it is asked for.
    pub fn runs_after(&self, ms: i64) -> impl Iterator<Item = i64> {
        std::iter::successors(self.next_after(ms), |last| self.next_after(*last))
    }

    /// The next `count` runs later than `ms`, soonest first.
    pub fn next_runs(&self, ms: i64, count: usize) -> Vec<i64> {
        self.runs_after(ms).take(count).collect()
    }
}

fn pattern(text: &str) -> Result<croner::Cron, CronError> {
    CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build().parse(text)
}

/// What each field is, and what may stand in it.
const FIELDS: [(&str, &str); 5] = [
    ("minute", "0 to 59, such as 5 or 0,30 or 10-20 or */15"),
    ("hour", "0 to 23, such as 9 or 8,17 or 9-17 or */6"),
    ("day", "1 to 31, such as 1 or 1,15 or 10-20 or */2"),
    ("month", "1 to 12 or JAN to DEC, such as 1 or MAR,SEP or 4-6"),
    ("weekday", "0 to 7 or SUN to SAT, such as 1 or MON,THU or 1-5"),
];

/// The first field that is none among others that are, and what may stand there: the parser says neither.
fn wrong_field(fields: &[&str]) -> Option<String> {
    let alone = |at: usize| {
        let among: Vec<_> = (0..FIELDS.len()).map(|other| if other == at { fields[at] } else { "*" }).collect();
        pattern(&among.join(" "))
    };
    let at = (0..FIELDS.len()).find(|at| alone(*at).is_err())?;
    let (name, may) = FIELDS[at];
    Some(format!("“{}” is no {name}. It is {may}", fields[at]))
}

/// How many minutes and hours there are before they begin anew.
const CYCLES: [usize; 2] = [60, 24];

/// `0,45` for `*/45`, which does not mean every 45 minutes.
fn without_uneven_step(field: &str, cycle: usize) -> Cow<'_, str> {
    match field.strip_prefix("*/").and_then(|step| step.parse::<usize>().ok()) {
        Some(step) if step > 0 && !cycle.is_multiple_of(step) => {
            let values: Vec<_> = (0..cycle).step_by(step).map(|value| value.to_string()).collect();
            values.join(",").into()
        }
        _ => field.into(),
    }
}

fn date_time(ms: i64) -> Option<DateTime> {
    Some(Timestamp::from_millisecond(ms).ok()?.to_zoned(TimeZone::UTC).datetime())
}

fn to_ms(time: DateTime) -> Option<i64> {
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

/// A library's sentence, fit to stand after a colon.
fn sentence_part(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let text = text.rsplit_once(": ").map_or(text, |(_, detail)| detail);
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("a timestamp").as_millisecond()
    }

    fn cron(text: &str) -> Cron {
        Cron::parse(text).expect("a schedule")
    }

    #[test]
    fn the_next_runs_are_in_utc_and_later_than_now() {
        let two_o_clock = cron("0 2 * * *");
        let runs = two_o_clock.next_runs(ms("2026-02-27T02:00:00Z"), 3);
        assert_eq!(runs, ["2026-02-28T02:00:00Z", "2026-03-01T02:00:00Z", "2026-03-02T02:00:00Z"].map(ms));
    }

    #[test]
    fn the_last_run_is_earlier_than_now() {
        let two_o_clock = cron("0 2 * * *");
        for now in ["2026-03-01T02:00:00Z", "2026-02-28T02:00:00.001Z"] {
            assert_eq!(two_o_clock.last_before(ms(now)), Some(ms("2026-02-28T02:00:00Z")), "{now}");
        }
    }

    #[test]
    fn weekdays_count_from_sunday_as_zero() {
        // 2026-11-23 is a Monday.
        let monday = cron("0 9 * * 1");
        assert_eq!(monday.next_after(ms("2026-11-22T00:00:00Z")), Some(ms("2026-11-23T09:00:00Z")));
        let sunday = [cron("0 9 * * 0"), cron("0 9 * * 7"), cron("0 9 * * SUN")];
        for expression in sunday {
            assert_eq!(expression.next_after(ms("2026-11-23T00:00:00Z")), Some(ms("2026-11-29T09:00:00Z")));
        }
    }

    #[test]
    fn a_restricted_day_and_a_restricted_weekday_mean_either_as_in_unix() {
        let runs = cron("0 0 13 * 5").next_runs(ms("2026-11-10T00:00:00Z"), 3);
        assert_eq!(runs, ["2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-27T00:00:00Z"].map(ms));
        let runs = cron("0 0 14 * 5").next_runs(ms("2026-11-13T00:00:00Z"), 2);
        assert_eq!(runs, ["2026-11-14T00:00:00Z", "2026-11-20T00:00:00Z"].map(ms));
    }

    #[test]
    fn the_words_name_the_time_and_the_day() {
        let words = cron("30 9 * * 1-5").words();
        assert!(words.contains("09:30") && words.contains("Monday"), "{words}");
    }

    #[test]
    fn the_words_say_when_it_runs_where_the_step_does_not_fit_into_the_hour_or_the_day() {
        for (text, words) in [
            ("*/15 * * * *", "Every 15 minutes."),
            ("*/45 * * * *", "At minute 0 and 45 past every hour."),
            ("*/90 * * * *", "At minute 0 past every hour."),
            ("0 */36 * * *", "At 00:00."),
            ("0 */5 * * *", "At minute 0, of hour 0, 5, 10, 15, and 20."),
        ] {
            assert_eq!(cron(text).words(), words, "{text}");
        }
    }

    #[test]
    fn white_space_is_folded() {
        assert_eq!(cron("  */5  *\t* * * ").as_str(), "*/5 * * * *");
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_its_reason() {
        assert_eq!(Cron::parse("  ").err(), Some(InvalidCron::Empty));
        assert_eq!(Cron::parse("* * *").err(), Some(InvalidCron::Fields(3)));
        assert_eq!(Cron::parse("0 0 * * * *").err(), Some(InvalidCron::Fields(6)));
        for wrong in
            ["61 * * * *", "* 24 * * *", "a * * * *", "0 0 * * +5", "@daily 1 2 3 4", "0 0 32 * *", "*/0 * * * *"]
        {
            assert!(matches!(Cron::parse(wrong), Err(InvalidCron::Pattern(..))), "{wrong}");
        }
        assert!(matches!(Cron::parse("0 0 30 2 *"), Err(InvalidCron::Never(_))));
    }

    #[test]
    fn the_field_that_is_wrong_is_named_with_what_may_stand_there() {
        let said = |text| Cron::parse(text).expect_err("it is no schedule").to_string();
        assert_eq!(
            said("61 * * * *"),
            "“61 * * * *” is not a schedule: “61” is no minute. It is 0 to 59, such as 5 or 0,30 or 10-20 or */15."
        );
        for (wrong, why) in [
            ("5-1 * * * *", "“5-1” is no minute."),
            ("0 24 * * *", "“24” is no hour."),
            ("0 0 0 * *", "“0” is no day."),
            ("0 0 1 MER *", "“MER” is no month."),
            ("0 0 * * 8", "“8” is no weekday."),
            ("@daily 1 2 3 4", "“@daily” is no minute."),
        ] {
            assert!(said(wrong).contains(why), "{}", said(wrong));
        }
        // What the examples say is true.
        for (at, (_, may)) in FIELDS.iter().enumerate() {
            for example in may.split_once("such as ").expect("examples").1.split(" or ") {
                let fields: Vec<_> = (0..5).map(|other| if other == at { example } else { "*" }).collect();
                assert!(Cron::parse(&fields.join(" ")).is_ok(), "{fields:?}");
            }
        }
    }
}
