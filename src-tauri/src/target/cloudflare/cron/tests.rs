//! A table of schedules, and a reader of the dialect of our own that compares what they mean, day by day.

use super::*;

fn translated(text: &str) -> String {
    translate(&Cron::parse(text).expect(text)).expect(text)
}

#[test]
fn weekdays_are_numbered_as_cloudflare_numbers_them() {
    for (unix, cloudflare) in [
        ("0 9 * * *", "0 9 * * *"),
        ("*/5 * * * *", "*/5 * * * *"),
        ("0 9 * * ?", "0 9 * * *"),
        ("0 9 * * 0", "0 9 * * 1"),
        ("0 9 * * 7", "0 9 * * 1"),
        ("0 9 * * 6", "0 9 * * 7"),
        ("0 9 * * 1-5", "0 9 * * 2-6"),
        ("0 9 * * 0-6", "0 9 * * 1-7"),
        ("0 9 * * 1-7", "0 9 * * 1-7"),
        ("0 9 * * 6-7", "0 9 * * 1,7"),
        ("0 9 * * 5-7", "0 9 * * 1,6,7"),
        ("0 9 * * 1,3,5", "0 9 * * 2,4,6"),
        ("0 9 * * */2", "0 9 * * 1,3,5,7"),
        ("0 9 * * */3", "0 9 * * 1,4,7"),
        ("0 9 * * 1-5/2", "0 9 * * 2,4,6"),
        ("0 9 * * mon-fri", "0 9 * * MON-FRI"),
        ("0 9 * * MON-SUN", "0 9 * * 1-7"),
        ("0 9 * * SAT-SUN", "0 9 * * 1,7"),
        ("0 9 * * MON,WED", "0 9 * * MON,WED"),
        ("0 9 * * MON,6", "0 9 * * MON,7"),
        ("0 9 * jan-mar 1", "0 9 * JAN-MAR 2"),
        ("0 9 13 * 5", "0 9 13 * 6"),
        ("0 9 */2 * 5", "0 9 1-31/2 * 6"),
        ("0 9 */2 * *", "0 9 */2 * *"),
        ("0 9 L * *", "0 9 L * *"),
        ("0 9 15W * *", "0 9 15W * *"),
        ("0 9 * * 5L", "0 9 * * 6L"),
        ("0 9 * * 5#2", "0 9 * * 6#2"),
        ("0 9 * * FRI#2", "0 9 * * 6#2"),
    ] {
        assert_eq!(translated(unix), cloudflare, "{unix}");
    }
}

#[test]
fn what_can_not_be_said_is_refused_by_name() {
    let refused = translate(&Cron::parse("0 9 * * 1,L").expect("a schedule of ours")).expect_err("no such weekday");
    assert!(refused.to_string().contains("“L” as a weekday in “0 9 * * 1,L”"), "{refused}");
}

/// Which values a field takes, by the rules that Cloudflare documents: numbers, names, lists, ranges and steps.
fn expand(field: &str, from: u32, to: u32, names: &[&str]) -> Vec<u32> {
    let number = |text: &str| {
        let named = names.iter().position(|name| *name == text).map(|index| index as u32 + from);
        let number = named.unwrap_or_else(|| text.parse().expect(field));
        assert!((from..=to).contains(&number), "Cloudflare refuses {number} in {field}");
        number
    };
    let mut values = Vec::new();
    for part in field.split(',') {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (number(first), number(last)),
            None if range == "*" => (from, to),
            None if part.contains('/') => (number(range), to),
            None => (number(range), number(range)),
        };
        assert!(first <= last, "Cloudflare refuses a range that goes back: {field}");
        values.extend((first..=last).step_by(step.parse().expect("a step")));
    }
    values
}

fn runs_on(cloudflare: &str, day: jiff::civil::Date) -> bool {
    let fields: Vec<&str> = cloudflare.split(' ').collect();
    let months = expand(fields[3], 1, 12, &["JAN", "FEB", "MAR"]);
    let in_days = expand(fields[2], 1, 31, &[]).contains(&(day.day() as u32));
    let weekday = day.weekday().to_sunday_one_offset() as u32;
    let in_weekdays = expand(fields[4], 1, 7, &NAMES).contains(&weekday);
    let either = fields[2] != "*" && fields[4] != "*";
    months.contains(&(day.month() as u32)) && if either { in_days || in_weekdays } else { in_days && in_weekdays }
}

#[test]
fn a_schedule_runs_on_the_same_days_in_both_dialects() {
    let ends = ["0", "1", "2", "5", "6", "7", "SUN", "MON", "SAT"];
    let mut weekdays: Vec<String> =
        ["*", "*/2", "*/3", "*/7", "1/2", "0/3", "1-7/2", "0,7", "1,3-4,sat"].map(Into::into).into();
    weekdays.extend(ends.map(Into::into));
    for from in ends {
        for to in ends {
            weekdays.push(format!("{from}-{to}"));
            weekdays.push(format!("{from}-{to}/2"));
        }
    }
    let start: jiff::civil::Date = "2026-01-01".parse().expect("a date");
    let mut compared = 0;
    for weekday in &weekdays {
        for day in ["*", "13", "*/7", "1-7", "28-31"] {
            // Not every range is a schedule: 5-2 is none.
            let Ok(cron) = Cron::parse(&format!("0 9 {day} * {weekday}")) else { continue };
            let cloudflare = translate(&cron).expect("days are all that it says");
            let zoned = start.to_zoned(jiff::tz::TimeZone::UTC).expect("a day of UTC");
            let mut next = cron.runs_after(zoned.timestamp().as_millisecond());
            let mut expected = next.next();
            for offset in 0..100 {
                let date = start.checked_add(jiff::Span::new().days(offset)).expect("a day of this year");
                let at = date.at(9, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).expect("a time of UTC");
                let ours = expected == Some(at.timestamp().as_millisecond());
                assert_eq!(runs_on(&cloudflare, date), ours, "{} as {cloudflare} on {date}", cron.as_str());
                if ours {
                    expected = next.next();
                }
            }
            compared += 1;
        }
    }
    assert!(compared > 300, "{compared}");
}
