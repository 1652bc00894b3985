//! The folder where processes and the app meet: one folder for each process, 0700, holding Unix sockets and nothing
//! else. What a killed app left behind is removed at the next start.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;

/// A socket's path has room for 104 bytes with its NUL on macOS, and for 108 on Linux.
const MAX_SOCKET_PATH: usize = 103;

/// `/` and eight hex digits for the process, `/` and the longest name of a socket.
const LONGEST_TAIL: usize = 1 + 8 + 1 + "trigger".len();

/// How a stand-in is called: this, and 16 hex digits.
const STAND_IN: &str = "postern-";

pub(super) struct RunFolder {
    path: PathBuf,
    /// Held for as long as this app lives, so that another one knows not to clean up.
    _lock: Option<File>,
    /// Made by us, under a short name, because the one asked for could not be used.
    stand_in: bool,
}

impl RunFolder {
    /// A folder under the system's temporary one stands in for a path that is too long for a socket, or that leads to
    /// something that is not ours.
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        let fits = path.as_os_str().len() + LONGEST_TAIL <= MAX_SOCKET_PATH;
        match fits.then(|| Self::at(path)) {
            Some(Ok(folder)) => Ok(folder),
            Some(Err(_)) | None => Self::stand_in(&std::env::temp_dir()),
        }
    }

    fn at(path: PathBuf) -> io::Result<Self> {
        private(true).create(&path)?;
        if !is_own(&path)? {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700))?;
        let lock = lock(File::create(path.join("lock"))?);
        if lock.is_some() {
            remove_folders_in(&path)?;
        }
        Ok(Self { path, _lock: lock, stand_in: false })
    }

    fn stand_in(below: &Path) -> io::Result<Self> {
        remove_stand_ins(below);
        let path = below.join(format!("{STAND_IN}{}", random_hex::<8>()?));
        private(false).create(&path)?;
        let lock = lock(File::create(path.join("lock"))?);
        Ok(Self { path, _lock: lock, stand_in: true })
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

/// Whether this user's own folder is there itself, and not a link to one: names in shared folders can be planted.
fn is_own(path: &Path) -> io::Result<bool> {
    let found = fs::symlink_metadata(path)?;
    Ok(found.is_dir() && found.uid() == rustix::process::geteuid().as_raw())
}

/// `None` while another process holds it.
fn lock(file: File) -> Option<File> {
    rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).ok().map(|()| file)
}

fn is_hex(name: &str, length: usize) -> bool {
    name.len() == length && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn remove_folders_in(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        // Ours by its name: whatever else is there was not put there by us.
        if entry.file_type()?.is_dir() && entry.file_name().to_str().is_some_and(|name| is_hex(name, 8)) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// What killed apps of this user left. Whatever fails here is tried again at the next start.
fn remove_stand_ins(below: &Path) {
    for entry in fs::read_dir(below).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let ours = name.to_str().and_then(|name| name.strip_prefix(STAND_IN)).is_some_and(|rest| is_hex(rest, 16));
        if ours
            && is_own(&entry.path()).unwrap_or(false)
            && let Ok(file) = File::open(entry.path().join("lock"))
            && let Some(_lock) = lock(file)
        {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
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

    #[test]
    fn a_link_is_not_followed() {
        let root = tempfile::tempdir().unwrap();
        let (link, elsewhere) = (root.path().join("run"), root.path().join("elsewhere"));
        fs::create_dir(&elsewhere).unwrap();
        fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
        let run = RunFolder::open(link).unwrap();
        let process = run.for_process().unwrap();
        assert!(run.stand_in && !process.path().starts_with(root.path().join("run")));
        assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
        assert_eq!(fs::metadata(&elsewhere).unwrap().permissions().mode() & 0o777, 0o755);
    }

    #[test]
    fn stand_ins_that_nobody_holds_are_removed() {
        let root = tempfile::tempdir().unwrap();
        let stale = root.path().join("postern-0123456789abcdef");
        let foreign = root.path().join("postern-documents");
        for folder in [&stale, &foreign] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("lock"), "").unwrap();
        }
        let first = RunFolder::stand_in(root.path()).unwrap();
        let second = RunFolder::stand_in(root.path()).unwrap();
        assert!(!stale.exists());
        assert!(foreign.exists() && first.path.exists());
        let path = second.path.clone();
        drop(second);
        assert!(!path.exists());
    }
}
