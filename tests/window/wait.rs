//! Waiting for what happens in its own time: looked at often, and given up with a sentence. Nothing sleeps a fixed time.

use std::{
    thread,
    time::{Duration, Instant},
};

const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Generous, since the machine may be busy: only what fails waits this long.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// Waits until it is so.
#[track_caller]
pub(crate) fn until(what: &str, mut so: impl FnMut() -> bool) {
    found(what, || so().then_some(()));
}

/// Waits until there is one, and answers it.
#[track_caller]
pub(crate) fn found<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < LIMIT, "waited {LIMIT:?} in vain: {what}");
        thread::sleep(LOOK_EVERY);
    }
}

/// Waits until what is read equals what is expected; says both where it never does.
#[track_caller]
pub(crate) fn becomes<T: PartialEq + std::fmt::Debug>(expected: T, mut read: impl FnMut() -> T) {
    let began = Instant::now();
    loop {
        let seen = read();
        if seen == expected {
            return;
        }
        assert!(began.elapsed() < LIMIT, "waited {LIMIT:?} in vain for {expected:?}; it is {seen:?}");
        thread::sleep(LOOK_EVERY);
    }
}

/// Fails as soon as it is no longer so. Holding is all that can be seen of what must not happen.
#[track_caller]
pub(crate) fn stays(what: &str, time: Duration, mut so: impl FnMut() -> bool) {
    let began = Instant::now();
    while began.elapsed() < time {
        assert!(so(), "no longer so: {what}");
        thread::sleep(LOOK_EVERY);
    }
}
