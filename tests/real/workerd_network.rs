//! What a function reaches: the public internet, and neither this computer nor its disk.

use postern::function::{FunctionId, Level};

use crate::workerd_world::{ID, World, fetch, get};

const OTHER: FunctionId = FunctionId(2);

/// Tries everything and answers with what came back.
fn tries(attempts: &[String]) -> String {
    let tries: Vec<String> = attempts
        .iter()
        .map(|attempt| format!("await (async () => {{ {attempt} }})().then(() => 'reached', () => 'blocked')"))
        .collect();
    format!(
        "import {{ connect }} from 'cloudflare:sockets'; import fs from 'node:fs';
        export default {{ async fetch() {{ return Response.json([{}]); }} }};",
        tries.join(", ")
    )
}

#[tokio::test]
async fn loopback_is_out_of_reach_however_it_is_spelt_and_that_is_said() {
    let world = World::new();
    // Something that would answer, at the address of another function.
    let port = world.deploy(OTHER, &fetch("return new Response('other')")).await;
    assert_eq!(get(port, "/").await.1, "other");
    let hosts = ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]", "127.1", "2130706433", "10.0.0.1"];
    let fetches = hosts.iter().map(|host| format!("await fetch('http://{host}:{port}/')"));
    let socket = format!("await connect('127.0.0.1:{port}').opened");
    let attempts: Vec<String> = fetches.chain([socket]).collect();
    let own = world.deploy(ID, &tries(&attempts)).await;

    let (_, answer) = get(own, "/").await;
    assert_eq!(answer, serde_json::to_string(&vec!["blocked"; attempts.len()]).unwrap());
    let (level, text, _) = world.hears(&format!("Blocked: the function tried to reach 127.0.0.1:{port}.")).await;
    assert_eq!(level, Level::Warn, "{text}");
    assert!(!world.said(OTHER).iter().any(|text| text.contains("Blocked")));
}

#[tokio::test]
async fn the_disk_and_the_control_sockets_are_out_of_reach() {
    let world = World::new();
    let run = world.run.display();
    let attempts = [
        "fs.readFileSync('/etc/passwd')".to_owned(),
        "fs.readFileSync('/proc/self/environ')".to_owned(),
        format!("fs.readdirSync('{run}')"),
        format!("fs.writeFileSync('{run}/planted', 'x')"),
        "await fetch('http://unix:trigger/')".to_owned(),
        "await connect('unix:trigger').opened".to_owned(),
    ];
    let port = world.deploy(ID, &tries(&attempts)).await;
    assert_eq!(get(port, "/").await.1, serde_json::to_string(&vec!["blocked"; attempts.len()]).unwrap());
}

#[tokio::test]
async fn what_is_tried_here_can_be_told_from_success() {
    let world = World::new();
    let port = world.deploy(ID, &tries(&["fs.readdirSync('/')".to_owned()])).await;
    assert_eq!(get(port, "/").await.1, r#"["reached"]"#);
}
