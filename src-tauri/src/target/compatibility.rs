//! Compatibility dates: which behaviour of the Workers runtime a function was written for.

use std::path::Path;
use std::process::{Command, Stdio};

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};

/// Where there is no binary to ask: the date of the one that this was written with.
const WRITTEN_WITH: &str = "2026-11-17";

/// The earlier of what the binary supports and today in UTC: workerd refuses what is later than either.
pub(super) fn newest(supported: Option<&str>) -> String {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    today.to_string().min(supported.unwrap_or(WRITTEN_WITH).to_owned())
}

/// Asks the binary, which takes some ten milliseconds.
pub(super) fn supported(binary: &Path) -> Option<String> {
    let output = Command::new(binary).arg("--version").env_clear().stdin(Stdio::null()).output().ok()?;
    told(&String::from_utf8(output.stdout).ok()?)
}

/// `workerd 2026-11-17`
fn told(text: &str) -> Option<String> {
    let date: Date = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_date_is_a_date() {
        assert_eq!(told("workerd 2026-11-17\n").as_deref(), Some("2026-11-17"));
        for other in ["", "2026-11-17", "workerd 1.20261117.1", "workerd 2026-11-1x", "workerd 2026-02-30"] {
            assert_eq!(told(other), None, "{other}");
        }
    }

    #[test]
    fn the_newest_is_the_earlier_of_both() {
        assert_eq!(newest(Some("2020-01-31")), "2020-01-31");
        assert!(newest(Some("9999-01-01")).starts_with("20"));
    }
}
