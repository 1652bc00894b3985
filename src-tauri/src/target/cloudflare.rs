//! Cloudflare Workers, or whatever speaks its API: one account at a base URL, with a token.
//!
//! Read in this order: `deploy` is the line that a deployment takes, `connection` sends a request, `answer` reads what
//! comes back; the others are pure. Nothing is known here of where bundles come from, nothing is stored, and no value
//! is opened: what the target has already is inherited by name.

// A deployment.
mod deploy;
// One request, and what comes back.
mod answer;
mod body;
mod connection;
mod error;
// What is sent, from values to values.
mod cron;
mod limits;
mod upload;
// What is read.
mod access;
mod download;
mod remote;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::json;

use crate::secret::SecretValue;

pub use access::{Access, Account, Permission};
pub use cron::{Untranslatable, is_said_as, translate, untranslate};
pub use deploy::{Deployed, Order, Piece};
pub use download::{Downloaded, RemoteModule};
pub use error::{Error, Place, Said, Stopped, Why};
pub use limits::{Allowance, Exceeded, MAX_CODE, MAX_TEXT, check};
pub use remote::{DeploymentInfo, Details, Listed, Remote, RemoteBinding, Share, Version};

use connection::{Call, Connection, Payload};
use remote::{Deployments, FullVersion, Schedules, Versions};
use upload::{Annotations, CodeUpdateStrategy};

/// Where Cloudflare itself answers.
pub const BASE_URL: &str = "https://api.cloudflare.com/client/v4";

/// A cheap handle: every clone is the same target. Keep one: making it reads the system's root certificates. The token is
/// wiped when the last one goes.
///
/// ```compile_fail
/// fn printable<T: std::fmt::Debug>() {}
/// printable::<postern::target::cloudflare::Cloudflare>();
/// ```
#[derive(Clone)]
pub struct Cloudflare(Arc<Inner>);

struct Inner {
    connection: Connection,
    account: Option<String>,
}

/// What a call has to tell while it is under way. Called from tasks of the network: it must not block.
pub type Listener = Arc<dyn Fn(Progress) + Send + Sync>;

/// For calls whose progress nobody is told.
pub fn quiet() -> Listener {
    Arc::new(|_| {})
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Every limit is kept and every schedule can be said. Nothing was sent yet.
    Checked,
    /// Of the upload.
    Sent { bytes: u64, of: u64 },
    /// The version is there. A new script is live with it.
    Uploaded,
    /// It answers all calls.
    Switched,
    /// Cloudflare asks to wait this long. Then it goes on by itself.
    Waiting { seconds: u64 },
    /// An answer was lost: what became of the request is being asked.
    Asking,
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Until a connection is there.
    pub connect: Duration,
    /// Without a byte in either direction.
    pub answer: Duration,
    /// The longest wait that is borne when there are too many requests, and how many of them.
    pub longest_wait: Duration,
    pub waits: u32,
    /// Between two tries.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(30),
            // The limit is one of 1,200 requests in 5 minutes.
            longest_wait: Duration::from_secs(5 * 60),
            waits: 3,
            pause: Duration::from_millis(500),
        }
    }
}

impl Cloudflare {
    /// `base_url`: https, or http on this computer. `account`: where it is not known yet, `check` says which there are.
    pub fn new(base_url: &str, account: Option<String>, token: SecretValue) -> Result<Self, Error> {
        Self::with_patience(base_url, account, token, Patience::default())
    }

    pub fn with_patience(
        base_url: &str,
        account: Option<String>,
        token: SecretValue,
        patience: Patience,
    ) -> Result<Self, Error> {
        Ok(Self(Arc::new(Inner { connection: Connection::new(base_url, token, patience)?, account })))
    }

    /// Whether the token is accepted, what it reaches and what it lacks. Fails with `BadToken` where it is not.
    pub async fn check(&self, listener: &Listener) -> Result<Access, Error> {
        self.verify(listener).await?;
        let mut missing = Vec::new();
        let listed = self
            .at_root(&["accounts"], &[("per_page", "50")], Permission::AccountSettings, listener)
            .await
            .map_err(|error| note_missing(error, &mut missing));
        let accounts: Vec<Account> = match listed {
            Ok(accounts) => accounts,
            Err(None) => Vec::new(),
            Err(Some(error)) => return Err(error),
        };
        let only = if let [only] = &accounts[..] { Some(only.id.clone()) } else { None };
        let probed = self.0.account.clone().or(only);
        let mut subdomain = None;
        if let Some(account) = &probed {
            let below = |rest| ["accounts", account, "workers", rest];
            let permission = Permission::WorkersScripts;
            let scripts = self.at_root::<IgnoredAny>(&below("scripts"), &[], permission, listener).await;
            if let Err(Some(error)) = scripts.map_err(|error| note_missing(error, &mut missing)) {
                return Err(error);
            }
            let named = self.at_root::<Subdomain>(&below("subdomain"), &[], permission, listener).await;
            match named.map_err(|error| note_missing(error, &mut missing)) {
                Ok(named) => subdomain = Some(named.subdomain),
                Err(None | Some(Error::NoSubdomain)) => {}
                Err(Some(error)) => return Err(error),
            }
        }
        Ok(Access { accounts, probed, missing, subdomain })
    }

    /// The script as it is there; `None` where there is none.
    pub async fn look(&self, script: &str, listener: &Listener) -> Result<Option<Remote>, Error> {
        match self.look_closely(script, listener).await {
            Ok(remote) => Ok(Some(remote)),
            Err(Error::NotThere(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes the script answer at `https://SCRIPT.SUBDOMAIN.workers.dev`, which this returns. May be called again.
    pub async fn publish(&self, script: &str, listener: &Listener) -> Result<String, Error> {
        let Subdomain { subdomain } = self.read(&["subdomain"], None, &[], listener).await?;
        let enable = json_bytes(&json!({ "enabled": true }));
        let path = self.workers(&["scripts", script, "subdomain"])?;
        let call = Call { method: Method::POST, payload: Payload::Json(enable), ..get(path, Some(script)) };
        self.0.connection.call::<IgnoredAny>(&call, listener).await?;
        Ok(workers_dev(script, &subdomain))
    }

    /// Where the script answers on workers.dev; `None` where that is switched off.
    pub async fn address(&self, script: &str, listener: &Listener) -> Result<Option<String>, Error> {
        let Published { enabled } = self.read(&["scripts", script, "subdomain"], Some(script), &[], listener).await?;
        if !enabled {
            return Ok(None);
        }
        let Subdomain { subdomain } = self.read(&["subdomain"], None, &[], listener).await?;
        Ok(Some(workers_dev(script, &subdomain)))
    }

    /// These and no others, in the dialect of Cloudflare: see `translate`. May be called again.
    pub async fn set_schedules(&self, script: &str, crons: &[String], listener: &Listener) -> Result<(), Error> {
        let crons: Vec<_> = crons.iter().map(|cron| json!({ "cron": cron })).collect();
        let payload = Payload::Json(json_bytes(&json!(crons)));
        let path = self.workers(&["scripts", script, "schedules"])?;
        let call = Call { method: Method::PUT, payload, ..get(path, Some(script)) };
        self.0.connection.call::<IgnoredAny>(&call, listener).await.map(|_| ())
    }

    /// Removes the script with all its versions and schedules. One that is gone already is removed.
    pub async fn delete(&self, script: &str, listener: &Listener) -> Result<(), Error> {
        let path = self.workers(&["services", script])?;
        let call = Call { method: Method::DELETE, query: &[("force", "true")], ..get(path, Some(script)) };
        match self.0.connection.call::<IgnoredAny>(&call, listener).await {
            Ok(_) | Err(Error::NotThere(_)) => Ok(()),
            Err(error) if error.leaves_unknown() => match self.exists(script, listener).await {
                Ok(false) => Ok(()),
                Ok(true) => Err(error),
                Err(_) => Err(Error::Unknown { of: "Whether it was deleted", why: Box::new(error) }),
            },
            Err(error) => Err(error),
        }
    }

    /// Every script of the account.
    pub async fn scripts(&self, listener: &Listener) -> Result<Vec<Listed>, Error> {
        self.read(&["scripts"], None, &[], listener).await
    }

    /// The code of a script's latest version. `look` has the rest.
    pub async fn download(&self, script: &str, listener: &Listener) -> Result<Downloaded, Error> {
        let path = self.workers(&["scripts", script, "content", "v2"])?;
        let call = get(path, Some(script));
        let (content_type, entry, body) = self.0.connection.content(&call, listener).await?;
        download::modules(&content_type, entry.as_deref(), &body)
            .ok_or_else(|| self.0.connection.not_understood(200, Why::Shape))
    }
}

// The calls that these and `deploy` are made of.
impl Cloudflare {
    /// Tokens of a user and tokens of an account are verified at different places.
    async fn verify(&self, listener: &Listener) -> Result<(), Error> {
        let path = ["user", "tokens", "verify"];
        let mut verified = self.at_root::<Verified>(&path, &[], Permission::AccountSettings, listener).await;
        if let (Err(Error::BadToken { .. }), Some(account)) = (&verified, &self.0.account) {
            let path = ["accounts", account, "tokens", "verify"];
            verified = self.at_root(&path, &[], Permission::AccountSettings, listener).await;
        }
        let Verified { status } = verified?;
        if status == "active" {
            return Ok(());
        }
        Err(Error::BadToken { host: self.0.connection.host().to_owned(), said: Said(format!("it is {status}")) })
    }

    async fn look_closely(&self, script: &str, listener: &Listener) -> Result<Remote, Error> {
        let path = ["scripts", script, "schedules"];
        let (deployments, versions, schedules) = tokio::try_join!(
            self.deployments(script, listener),
            self.versions(script, listener),
            self.read::<Schedules>(&path, Some(script), &[], listener),
        )?;
        let shown = deployments.main().or(versions.latest().map(|version| version.id.as_str()));
        let details = match shown {
            Some(version) => self.version(script, version, listener).await?,
            None => Details::default(),
        };
        let newest_bindings = match versions.latest() {
            Some(newest) if newest.id != details.version => self.version(script, &newest.id, listener).await?.bindings,
            _ => details.bindings.clone(),
        };
        let deployed = deployments.deployments.into_iter().next();
        let live = deployed.as_ref().map_or_else(Vec::new, |deployment| deployment.versions.clone());
        let schedules = schedules.schedules.into_iter().map(|schedule| schedule.cron).collect();
        Ok(Remote { versions: versions.items, live, deployed, details, newest_bindings, schedules })
    }

    /// What a version binds; `NotThere` also where the script is there and the version is not.
    pub async fn version(&self, script: &str, version: &str, listener: &Listener) -> Result<Details, Error> {
        let path = ["scripts", script, "versions", version];
        Ok(self.read::<FullVersion>(&path, Some(script), &[], listener).await?.into())
    }

    async fn exists(&self, script: &str, listener: &Listener) -> Result<bool, Error> {
        match self.read::<IgnoredAny>(&["services", script], Some(script), &[], listener).await {
            Ok(_) => Ok(true),
            Err(Error::NotThere(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn deployments(&self, script: &str, listener: &Listener) -> Result<Deployments, Error> {
        self.read(&["scripts", script, "deployments"], Some(script), &[], listener).await
    }

    async fn versions(&self, script: &str, listener: &Listener) -> Result<Versions, Error> {
        self.read(&["scripts", script, "versions"], Some(script), &[], listener).await
    }

    /// A new script, live at once.
    async fn put_script(&self, script: &str, form: Payload, listener: &Listener) -> Result<(), Error> {
        let path = self.workers(&["scripts", script])?;
        let query = &[("excludeScript", "true"), ("bindings_inherit", "strict")];
        let call = Call { method: Method::PUT, query, payload: form, ..get(path, Some(script)) };
        self.0.connection.call::<IgnoredAny>(&call, listener).await.map(|_| ())
    }

    async fn post_version(&self, script: &str, form: Payload, listener: &Listener) -> Result<String, Error> {
        let path = self.workers(&["scripts", script, "versions"])?;
        let query = &[("bindings_inherit", "strict")];
        let call = Call { method: Method::POST, query, payload: form, ..get(path, Some(script)) };
        self.0.connection.call::<Version>(&call, listener).await.map(|version| version.id)
    }

    async fn post_deployment(
        &self,
        script: &str,
        version: &str,
        message: Option<&str>,
        force: bool,
        listener: &Listener,
    ) -> Result<(), Error> {
        let path = self.workers(&["scripts", script, "deployments"])?;
        let query: &[_] = if force { &[("force", "true")] } else { &[] };
        let deployment = json_bytes(&json!({
            "strategy": "percentage",
            "versions": [{ "version_id": version, "percentage": 100 }],
            "annotations": Annotations { message, tag: None },
            "code_update_strategy": CodeUpdateStrategy::DEFERRED,
        }));
        let payload = Payload::Json(deployment);
        let call = Call { method: Method::POST, query, payload, ..get(path, Some(script)) };
        self.0.connection.call::<IgnoredAny>(&call, listener).await.map(|_| ())
    }

    async fn read<T: DeserializeOwned>(
        &self,
        path: &[&str],
        script: Option<&str>,
        query: &[(&str, &str)],
        listener: &Listener,
    ) -> Result<T, Error> {
        let call = Call { query, ..get(self.workers(path)?, script) };
        self.0.connection.call(&call, listener).await
    }

    async fn at_root<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        permission: Permission,
        listener: &Listener,
    ) -> Result<T, Error> {
        let call = Call { query, permission, ..get(path.to_vec(), None) };
        self.0.connection.call(&call, listener).await
    }

    /// `/accounts/ID/workers/…`
    fn workers<'a>(&'a self, rest: &[&'a str]) -> Result<Vec<&'a str>, Error> {
        let account = self.0.account.as_deref().ok_or(Error::NoAccount)?;
        // Not a name of anything, and a URL leaves them out: the call would be another one.
        if let Some(name) = rest.iter().find(|part| matches!(**part, "" | "." | "..")) {
            return Err(Error::NotThere((*name).to_owned()));
        }
        Ok([&["accounts", account, "workers"], rest].concat())
    }

    fn patience(&self) -> Patience {
        self.0.connection.patience
    }
}

#[derive(Deserialize)]
struct Subdomain {
    subdomain: String,
}

#[derive(Deserialize)]
struct Published {
    enabled: bool,
}

#[derive(Deserialize)]
struct Verified {
    status: String,
}

fn get<'a>(path: Vec<&'a str>, script: Option<&'a str>) -> Call<'a> {
    let permission = Permission::WorkersScripts;
    Call { method: Method::GET, path, query: &[], payload: Payload::Nothing, script, permission }
}

fn workers_dev(script: &str, subdomain: &str) -> String {
    format!("https://{script}.{subdomain}.workers.dev")
}

/// Keeps a missing permission for the list; anything else is handed back.
fn note_missing(error: Error, missing: &mut Vec<Permission>) -> Option<Error> {
    let Error::MissingPermission(permission, _) = error else { return Some(error) };
    if !missing.contains(&permission) {
        missing.push(permission);
    }
    None
}

fn json_bytes(value: &serde_json::Value) -> Bytes {
    value.to_string().into()
}
