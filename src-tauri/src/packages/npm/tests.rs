//! What npm says, and where it is found.

use super::*;

fn problem(lines: &[&str]) -> String {
    let mut said = Said::default();
    lines.iter().for_each(|line| said.hear(line));
    said.problem().to_string()
}

#[test]
fn what_npm_says_becomes_a_sentence() {
    let unknown = problem(&[
        "npm http fetch GET 404 https://registry.npmjs.org/%40no%2fsuch 90ms",
        "npm error code E404",
        "npm error 404 Not Found - GET https://registry.npmjs.org/@no%2fsuch - Not found",
        "npm error 404  '@no/such@*' is not in this registry.",
        "npm error A complete log of this run can be found in: /home/a/.npm/_logs/1.log",
    ]);
    assert!(unknown.starts_with("npm knows no package “@no/such”."), "{unknown}");
    let offline = problem(&["npm error code ENOTFOUND", "npm error syscall getaddrinfo"]);
    assert!(offline.starts_with("The registry of npm can't be reached."), "{offline}");
    let other = problem(&["npm ERR! code ERESOLVE", "npm ERR! unable to resolve dependency tree"]);
    assert_eq!(other, "npm failed: unable to resolve dependency tree. The packages are as they were.");
    assert!(problem(&[]).contains("it did not say why"));
}

#[test]
fn a_name_is_never_taken_for_an_option() {
    let arguments = arguments(&Wish::Install(vec!["hono".to_owned()]));
    let dashes = arguments.iter().position(|argument| argument == "--").expect("the dashes");
    assert_eq!(arguments[dashes + 1..], ["hono"]);
    assert!(arguments[..dashes].iter().any(|argument| argument == "--ignore-scripts"));
}

#[cfg(unix)]
#[test]
fn npm_is_found_where_nvm_puts_it_in_its_newest_version() {
    let home = tempfile::tempdir().expect("a folder");
    for version in ["v9.1.0", "v20.2.0"] {
        let bin = home.path().join(".nvm/versions/node").join(version).join("bin");
        std::fs::create_dir_all(&bin).expect("a folder");
        std::fs::write(bin.join("npm"), "").expect("a file");
    }
    assert_eq!(newest_of_nvm(home.path()), Some(home.path().join(".nvm/versions/node/v20.2.0/bin")));
    let own = home.path().join(".nvm/versions/node/v20.2.0/bin");
    let found = Npm::find_in(Some(own.clone().into_os_string()), None).expect("it is there");
    assert_eq!(found.program, own.join("npm"));
    let given: Vec<&OsString> = found.environment.iter().map(|(name, _)| name).collect();
    assert!(
        given.iter().all(|name| ENVIRONMENT.split_whitespace().any(|own| **name == *own) || *name == "PATH"),
        "{given:?}"
    );
}
