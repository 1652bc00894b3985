//! Every call of a deployment, and everything that may go wrong with it: what is live is what the history says, the
//! message is of use and quotes nothing, and the next deployment works and binds the right values.

use std::time::Duration;

use postern::app::App;
use postern::deployment::TargetId;
use postern::function::FunctionId;
use postern::wire::{Code, Deployed, Failure};
use serde_json::json;

use crate::desk::{Desk, function, replace, secret, try_deploy, write};
use crate::support::canary::{Canary, Scan, canaries};
use crate::support::workers_api::{Fault, Kind, WorkersApi};
use crate::upload::workerd;

const KINDS: [&str; 11] =
    ["401", "403", "404", "429", "500", "truncated", "huge", "no JSON", "reset before", "reset after", "redirect"];

/// Each says which secrets it has.
fn code(version: &str) -> String {
    format!(
        "export default {{ fetch(_, env) {{ return new Response(`{version} ${{env.API_KEY}} ${{env.OTHER_KEY}}`) }},
           scheduled() {{}} }}"
    )
}

struct Row {
    desk: Desk,
    app: App,
    target: TargetId,
    on: &'static str,
    elsewhere: WorkersApi,
    /// Deployed with everything, and inherited wherever that is possible.
    other: String,
}

impl Row {
    async fn new(on: &'static str) -> Self {
        let (desk, app, target) = Desk::with_target().await;
        let elsewhere = WorkersApi::start(workerd()).await;
        Self { desk, app, target, on, elsewhere, other: canaries()[4].value.clone() }
    }

    async fn function(&self, name: &str) -> FunctionId {
        let id = function(&self.app, name, &code("first")).await;
        secret(&self.app, id, "API_KEY", "made-up-value-of-the-first").await;
        secret(&self.app, id, "OTHER_KEY", &self.other).await;
        self.app.set_schedules(id, vec!["0 9 * * 1".into()]).await.expect("schedules");
        id
    }

    /// A refusal quotes all that it has been given.
    fn kind(&self, kind: &str, value: &str) -> Kind {
        let said = format!("no: {value} {} {}", self.other, self.desk.server.token());
        let status = |status| {
            let errors = json!([{ "code": 10000, "message": said }]);
            Kind::Status(status, json!({ "success": false, "result": null, "errors": errors }))
        };
        match kind {
            "401" => status(401),
            "403" => status(403),
            "404" => status(404),
            "429" => Kind::TooMany(0),
            "500" => status(500),
            "truncated" => Kind::Truncated,
            "huge" => Kind::Huge(5 * 1024 * 1024),
            "no JSON" => Kind::NotJson,
            "reset before" => Kind::ResetBefore,
            "reset after" => Kind::ResetAfter,
            _ => Kind::Redirect(format!("{}/elsewhere", self.elsewhere.base_url())),
        }
    }

    async fn meets(&self, id: FunctionId, script: &str, kind: &str) {
        let place = format!("{} on {}", kind, self.on);
        let value = format!("canary-{}-made-up-value-{script}", kind.replace(' ', "-"));
        write(&self.app, id, &code(kind)).await;
        replace(&self.app, id, "API_KEY", &value).await;
        let answer = format!("{kind} {value} {}", self.other);
        let before = self.desk.server.live_version(script);
        let asked = self.asked();
        self.desk.server.fault(Fault { on: self.on, nth: 1, kind: self.kind(kind, &value) });

        let outcome = try_deploy(&self.app, id, self.target).await;

        assert!(kind == "reset before" || self.asked() > asked, "{place}: it was never asked");
        let scan = Scan::new(&[
            Canary { name: "changed", value },
            Canary { name: "inherited", value: self.other.clone() },
            Canary { name: "token", value: self.desk.server.token().to_owned() },
        ]);
        match &outcome {
            Ok(deployed) => {
                assert_ne!(self.desk.server.live_version(script), before, "{place}");
                assert_eq!(self.desk.answer(script).await, answer, "{place}");
                self.clean(&scan, &place, deployed);
            }
            Err(failure) => {
                assert_eq!(self.desk.server.live_version(script), before, "{place}: {}", failure.message);
                self.is_of_use(&scan, &place, kind, failure);
            }
        }
        self.desk.assert_history_is_true(&self.app, id, self.target, script).await;
        self.is_silent(&scan, id, &place).await;

        let next = try_deploy(&self.app, id, self.target).await;
        let next = next.unwrap_or_else(|failure| panic!("{place}, and then: {}", failure.message));
        assert!(next.summary.remote[0].unfinished.is_empty(), "{place}: {next:?}");
        assert_eq!(self.desk.answer(script).await, answer, "{place}, and then");
        self.desk.assert_history_is_true(&self.app, id, self.target, script).await;
    }

    /// How often it was asked what this row is about.
    fn asked(&self) -> usize {
        self.desk.server.requests().iter().filter(|request| request.is_like(self.on)).count()
    }

    fn clean(&self, scan: &Scan, place: &str, deployed: &Deployed) {
        let text = serde_json::to_string(deployed).expect("JSON");
        assert!(scan.bytes(place, text.as_bytes()).is_empty(), "{place}");
        for unfinished in &deployed.summary.remote[0].unfinished {
            assert!(scan.bytes(place, unfinished.failure.message.as_bytes()).is_empty(), "{place}");
        }
    }

    /// It says what happened, in a sentence, and what is not so: it does not claim to be untouched where that is unknown.
    fn is_of_use(&self, scan: &Scan, place: &str, kind: &str, failure: &Failure) {
        let message = &failure.message;
        assert!(scan.bytes(place, message.as_bytes()).is_empty(), "{place}");
        assert!(message.len() > 40 && message.ends_with('.'), "{place}: {message}");
        let (codes, part): (&[Code], &str) = match kind {
            "401" => (&[Code::Access], "does not accept the API token"),
            "403" => (&[Code::Access], "lacks the permission “Workers Scripts: Edit”"),
            "404" => (&[Code::Access, Code::Remote, Code::NotFound], ""),
            "500" => (&[Code::Remote], "has a problem of its own (status 500)"),
            "redirect" => (&[Code::Remote], "sends the request elsewhere (status 307)"),
            "truncated" | "huge" | "no JSON" => (&[Code::Remote], "is not understood"),
            "reset before" | "reset after" => (&[Code::Remote], "broke off"),
            _ => (&[], "it is waited for and passes"),
        };
        assert!(codes.contains(&failure.code), "{place}: {:?} {message}", failure.code);
        assert!(message.contains(part), "{place}: {message}");
    }

    async fn is_silent(&self, scan: &Scan, id: FunctionId, place: &str) {
        scan.files(&[&self.desk.data()]).assert_clean();
        let history = serde_json::to_string(&self.app.history(id).await.expect("a history")).expect("JSON");
        assert!(scan.bytes(place, history.as_bytes()).is_empty(), "{place}: in the history");
        assert!(self.elsewhere.requests().is_empty(), "{place}: nothing goes where a redirect points");
    }
}

/// A script that is there meets everything, one after the other.
async fn again(on: &'static str) {
    let row = Row::new(on).await;
    let id = row.function("hello").await;
    try_deploy(&row.app, id, row.target).await.expect("the first one");
    for kind in KINDS {
        row.meets(id, "hello", kind).await;
    }
}

/// A script for each.
async fn first(on: &'static str) {
    let row = Row::new(on).await;
    row.desk.server.allow_crons(100);
    for (number, kind) in KINDS.iter().enumerate() {
        let name = format!("hello-{number}");
        let id = row.function(&name).await;
        row.meets(id, &name, kind).await;
    }
}

macro_rules! rows {
    ($($name:ident: $kind:ident($on:literal);)*) => {
        $(#[tokio::test]
        async fn $name() {
            $kind($on).await;
        })*
    };
}

rows! {
    everything_that_goes_wrong_with_a_look_at_deployments: again("GET …/deployments");
    everything_that_goes_wrong_with_a_look_at_versions: again("GET …/versions");
    everything_that_goes_wrong_with_a_look_at_a_version: again("GET …/versions/…");
    everything_that_goes_wrong_with_a_look_at_schedules: again("GET …/schedules");
    everything_that_goes_wrong_with_a_new_version: again("POST …/versions");
    everything_that_goes_wrong_with_the_switch: again("POST …/deployments");
    everything_that_goes_wrong_with_the_subdomain: again("GET …/workers/subdomain");
    everything_that_goes_wrong_with_the_address: again("GET …/scripts/…/subdomain");
    everything_that_goes_wrong_with_the_schedules: again("PUT …/schedules");
    everything_that_goes_wrong_with_a_first_look: first("GET …/deployments");
    everything_that_goes_wrong_with_the_question_for_a_script: first("GET …/services/…");
    everything_that_goes_wrong_with_a_new_script: first("PUT …/scripts/hello-…");
    everything_that_goes_wrong_with_the_versions_of_a_new_script: first("GET …/versions");
    everything_that_goes_wrong_with_the_address_of_a_new_script: first("POST …/subdomain");
}

#[tokio::test]
async fn a_server_that_is_gone_is_said_to_be_gone_and_what_was_recorded_stays() {
    let row = Row::new("GET …/deployments").await;
    let id = row.function("hello").await;
    try_deploy(&row.app, id, row.target).await.expect("the first one");
    let Row { desk, app, target, .. } = row;
    let crate::desk::Desk { server, folder, .. } = desk;
    drop(server);
    let failure = try_deploy(&app, id, target).await.expect_err("nobody is there");
    assert_eq!(failure.code, Code::Remote);
    assert!(failure.message.contains("Check the network"), "{}", failure.message);
    assert_eq!(app.history(id).await.expect("a history").len(), 2);
    tokio::time::timeout(Duration::from_secs(5), app.shutdown()).await.expect("it ends");
    drop(folder);
}
