//! What the language server sees of a function beside its own files: how it is compiled, and the `Env` that its secrets
//! and variables make. Pure: names and paths in, texts out. Nothing of it is ever written to the disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::Tools;
use crate::function::FileKind;

/// A function as the language server is to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Where its files stand as far as the server knows, and where its packages really are. It need not exist.
    pub folder: PathBuf,
    /// The paths of its files, relative to the folder, `/`-separated.
    pub files: Vec<String>,
    /// The names of its secrets.
    pub secrets: Vec<String>,
    /// The names of its variables.
    pub variables: Vec<String>,
    /// Whether the code uses what the runtime has of Node.
    pub node: bool,
    /// Whether its secrets and variables are in `process.env`, too.
    pub process_env: bool,
}

pub(super) const CONFIG: &str = "tsconfig.json";
pub(super) const ENV: &str = "env.d.ts";

impl Project {
    /// The folder's address, with a slash at its end.
    pub fn uri(&self) -> String {
        uri_of(&self.folder) + "/"
    }

    pub(super) fn config(&self, tools: &Tools) -> String {
        // What is declared first counts. Node's take 100 ms and 23 MB of the server, and are for those who use them.
        let node = self.node.then(|| tools.node.join("index.d.ts"));
        let declared = node.iter().chain([&tools.types]).map(|path| path.to_string_lossy());
        let code = self.files.iter().filter(|path| matches!(FileKind::of(path), Some(FileKind::Code | FileKind::Json)));
        let files: Vec<_> = declared.chain([ENV.into()]).chain(code.map(|path| path.into())).collect();
        json!({
            "compilerOptions": {
                "target": "esnext",
                "module": "esnext",
                "moduleResolution": "bundler",
                "moduleDetection": "force",
                "lib": ["esnext"],
                "types": [],
                // A package that refers to those of Node is given ours.
                "typeRoots": [tools.node.parent()],
                "allowArbitraryExtensions": true,
                "strict": true,
                // A handler is often written without the types of its parameters, and runs.
                "noImplicitAny": false,
                "allowJs": true,
                // As it is compiled.
                "jsx": "react-jsx",
                "allowImportingTsExtensions": true,
                "resolveJsonModule": true,
                // Each file is compiled by itself.
                "isolatedModules": true,
                "skipLibCheck": true,
                "noEmit": true,
            },
            // Nothing is fetched from anywhere because of what the code says.
            "typeAcquisition": { "enable": false },
            "files": files,
        })
        .to_string()
    }

    /// What stands beside the files, by path: the `Env`, and what an import of text or WebAssembly yields.
    pub(super) fn declarations(&self) -> BTreeMap<String, String> {
        let yields = self.files.iter().filter_map(|path| {
            let kind = match FileKind::of(path)? {
                FileKind::Text => "string",
                FileKind::Wasm => "WebAssembly.Module",
                FileKind::Code | FileKind::Json => return None,
            };
            let (stem, ending) = path.rsplit_once('.')?;
            Some((
                format!("{stem}.d.{ending}.ts"),
                format!("declare const content: {kind};\nexport default content;\n"),
            ))
        });
        // Where the user declares it, that counts.
        let yields = yields.filter(|(path, _)| !self.files.contains(path));
        yields.chain([(ENV.to_owned(), self.env())]).collect()
    }

    fn env(&self) -> String {
        let secrets = self.secrets.iter().map(|name| (name, "Secret"));
        let variables = self.variables.iter().map(|name| (name, "Variable"));
        let mut bindings: Vec<_> = secrets.chain(variables).collect();
        bindings.sort_unstable();
        // One name can have a value for each target.
        bindings.dedup_by_key(|(name, _)| *name);
        let mut text = String::from("declare namespace Cloudflare {\n  interface Env {\n");
        for (name, kind) in bindings {
            text.push_str(&format!("    /** {kind} of this function. */\n    readonly {name}: string;\n"));
        }
        text.push_str("  }\n}\ninterface Env extends Cloudflare.Env {}\n");
        if self.process_env {
            text.push_str("declare namespace NodeJS {\n  interface ProcessEnv extends Cloudflare.Env {}\n}\n");
        }
        // wrangler's way to ask for a module; there is no file of that name.
        text.push_str(
            "declare module '*.wasm?module' {\n  const content: WebAssembly.Module;\n  export default content;\n}\n",
        );
        text
    }

    /// The folders that its files stand in. The server finds an import in a folder only where that is on the disk, and
    /// one file has none beside it.
    pub(super) fn folders(&self) -> impl Iterator<Item = PathBuf> {
        let files = self.files.iter().filter(|_| self.files.len() > 1);
        files.filter_map(|file| self.folder.join(file).parent().map(Path::to_owned))
    }
}

/// A path as an address. What RFC 3986 does not leave unreserved is percent-encoded.
pub(super) fn uri_of(path: &Path) -> String {
    let mut uri = String::from("file://");
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => uri.push(byte.into()),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The path behind such an address; `None` for one that is no file's.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    let mut rest = uri.strip_prefix("file://")?.bytes();
    let mut path = Vec::new();
    while let Some(byte) = rest.next() {
        path.push(match byte {
            b'%' => u8::from_str_radix(std::str::from_utf8(&[rest.next()?, rest.next()?]).ok()?, 16).ok()?,
            byte => byte,
        });
    }
    String::from_utf8(path).ok().map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> Project {
        Project {
            folder: "/data dir/7".into(),
            files: vec!["index.ts".into(), "lib/deep/a.ts".into()],
            secrets: vec!["API_KEY".into(), "API_KEY".into(), "TOKEN".into()],
            variables: vec!["REGION".into()],
            node: false,
            process_env: false,
        }
    }

    fn files(project: &Project) -> serde_json::Value {
        let tools = Tools { program: "/program".into(), types: "/types.d.ts".into(), node: "/@types/node".into() };
        let config: serde_json::Value = serde_json::from_str(&project.config(&tools)).unwrap();
        assert_eq!(config["typeAcquisition"]["enable"], json!(false));
        config["files"].clone()
    }

    #[test]
    fn env_has_every_name_once_and_is_known_to_both_ways_of_reaching_it() {
        let env = project().env();
        assert_eq!(env.matches("readonly API_KEY: string").count(), 1);
        assert!(env.contains("/** Secret of this function. */\n    readonly TOKEN: string;"));
        assert!(env.contains("/** Variable of this function. */\n    readonly REGION: string;"));
        assert!(env.contains("namespace Cloudflare") && env.contains("interface Env extends Cloudflare.Env"));
    }

    #[test]
    fn what_an_import_of_text_yields_is_declared_where_the_user_does_not() {
        let files = ["index.ts", "page.html", "mail.txt", "page.d.html.ts"].map(str::to_owned).to_vec();
        let declarations = Project { files, ..project() }.declarations();
        assert_eq!(declarations.keys().collect::<Vec<_>>(), ["env.d.ts", "mail.d.txt.ts"]);
    }

    #[test]
    fn the_configuration_names_the_files_and_fetches_nothing() {
        assert_eq!(files(&project()), json!(["/types.d.ts", "env.d.ts", "index.ts", "lib/deep/a.ts"]));
        let with_node = files(&Project { node: true, ..project() });
        assert_eq!(with_node[0], json!("/@types/node/index.d.ts"), "what is declared first counts");
    }

    #[test]
    fn what_is_imported_as_text_or_a_module_is_declared_beside_its_file() {
        let files = ["index.ts", "a.json", "mail/page.min.html", "add.wasm"].map(str::to_owned).to_vec();
        let project = Project { files, ..project() };
        let declared = project.declarations();
        assert_eq!(declared.keys().collect::<Vec<_>>(), ["add.d.wasm.ts", "env.d.ts", "mail/page.min.d.html.ts"]);
        assert!(declared["mail/page.min.d.html.ts"].contains("content: string"));
        assert!(declared["add.d.wasm.ts"].contains("content: WebAssembly.Module"));
        assert_eq!(self::files(&project), json!(["/types.d.ts", "env.d.ts", "index.ts", "a.json"]));
    }

    #[test]
    fn addresses_are_encoded_and_folders_follow_from_the_files() {
        assert_eq!(project().uri(), "file:///data%20dir/7/");
        assert_eq!(path_of(&project().uri()), Some("/data dir/7/".into()));
        assert_eq!(path_of("file:///a%C3%A9%2"), None);
        assert_eq!(path_of("untitled:1"), None);
        let folders: Vec<_> = project().folders().collect();
        assert_eq!(folders, [Path::new("/data dir/7"), Path::new("/data dir/7/lib/deep")]);
        let alone = Project { files: vec!["index.ts".into()], ..project() };
        assert_eq!(alone.folders().next(), None);
    }
}
