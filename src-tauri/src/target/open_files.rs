//! How many files the app may have open: each call takes two, and desktops start programs with room for 1,024.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More than this is never needed. macOS refuses more than the second, whatever its hard limit says.
const WANTED: [u64; 2] = [65_536, 10_240];

/// As many as the system lets us have. Where it lets us have no more, calls beyond the limit wait for others.
pub(super) fn raise_limit() {
    let Rlimit { current: Some(current), maximum } = getrlimit(Resource::Nofile) else {
        return;
    };
    for wanted in WANTED.map(|wanted| wanted.min(maximum.unwrap_or(wanted))) {
        if wanted <= current || setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }).is_ok() {
            return;
        }
    }
}
