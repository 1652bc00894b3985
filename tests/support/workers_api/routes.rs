//! What can be asked, and what every request passes through before it is: recording, faults, the token.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Path, Request as Arriving, State as Shared};
use axum::http::Uri;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, patch, post};
use axum::{Extension, Router};
use serde_json::{Value, json};

use super::account::{self, Script};
use super::answers::{Answer, Refusal, ok, page};
use super::connection::Cut;
use super::cron;
use super::faults::Kind;
use super::requests::{Request, below_base};
use super::{State, tails, versioned};

pub(super) fn router(state: Arc<State>) -> Router {
    let user = Router::new()
        .route("/user/tokens/verify", get(verify))
        .route("/user", get(user))
        .route("/accounts", get(accounts))
        .route("/memberships", get(memberships));
    let workers = Router::new()
        .route("/services/{script}", get(service).delete(delete_service))
        .route("/subdomain", get(subdomain).put(register_subdomain))
        .route("/workers/{script}", get(worker))
        .route("/workers/{script}/versions/latest", patch(versioned::patch_latest))
        .route("/durable_objects/namespaces", get(nothing))
        .route("/scripts", get(scripts))
        .route("/scripts/{script}", get(versioned::download).put(versioned::put).delete(delete_script))
        .route("/scripts/{script}/content/v2", get(versioned::download))
        .route("/scripts/{script}/versions", get(versioned::list).post(versioned::upload))
        .route("/scripts/{script}/versions/{version}", get(versioned::one))
        .route("/scripts/{script}/deployments", get(versioned::deployments).post(versioned::deploy))
        .route("/scripts/{script}/secrets", get(versioned::secrets).put(versioned::put_secret))
        .route("/scripts/{script}/secrets/{secret}", get(versioned::secret).delete(versioned::delete_secret))
        .route("/scripts/{script}/secrets-bulk", patch(versioned::patch_secrets))
        .route("/scripts/{script}/settings", get(settings).patch(versioned::patch_settings))
        .route("/scripts/{script}/script-settings", get(script_settings).patch(patch_script_settings))
        .route("/scripts/{script}/subdomain", get(script_subdomain).post(enable_subdomain))
        .route("/scripts/{script}/schedules", get(schedules).put(put_schedules))
        .route("/scripts/{script}/tails", post(tails::create))
        .route("/scripts/{script}/tails/{tail}", delete(tails::delete));
    let api = user
        .nest("/accounts/{account}/workers", workers)
        .route("/accounts/{account}/storage/kv/namespaces", get(nothing))
        .method_not_allowed_fallback(|| async {
            Refusal::new(405, 10405, "Method not allowed for this authentication scheme")
        });
    Router::new()
        .nest("/client/v4", api)
        .route("/tails/{id}", any(tails::listen))
        .fallback(unknown)
        .layer(from_fn_with_state(Arc::clone(&state), pass))
        .layer(DefaultBodyLimit::disable())
        .with_state(state)
}

/// What every request passes through.
async fn pass(
    Shared(state): Shared<Arc<State>>,
    Extension(cut): Extension<Cut>,
    arriving: Arriving,
    next: Next,
) -> Response {
    let (mut head, body) = arriving.into_parts();
    let fault = state.faults().strike(head.method.as_str(), below_base(head.uri.path()));
    if matches!(fault, Some(Kind::ResetBefore)) {
        match cut.reset().await {}
    }
    // The client has broken off, and will not hear an answer.
    let Ok(body) = to_bytes(body, usize::MAX).await else { return Refusal::unreadable().into_response() };
    let request = match Request::read(&head, body).await {
        Ok(request) => Arc::new(request),
        Err(refusal) => return refusal.into_response(),
    };
    state.record(Arc::clone(&request));
    if let Some(answer) = fault.as_ref().and_then(Kind::instead) {
        return answer;
    }
    let answer = match may(&state, &head.uri, &request) {
        Err(refusal) => refusal.into_response(),
        Ok(()) => {
            head.extensions.insert(request);
            next.run(Arriving::from_parts(head, Body::empty())).await
        }
    };
    match fault {
        Some(kind) => kind.spoil(answer, &cut).await,
        None => answer,
    }
}

fn may(state: &State, uri: &Uri, request: &Request) -> Result<(), Refusal> {
    if !uri.path().starts_with("/client/v4") {
        return Ok(());
    }
    state.tokens().check(request.header("authorization"), &request.method, &request.path)?;
    let account = request.path.strip_prefix("/accounts/").and_then(|rest| rest.split('/').next());
    match account {
        // A token is for the accounts that it was made for.
        Some(other) if other != account::ID => Err(Refusal::new(403, 10000, "Authentication error")),
        _ => Ok(()),
    }
}

async fn unknown(uri: Uri) -> Refusal {
    let path = below_base(uri.path());
    Refusal::new(404, 7003, format!("Could not route to {path}, perhaps your object identifier is invalid?"))
}

async fn verify() -> Answer {
    ok(json!({ "id": "a-made-up-token-id", "status": "active" }))
}

async fn user() -> Answer {
    ok(json!({ "id": "a-made-up-user-id", "email": "dev@example.com" }))
}

async fn accounts() -> Answer {
    page(vec![json!({ "id": account::ID, "name": account::NAME })])
}

async fn memberships() -> Answer {
    let account = json!({ "id": account::ID, "name": account::NAME });
    page(vec![json!({ "id": "a-made-up-membership-id", "account": account })])
}

async fn nothing() -> Answer {
    page(Vec::new())
}

type Here = Shared<Arc<State>>;
/// Account and script.
type Named = Path<(String, String)>;
type Asked = Extension<Arc<Request>>;

async fn scripts(Shared(state): Here) -> Answer {
    ok(state.account().scripts.iter().map(|(name, script)| script.shown(name)).collect())
}

async fn service(Shared(state): Here, Path((_, name)): Named) -> Answer {
    let account = state.account();
    ok(account.script(&name).map_err(|_| Refusal::no_service())?.service_shown(&name))
}

async fn worker(Shared(state): Here, Path((_, name)): Named) -> Answer {
    ok(state.account().script(&name)?.worker_shown(&name))
}

async fn delete_service(shared: Here, Path((_, name)): Named) -> Answer {
    remove(shared, &name).await.ok_or_else(Refusal::no_service)?;
    ok(Value::Null)
}

async fn delete_script(shared: Here, Path((_, name)): Named) -> Answer {
    remove(shared, &name).await.ok_or_else(Refusal::no_script)?;
    ok(Value::Null)
}

async fn remove(Shared(state): Here, name: &str) -> Option<()> {
    let script = state.account().scripts.remove(name)?;
    state.running.close(script.function).await;
    Some(())
}

async fn subdomain(Shared(state): Here) -> Answer {
    match &state.account().subdomain {
        Some(subdomain) => ok(json!({ "subdomain": subdomain })),
        None => Err(Refusal::new(404, 10007, "There is no workers.dev subdomain for this account.")),
    }
}

async fn register_subdomain(Shared(state): Here, Extension(asked): Asked) -> Answer {
    let asked = asked.expect_json()?;
    let subdomain = asked["subdomain"].as_str().ok_or_else(Refusal::unreadable)?;
    state.account().subdomain = Some(subdomain.to_owned());
    ok(json!({ "subdomain": subdomain }))
}

async fn script_subdomain(Shared(state): Here, Path((_, name)): Named) -> Answer {
    ok(state.account().script(&name)?.subdomain_shown())
}

async fn enable_subdomain(Shared(state): Here, Path((_, name)): Named, Extension(asked): Asked) -> Answer {
    let asked = asked.expect_json()?;
    let enabled = asked["enabled"].as_bool().ok_or_else(Refusal::unreadable)?;
    let mut account = state.account();
    if enabled && account.subdomain.is_none() {
        return Err(Refusal::new(400, 10063, "You need a workers.dev subdomain in order to proceed."));
    }
    let script = account.script_mut(&name)?;
    script.enabled = enabled;
    script.previews_enabled = asked["previews_enabled"].as_bool().unwrap_or(enabled);
    ok(script.subdomain_shown())
}

async fn settings(Shared(state): Here, Path((_, name)): Named) -> Answer {
    ok(state.account().script(&name)?.settings_shown())
}

async fn script_settings(Shared(state): Here, Path((_, name)): Named) -> Answer {
    ok(Value::Object(state.account().script(&name)?.settings.clone()))
}

async fn patch_script_settings(Shared(state): Here, Path((_, name)): Named, Extension(asked): Asked) -> Answer {
    let Value::Object(asked) = asked.expect_json()? else { return Err(Refusal::unreadable()) };
    let mut account = state.account();
    let script = account.script_mut(&name)?;
    script.settings.extend(asked);
    ok(Value::Object(script.settings.clone()))
}

async fn schedules(Shared(state): Here, Path((_, name)): Named) -> Answer {
    ok(schedules_shown(state.account().script(&name)?))
}

async fn put_schedules(Shared(state): Here, Path((_, name)): Named, Extension(asked): Asked) -> Answer {
    let asked = asked.expect_json()?;
    let entries = asked.as_array().ok_or_else(Refusal::unreadable)?;
    let crons: Option<Vec<String>> = entries.iter().map(|entry| Some(entry["cron"].as_str()?.to_owned())).collect();
    let crons = crons.ok_or_else(Refusal::unreadable)?;
    if crons.iter().any(|cron| !cron::is_cron(cron)) {
        return Err(Refusal::new(400, 10100, "invalid cron string"));
    }
    let mut account = state.account();
    account.script(&name)?;
    let others = account.scripts.iter().filter(|(other, _)| **other != name).map(|(_, script)| script.crons.len());
    if others.sum::<usize>() + crons.len() > account.max_crons {
        let message = format!("This account has reached the limit of {} cron triggers.", account.max_crons);
        return Err(Refusal::new(400, 10072, message));
    }
    let script = account.script_mut(&name)?;
    script.crons = crons;
    ok(schedules_shown(script))
}

fn schedules_shown(script: &Script) -> Value {
    let now = super::now();
    let schedule = |cron| json!({ "cron": cron, "created_on": now, "modified_on": now });
    json!({ "schedules": script.crons.iter().map(schedule).collect::<Value>() })
}
