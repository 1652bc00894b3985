//! The folder where processes and the app meet: one folder for each process, 0700, holding Unix sockets and nothing
//! else. What a killed app left behind is removed at the next start.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;

/// A socket's path has room for 104 bytes with its NUL on macOS, and for 108 on Linux.
const MAX_SOCKET_PATH: usize = 103;

/// `/` and eight hex digits for the process, `/` and the longest name of a socket.
const LONGEST_TAIL: usize = 1 + 8 + 1 + "trigger".len();

pub(super) struct RunFolder {
    path: PathBuf,
    /// Held for as long as this app lives, so that another one knows not to clean up.
    _lock: Option<File>,
    /// Made by us, under a short name, because the one asked for was too long for a socket.
    stand_in: bool,
}

impl RunFolder {
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        if path.as_os_str().len() + LONGEST_TAIL > MAX_SOCKET_PATH {
            let path = std::env::temp_dir().join(format!("postern-{}", random_hex::<8>()?));
            private(false).create(&path)?;
            return Ok(Self { path, _lock: None, stand_in: true });
        }
        private(true).create(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700))?;
        let lock = File::create(path.join("lock"))?;
        let alone = rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok();
        if alone {
            remove_folders_in(&path)?;
        }
        Ok(Self { path, _lock: alone.then_some(lock), stand_in: false })
    }

    pub(super) fn for_process(&self) -> io::Result<ProcessFolder> {
        let path = self.path.join(random_hex::<4>()?);
        private(false).create(&path)?;
        Ok(ProcessFolder(path))
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if self.stand_in {
            drop(fs::remove_dir_all(&self.path));
        }
    }
}

/// One process's folder; its working directory too. Removed when dropped.
pub(super) struct ProcessFolder(PathBuf);

impl ProcessFolder {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn http(&self) -> PathBuf {
        self.0.join("http")
    }

    pub(super) fn trigger(&self) -> PathBuf {
        self.0.join("trigger")
    }

    pub(super) fn host(&self) -> PathBuf {
        self.0.join("host")
    }
}

impl Drop for ProcessFolder {
    fn drop(&mut self) {
        // What cannot be removed now is removed at the next start.
        drop(fs::remove_dir_all(&self.0));
    }
}

fn private(parents: bool) -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.mode(0o700).recursive(parents);
    builder
}

fn is_process_name(name: &str) -> bool {
    name.len() == 8 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn remove_folders_in(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        // Ours by its name: whatever else is there was not put there by us.
        if entry.file_type()?.is_dir() && entry.file_name().to_str().is_some_and(is_process_name) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// `N` random bytes from the operating system, as `2 * N` hex digits.
pub(super) fn random_hex<const N: usize>() -> io::Result<String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_for_this_user_only_and_go_with_their_owner() {
        let root = tempfile::tempdir().unwrap();
        let run = RunFolder::open(root.path().join("run")).unwrap();
        let process = run.for_process().unwrap();
        let path = process.path().to_owned();
        for folder in [root.path().join("run"), path.clone()] {
            assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
        }
        drop(process);
        assert!(!path.exists());
    }

    #[test]
    fn what_a_killed_app_left_is_removed_and_what_a_living_one_uses_is_not() {
        let root = tempfile::tempdir().unwrap();
        let stale = root.path().join("0badcafe");
        let foreign = root.path().join("documents");
        fs::create_dir(&stale).unwrap();
        fs::create_dir(&foreign).unwrap();
        let first = RunFolder::open(root.path().into()).unwrap();
        assert!(!stale.exists());
        assert!(foreign.exists());

        let used = first.for_process().unwrap();
        let _second = RunFolder::open(root.path().into()).unwrap();
        assert!(used.path().exists());
    }

    #[test]
    fn a_path_too_long_for_a_socket_is_replaced_by_a_short_one() {
        let root = tempfile::tempdir().unwrap();
        let run = RunFolder::open(root.path().join("long".repeat(30))).unwrap();
        let process = run.for_process().unwrap();
        std::os::unix::net::UnixListener::bind(process.trigger()).unwrap();
    }
}
