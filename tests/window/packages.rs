//! Packages of npm: brought into a function by one press, from the registry of the world, and not at all when cancelled.

use crate::{
    process,
    wait::{becomes, found, until},
    window::Window,
};

const ROUTER: &str = "
const app = new Hono()
app.get('/', (context) => context.text('answered by hono'))
export default app
";

#[test]
fn an_import_is_offered_in_place_installed_by_one_press_and_deployed() {
    process::need("npm");
    let window = Window::open();
    let offer = imports(&window, "api", ROUTER, "import { Hono } from \"hono\"");
    window.record("Packages");
    offer.button("Install").click();
    // Its status goes when all is there.
    becomes(String::new(), || offer.text());
    let said = window.recorded();
    assert!(said.iter().any(|text| text.starts_with("Installing hono")), "{said:?}");
    becomes(0, || window.marks("error"));
    window.button("No problems").wait();

    let address = window.deploy();
    assert_eq!(window.get(&address).body, "answered by hono");
}

#[test]
fn an_installation_that_is_cancelled_leaves_everything_as_it_was() {
    process::need("npm");
    let window = Window::open();
    // Large enough to be still on its way.
    let offer = imports(
        &window,
        "compiler",
        "\nexport default { fetch: () => new Response(ts.version) }\n",
        "import ts from \"typescript\"",
    );
    let code = window.code();
    offer.button("Install").click();
    offer.button("Cancel").click();
    until("it is offered again", || offer.text().starts_with("Install typescript into this function?"));
    assert!(window.marks("error") > 0);
    assert_eq!(window.code(), code);
    let packages = window.desktop.data().join("packages");
    let left =
        || std::fs::read_dir(&packages).map(|files| files.flatten().map(|file| file.file_name()).collect::<Vec<_>>());
    until("nothing is left of it", || left().unwrap_or_default().is_empty());
    assert_eq!(process::find(window.program(), "npm"), None);
    assert!(window.deploy_in_vain().contains("The code imports typescript, which is not installed"));
}

/// A function with this code, below an import that is typed. Answers the strip that offers what it imports.
#[track_caller]
fn imports<'w>(window: &'w Window, name: &str, code: &str, import: &str) -> crate::control::Control<'w> {
    window.create_with_code(name, code);
    window.press("Control+Home");
    window.type_text(import);
    becomes(format!("{import}{code}"), || window.code());
    let offer = window.status("Packages");
    found("it is offered", || offer.text().starts_with("Install ").then_some(()));
    until("its line is red", || window.marks("error") > 0);
    offer
}

impl Window {
    /// Keeps what the status says from now on, however short it says it.
    fn record(&self, name: &str) {
        let script = "
            const [status] = find([['status', arguments[0]]])
            window.recorded = []
            const record = () => window.recorded.push(squeezed(textOf(status)))
            new MutationObserver(record).observe(status, { childList: true, subtree: true, characterData: true })";
        self.script(script, vec![name.into()]);
    }

    fn recorded(&self) -> Vec<String> {
        serde_json::from_value(self.script("return window.recorded", vec![])).expect("texts")
    }
}
