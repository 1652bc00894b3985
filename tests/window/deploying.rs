//! Deploying: the address, what answers there, and what a change or a failure leaves as it was.

use crate::{
    process::lives,
    steps::TELLS_ITS_KEY,
    wait::{becomes, found, until},
    window::Window,
};

/// Answers with the SHA-256 of a secret, which is how a value is compared to the byte.
const HASHES_ITS_KEY: &str = "export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const bytes = new TextEncoder().encode(env.PRIVATE_KEY)
    const hash = await crypto.subtle.digest('SHA-256', bytes)
    return Response.json({ sha256: [...new Uint8Array(hash)], length: bytes.length })
  },
}
";

/// Takes about as long to start as a person takes to press Cancel.
const STARTS_SLOWLY: &str = "let sum = 0
for (let i = 0; i < 40_000_000_000; i++) sum += i
export default { fetch: () => new Response(`${sum}`) }
";

#[test]
fn a_deployed_function_answers_every_client_with_its_secret() {
    let window = Window::open();
    window.create_with_code("sync", TELLS_ITS_KEY);
    window.button("Add HUBSPOT_API_KEY").wait();
    let refused = window.deploy_in_vain();
    assert!(refused.contains("The code uses HUBSPOT_API_KEY, and no such secret exists."), "{refused}");

    window.seal("hubspot api key", "a value made up for tests");
    let address = window.deploy();
    assert!(address.starts_with("http://localhost:"), "{address}");

    let expected = "the key is a value made up for tests";
    assert_eq!(window.get(&address).body, expected);
    let node = "fetch(process.argv[1]).then((answer) => answer.text()).then(console.log)";
    let python = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())";
    assert_eq!(window.desktop.run("curl", &["--silent", "--show-error", &address]), expected);
    assert_eq!(window.desktop.run("node", &["-e", node, &address]), expected);
    assert_eq!(window.desktop.run("/usr/bin/python3", &["-c", python, &address]), expected);

    window.button("Copy address").click();
    window.status("Copied").wait();
    window.text_box("Code").click();
    window.press("Control+Home");
    window.press_for_real("ctrl+v");
    until("the address is on the clipboard", || window.code().starts_with(&address));
}

#[test]
fn a_changed_secret_waits_for_the_next_deployment_even_through_a_restart() {
    let mut window = Window::open();
    window.create_with_code("sync", TELLS_ITS_KEY);
    window.seal("hubspot api key", "the first value");
    let address = window.deploy();
    let old = "the key is the first value";
    assert_eq!(window.get(&address).body, old);

    window.replace("HUBSPOT_API_KEY", "the second value");
    window.status("Redeploy to apply").wait();
    assert!(window.list("Secrets").text().contains("redeploy to apply"));
    assert_eq!(window.get(&address).body, old);

    let process = window.runtime_process().expect("it runs");
    window.press_for_real("ctrl+q");
    window.wait_until_ended();
    until("no process outlives the window", || !lives(process));
    window.start();
    window.status("Redeploy to apply").wait();
    assert_eq!(window.address(), address);
    assert_eq!(window.runtime_process(), None, "it starts when it is called");
    assert_eq!(window.get(&address).body, old);

    assert_eq!(window.deploy(), address);
    assert_eq!(window.get(&address).body, "the key is the second value");
}

#[test]
fn no_process_outlives_a_window_that_was_killed() {
    let mut window = Window::open();
    window.create_with_code("sync", "export default { fetch: () => new Response('here') }\n");
    let address = window.deploy();
    assert_eq!(window.get(&address).body, "here");
    let process = window.runtime_process().expect("it runs");
    window.kill();
    until("no process outlives the window", || !lives(process));
    window.start();
    assert_eq!(window.get(&address).body, "here");
}

#[test]
fn a_mistake_in_the_code_is_shown_at_its_line_and_the_version_before_answers() {
    let window = Window::open();
    window.create_with_code("sync", "export default { fetch: () => new Response('the first version') }\n");
    let address = window.deploy();

    window.write_code("export default {\n  fetch() {\n    const = 1\n    return new Response()\n  },\n}\n");
    window.button("1 error").wait();
    let said = window.deploy_in_vain();
    assert!(said.contains("Line 3, column"), "{said}");
    assert_eq!(window.get(&address).body, "the first version");

    window.write_code("const ready: boolean = false\nif (!ready) throw new Error('not ready')\nexport default { fetch: () => new Response('never') }\n");
    let said =
        found("the new failure is said", || Some(window.deploy_in_vain()).filter(|said| said.contains("not ready")));
    assert!(said.contains("Line 2, column"), "{said}");
    assert_eq!(window.get(&address).body, "the first version");

    window.button("Line 2, column…").click();
    becomes(2, || window.caret_line());
    window.write_code("export default { fetch: () => new Response('the second version') }\n");
    window.deploy();
    assert_eq!(window.get(&address).body, "the second version");
}

#[test]
fn the_steps_of_a_slow_deployment_are_shown_and_it_can_be_cancelled() {
    let window = Window::open();
    window.create_with_code("slow", STARTS_SLOWLY);
    window.button("Deploy").click();
    let strip = window.status("Deployment");
    strip.list("").wait();
    becomes(3, || passed(&window));
    assert_eq!(strip.list_item("").texts(), ["Compiled", "Secrets checked", "Secrets opened", "Start", "Switch"]);
    assert!(!window.button("Deploy").is_enabled());
    strip.button("Cancel").click();
    until("it is cancelled", || strip.text().contains("Cancelled. What is live is untouched."));
    window.status("Draft").wait();
    until("nothing goes on", || window.runtime_process().is_none());
}

#[test]
fn a_pasted_key_with_crlf_arrives_to_the_byte() {
    let pem =
        "-----BEGIN MADE UP KEY-----\r\nbWFkZSB1cCBmb3IgdGVzdHM=\r\nbm90IGEga2V5\r\n-----END MADE UP KEY-----\r\n";
    let window = Window::open();
    window.create_with_code("signer", HASHES_ITS_KEY);
    window.seal_pasted("private key", pem);
    let address = window.deploy();
    let answer: serde_json::Value = serde_json::from_str(&window.get(&address).body).expect("JSON");
    assert_eq!(answer["length"], pem.len());
    assert_eq!(answer["sha256"], serde_json::json!(sha256(pem.as_bytes())));
}

fn passed(window: &Window) -> u64 {
    let passed = "return document.querySelectorAll('[aria-label=Deployment] li svg').length";
    window.script(passed, vec![]).as_u64().expect("a number")
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).to_vec()
}
