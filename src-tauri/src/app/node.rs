//! What of Node the runtime gives a function, by its compatibility date and flags. Pure.

use crate::store::functions::FunctionRow;

/// From this date on, Node compatibility fills `process.env`.
const PROCESS_ENV_SINCE: &str = "2025-04-01";

/// From this date on, it brings the globals `Buffer` and `process`.
const GLOBALS_SINCE: &str = "2024-09-23";

/// From this date on, it is there without being asked for.
const DEFAULT_SINCE: &str = "2026-08-04";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// `node:crypto` and its like.
    pub(super) modules: bool,
    /// `Buffer` and `process`.
    pub(super) globals: bool,
    /// The secrets as `process.env`, too.
    pub(super) process_env: bool,
}

impl Node {
    pub(super) fn of(row: &FunctionRow) -> Self {
        Self::by(&row.compatibility_date, &row.compatibility_flags)
    }

    fn by(date: &str, flags: &[String]) -> Self {
        let flag = |name: &str| flags.iter().any(|flag| flag == name);
        // As the runtime counts: a flag, or a date and not the flag against it.
        let on = |name: &str, since: &str| flag(name) || date >= since && !flag(&format!("no_{name}"));
        let first = on("nodejs_compat", DEFAULT_SINCE);
        let second = flag("nodejs_compat_v2")
            || !flag("no_nodejs_compat_v2") && (first && date >= GLOBALS_SINCE || date >= DEFAULT_SINCE);
        let filled = flag("nodejs_compat_populate_process_env") || first && date >= PROCESS_ENV_SINCE;
        let emptied = flag("nodejs_compat_do_not_populate_process_env");
        Self { modules: first || second, globals: second, process_env: second && filled && !emptied }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line was asked of the runtime.
    #[test]
    fn a_date_and_flags_say_what_of_node_is_there() {
        let given = |date: &str, flags: &[&str]| {
            let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
            let Node { modules, globals, process_env } = Node::by(date, &flags);
            (modules, globals, process_env)
        };
        let (nothing, all) = ((false, false, false), (true, true, true));
        assert_eq!(given("2026-11-17", &[]), all);
        assert_eq!(given("2026-11-17", &["nodejs_compat"]), all);
        assert_eq!(given("2026-11-17", &["no_nodejs_compat"]), (true, true, false));
        assert_eq!(given("2026-11-17", &["no_nodejs_compat_v2"]), (true, false, false));
        assert_eq!(given("2026-11-17", &["no_nodejs_compat", "no_nodejs_compat_v2"]), nothing);
        assert_eq!(given("2026-11-17", &["nodejs_compat_do_not_populate_process_env"]), (true, true, false));
        assert_eq!(given("2026-01-01", &[]), nothing);
        assert_eq!(given("2026-01-01", &["nodejs_compat"]), all);
        assert_eq!(given("2026-01-01", &["nodejs_compat_v2"]), (true, true, false));
        assert_eq!(given("2025-03-31", &["nodejs_compat"]), (true, true, false));
        assert_eq!(given("2025-03-31", &["nodejs_compat", "nodejs_compat_populate_process_env"]), all);
        assert_eq!(given("2024-01-01", &["nodejs_compat"]), (true, false, false));
        assert_eq!(given("2024-01-01", &["nodejs_compat_v2"]), (true, true, false));
    }
}
