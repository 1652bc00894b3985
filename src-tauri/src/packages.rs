//! The npm packages of a function: the one real folder that it has, with package.json, the lockfile and node_modules.
//!
//! npm works in a folder beside it, which takes its place once npm has succeeded: what fails or is cancelled leaves the
//! packages as they were. Scripts of packages are never run.

mod npm;

use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::function::FunctionId;

pub use npm::{Npm, Problem};

/// A package that a function wants and has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    pub name: String,
    pub version: String,
}

/// What is to become of the packages of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    Install(Vec<String>),
    Remove(String),
    /// Each to its newest version that package.json lets pass.
    Update,
    /// As the lockfile says, of a function that was copied.
    Restore,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Npm(#[from] Problem),
    #[error("The folder of the packages could not be changed: {0}. The packages are as they were.")]
    Folder(#[from] io::Error),
}

const MANIFEST: &str = "package.json";
const LOCKFILE: &str = "package-lock.json";
const MODULES: &str = "node_modules";

/// What npm goes by. `.npmrc` is there where the user has put one, for a registry of their own.
const KEPT: [&str; 3] = [MANIFEST, LOCKFILE, ".npmrc"];

#[derive(Default, Deserialize)]
#[serde(default)]
struct Manifest {
    version: String,
    dependencies: BTreeMap<String, String>,
}

/// Where the packages of all functions are.
pub fn root(data: &Path) -> PathBuf {
    data.join("packages")
}

/// Where the packages of a function are, whether it has any or not.
pub fn folder(data: &Path, id: FunctionId) -> PathBuf {
    root(data).join(id.0.to_string())
}

/// The packages that the function itself wants and has, by name, with the version that is there.
pub fn installed(folder: &Path) -> Vec<Package> {
    settle(folder);
    let present = wanted(folder).into_iter().filter_map(|name| {
        let path = folder.join(MODULES).join(&name).join(MANIFEST);
        path.is_file().then(|| Package { version: manifest(&path).version, name })
    });
    present.collect()
}

/// The digests of folders, which are asked for with everything that is read of a function: each is worked out once, and
/// again when what it was worked out of is another file.
#[derive(Default)]
pub struct Digests(Mutex<HashMap<PathBuf, ([Stamp; 2], String)>>);

/// What tells a file from the one that was there before: when it was written, and how long it is. None is none.
type Stamp = Option<(SystemTime, u64)>;

impl Digests {
    /// Tells one set of versions from another; nothing where none is wanted.
    pub fn of(&self, folder: &Path) -> String {
        settle(folder);
        let stamps = [MANIFEST, LOCKFILE].map(|name| stamp(&folder.join(name)));
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((then, digest)) = known().get(folder)
            && *then == stamps
        {
            return digest.clone();
        }
        let digest = digest(folder);
        known().insert(folder.to_owned(), (stamps, digest.clone()));
        digest
    }
}

fn stamp(path: &Path) -> Stamp {
    let file = fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len()))
}

/// A digest of what the lockfile says of packages. The name of the folder, which npm writes there too, is no version.
fn digest(folder: &Path) -> String {
    #[derive(Deserialize)]
    struct Lockfile {
        packages: BTreeMap<String, serde_json::Value>,
    }
    if wanted(folder).is_empty() {
        return String::new();
    }
    let lockfile = fs::read(folder.join(LOCKFILE)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let Some(Lockfile { mut packages }) = lockfile else { return String::new() };
    packages.remove("");
    let text = serde_json::to_vec(&packages).expect("what was JSON becomes JSON");
    STANDARD.encode(Sha256::digest(text))
}

/// The packages that the function wants, whether they are there or not.
pub fn wanted(folder: &Path) -> Vec<String> {
    manifest(&folder.join(MANIFEST)).dependencies.into_keys().collect()
}

fn manifest(path: &Path) -> Manifest {
    fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Makes the folder in which npm is to work. This is not to be given up half-way: it would take the next one's away.
pub async fn beside(folder: &Path) -> Result<Beside, Error> {
    let folder = folder.to_owned();
    Ok(tokio::task::spawn_blocking(move || Beside::make(&folder)).await.map_err(io::Error::from)??)
}

/// Does what is wished, or leaves everything as it was. `progress` hears how many packages have come.
pub async fn change(
    npm: &Npm,
    folder: &Path,
    beside: Beside,
    wish: &Wish,
    progress: impl Fn(usize),
) -> Result<(), Error> {
    npm.run(&beside.0, wish, progress).await?;
    // Nothing is awaited from here on: it is not cancelled half-way.
    exchange(folder, &beside.0)?;
    discard(&sibling(folder, "before"));
    Ok(())
}

/// Puts another folder in the place of this one, or leaves this one where it is.
fn exchange(folder: &Path, next: &Path) -> io::Result<()> {
    let _alone = alone();
    let before = sibling(folder, "before");
    let was_there = folder.exists();
    if was_there {
        fs::rename(folder, &before)?;
    }
    let renamed = fs::rename(next, folder).or_else(|_| {
        // What has appeared there meanwhile is empty: the editor's server wants folders to exist.
        if was_there {
            clear(folder);
        }
        fs::rename(next, folder)
    });
    renamed.inspect_err(|_| {
        if was_there && let Err(error) = fs::rename(&before, folder) {
            tracing::warn!(%error, folder = %before.display(), "packages are put back when they are looked at next");
        }
    })
}

/// Between the two renames of `exchange` there is no folder, which looks as if a crash had ended it there.
fn alone() -> MutexGuard<'static, ()> {
    static RENAMES: Mutex<()> = Mutex::new(());
    RENAMES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the packages of a copy of a function are known by, which npm then brings by `Wish::Restore`.
pub fn copy(from: &Path, to: &Path) -> io::Result<()> {
    settle(from);
    if !from.join(MANIFEST).is_file() {
        return Ok(());
    }
    copy_kept(from, to)
}

fn copy_kept(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for name in KEPT {
        let file = from.join(name);
        if file.is_file() {
            fs::copy(file, to.join(name))?;
        }
    }
    Ok(())
}

/// The function is gone.
pub fn delete(folder: &Path) {
    clear(folder);
    for ending in ["before", "next", "gone"] {
        clear(&sibling(folder, ending));
    }
}

/// The folder in which npm works; gone when it is dropped, unless it has taken the other's place.
pub struct Beside(PathBuf);

impl Beside {
    fn make(folder: &Path) -> io::Result<Self> {
        settle(folder);
        let beside = Self(sibling(folder, "next"));
        // What a crash has left of a change before this one.
        clear(&beside.0);
        clear(&sibling(folder, "gone"));
        if folder.exists() {
            clear(&sibling(folder, "before"));
        }
        // A registry of their own counts before the first package, too.
        copy_kept(folder, &beside.0)?;
        if !beside.0.join(MANIFEST).exists() {
            fs::write(beside.0.join(MANIFEST), "{\n  \"private\": true\n}\n")?;
        }
        Ok(beside)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        discard(&self.0);
    }
}

/// Out of the way at once, and from the disk on a thread that may block: the next change need not wait for it. Where the
/// name is taken by what is being removed, the next change clears both.
fn discard(folder: &Path) {
    let gone = folder.with_extension("gone");
    if fs::rename(folder, &gone).is_ok() {
        tokio::task::spawn_blocking(move || clear(&gone));
    }
}

/// Ends what a crash between the two renames has left.
fn settle(folder: &Path) {
    let _alone = alone();
    let before = sibling(folder, "before");
    if !folder.exists() && before.exists() {
        let _ = fs::rename(before, folder);
    }
}

fn sibling(folder: &Path, ending: &str) -> PathBuf {
    folder.with_extension(ending)
}

fn clear(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, folder = %folder.display(), "packages that are gone could not be removed");
    }
}

#[cfg(test)]
mod tests;
