//! A deployment to Cloudflare with three secrets, beside `wrangler deploy` of the same function to the same server: the
//! Workers API of the tests, on this machine. How long the first takes, how long one with changed code, and the memory.
//!
//! The server starts each upload once in the real workerd before it takes it, as the real one does; that time is in
//! both sides. Both are done when the server has made the new version live and has answered the last request.

use std::{
    fs,
    time::{Duration, Instant},
};

use postern::{
    app::App,
    deployment::TargetId,
    function::FunctionId,
    secret::Scope,
    wire::{Order, TargetInfo},
};

use crate::{
    deploying::{milliseconds, open, settle, workerd, write},
    figure::{Aim, Figure, in_turns},
    memory::proportional,
    support::workers_api::WorkersApi,
    wrangler::Project,
};

const SECRETS: [(&str, &str); 3] =
    [("API_KEY", "made-up-value-4711"), ("DB_URL", "made-up-value-0815"), ("SIGNING_KEY", "made-up-value-2342")];

/// Against all that wrangler does, its start included: a person who types it waits for that too.
const AGAINST: &str = "wrangler deploy";

/// TypeScript, so that both sides have something to compile.
fn code(version: u32) -> String {
    format!(
        "interface Env {{ API_KEY: string; DB_URL: string; SIGNING_KEY: string }}\n\n\
         export default {{\n  \
           async fetch(request: Request, env: Env): Promise<Response> {{\n    \
             const answer: string = `{version} ${{env.API_KEY}} ${{env.DB_URL}} ${{env.SIGNING_KEY}}`\n    \
             return new Response(answer)\n  }},\n}}\n"
    )
}

async fn add_target(app: &App, base_url: &str, account: &str, token: &str) -> TargetId {
    let target = TargetInfo {
        id: TargetId(0),
        name: "production".to_owned(),
        base_url: base_url.to_owned(),
        account_id: account.to_owned(),
        account_name: "An account for tests".to_owned(),
        suffix: String::new(),
    };
    let added = app.add_target(target, token.to_owned().into()).await.expect("a target");
    added[0].id
}

async fn function(app: &App, name: &str) -> FunctionId {
    let id = app.create_function("http", Some(name)).await.expect("a function").summary.id;
    write(app, id, &code(0)).await;
    for (secret, value) in SECRETS {
        app.create_secret(id, secret, Scope::All, value.to_owned().into()).await.expect("a secret");
    }
    id
}

async fn deploy(app: &App, id: FunctionId, target: TargetId) {
    let deployed = app.deploy(id, target, Order::default(), |_| {}).await.expect("it deploys");
    assert!(deployed.summary.remote[0].unfinished.is_empty(), "{deployed:?}");
}

/// Both sides, and the server between them.
struct Stage {
    server: WorkersApi,
    app: App,
    target: TargetId,
    project: Project,
}

impl Stage {
    async fn new(name: &str) -> Self {
        let server = WorkersApi::start(workerd()).await;
        let app = open(name).await;
        let target = add_target(&app, &server.base_url(), server.account(), server.token()).await;
        let project = Project::new(&code(0), SECRETS[0]);
        project.write_secrets(&SECRETS);
        Self { server, app, target, project }
    }

    async fn function(&self, name: &str) -> FunctionId {
        function(&self.app, name).await
    }

    async fn deploy(&self, id: FunctionId) {
        deploy(&self.app, id, self.target).await;
    }

    /// Until it has ended; without secrets, those that are there are kept.
    async fn wrangler_deploys(&self, name: &str, with_secrets: bool) {
        let mut deploying = self.project.deploy(name, &self.server, with_secrets);
        assert!(deploying.wait().await.expect("it ends").success(), "target/bench/wrangler.log says why");
    }

    /// What was measured is that all of it went live.
    fn is_live(&self, script: &str) {
        for (secret, value) in SECRETS {
            assert_eq!(self.server.live_value(script, secret).as_deref(), Some(value), "{script}");
        }
    }

    async fn end(self) {
        self.app.shutdown().await;
    }
}

pub(crate) async fn first() -> Figure {
    let stage = Stage::new("cloudflare_first").await;
    let (mut our_turn, mut their_turn) = (0, 0);
    let ours = async || {
        our_turn += 1;
        let name = format!("ours-{our_turn}");
        let id = stage.function(&name).await;
        let pressed = Instant::now();
        stage.deploy(id).await;
        let taken = milliseconds(pressed);
        stage.is_live(&name);
        settle().await;
        taken
    };
    let theirs = async || {
        their_turn += 1;
        let name = format!("theirs-{their_turn}");
        let entered = Instant::now();
        stage.wrangler_deploys(&name, true).await;
        let taken = milliseconds(entered);
        stage.is_live(&name);
        settle().await;
        taken
    };
    let measured = in_turns(9, ours, theirs).await;
    stage.end().await;
    Figure { name: "cloudflare_first", unit: "ms", against: AGAINST, aim: FASTER, measured }
}

pub(crate) async fn again() -> Figure {
    let stage = Stage::new("cloudflare_again").await;
    let id = stage.function("ours").await;
    stage.deploy(id).await;
    stage.wrangler_deploys("theirs", true).await;
    let (mut our_turn, mut their_turn) = (0, 0);
    let ours = async || {
        our_turn += 1;
        write(&stage.app, id, &code(our_turn)).await;
        let before = stage.server.live_version("ours");
        let pressed = Instant::now();
        stage.deploy(id).await;
        let taken = milliseconds(pressed);
        assert_ne!(stage.server.live_version("ours"), before);
        stage.is_live("ours");
        settle().await;
        taken
    };
    let theirs = async || {
        their_turn += 1;
        stage.project.write(&code(their_turn));
        let before = stage.server.live_version("theirs");
        let entered = Instant::now();
        stage.wrangler_deploys("theirs", false).await;
        let taken = milliseconds(entered);
        assert_ne!(stage.server.live_version("theirs"), before);
        stage.is_live("theirs");
        settle().await;
        taken
    };
    let measured = in_turns(9, ours, theirs).await;
    stage.end().await;
    Figure { name: "cloudflare_again", unit: "ms", against: AGAINST, aim: FASTER, measured }
}

/// What a first deployment and one after it add to the app at its peak, beside what wrangler and all that it has started
/// take at theirs. Each turn of ours is a program of its own, which has deployed nothing before: what the first
/// deployment makes for good counts too. Neither side reads root certificates, since the server speaks plain HTTP.
pub(crate) async fn memory() -> Figure {
    let server = WorkersApi::start(workerd()).await;
    let project = Project::new(&code(0), SECRETS[0]);
    project.write_secrets(&SECRETS);
    let (mut our_turn, mut their_turn) = (0, 0);
    let ours = async || {
        our_turn += 1;
        let program = std::env::current_exe().expect("the system knows what runs");
        let mut deploying = tokio::process::Command::new(program);
        deploying.args([DEPLOYING, &format!("ours-{our_turn}"), &server.base_url(), server.account(), server.token()]);
        let said = deploying.output().await.expect("it runs");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let megabytes = String::from_utf8_lossy(&said.stdout).trim().parse().expect("a number");
        settle().await;
        megabytes
    };
    let theirs = async || {
        their_turn += 1;
        let mut deploying = project.deploy(&format!("theirs-{their_turn}"), &server, true);
        let process = deploying.id().expect("it was just started");
        let mut peak: f64 = 0.0;
        let watching = async {
            loop {
                peak = peak.max(proportional(process));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let ended = tokio::select! {
            ended = deploying.wait() => ended,
            () = watching => unreachable!("it goes on until the process has ended"),
        };
        assert!(ended.expect("it ends").success(), "target/bench/wrangler.log says why");
        settle().await;
        peak
    };
    let measured = in_turns(5, ours, theirs).await;
    let aim = &[Aim::Times(1.0 / 10.0)];
    Figure { name: "cloudflare_memory", unit: "MB", against: AGAINST, aim, measured }
}

/// The first argument of this program where it is a turn of `memory`.
pub(crate) const DEPLOYING: &str = "deploying";

/// A turn of `memory`: prints how many megabytes the deployments have added. `at`: script, base URL, account and token.
pub(crate) async fn deploy_and_say(at: &[String]) {
    let [script, base_url, account, token] = at else { panic!("four arguments") };
    let app = open("cloudflare_memory").await;
    let target = add_target(&app, base_url, account, token).await;
    let id = function(&app, script).await;
    settle().await;
    // The kernel's mark of the most that was ever used begins anew: see proc_pid_clear_refs(5).
    fs::write("/proc/self/clear_refs", "5").expect("this is measured on Linux");
    let before = resident("VmRSS:");
    deploy(&app, id, target).await;
    write(&app, id, &code(1)).await;
    deploy(&app, id, target).await;
    println!("{}", resident("VmHWM:") - before);
    app.shutdown().await;
}

const FASTER: &[Aim] = &[Aim::Times(1.0 / 20.0)];

/// A line of what the kernel says of this process, in megabytes.
fn resident(line: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("this is measured on Linux");
    let kilobytes = status.lines().find_map(|text| text.strip_prefix(line)).expect("the kernel says it");
    kilobytes.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") / 1024.0
}
