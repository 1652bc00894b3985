//! What the process does to itself before it knows any secret.

/// No core dumps, no debugger of another process of this user, and panics that say where and not what.
pub fn apply() {
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{
        env, fs,
        io::{self, BufRead, BufReader, Read, Write},
        process::{Command, Stdio},
    };

    use rustix::process::{dumpable_behavior, getuid};

    use super::*;

    /// Set where this program runs as the one that is hardened.
    const HARDENED: &str = "POSTERN_TEST_HARDENED";
    const VALUE: &str = "canary-made-up-value-for-tests-a1b2c3d4";

    #[test]
    fn a_hardened_program_leaves_no_core_keeps_its_memory_and_panics_without_contents() {
        let mut program = Command::new(env::current_exe().expect("this program"))
            .args(["--exact", "hardening::tests::a_program_that_panics", "--nocapture"])
            .env(HARDENED, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(program.stdout.take().expect("piped")).lines().map_while(Result::ok);
        let said = lines.find(|line| line.contains("dumpable: ")).expect("it is ready");
        assert!(said.ends_with("dumpable: Ok(NotDumpable)"), "others may look into it: {said}");

        let of = |name: &str| fs::read_to_string(format!("/proc/{}/{name}", program.id()));
        let limits = of("limits").expect("anybody may read these");
        let cores = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
        assert_eq!(cores.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
        // Root may read everything.
        if !getuid().is_root() {
            assert_eq!(of("environ").expect_err("it is kept to itself").kind(), io::ErrorKind::PermissionDenied);
        }

        program.stdin.take().expect("piped").write_all(b"panic\n").expect("it listens");
        let mut said = String::new();
        program.stderr.take().expect("piped").read_to_string(&mut said).expect("a text");
        said.extend(lines);
        assert!(!program.wait().expect("it ends").success());
        assert!(said.contains("postern: internal error at src-tauri/src/hardening.rs:"), "{said}");
        assert!(!said.contains(VALUE), "a panic has said its contents");
    }

    /// No test of its own: what the one above runs.
    #[test]
    fn a_program_that_panics() {
        if env::var_os(HARDENED).is_none() {
            return;
        }
        apply();
        println!("dumpable: {:?}", dumpable_behavior());
        io::stdin().read_line(&mut String::new()).expect("a line");
        panic!("{VALUE}");
    }
}
