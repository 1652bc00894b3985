//! The real npm, with packages that lie on the disk: no registry is asked.

use super::*;

/// A package of the test's, whose script would leave a mark.
fn package(at: &Path, name: &str) -> String {
    let folder = at.join(name);
    fs::create_dir_all(&folder).expect("a folder");
    let manifest = format!(
        r#"{{ "name": "{name}", "version": "1.2.3", "main": "main.js", "scripts": {{ "install": "touch ran", "postinstall": "touch ran" }} }}"#
    );
    fs::write(folder.join(MANIFEST), manifest).expect("a file");
    fs::write(folder.join("main.js"), "exports.a = 1").expect("a file");
    folder.to_string_lossy().into_owned()
}

fn function(data: &Path) -> PathBuf {
    let folder = folder(data, FunctionId(7));
    fs::create_dir_all(&folder).expect("a folder");
    // Copied into node_modules, as from a registry.
    fs::write(folder.join(".npmrc"), "install-links=true\noffline=true\n").expect("a file");
    folder
}

/// In place of npm, a program that does this.
#[cfg(unix)]
fn script(data: &Path, does: &str) -> Npm {
    use std::os::unix::fs::PermissionsExt;

    let program = data.join("npm");
    fs::write(&program, format!("#!/bin/sh\n{does}\n")).expect("a program");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).expect("it can be run");
    Npm::find_in(Some(data.as_os_str().to_owned()), None).expect("it is found")
}

async fn does(npm: &Npm, folder: &Path, wish: &Wish) -> Result<(), Error> {
    change(npm, folder, beside(folder).await?, wish, |_| {}).await
}

#[tokio::test]
async fn packages_are_installed_removed_and_never_run() {
    let data = tempfile::tempdir().expect("a folder");
    let (folder, npm) = (function(data.path()), Npm::find().expect("npm is here"));
    let names = ["one", "two"].map(|name| package(data.path(), name));
    does(&npm, &folder, &Wish::Install(names.to_vec())).await.expect("installed");

    let package = |name: &str| Package { name: name.to_owned(), version: "1.2.3".to_owned() };
    assert_eq!(installed(&folder), [package("one"), package("two")]);
    assert!(folder.join(LOCKFILE).is_file());
    assert!(!folder.join("node_modules/one/ran").exists(), "a script ran");

    does(&npm, &folder, &Wish::Remove("one".to_owned())).await.expect("removed");
    assert_eq!(installed(&folder), [package("two")]);
    assert!(!folder.join("node_modules/one").exists());

    let copied = super::folder(data.path(), FunctionId(8));
    copy(&folder, &copied).expect("copied");
    assert_eq!(installed(&copied), []);
    does(&npm, &copied, &Wish::Restore).await.expect("restored");
    assert_eq!(installed(&copied), [package("two")]);

    delete(&folder);
    assert!(!folder.exists());
}

#[tokio::test]
async fn without_a_network_what_was_there_stays() {
    let data = tempfile::tempdir().expect("a folder");
    let (folder, npm) = (function(data.path()), Npm::find().expect("npm is here"));
    does(&npm, &folder, &Wish::Install(vec![package(data.path(), "one")])).await.expect("installed");

    let refused = does(&npm, &folder, &Wish::Install(vec!["postern-no-such-package".to_owned()])).await;
    let error = refused.expect_err("nothing is cached under this name").to_string();
    assert!(error.contains("can't be reached") && error.contains("as they were"), "{error}");
    assert_eq!(installed(&folder).len(), 1);
    assert!(!sibling(&folder, "next").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_given_up_is_killed_with_all_that_it_has_started() {
    use std::time::Duration;

    let data = tempfile::tempdir().expect("a folder");
    let folder = function(data.path());
    let mark = data.path().join("late");
    let npm = script(data.path(), &format!("(sleep 1; touch {}) &\nwait", mark.display()));

    let wish = Wish::Install(vec!["one".to_owned()]);
    let given_up = tokio::time::timeout(Duration::from_millis(300), does(&npm, &folder, &wish)).await;
    assert!(given_up.is_err());
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert!(!mark.exists(), "a child of npm went on");
    assert!(!sibling(&folder, "next").exists());
}

#[test]
fn a_crash_between_the_two_renames_loses_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let folder = function(data.path());
    fs::rename(&folder, sibling(&folder, "before")).expect("renamed");
    installed(&folder);
    assert!(folder.join(".npmrc").is_file());
}

#[tokio::test]
async fn what_a_crash_has_left_is_in_the_way_of_no_change() {
    let data = tempfile::tempdir().expect("a folder");
    let (folder, npm) = (function(data.path()), Npm::find().expect("npm is here"));
    for ending in ["before", "next", "gone"] {
        fs::create_dir_all(sibling(&folder, ending).join(MODULES)).expect("a folder");
    }
    does(&npm, &folder, &Wish::Install(vec![package(data.path(), "one")])).await.expect("installed");
    does(&npm, &folder, &Wish::Remove("one".to_owned())).await.expect("removed");
    assert_eq!(installed(&folder), []);
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_cannot_take_the_place_leaves_the_one_that_is_there() {
    let data = tempfile::tempdir().expect("a folder");
    let folder = function(data.path());
    let npm = script(data.path(), "rm -r \"$PWD\"");
    let error = does(&npm, &folder, &Wish::Update).await.expect_err("there is nothing to take the place");
    assert!(error.to_string().contains("as they were"), "{error}");
    assert!(folder.join(".npmrc").is_file());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_looks_while_the_folders_change_places_is_not_in_the_way() {
    use std::sync::atomic::{AtomicBool, Ordering};

    let data = tempfile::tempdir().expect("a folder");
    let folder = function(data.path());
    let npm = script(data.path(), "exit 0");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                installed(&folder);
            }
        });
        let changes = async {
            for _ in 0..200 {
                does(&npm, &folder, &Wish::Update).await?;
            }
            Ok::<_, Error>(())
        };
        let changed = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(changes));
        over.store(true, Ordering::Relaxed);
        changed.expect("each of them");
    });
}

#[test]
fn the_same_versions_have_the_same_digest_whatever_the_folder_is_called() {
    let data = tempfile::tempdir().expect("a folder");
    let folder = function(data.path());
    fs::write(folder.join(MANIFEST), r#"{ "dependencies": { "one": "^1.0.0" } }"#).expect("a file");
    let digests = Digests::default();
    let locked = |name: &str, version: &str| {
        let packages = format!(r#"{{ "": {{ "name": "{name}" }}, "node_modules/one": {{ "version": "{version}" }} }}"#);
        fs::write(folder.join(LOCKFILE), format!(r#"{{ "name": "{name}", "packages": {packages} }}"#)).expect("a file");
        digests.of(&folder)
    };
    let one = locked("7.next", "1.0.0");
    assert_eq!(locked("18.next", "1.0.0"), one);
    assert_ne!(locked("18.next", "1.0.10"), one);
    fs::remove_file(folder.join(MANIFEST)).expect("it was there");
    assert_eq!(digests.of(&folder), "");
}

#[test]
fn a_lockfile_is_read_once_for_each_time_that_it_is_written() {
    let data = tempfile::tempdir().expect("a folder");
    let folder = function(data.path());
    fs::write(folder.join(MANIFEST), r#"{ "dependencies": { "one": "^1.0.0" } }"#).expect("a file");
    let lock = |version: &str, at: SystemTime| {
        let text = format!(r#"{{ "packages": {{ "node_modules/one": {{ "version": "{version}" }} }} }}"#);
        fs::write(folder.join(LOCKFILE), text).expect("a file");
        let file = fs::File::options().write(true).open(folder.join(LOCKFILE)).expect("the file");
        file.set_modified(at).expect("a time");
    };
    let (digests, now) = (Digests::default(), SystemTime::now());
    lock("1.0.0", now);
    let one = digests.of(&folder);
    // As long, and of the same moment: nothing tells that it is another.
    lock("2.0.0", now);
    assert_eq!(digests.of(&folder), one);
    lock("2.0.0", now + std::time::Duration::from_secs(1));
    assert_ne!(digests.of(&folder), one);
}
