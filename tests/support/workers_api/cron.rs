//! The crons that the API takes: five fields, weekdays from 1 (Sunday) to 7 (Saturday), the names of months and days,
//! and `L`, `W` and `#` where a day may have them. Whether a cron is one, and not when it is due.

/// Inclusive, with the names that stand for the numbers from the first one on.
struct Field {
    first: u32,
    last: u32,
    names: &'static [&'static str],
}

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const FIELDS: [Field; 5] = [
    Field { first: 0, last: 59, names: &[] },
    Field { first: 0, last: 23, names: &[] },
    Field { first: 1, last: 31, names: &[] },
    Field { first: 1, last: 12, names: MONTHS },
    Field { first: 1, last: 7, names: DAYS },
];

pub(super) fn is_cron(text: &str) -> bool {
    let parts: Vec<&str> = text.split_ascii_whitespace().collect();
    parts.len() == FIELDS.len() && parts.iter().zip(&FIELDS).all(|(part, field)| field.takes_list(part))
}

impl Field {
    fn takes_list(&self, list: &str) -> bool {
        list.split(',').all(|entry| self.takes(entry))
    }

    fn takes(&self, entry: &str) -> bool {
        let (range, step) = match entry.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (entry, None),
        };
        let steps = step.is_none_or(|step| step.parse().is_ok_and(|step: u32| (1..=self.last).contains(&step)));
        let ranges = match range.split_once('-') {
            _ if range == "*" => true,
            Some((from, to)) => matches!((self.number(from), self.number(to)), (Some(from), Some(to)) if from <= to),
            None => self.number(range).is_some() || (step.is_none() && self.takes_special(range)),
        };
        steps && ranges
    }

    /// The last day, the weekday nearest to one, the last or the nth of a weekday.
    fn takes_special(&self, entry: &str) -> bool {
        match self.last {
            31 => {
                entry == "L" || entry == "LW" || entry.strip_suffix('W').is_some_and(|day| self.number(day).is_some())
            }
            7 => {
                let nth =
                    |(day, nth): (&str, &str)| self.number(day).is_some() && ["1", "2", "3", "4", "5"].contains(&nth);
                entry.strip_suffix('L').is_some_and(|day| day.is_empty() || self.number(day).is_some())
                    || entry.split_once('#').is_some_and(nth)
            }
            _ => false,
        }
    }

    fn number(&self, text: &str) -> Option<u32> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let number = match named {
            Some(index) => self.first + u32::try_from(index).ok()?,
            None if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().ok()?,
            None => return None,
        };
        (self.first..=self.last).contains(&number).then_some(number)
    }
}
