//! The TypeScript that the page reads these types as, compared in memory. To write it anew after a change:
//! `POSTERN_WRITE_BINDINGS=1 cargo test --no-default-features bindings`.

use std::{any::TypeId, collections::HashMap, fs, path::Path};

use ts_rs::{Config, TS, TypeVisitor};

use super::*;

/// Every type that crosses, with its file's name and text: the roots below and all that they are made of.
#[derive(Default)]
struct Files {
    config: Option<Config>,
    seen: HashMap<TypeId, (String, String)>,
}

impl TypeVisitor for Files {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        let Some(path) = T::output_path() else { return };
        let id = TypeId::of::<T>();
        if self.seen.contains_key(&id) {
            return;
        }
        let config = self.config.get_or_insert_with(|| Config::new().with_large_int("number"));
        let text = T::export_to_string(config).expect("the type becomes TypeScript");
        let name = path.file_name().expect("a file's name").to_string_lossy().into_owned();
        self.seen.insert(id, (name, text));
        T::visit_dependencies(self);
    }
}

#[test]
fn the_bindings_of_the_page_are_those_of_the_core() {
    let mut files = Files::default();
    files.visit::<Overview>();
    files.visit::<FunctionDetail>();
    files.visit::<Saved>();
    files.visit::<ScheduleReading>();
    files.visit::<RunOutcome>();
    files.visit::<Deployed>();
    files.visit::<Changed>();
    files.visit::<Event>();
    files.visit::<Progress>();
    files.visit::<Order>();
    files.visit::<PackageWish>();
    files.visit::<Names>();
    files.visit::<Plan>();
    files.visit::<PastDeployment>();
    files.visit::<TokenCheck>();
    files.visit::<RemoteScript>();
    files.visit::<MovedToSecret>();
    files.visit::<Zoom>();
    files.visit::<Failure>();

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/bindings");
    let write = std::env::var_os("POSTERN_WRITE_BINDINGS").is_some();
    let mut expected: Vec<String> = files.seen.values().map(|(name, _)| name.clone()).collect();
    expected.sort();
    for (name, text) in files.seen.values() {
        let path = folder.join(name);
        if write {
            fs::write(&path, text).expect("the folder can be written");
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(&found, text, "{name} is stale");
    }
    let mut found: Vec<String> = fs::read_dir(&folder)
        .expect("the folder is there")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    found.sort();
    assert_eq!(found, expected, "a file of a type that is gone, or of none");
}
