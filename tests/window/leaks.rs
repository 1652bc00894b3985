//! The canary: after the whole story was played with values that are known, none of them is anywhere that it must not be.
//!
//! `canary` looks for them, in every form. Each place where it looks holds something that it must see: a scan
//! that is blind fails.

use std::{fs, net::TcpListener, path::Path};

use serde_json::Value;

use crate::{
    canary::{Canary, Scan, Scanned, canaries, tree},
    wait::{becomes, until},
    window::{Start, Window},
};

/// Stands in the code, in a name and in what the function says: what may be seen, and must be.
const MARK: &str = "marked-for-the-control-a1b2c3d4";

/// Says its secrets, which the log must not show, and throws one.
const SAYS_ITS_SECRETS: &str = "// marked-for-the-control-a1b2c3d4
export default {
  async fetch(request: Request, env: Record<string, string>): Promise<Response> {
    for (const name of Object.keys(env)) console.log(name, env[name])
    console.log('marked-for-the-control-a1b2c3d4')
    if (request.url.endsWith('/throw')) throw new Error(`with ${env.CANARY_0}`)
    return Response.json(Object.keys(env).length)
  },
}
";

/// Records what every command and every event brings to the page, from now on.
const LISTEN: &str = "
window.__heard = []
const { callbacks } = window.__TAURI_INTERNALS__
const set = Map.prototype.set
const listening = (callback) => (data) => {
  __heard.push(data instanceof ArrayBuffer ? new TextDecoder().decode(data) : JSON.stringify(data) ?? '')
  return callback(data)
}
for (const [id, callback] of [...callbacks]) set.call(callbacks, id, listening(callback))
callbacks.set = (id, callback) => set.call(callbacks, id, listening(callback))
";

/// Asks everything that only reads, so that its answers are heard, and for a secret that there is, which is refused.
const ASK: &str = "
const [value, done] = arguments
const { invoke } = window.__TAURI_INTERNALS__
const id = JSON.parse(localStorage.getItem('postern.open'))
const reading = [invoke('overview'), invoke('open_function', { id }), invoke('read_log', { id }), invoke('retry_vault'),
  invoke('retry_runtime'), invoke('history', { id }), invoke('credentials', { id }),
  invoke('leaked_values', { id }), invoke('look_through', { id }), invoke('run_now', { id, schedule: '* * * * *' })]
const refused = invoke('create_secret', { id, name: 'CANARY_0', scope: 'all', value })
Promise.allSettled([...reading, refused])
  .then((answers) => done(answers.map(({ status, reason }) => reason?.code ?? reason ?? status)))
";

/// Everything that the page keeps.
const STORAGE: &str = "
const done = arguments[arguments.length - 1]
const kept = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie,
  document.documentElement.outerHTML, ...[...document.querySelectorAll('input, textarea')].map((field) => field.value)]
const databases = indexedDB.databases ? indexedDB.databases() : Promise.resolve([])
databases.then((databases) => done([...kept, JSON.stringify(databases)]), () => done(kept))
";

#[test]
fn after_the_whole_story_no_value_is_found_anywhere() {
    let mut window = Window::open_with(Start { log: Some("trace"), ..Start::default() });
    let canaries = canaries();
    window.script(LISTEN, vec![]);

    window.create_with_code("canary", SAYS_ITS_SECRETS);
    for (number, canary) in canaries.iter().enumerate() {
        window.seal_pasted(&format!("canary {number}"), &canary.value);
    }
    let address = window.deploy();
    assert_eq!(window.get(&address).body, canaries.len().to_string());
    assert_eq!(window.get(&format!("{address}throw")).status, 500);
    // One that is replaced and one that is deleted leave nothing either; one is refused.
    window.button("Replace CANARY_1").click();
    window.list("Secrets").text_box("New value").click();
    window.paste(&canaries[0].value);
    window.press("Enter");
    window.list("Secrets").text_box("New value").wait_gone();
    window.button("Delete CANARY_2").click();
    window.native_dialog();
    window.press_in_dialog("Delete");
    window.button("Delete CANARY_2").wait_gone();
    window.deploy();
    window.write_code(&SAYS_ITS_SECRETS.replace("export default {", "export default { {"));
    window.deploy_in_vain();
    window.press("Alt+2");
    until("the log is shown", || window.log("Output").text().contains("[CANARY_0]"));
    window.press("Alt+1");

    let scan = Scan::new(&canaries);
    let control = Scan::new(&[Canary { name: "control", value: MARK.to_owned() }]);
    ask(&window, &canaries[3]);
    look(&window, &scan, &control);

    // What the function was started with after a restart is no more to be seen.
    window.press_for_real("ctrl+q");
    window.wait_until_ended();
    window.start();
    window.script(LISTEN, vec![]);
    ask(&window, &canaries[3]);
    window.get(&address);
    becomes(true, || window.runtime_process().is_some());
    look(&window, &scan, &control);
}

fn ask(window: &Window, canary: &Canary) {
    window.button("Vault unlocked…").wait();
    let answers = texts(window.script_async(ASK, vec![canary.value.clone().into()]));
    assert_eq!(answers, [vec!["fulfilled"; 10], vec!["secretExists"]].concat());
}

/// What is refused of what Tauri has for every page, and what is not of ours.
const ASK_TAURI: &str = "
const done = arguments[arguments.length - 1]
const { invoke } = window.__TAURI_INTERNALS__
const asked = [invoke('plugin:event|listen', { event: 'menu', target: { kind: 'Any' }, handler: 1 }),
  invoke('plugin:event|emit', { event: 'menu' }), invoke('plugin:window|destroy'),
  invoke('plugin:webview|create_webview_window', { options: { label: 'x' } }), invoke('plugin:app|version'),
  invoke('plugin:path|resolve_directory', { directory: 1 }), invoke('overview')]
const said = ({ status, reason }) => String(reason).includes('not allowed') ? 'not allowed' : status
Promise.allSettled(asked).then((answers) => done(answers.map(said)))
";

#[test]
fn a_page_may_ask_for_our_commands_and_for_nothing_of_tauris() {
    let window = Window::open();
    let answers = texts(window.script_async(ASK_TAURI, vec![]));
    assert_eq!(answers, [vec!["not allowed"; 6], vec!["fulfilled"]].concat());
}

/// What code in the page would do that came there by a function's output or a package, and whether each was done.
const TRY: &str = "
const [address, done] = arguments
const put = (tag, fields) => document.head.append(Object.assign(document.createElement(tag), fields))
const tried = (deed) => { try { return deed() } catch { return false } }
window.__inline = false
put('script', { textContent: '__inline = true' })
const loaded = (tag, fields) => new Promise((resolve) =>
  put(tag, { ...fields, onload: () => resolve(true), onerror: () => resolve(false) }))
// One that is still under way was not refused.
const soon = new Promise((resolve) => setTimeout(() => resolve(true), 2000))
const attempts = [__inline, tried(() => eval('true')), tried(() => new Function('return true')()),
  fetch(address, { mode: 'no-cors' }).then(() => true, () => false), loaded('script', { src: address }),
  loaded('img', { src: address }), loaded('link', { rel: 'stylesheet', href: address })]
Promise.all(attempts.map((attempt) => Promise.race([attempt, soon]))).then(done)
";

#[test]
fn the_page_runs_no_code_but_its_own_and_reaches_no_address() {
    let window = Window::open();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("it does not wait");
    let address = format!("http://{}/", listener.local_addr().expect("its port"));
    let done: Vec<bool> = serde_json::from_value(window.script_async(TRY, vec![address.into()])).expect("answers");
    assert_eq!(done, [false; 7]);
    assert!(listener.accept().is_err(), "the page has reached an address");
}

/// Looks everywhere, once for the canaries and once for what must be there.
fn look(window: &Window, scan: &Scan, control: &Scan) {
    let heard = texts(window.script("return __heard", vec![]));
    none_and_some("what commands and events brought", &heard, scan, control);
    let kept = texts(window.script_async(STORAGE, vec![]));
    none_and_some("what the page keeps", &kept, scan, control);

    // The log is told apart from the files, since only it is sure to have been written at TRACE.
    let said = window.said();
    assert!(said.contains("TRACE") || said.contains("DEBUG"), "the log tells everything");
    let log = scan.bytes("the log", said.as_bytes());
    assert!(log.is_empty(), "{log:?}");

    let folders = window.desktop.folders();
    let folders: Vec<&Path> = folders.iter().map(AsRef::as_ref).collect();
    let control_file = folders[0].join("control");
    fs::write(&control_file, format!("before {MARK} after")).expect("a file");
    assert!(!control.files(&folders).hits.is_empty(), "the scan of the files is blind");
    fs::remove_file(control_file).expect("it was there");
    scan.files(&folders).assert_clean();
    assert!(window.database_files().len() >= 2, "the database and its log were looked at");

    let mut marked = window.desktop.command("sleep");
    let marked = crate::process::Process::start({
        marked.arg("60").env("CONTROL", MARK);
        marked
    });
    until("the scan sees environments", || !control.processes(marked.id()).hits.is_empty());
    let processes: Scanned = scan.processes(window.program());
    assert!(processes.places >= 4, "the program, WebKit and workerd were looked at");
    processes.assert_clean();
    for process in tree(window.program()) {
        let limits = fs::read_to_string(format!("/proc/{process}/limits")).unwrap_or_default();
        let cores = limits.lines().find(|line| line.starts_with("Max core file size"));
        let most = cores.map(|line| line.split_whitespace().nth(5));
        assert!(most.is_none_or(|most| most == Some("0")), "process {process} may leave a core");
    }
}

fn none_and_some(place: &str, texts: &[String], scan: &Scan, control: &Scan) {
    let text = texts.join("\n");
    let hits = scan.bytes(place, text.as_bytes());
    assert!(hits.is_empty(), "{hits:?}");
    assert!(!control.bytes(place, text.as_bytes()).is_empty(), "the scan of {place} is blind: {}", text.len());
}

fn texts(heard: Value) -> Vec<String> {
    serde_json::from_value(heard).expect("texts")
}
