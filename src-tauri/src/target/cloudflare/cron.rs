//! Unix cron to the dialect of Cloudflare, where weekdays run from 1 = Sunday to 7 = Saturday and 0 is refused.
//!
//! Pure. What can't be said there is refused by name and never approximated: a schedule means one thing everywhere.

use crate::schedule::Cron;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untranslatable {
    #[error(
        "“{part}” as a weekday in “{cron}” can't be said to Cloudflare. Write the days as numbers, names, ranges or lists."
    )]
    Weekday { cron: String, part: String },
    #[error("“{part}” as a day in “{cron}” can't be said to Cloudflare. Write the days as numbers, ranges or lists.")]
    Day { cron: String, part: String },
}

/// The same schedule, as `PUT …/schedules` takes it.
pub fn translate(cron: &Cron) -> Result<String, Untranslatable> {
    let text = cron.as_str().to_ascii_uppercase();
    let fields: Vec<&str> = text.split(' ').collect();
    let &[minute, hour, day, month, weekday] = &fields[..] else {
        unreachable!("a parsed schedule has five fields");
    };
    let weekday = weekdays(weekday).map_err(|part| Untranslatable::Weekday { cron: text.clone(), part })?;
    let day = days(day, weekday != "*").map_err(|part| Untranslatable::Day { cron: text.clone(), part })?;
    Ok([minute, hour, &day, month, &weekday].join(" "))
}

/// Whether what Cloudflare has means this schedule, in whatever way it is written there.
pub fn is_said_as(cron: &Cron, there: &str) -> bool {
    let in_unix = Cron::parse(&untranslate(there));
    in_unix.is_ok_and(|there| there == *cron) || translate(cron).is_ok_and(|said| said == there)
}

/// A schedule as Cloudflare has it, in Unix cron. What Unix can't say comes out as it was, and does not parse.
pub fn untranslate(cron: &str) -> String {
    let mut fields: Vec<String> = cron.split_whitespace().map(str::to_owned).collect();
    if let [.., weekdays] = &mut fields[..] {
        // A step counts days and does not name one.
        let part = |part: &str| match part.split_once('/') {
            Some((range, step)) => format!("{}/{step}", unshifted(range)),
            None => unshifted(part),
        };
        *weekdays = weekdays.split(',').map(part).collect::<Vec<_>>().join(",");
    }
    fields.join(" ")
}

/// 1 = Sunday to 0 = Sunday, wherever a weekday is named by its number.
fn unshifted(range: &str) -> String {
    let mut written = String::new();
    for character in range.chars() {
        match character.to_digit(10).filter(|day| (1..=7).contains(day)) {
            Some(day) if !written.contains('#') => written.push_str(&(day - 1).to_string()),
            _ => written.push(character),
        }
    }
    written
}

/// Where day and weekday are both restricted, either is enough, in Unix as on Cloudflare; but what counts as restricted
/// differs from cron to cron where a step follows a star. A range in its place leaves no doubt.
fn days(field: &str, weekdays_restricted: bool) -> Result<String, String> {
    if field == "?" {
        return Ok("*".to_owned());
    }
    let mut parts = Vec::new();
    for part in field.split(',').filter(|part| !part.is_empty()) {
        match part {
            "L" | "LW" => parts.push(part.to_owned()),
            _ if part.contains(['L', '#', '?']) => return Err(part.to_owned()),
            _ => match part.strip_prefix("*/") {
                Some(step) if weekdays_restricted => parts.push(format!("1-31/{step}")),
                _ => parts.push(part.to_owned()),
            },
        }
    }
    Ok(parts.join(","))
}

fn weekdays(field: &str) -> Result<String, String> {
    if matches!(field, "*" | "?") {
        return Ok("*".to_owned());
    }
    let parts: Result<Vec<String>, String> =
        field.split(',').filter(|part| !part.is_empty()).map(|part| one(part).ok_or_else(|| part.to_owned())).collect();
    Ok(parts?.join(","))
}

/// One part of the list of weekdays; `None` for what can't be said.
fn one(part: &str) -> Option<String> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, step.parse().ok().filter(|step| *step > 0)?),
        None => (part, 1),
    };
    if step == 1
        && let Some((day, nth)) = range.split_once('#')
    {
        // The nth of a month. `#L`, the last, is written with the L alone.
        return match nth {
            "1" | "2" | "3" | "4" | "5" => Some(format!("{}#{nth}", shifted(number(day)?))),
            "L" => Some(format!("{}L", shifted(number(day)?))),
            _ => None,
        };
    }
    if step == 1
        && let Some(day) = range.strip_suffix('L')
    {
        return Some(format!("{}L", shifted(number(day)?)));
    }
    let (from, to) = match range.split_once('-') {
        // At the end of a range, Sunday ends the week.
        Some((from, "SUN")) => (number(from)?, 7),
        Some((from, to)) => (number(from)?, number(to)?),
        None if range == "*" => (0, 6),
        // `1/2` begins on Monday and goes on to the end of the week, which is written 7 in Unix.
        None if part.contains('/') => (number(range)?, 7),
        None => (number(range)?, number(range)?),
    };
    let names = range.split('-').all(|end| NAMES.contains(&end));
    if names && step == 1 && from <= to && (to < 7 || !range.contains('-')) {
        return Some(range.to_owned());
    }
    // A range over the end of the week goes on at its beginning.
    let to = if from > to { to + 7 } else { to };
    let mut days: Vec<u8> = (from..=to).step_by(step).map(|day| shifted(day % 7)).collect();
    days.sort_unstable();
    days.dedup();
    Some(written(&days))
}

const NAMES: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

fn number(day: &str) -> Option<u8> {
    match NAMES.iter().position(|name| *name == day) {
        Some(day) => u8::try_from(day).ok(),
        None => day.parse().ok().filter(|day| *day <= 7),
    }
}

/// 0 = Sunday to 1 = Sunday.
fn shifted(day: u8) -> u8 {
    day % 7 + 1
}

/// A run of days as a range, any others as a list.
fn written(days: &[u8]) -> String {
    match days {
        [first, .., last] if usize::from(last - first) + 1 == days.len() => format!("{first}-{last}"),
        _ => days.iter().map(u8::to_string).collect::<Vec<_>>().join(","),
    }
}

#[cfg(test)]
#[path = "cron/tests.rs"]
mod tests;
