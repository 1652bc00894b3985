//! Our deployments beside those of the unmodified wrangler, in the same run and to the same server: every request, part
//! by part and key by key. Where we differ, a list says why; anything else is a failure. And what one of the two made,
//! the other one deploys over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use postern::app::App;
use postern::deployment::TargetId;
use postern::function::FunctionId;
use postern::secret::Scope;
use serde_json::{Value, json};

use crate::desk::{Desk, deploy, deploy_over, secret, write};
use crate::support::workers_api::Request;
use crate::upload::get;
use crate::wrangler_run::Project;

const SECRETS: [(&str, &str); 3] = [
    ("API_KEY", "made-up-first-value-4711"),
    ("DB_URL", "made-up-second-value-0815"),
    ("QUOTED_KEY", "made-up \"third\" \\ value, with what JSON escapes"),
];

/// TypeScript, so that both have something to compile.
const CODE: &str = "interface Env { GREETING: string; API_KEY: string; DB_URL: string; QUOTED_KEY: string }

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const answer: string = `${env.GREETING} ${env.API_KEY} ${env.DB_URL} ${env.QUOTED_KEY}`
    return new Response(answer)
  },
  async scheduled() {},
}
";

fn answer(greeting: &str) -> String {
    format!("{greeting} {}", SECRETS.map(|(_, value)| value).join(" "))
}

/// `-`: wrangler does it and we do not; `+`: the other way round; `≠`: both do it, and not alike.
const DIFFERENCES: &[(&str, &str)] = &[
    // Calls.
    ("- GET scripts/S/settings", "what is bound is read from the version itself, which is the truth of it"),
    ("- GET scripts/S/secrets", "names of secrets are among the bindings of the version"),
    ("- GET workers/S", "a new script's address is switched on without asking whether it is"),
    (
        "- POST scripts/S/subdomain",
        "where a script was there before, its address may have been switched off: it stays so",
    ),
    ("+ GET scripts/S/subdomain", "and so it is asked where that is"),
    ("- PATCH scripts/S/script-settings", "observability and tags stay as the user has set them there"),
    ("- GET services/S", "that a script is there is seen by its deployments; only a new one is asked for"),
    (
        "+ GET scripts/S/versions",
        "the newest version is what is inherited from; and a new script does not tell its own",
    ),
    ("+ GET scripts/S/versions/V", "its bindings: what is ours, and what is somebody else's and kept"),
    ("+ GET scripts/S/schedules", "for the plan; a schedule that was taken out has to be cleared there"),
    // The upload.
    ("+ metadata.annotations", "our tag finds the version again when an answer is lost, and knows it as ours"),
    ("- metadata.keep_bindings", "what is kept is inherited by name: nothing unknown is kept, nothing is dropped"),
    ("≠ metadata.bindings: inherit API_KEY", "likewise: a secret that has not changed is named"),
    ("≠ metadata.bindings: inherit DB_URL", "likewise"),
    ("≠ metadata.bindings: inherit QUOTED_KEY", "likewise"),
    ("≠ module text", "another compiler wrote it; that it answers the same is tested"),
    ("≠ source map text", "likewise"),
];

#[derive(Default)]
struct Found(BTreeSet<String>);

impl Found {
    fn note(&mut self, difference: String) {
        self.0.insert(difference);
    }

    /// Every difference is known.
    fn assert_explained(&self) {
        let unknown: Vec<_> =
            self.0.iter().filter(|found| !DIFFERENCES.iter().any(|(known, _)| known == found)).collect();
        assert!(unknown.is_empty(), "not explained: {unknown:#?}");
    }
}

/// Method and path below the account's `workers`, without names and ids.
fn call_of(request: &Request) -> Option<String> {
    let (_, below) = request.path.split_once("/workers/")?;
    let mut parts: Vec<&str> = below.split('/').collect();
    for at in 1..parts.len() {
        match parts[at - 1] {
            "scripts" | "services" | "workers" => parts[at] = "S",
            "versions" => parts[at] = "V",
            _ => {}
        }
    }
    Some(format!("{} {}", request.method, parts.join("/")))
}

type Requests = Vec<Arc<Request>>;

/// Calls of one side that the other never makes. How often is not compared: what is read twice is read.
fn compare(ours: &Requests, theirs: &Requests, found: &mut Found) {
    let by_call = |requests: &Requests| -> BTreeMap<String, Arc<Request>> {
        requests.iter().filter_map(|request| Some((call_of(request)?, request.clone()))).collect()
    };
    let (ours, theirs) = (by_call(ours), by_call(theirs));
    for call in ours.keys().filter(|call| !theirs.contains_key(*call)) {
        found.note(format!("+ {call}"));
    }
    for (call, theirs) in &theirs {
        let Some(ours) = ours.get(call) else {
            found.note(format!("- {call}"));
            continue;
        };
        if ours.query != theirs.query {
            found.note(format!("≠ query of {call}: {} and {}", ours.query, theirs.query));
        }
        if ours.header("authorization") != theirs.header("authorization") {
            found.note(format!("≠ authorization of {call}"));
        }
        match call.as_str() {
            "PUT scripts/S" | "POST scripts/S/versions" => compare_upload(ours, theirs, found),
            "POST scripts/S/deployments" => compare_switch(ours, theirs, found),
            _ if theirs.method != "GET" => {
                if ours.json() != theirs.json() {
                    found.note(format!("≠ body of {call}: {:?} and {:?}", ours.json(), theirs.json()));
                }
            }
            _ => {}
        }
    }
}

fn compare_upload(ours: &Request, theirs: &Request, found: &mut Found) {
    let shape = |request: &Request| -> Vec<_> {
        let part = |part: &crate::support::workers_api::Part| {
            (part.name.clone(), part.filename.clone(), part.content_type.clone())
        };
        request.parts.iter().map(part).collect()
    };
    let (our_parts, their_parts) = (shape(ours), shape(theirs));
    if our_parts != their_parts {
        found.note(format!("≠ parts: {our_parts:?} and {their_parts:?}"));
    }
    let (ours_said, theirs_said) = (ours.metadata().expect("metadata"), theirs.metadata().expect("metadata"));
    compare_keys("metadata", &ours_said, &theirs_said, found, |key, ours, theirs, found| match key {
        "bindings" => compare_bindings(ours, theirs, found),
        _ if ours != theirs => found.note(format!("≠ metadata.{key}: {ours} and {theirs}")),
        _ => {}
    });
    for (ours, theirs) in ours.parts.iter().zip(&theirs.parts).filter(|(part, _)| part.name != "metadata") {
        let map = ours.content_type.as_deref() == Some("application/source-map");
        if ours.bytes != theirs.bytes {
            found.note(if map { "≠ source map text" } else { "≠ module text" }.to_owned());
        }
        if !map {
            let last = |text: &[u8]| String::from_utf8_lossy(text).trim_end().lines().last().map(str::to_owned);
            assert_eq!(last(&ours.bytes), last(&theirs.bytes), "how a module names its map");
        }
    }
}

fn compare_bindings(ours: &Value, theirs: &Value, found: &mut Found) {
    let named = |bindings: &Value| -> BTreeMap<String, Value> {
        let list = bindings.as_array().expect("a list").iter();
        list.map(|binding| (binding["name"].as_str().expect("a name").to_owned(), binding.clone())).collect()
    };
    let (ours, theirs) = (named(ours), named(theirs));
    for name in ours.keys().chain(theirs.keys()) {
        let (ours, theirs) = (ours.get(name), theirs.get(name));
        if ours != theirs {
            let shown = ours.or(theirs).expect("one has it");
            found.note(format!("≠ metadata.bindings: {} {name}", shown["type"].as_str().expect("a type")));
        }
    }
}

fn compare_switch(ours: &Request, theirs: &Request, found: &mut Found) {
    let without_id = |request: &Request| {
        let mut body = request.json().expect("JSON");
        body["versions"][0]["version_id"] = "V".into();
        body
    };
    compare_keys("deployments", &without_id(ours), &without_id(theirs), found, |key, ours, theirs, found| match key {
        _ if ours == theirs => {}
        _ => found.note(format!("≠ deployments.{key}: {ours} and {theirs}")),
    });
}

/// Keys that only one side has; and the values of those that both have.
fn compare_keys(
    what: &str,
    ours: &Value,
    theirs: &Value,
    found: &mut Found,
    mut both: impl FnMut(&str, &Value, &Value, &mut Found),
) {
    // An empty object says as much as none.
    let keys = |value: &Value| -> BTreeSet<String> {
        let some = value.as_object().expect("an object").iter().filter(|(_, value)| **value != json!({}));
        some.map(|(key, _)| key.clone()).collect()
    };
    let (our_keys, their_keys) = (keys(ours), keys(theirs));
    for key in our_keys.difference(&their_keys) {
        found.note(format!("+ {what}.{key}"));
    }
    for key in their_keys.difference(&our_keys) {
        found.note(format!("- {what}.{key}"));
    }
    for key in our_keys.intersection(&their_keys) {
        both(key, &ours[key], &theirs[key], found);
    }
}

/// Both on one server: wrangler's script is `hello`, ours has another name.
struct Both {
    project: Project,
    desk: Desk,
    app: App,
    target: TargetId,
}

impl Both {
    async fn new() -> Self {
        let project = Project::new(CODE).await;
        let secrets: BTreeMap<_, _> = SECRETS.into_iter().collect();
        project.write("secrets.json", &json!(secrets).to_string());
        project.server.allow_crons(20);
        let desk = Desk::new().await;
        let app = desk.start().await;
        let mut at = desk.target("production", "");
        at.base_url = project.server.base_url();
        let token = crate::desk::value(&project.token);
        let target = app.add_target(at, token).await.expect("added")[0].id;
        Self { project, desk, app, target }
    }

    /// The same function as wrangler's project has.
    async fn function(&self, name: &str) -> FunctionId {
        let id = crate::desk::function(&self.app, name, CODE).await;
        self.desk.sql("UPDATE functions SET compatibility_date = '2026-11-17'");
        for (name, value) in SECRETS {
            secret(&self.app, id, name, value).await;
        }
        self.app.set_variable(id, "GREETING", Scope::All, "hello".into()).await.expect("set");
        let schedules = vec!["*/5 * * * *".into(), "0 9 * * MON-FRI".into()];
        self.app.set_schedules(id, schedules).await.expect("schedules");
        id
    }

    /// What is asked while this is done.
    async fn asked<T>(&self, work: impl Future<Output = T>) -> (T, Requests) {
        let before = self.project.server.requests().len();
        let done = work.await;
        (done, self.project.server.requests().split_off(before))
    }

    async fn answers(&self, script: &str) -> String {
        get(&self.project.server.url_of(script).await).await
    }
}

const WITH_SECRETS: [&str; 3] = ["deploy", "--secrets-file", "secrets.json"];

#[tokio::test]
async fn a_first_deployment_and_a_second_one_are_sent_as_wrangler_sends_them() {
    let both = Both::new().await;
    let mut found = Found::default();
    let (_, theirs) = both.asked(both.project.runs(&WITH_SECRETS)).await;
    let id = both.function("ours").await;
    let (_, ours) = both.asked(deploy(&both.app, id, both.target)).await;
    assert_eq!(both.answers("hello").await, answer("hello"));
    assert_eq!(both.answers("ours").await, answer("hello"));
    compare(&ours, &theirs, &mut found);
    found.assert_explained();

    let changed = CODE.replace("`${env.GREETING}", "`again ${env.GREETING}");
    both.project.write("index.ts", &changed);
    write(&both.app, id, &changed).await;
    let (_, theirs) = both.asked(both.project.runs(&["deploy"])).await;
    let (_, ours) = both.asked(deploy(&both.app, id, both.target)).await;
    assert_eq!(both.answers("hello").await, answer("again hello"));
    assert_eq!(both.answers("ours").await, answer("again hello"));
    compare(&ours, &theirs, &mut found);
    found.assert_explained();

    let gone: Vec<_> = DIFFERENCES.iter().filter(|(known, _)| !found.0.contains(*known)).collect();
    assert!(gone.is_empty(), "no difference any more: {gone:#?}");
}

#[tokio::test]
async fn a_difference_that_nobody_explained_is_found() {
    let both = Both::new().await;
    let (_, theirs) = both.asked(both.project.runs(&WITH_SECRETS)).await;
    let id = both.function("ours").await;
    both.app.delete_secret(id, "DB_URL", Scope::All).await.expect("deleted");
    both.app.set_variable(id, "DB_URL", Scope::All, "made-up".into()).await.expect("set");
    both.desk.sql("UPDATE functions SET compatibility_date = '2026-01-01'");
    both.app.set_schedules(id, vec!["*/6 * * * *".into()]).await.expect("schedules");
    let (_, ours) = both.asked(deploy(&both.app, id, both.target)).await;
    let mut found = Found::default();
    compare(&ours, &theirs, &mut found);
    let unexplained = |part: &str| found.0.iter().any(|found| found.contains(part));
    assert!(unexplained("plain_text DB_URL") && unexplained("metadata.compatibility_date"), "{:?}", found.0);
    assert!(unexplained("body of PUT scripts/S/schedules"), "{:?}", found.0);
    assert!(std::panic::catch_unwind(|| found.assert_explained()).is_err());
}

#[tokio::test]
async fn what_wrangler_made_goes_on_working_when_postern_deploys_over_it_and_then_wrangler_again() {
    let both = Both::new().await;
    both.project.runs(&WITH_SECRETS).await;
    both.project.runs_with(&["secret", "put", "THEIRS"], "made-up-theirs").await;
    let id = both.function("hello").await;
    let with_theirs = CODE.replace("`${env.GREETING}", "`ours ${(env as any).THEIRS} ${env.GREETING}");
    write(&both.app, id, &with_theirs).await;
    let drift = both.app.plan(id, both.target).await.expect("a plan").drift.expect("wrangler made it");
    assert_eq!(drift.source.as_deref(), Some("wrangler"));

    deploy_over(&both.app, id, both.target, &drift.version).await;

    assert_eq!(both.answers("hello").await, answer("ours made-up-theirs hello"));
    let listed = both.project.runs(&["secret", "list"]).await;
    assert!(SECRETS.iter().all(|(name, _)| listed.contains(name)) && listed.contains("THEIRS"), "{listed}");
    let said = both.project.runs(&["versions", "list"]).await;
    assert!(said.contains("postern-"), "{said}");

    both.project.write("index.ts", &CODE.replace("`${env.GREETING}", "`wrangler again ${env.GREETING}"));
    both.project.runs(&["deploy"]).await;
    assert_eq!(both.answers("hello").await, answer("wrangler again hello"));
    both.project.runs(&["rollback", "--yes", "--message", "undo"]).await;
    assert_eq!(both.answers("hello").await, answer("ours made-up-theirs hello"));
}

#[tokio::test]
async fn what_postern_made_goes_on_working_when_wrangler_deploys_over_it_and_then_postern_again() {
    let both = Both::new().await;
    let id = both.function("hello").await;
    deploy(&both.app, id, both.target).await;
    both.project.write("index.ts", &CODE.replace("`${env.GREETING}", "`wrangler ${env.GREETING}"));

    both.project.runs(&["deploy"]).await;

    assert_eq!(both.answers("hello").await, answer("wrangler hello"), "with the secrets of ours");
    both.project.runs_with(&["secret", "put", "API_KEY"], "made-up-by-wrangler").await;
    write(&both.app, id, &CODE.replace("`${env.GREETING}", "`ours ${env.GREETING}")).await;
    let drift = both.app.plan(id, both.target).await.expect("a plan").drift.expect("wrangler was there");
    deploy_over(&both.app, id, both.target, &drift.version).await;
    assert_eq!(both.answers("hello").await, answer("ours hello"), "with all of ours, none of them inherited");
    both.project.runs(&["delete", "--force"]).await;
    deploy(&both.app, id, both.target).await;
    assert_eq!(both.answers("hello").await, answer("ours hello"));
}
