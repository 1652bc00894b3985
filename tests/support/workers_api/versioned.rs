//! Uploads, versions, deployments and secrets: what makes a version, and what decides which one answers.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State as Shared};
use postern::function::FunctionId;
use serde_json::{Map, Value, json};

use super::State;
use super::account::{Draft, Script, Version};
use super::answers::{Answer, Refusal, ok};
use super::bindings::{self, Binding};
use super::requests::Request;
use super::upload::{Code, annotations};

type Here = Shared<Arc<State>>;
/// Account and script.
type Named = Path<(String, String)>;
/// Account, script, and one thing of it.
type NamedOne = Path<(String, String, String)>;
type Asked = Extension<Arc<Request>>;

/// The one upload that is live at once, and makes the script where it is not there.
pub(super) async fn put(Shared(state): Here, Path((_, name)): Named, Extension(asked): Asked) -> Answer {
    check_name(&name)?;
    let draft = draft(&state, &name, &asked).await?;
    let function = {
        let mut account = state.account();
        let made = || Script::new(state.running.new_function(), asked.source());
        let script = account.scripts.entry(name.clone()).or_insert_with(made);
        let id = script.add(draft).id.clone();
        script.deploy(vec![(id, 100.0)], Map::new(), asked.source(), true)?;
        script.function
    };
    state.running.live_changed(function, &name).await;
    ok(state.account().script(&name)?.shown(&name))
}

/// A version that is not live until it is deployed.
pub(super) async fn upload(Shared(state): Here, Path((_, name)): Named, Extension(asked): Asked) -> Answer {
    state.account().script(&name)?;
    let draft = draft(&state, &name, &asked).await?;
    ok(state.account().script_mut(&name)?.add(draft).shown())
}

async fn draft(state: &State, name: &str, asked: &Request) -> Result<Draft, Refusal> {
    let metadata = asked.metadata().ok_or_else(Refusal::unreadable)?;
    let code = Code::read(asked, &metadata)?;
    let strict = asked.asks_for("bindings_inherit", "strict");
    let bindings = {
        let account = state.account();
        let latest = account.script(name).ok().and_then(Script::latest);
        bindings::read(&metadata, strict, latest.map_or(&[], |version| &version.bindings))?
    };
    let started = state.running.check(&code, &bindings).await?;
    Ok(Draft {
        source: asked.source(),
        annotations: annotations(&metadata["annotations"], "upload"),
        bindings,
        code: Arc::new(code),
        handlers: started.handlers,
        startup_ms: started.startup_ms,
    })
}

/// The name rules of the API: what may stand in a host name.
fn check_name(name: &str) -> Result<(), Refusal> {
    let letters = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if (1..=63).contains(&name.len()) && letters && !name.starts_with('-') && !name.ends_with('-') {
        return Ok(());
    }
    Err(Refusal::new(400, 10016, "Invalid Worker name: use lowercase letters, digits and dashes, at most 63."))
}

pub(super) async fn download(Shared(state): Here, Path((_, name)): Named) -> Answer {
    let account = state.account();
    Ok(account.script(&name)?.live().ok_or_else(Refusal::no_script)?.code.download())
}

pub(super) async fn list(Shared(state): Here, Path((_, name)): Named) -> Answer {
    let account = state.account();
    let newest_first = account.script(&name)?.versions.iter().rev().map(Version::shown);
    ok(json!({ "items": newest_first.collect::<Value>() }))
}

pub(super) async fn one(Shared(state): Here, Path((_, name, version)): NamedOne) -> Answer {
    let account = state.account();
    let version = account.script(&name)?.version(&version);
    ok(version.ok_or_else(|| Refusal::new(404, 10007, "This version does not exist."))?.shown())
}

pub(super) async fn deployments(Shared(state): Here, Path((_, name)): Named) -> Answer {
    ok(json!({ "deployments": state.account().script(&name)?.deployments_shown() }))
}

pub(super) async fn deploy(Shared(state): Here, Path((_, name)): Named, Extension(asked): Asked) -> Answer {
    let body = asked.expect_json()?;
    let version = |entry: &Value| Some((entry["version_id"].as_str()?.to_owned(), entry["percentage"].as_f64()?));
    let versions: Option<Vec<_>> = body["versions"].as_array().and_then(|list| list.iter().map(version).collect());
    let versions = versions.filter(|_| body["strategy"] == "percentage").ok_or_else(Refusal::unreadable)?;
    let said = body["annotations"].as_object().cloned().unwrap_or_default();
    let (deployment, function) = {
        let mut account = state.account();
        let script = account.script_mut(&name)?;
        let deployment = script.deploy(versions, said, asked.source(), asked.asks_for("force", "true"))?;
        (deployment, script.function)
    };
    state.running.live_changed(function, &name).await;
    ok(deployment)
}

pub(super) async fn secrets(Shared(state): Here, Path((_, name)): Named) -> Answer {
    ok(state.account().script(&name)?.secrets_shown())
}

pub(super) async fn secret(Shared(state): Here, Path((_, name, secret)): NamedOne) -> Answer {
    let account = state.account();
    let latest = account.script(&name)?.latest().into_iter().flat_map(|version| &version.bindings);
    let found = latest.into_iter().find(|binding| binding.is_secret() && binding.name == secret);
    ok(found.ok_or_else(|| Refusal::no_binding(&secret))?.shown())
}

pub(super) async fn put_secret(Shared(state): Here, Path((_, name)): Named, Extension(asked): Asked) -> Answer {
    let body = asked.expect_json()?;
    let (Some(secret), Some(text)) = (body["name"].as_str(), body["text"].as_str()) else {
        return Err(Refusal::unreadable());
    };
    change_secrets(&state, &name, &asked, |bindings| bindings::set_secret(bindings, secret, Some(text))).await?;
    ok(Binding::secret(secret, text).shown())
}

pub(super) async fn delete_secret(
    Shared(state): Here,
    Path((_, name, secret)): NamedOne,
    Extension(asked): Asked,
) -> Answer {
    change_secrets(&state, &name, &asked, |bindings| bindings::set_secret(bindings, &secret, None)).await?;
    ok(Value::Null)
}

pub(super) async fn patch_secrets(Shared(state): Here, Path((_, name)): Named, Extension(asked): Asked) -> Answer {
    let body = asked.expect_json()?;
    let changes = body["secrets"].as_object().ok_or_else(Refusal::unreadable)?;
    change_secrets(&state, &name, &asked, |bindings| patch(bindings, changes)).await?;
    ok(state.account().script(&name)?.secrets_shown())
}

/// A merge patch: null removes.
fn patch(bindings: &mut Vec<Binding>, changes: &Map<String, Value>) -> Result<(), Refusal> {
    changes.iter().try_for_each(|(name, change)| match (change, change["text"].as_str()) {
        (Value::Null, _) => bindings::set_secret(bindings, name, None),
        (_, Some(text)) => bindings::set_secret(bindings, name, Some(text)),
        (_, None) => Err(Refusal::unreadable()),
    })
}

/// A version with other secrets, live at once. Refused while the latest version is not the live one: it would make
/// that one live too.
async fn change_secrets(
    state: &State,
    name: &str,
    asked: &Request,
    change: impl FnOnce(&mut Vec<Binding>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let function = change_live(state, name, asked, 10215, "secret", change)?;
    state.running.live_changed(function, name).await;
    Ok(())
}

fn change_live(
    state: &State,
    name: &str,
    asked: &Request,
    not_latest: u32,
    triggered_by: &str,
    change: impl FnOnce(&mut Vec<Binding>) -> Result<(), Refusal>,
) -> Result<FunctionId, Refusal> {
    let mut account = state.account();
    let script = account.script_mut(name)?;
    let live = script.live_and_latest(not_latest)?;
    let mut bindings = live.bindings.clone();
    change(&mut bindings)?;
    let draft = live.with(bindings, annotations(&Value::Null, triggered_by), asked.source());
    let id = script.add(draft).id.clone();
    script.deploy(vec![(id, 100.0)], Map::new(), asked.source(), true)?;
    Ok(script.function)
}

/// The versioned way to a secret: a new version from the latest one, deployed by whoever wants it.
pub(super) async fn patch_latest(Shared(state): Here, Path((_, name)): Named, Extension(asked): Asked) -> Answer {
    let body = asked.expect_json()?;
    let changes = body["env"].as_object().cloned().unwrap_or_default();
    let mut account = state.account();
    let script = account.script_mut(&name)?;
    let latest = script.latest().ok_or_else(Refusal::no_script)?;
    let mut bindings = latest.bindings.clone();
    patch(&mut bindings, &changes)?;
    let draft = latest.with(bindings, annotations(&body["annotations"], "secret"), asked.source());
    ok(script.add(draft).shown())
}

/// The settings of the live version: with bindings, a new version with these. The rest belongs to the script.
pub(super) async fn patch_settings(Shared(state): Here, Path((_, name)): Named, Extension(asked): Asked) -> Answer {
    let part = asked.part("settings").and_then(|part| serde_json::from_slice(&part.bytes).ok());
    let Some(Value::Object(mut settings)) = part.or_else(|| asked.json()) else { return Err(Refusal::unreadable()) };
    if settings.remove("bindings").is_some_and(|bindings| bindings.is_array()) {
        let sent = asked.part("settings").and_then(|part| serde_json::from_slice(&part.bytes).ok());
        let sent: Value = sent.or_else(|| asked.json()).unwrap_or_default();
        let replace = |bindings: &mut Vec<Binding>| {
            *bindings = bindings::read(&sent, asked.asks_for("bindings_inherit", "strict"), bindings)?;
            Ok(())
        };
        let function = change_live(&state, &name, &asked, 10214, "version_upload", replace)?;
        state.running.live_changed(function, &name).await;
    }
    let mut account = state.account();
    let script = account.script_mut(&name)?;
    settings.retain(|name, _| ["observability", "tags", "logpush", "tail_consumers"].contains(&name.as_str()));
    script.settings.extend(settings);
    ok(script.settings_shown())
}
