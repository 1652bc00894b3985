//! What the process does to itself before it knows any secret.

/// No core dumps, no debugger of another process of this user, and panics that say where and not what.
pub(super) fn apply() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        if setrlimit(Resource::Core, none).is_err() || set_dumpable_behavior(DumpableBehavior::NotDumpable).is_err() {
            eprintln!("postern: this system does not let a program forbid core dumps");
        }
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
        eprintln!("postern: internal error{place}");
    }));
}
