//! How the window looks in both themes and at its smallest: nothing is cut off, and axe-core finds nothing serious.

mod language;

use std::{fs, path::Path};

use crate::{
    account::Account,
    steps::TELLS_ITS_KEY,
    wait::{becomes, until},
    window::{Start, Window},
};

#[test]
fn in_the_light_theme_nothing_is_cut_off_and_axe_finds_nothing_serious() {
    every_state_looks_right(false);
}

#[test]
fn in_the_dark_theme_nothing_is_cut_off_and_axe_finds_nothing_serious() {
    every_state_looks_right(true);
}

#[test]
fn settings_plan_and_history_look_right_in_the_light_theme() {
    targets_look_right(false);
}

#[test]
fn settings_plan_and_history_look_right_in_the_dark_theme() {
    targets_look_right(true);
}

fn targets_look_right(dark: bool) {
    let account = Account::open();
    let window = Window::open_with(Start { dark, ..Start::default() });
    let looks = Looks::new(&window, dark);
    window.create_with_code("hubspot-sync", TELLS_ITS_KEY);
    window.press("Control+,");
    window.dialog("Settings").wait();
    looks.check("settings");
    window.press("Escape");
    window.dialog("Settings").wait_gone();
    window.add_target(&account, "production");
    window.seal("hubspot api key", "a value made up for tests");
    window.text_box("VARIABLE_NAME").type_text("region");
    window.text_box("Variable value").type_text("eu-central");
    window.button("Add variable").click();
    window.button("Delete variable REGION").wait();
    looks.check("variables");
    window.deploy_only_to("production");
    window.button("Deploy to production").click();
    window.until_deployed(1, "production");
    looks.check("deployed-to-production");
    window.choose("Change address");
    let address = window.dialog("Change address");
    address.text_box("Script name").type_text("contacts");
    looks.check("change-address");
    window.press("Escape");
    address.wait_gone();

    window.replace("HUBSPOT_API_KEY", "another value made up for tests");
    window.write_code(&TELLS_ITS_KEY.replace("the key is", "the key was"));
    until("it is marked", || window.list("Secrets").text().contains("changed since production"));
    looks.check("changed-since");
    window.press("Control+Shift+Enter");
    let review = window.dialog("Review and deploy to production");
    until("the plan is shown", || review.text().contains("HUBSPOT_API_KEY") && review.text().contains("the key was"));
    looks.check("plan");
    window.press("Escape");
    review.wait_gone();

    account.deploy("hubspot-sync", "from elsewhere");
    window.button("Deploy to production").click();
    until("it is refused", || window.status("Deployment").text().contains("Not deployed"));
    looks.check("drift");
    window.press("Alt+3");
    window.list("Deployments").wait();
    looks.check("history");
}

fn every_state_looks_right(dark: bool) {
    let window = Window::open_with(Start { dark, ..Start::default() });
    let is_dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
    until("the window follows the system's theme", || window.script(is_dark, vec![]).as_bool() == Some(dark));
    let looks = Looks::new(&window, dark);

    looks.check("empty");
    window.create_with_code("a-name-that-is-longer-than-there-is-room-for-in-the-left-pane", TELLS_ITS_KEY);
    window.button("Add HUBSPOT_API_KEY").wait();
    looks.check("missing-secret");
    window.press("Control+Shift+m");
    window.list("Problems").wait();
    looks.check("problems");
    window.press("Escape");
    window.list("Problems").wait_gone();
    window.deploy_in_vain();
    looks.check("not-deployed");
    window.seal("hubspot api key", "a value made up for tests");
    window.text_box("SECRET_NAME").type_text("1");
    looks.check("invalid-name");
    window.deploy();
    looks.check("deployed");
    window.button("Replace HUBSPOT_API_KEY").click();
    window.list("Secrets").text_box("New value").wait();
    looks.check("replacing");
    window.press("Control+n");
    window.dialog("New function").wait();
    looks.check("new-function");
    window.press("Escape");
    window.dialog("New function").wait_gone();
    window.press("Control+Shift+p");
    window.text_box("Command").wait();
    looks.check("commands");
    window.press("Escape");
    window.text_box("Command").wait_gone();

    window.create_function("nightly-report", "Scheduled");
    window.press("Alt+2");
    window.text_box("Schedule").wait();
    until("the schedule is read", || window.text_box("Schedule").description().contains("09:00"));
    looks.check("schedule");
}

struct Looks<'w> {
    window: &'w Window,
    theme: &'static str,
    axe: String,
}

impl<'w> Looks<'w> {
    fn new(window: &'w Window, dark: bool) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/node_modules/axe-core/axe.min.js");
        let axe = fs::read_to_string(path).expect("axe-core: run npm ci in ui, or script/test, which does");
        Self { window, theme: if dark { "dark" } else { "light" }, axe }
    }

    /// Looks at what is shown now, at the usual size and at the smallest.
    fn check(&self, state: &str) {
        for (width, height) in [(1000, 640), (1280, 800)] {
            self.window.resize(width, height);
            let what = format!("{state}, {}, {width}×{height}", self.theme);
            // What stands over the code takes its new place a moment after the window has its size.
            becomes((what.clone(), Vec::<String>::new()), || {
                let cut = self.window.script(CUT_OFF, vec![]);
                (what.clone(), serde_json::from_value(cut).expect("texts of what is cut off"))
            });
            // A dialog that is still appearing is see-through.
            until("what appears is there", || self.window.script(STILL, vec![]).as_bool() == Some(true));
            self.axe(&what);
            if std::env::var_os("POSTERN_SCREENSHOTS").is_some() {
                self.window.screenshot(&format!("{}-{state}-{width}", self.theme));
            }
        }
    }

    fn axe(&self, what: &str) {
        let script = format!(
            "const done = arguments[arguments.length - 1];
            if (!window.axe) {{ {} }}
            // The keys of the field that has the focus walk a list that it controls.
            const walked = document.activeElement?.getAttribute('aria-controls')
            const scrolled = ({{ id }}, {{ target }}) => id === 'scrollable-region-focusable' && target.at(-1) === `#${{walked}}`
            axe.run(document, {{ resultTypes: ['violations'] }}).then(
              ({{ violations, passes }}) => done({{
                looked: passes.length,
                found: violations.filter(({{ impact }}) => impact === 'serious' || impact === 'critical')
                  .map((found) => ({{ ...found, nodes: found.nodes.filter((node) => !scrolled(found, node)) }}))
                  .filter(({{ nodes }}) => nodes.length > 0)
                  .map(({{ id, nodes }}) => `${{id}}: ${{nodes.map((node) => `${{node.html}} ${{node.failureSummary}}`).join(' | ')}}`),
              }}),
              (error) => done({{ looked: 0, found: [String(error)] }}),
            )",
            self.axe
        );
        let seen = self.window.script_async(&script, vec![]);
        assert_eq!(seen["found"], serde_json::json!([]), "{what}");
        assert!(seen["looked"].as_u64() > Some(5), "{what}: axe-core looked at nothing");
    }
}

/// Whether all has appeared that appears; what shows that there is work goes on moving.
const STILL: &str = "
return document.getAnimations().every(({ effect }) => effect.getComputedTiming().endTime === Infinity)
";

/// What can be pressed or read and is not wholly inside the page, or inside what scrolls; and host and port, which are
/// read for their end.
const CUT_OFF: &str = "
const cut = []
if (document.documentElement.scrollWidth > innerWidth) cut.push(`the page is ${document.documentElement.scrollWidth} wide`)
if (document.documentElement.scrollHeight > innerHeight) cut.push(`the page is ${document.documentElement.scrollHeight} high`)
for (const element of document.querySelectorAll('button, input, textarea, h1, h2, [role=tab], [role=status], p')) {
  if (!isShown(element) || element.closest('.sr-only') || textOf(element).trim() + element.tagName === 'SPAN') continue
  const box = element.getBoundingClientRect()
  if (box.width === 0 || box.height === 0) continue
  let [left, top, right, bottom] = [0, 0, innerWidth, innerHeight]
  for (let parent = element.parentElement; parent; parent = parent.parentElement) {
    const { overflowX, overflowY } = getComputedStyle(parent)
    const around = parent.getBoundingClientRect()
    if (overflowX !== 'visible') [left, right] = /auto|scroll/.test(overflowX) ? [-1e9, 1e9] : [Math.max(left, around.left), Math.min(right, around.right)]
    if (overflowY !== 'visible') [top, bottom] = /auto|scroll/.test(overflowY) ? [-1e9, 1e9] : [Math.max(top, around.top), Math.min(bottom, around.bottom)]
    if (right === 1e9 && bottom === 1e9) break
  }
  if (box.left < left - 1 || box.top < top - 1 || box.right > right + 1 || box.bottom > bottom + 1) {
    cut.push(`${element.tagName} “${nameOf(element)}” at ${[box.left, box.top, box.right, box.bottom].map(Math.round)} in ${[left, top, right, bottom].map(Math.round)}`)
  }
}
for (const address of document.querySelectorAll('.address .truncate')) {
  if (textOf(address).startsWith('localhost:') && address.scrollWidth > address.clientWidth) cut.push(`the address ${textOf(address)}`)
}
return cut
";
