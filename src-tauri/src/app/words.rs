//! How lists are said in a message: in a native dialog most of all, which grows with what it says.

/// A longer list is said in part.
const LONGEST: usize = 12;
const SAID: usize = 10;

/// “A”, “A and B”, “A, B and C”, “A, B, … and 30 more”.
pub(super) fn listed(all: &[impl AsRef<str>]) -> String {
    let all: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
    match &all[..] {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] if all.len() <= LONGEST => format!("{} and {last}", first.join(", ")),
        _ => format!("{} and {} more", all[..SAID].join(", "), all.len() - SAID),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_said_as_people_say_it_and_a_long_one_in_part() {
        let of = |count: u32| listed(&(1..=count).map(|each| each.to_string()).collect::<Vec<_>>());
        assert_eq!([of(0), of(1), of(2), of(3)], ["", "1", "1 and 2", "1, 2 and 3"]);
        assert_eq!(of(12), "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 12");
        assert_eq!(of(40), "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 30 more");
    }
}
