//! Compatibility dates: which behaviour of the Workers runtime a function was written for.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where there is no binary to ask: the date of the one that this was written with.
const WRITTEN_WITH: &str = "2026-11-17";

/// The earlier of what the binary supports and today in UTC: workerd refuses what is later than either.
pub(super) fn newest(supported: Option<&str>) -> String {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
    date(days).min(supported.unwrap_or(WRITTEN_WITH).to_owned())
}

/// Asks the binary, which takes some ten milliseconds.
pub(super) fn supported(binary: &Path) -> Option<String> {
    let output = Command::new(binary).arg("--version").env_clear().stdin(Stdio::null()).output().ok()?;
    // `workerd 2026-11-17`
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(1).filter(|date| is_date(date)).map(str::to_owned)
}

fn is_date(text: &str) -> bool {
    let digit = |(index, byte): (usize, u8)| {
        if matches!(index, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() }
    };
    text.len() == 10 && text.bytes().enumerate().all(digit)
}

/// Days since 1970-01-01 as `YYYY-MM-DD`: `civil_from_days` of Howard Hinnant's "chrono-Compatible Low-Level Date
/// Algorithms", for days that are not negative.
fn date(days: u64) -> String {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        for (days, date) in [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_780, "2026-11-23")] {
            assert_eq!(super::date(days), date);
        }
    }

    #[test]
    fn only_a_date_is_a_date() {
        assert!(is_date("2026-11-17"));
        for other in ["", "1.20261117.1", "2026-11-1x", "2026/11/17", "2026-11-170"] {
            assert!(!is_date(other), "{other}");
        }
    }
}
