//! The walls of the house, as a test: who may know whom, what the page may call, how long a file may be.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder with one of these endings, with its text.
fn files(folder: &str, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is there").filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
                let text = fs::read_to_string(&path).expect("source is text");
                found.push((path.strip_prefix(root()).expect("it is below").to_owned(), text));
            }
        }
    }
    assert!(!found.is_empty(), "nothing found below {folder}");
    found
}

/// A room with all that is in it: the file of its name, and the folder.
fn room(name: &str) -> Vec<(PathBuf, String)> {
    let (file, folder) = (format!("src-tauri/src/{name}.rs"), format!("src-tauri/src/{name}"));
    let text = fs::read_to_string(root().join(&file)).expect("the room is there");
    [vec![(PathBuf::from(file), text)], files(&folder, &[".rs"])].concat()
}

/// The names of the public methods and functions in a text, with what each answers.
fn answers(text: &str) -> Vec<(&str, &str)> {
    let signatures = ["pub fn ", "pub async fn "].map(|begin| text.split(begin).skip(1)).into_iter().flatten();
    let signatures = signatures.filter_map(|rest| rest.split_once(" {").map(|(signature, _)| signature));
    let answer = |signature: &'_ str| signature.rfind(") -> ").map_or(signature.len(), |at| at + 5);
    signatures
        .map(|signature| (signature.split(['(', '<']).next().unwrap_or_default(), &signature[answer(signature)..]))
        .collect()
}

/// The crate's modules that a file names in paths.
fn known_modules(text: &str) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for (start, _) in text.match_indices("crate::") {
        let rest = &text[start + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            // The first word of each entry of the group, which may nest.
            let (mut depth, mut word, mut fresh) = (0, String::new(), true);
            for character in group.chars() {
                match character {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => fresh = true,
                    c if c.is_alphanumeric() || c == '_' => {
                        if depth == 0 && fresh {
                            word.push(c);
                        }
                        continue;
                    }
                    _ => {}
                }
                if !word.is_empty() {
                    known.insert(std::mem::take(&mut word));
                    fresh = false;
                }
            }
            known.extend(Some(word).filter(|word| !word.is_empty()));
        } else {
            known.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    known
}

#[test]
fn arrows_between_rooms_run_down_only() {
    const DOMAIN: &[&str] = &["function", "secret", "deployment", "schedule"];
    const ROOMS: &[&str] = &["vault", "store", "source", "target", "logs", "language", "packages"];
    for (path, text) in files("src-tauri/src", &[".rs"]) {
        let room = path.components().nth(2).expect("a module").as_os_str().to_string_lossy().replace(".rs", "");
        let allowed: Vec<&str> = match room.as_str() {
            "main" | "desktop" | "lib" => continue,
            "app" | "error" | "wire" => continue,
            domain if DOMAIN.contains(&domain) => DOMAIN.to_vec(),
            // The rooms of the middle row do not know each other.
            room => DOMAIN.iter().copied().chain(ROOMS.iter().copied().filter(|other| *other == room)).collect(),
        };
        for module in known_modules(&text) {
            // Lower-case words that are rooms of ours; anything else is a nested name.
            let ours = DOMAIN.contains(&module.as_str()) || ROOMS.contains(&module.as_str());
            let above = ["app", "wire", "error"].contains(&module.as_str());
            assert!(!above && (!ours || allowed.contains(&module.as_str())), "{} knows {module}", path.display());
        }
    }
}

#[test]
fn the_walls_are_seen_through_by_this_test() {
    let text = "use crate::{\n    app::{self, App},\n    store::Store,\n};\nfn f() { crate::vault::x() }";
    let known: Vec<String> = known_modules(text).into_iter().collect();
    assert_eq!(known, ["app", "store", "vault"]);
}

#[test]
fn only_the_desktop_knows_tauri_and_only_ipc_ts_knows_its_page_half() {
    for (path, text) in files("src-tauri/src", &[".rs"]) {
        let desktop = path.starts_with("src-tauri/src/desktop") || path.ends_with("desktop.rs");
        assert!(
            desktop || !(text.contains("tauri::") || text.contains("rfd::")),
            "{} knows the window",
            path.display()
        );
    }
    for (path, text) in files("ui/src", &[".ts", ".svelte"]) {
        assert!(path.ends_with("ipc.ts") || !text.contains("@tauri-apps"), "{} imports @tauri-apps", path.display());
    }
}

#[test]
fn the_store_never_holds_an_opened_value_and_the_vault_knows_no_sql() {
    for (path, text) in room("store") {
        assert!(!text.contains("SecretValue"), "{} holds a value", path.display());
    }
    for (path, text) in room("vault") {
        assert!(!text.contains("rusqlite"), "{} knows SQL", path.display());
    }
}

/// What has values in it, opened, sealed or about to be sealed.
const VALUES: &[&str] = &["SecretValue", "TypedValue", "SealedRow", "Sealed", "Binding", "Bundle", "Redactor"];

#[test]
fn no_method_of_the_app_answers_a_value() {
    let mut seen = 0;
    for (path, text) in room("app") {
        for (method, answer) in answers(&text) {
            let mut words = answer.split(|c: char| !c.is_alphanumeric());
            assert!(!words.any(|word| VALUES.contains(&word)), "{}: {method} answers {answer}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 50, "only {seen} methods were seen");
}

#[test]
fn what_a_method_answers_is_seen_by_this_test() {
    let text = "pub async fn open(\n    &self,\n    heard: impl Fn(usize) -> usize,\n) -> Result<Vec<SecretValue>, Failure> {\n
                pub fn tell<T>(&self, value: SecretValue) {\n    let f = |x| -> u8 { x };\n}\n
                pub(super) fn inside(&self) -> SecretValue {";
    assert_eq!(answers(text), [("tell", ""), ("open", "Result<Vec<SecretValue>, Failure>")]);
}

#[test]
fn the_page_may_call_exactly_the_commands_that_exist() {
    let text = |path: &str| fs::read_to_string(root().join(path)).expect("it is there");
    let handler = text("src-tauri/src/desktop/commands.rs");
    let between = |text: &str, from: &str, to: &str| {
        let start = text.find(from).expect("the list begins") + from.len();
        text[start..start + text[start..].find(to).expect("the list ends")].to_owned()
    };
    let words = |list: String| -> BTreeSet<String> {
        list.split([',', '\n'])
            .map(|word| word.trim().trim_matches('"').to_owned())
            .filter(|word| !word.is_empty())
            .collect()
    };
    // By the last name of their path: some stand in a file of their own.
    let handled = words(between(&handler, "generate_handler![", "]"));
    let handled: BTreeSet<String> =
        handled.iter().map(|path| path.rsplit("::").next().unwrap_or(path).to_owned()).collect();
    assert!(handled.len() > 10);
    assert_eq!(handled, words(between(&text("src-tauri/build.rs"), "COMMANDS: &[&str] = &[", "]")), "build.rs");
    let capability: BTreeSet<String> =
        words(between(&text("src-tauri/capabilities/main.json"), "\"permissions\": [", "]"))
            .iter()
            .filter_map(|permission| Some(permission.strip_prefix("allow-")?.replace('-', "_")))
            .collect();
    assert_eq!(handled, capability, "the capability");
    let ipc = text("ui/src/ipc.ts");
    let called = ipc.split("call<").skip(1).filter_map(|call| {
        let (_, arguments) = call.split_once(">('")?;
        Some(arguments.split('\'').next()?.to_owned())
    });
    assert_eq!(handled, called.collect(), "ipc.ts");
}

#[test]
fn a_command_translates_in_four_lines_and_never_decides() {
    let desktop = files("src-tauri/src/desktop", &[".rs"]);
    let commands = desktop.iter().filter(|(path, _)| path.to_string_lossy().contains("desktop/commands"));
    for command in commands.flat_map(|(_, text)| text.split("#[command]").skip(1)) {
        let name = command.split('(').next().unwrap_or_default().trim();
        let body = &command[command.find(" {\n").expect("a body") + 3..];
        let lines = body[..body.find("\n}").expect("its end")].lines().count();
        assert!(lines <= 4, "{name} has {lines} lines");
    }
}

#[test]
fn a_file_tells_one_story() {
    let sources =
        [files("src-tauri/src", &[".rs"]), files("ui/src", &[".ts", ".svelte"]), files("tests", &[".rs"])].concat();
    for (path, text) in sources {
        if path.components().any(|part| part.as_os_str() == "bindings") {
            continue;
        }
        let lines = text.lines().count();
        assert!(lines <= 400, "{} has {lines} lines", path.display());
        let opens = text.trim_start();
        let rust = path.extension().is_some_and(|ending| ending == "rs");
        assert!(!rust || opens.starts_with("//!"), "{} does not open with what it owns", path.display());
    }
}

#[test]
fn unsafe_code_stands_in_two_files() {
    for (path, text) in files("src-tauri/src", &[".rs"]) {
        let allowed = ["src/spawn.rs", "src/desktop/graphics.rs"].iter().any(|file| path.ends_with(file));
        assert!(allowed || !text.contains("unsafe_code)]"), "{} allows unsafe code", path.display());
    }
}
