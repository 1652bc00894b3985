//! Sends one request to the API and reads its answer: the token, the limits of time and size, and what is tried again.
//!
//! Redirects are never followed: the token would go along. A request that changes something is sent again only where
//! the API says that it was not acted on (429).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Method, Response, Url, redirect};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::access::Permission;
use super::answer::{self, About};
use super::body::{Gate, Upload};
use super::error::{Error, Why};
use super::{Listener, Patience, Progress};
use crate::secret::SecretValue;

/// The most that is read of an answer in JSON.
const MAX_JSON: usize = 4 * 1024 * 1024;

/// The most that is read of a script's content: modules and what multipart adds.
const MAX_CONTENT: usize = 72 * 1024 * 1024;

pub(super) struct Connection {
    http: reqwest::Client,
    base: Url,
    host: String,
    /// `Bearer …`, in memory that is wiped when the last clone goes. Marked sensitive, so that it prints as nothing.
    authorization: HeaderValue,
    token: SecretValue,
    pub(super) patience: Patience,
}

/// One call of the API.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// Below the base URL; each is escaped.
    pub(super) path: Vec<&'a str>,
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) payload: Payload,
    /// What an error is about.
    pub(super) script: Option<&'a str>,
    pub(super) permission: Permission,
}

#[derive(Clone)]
pub(super) enum Payload {
    Nothing,
    Json(Bytes),
    Form { boundary: String, body: Bytes, gate: Option<Gate> },
}

struct Received {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Connection {
    pub(super) fn new(base: &str, token: SecretValue, patience: Patience) -> Result<Self, Error> {
        let base = parse_base(base)?;
        let line = Zeroizing::new([b"Bearer ", token.expose().as_bytes()].concat());
        let visible = token.expose().bytes().all(|byte| byte.is_ascii_graphic());
        let header = HeaderValue::from_maybe_shared(Bytes::from_owner(line));
        let (true, Ok(mut authorization)) = (visible, header) else { return Err(Error::TokenForm) };
        authorization.set_sensitive(true);

        let mut http = reqwest::Client::builder()
            .user_agent(concat!("postern/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(patience.connect);
        if base.scheme() == "http" {
            // To this computer, and in the clear: no proxy of the environment may see it, and nobody has to be trusted.
            // With TLS a proxy may carry it, since it can't look inside.
            http = http.no_proxy().tls_certs_only([]);
        }
        let host = base.host_str().unwrap_or_default().to_owned();
        let http = http.build().map_err(|_| Error::NothingToTrust(host.clone()))?;
        Ok(Self { http, base, host, authorization, token, patience })
    }

    /// The `result` of the answer.
    pub(super) async fn call<T: DeserializeOwned>(&self, call: &Call<'_>, listener: &Listener) -> Result<T, Error> {
        self.persistently(call, listener, MAX_JSON, |received, about| {
            answer::result(received.status, retry_after(&received.headers), &received.body, about)
        })
        .await
    }

    /// Content type, entry and body of a script's content.
    pub(super) async fn content(
        &self,
        call: &Call<'_>,
        listener: &Listener,
    ) -> Result<(String, Option<String>, Vec<u8>), Error> {
        self.persistently(call, listener, MAX_CONTENT, |received, about| {
            let retry_after = retry_after(&received.headers);
            if let Some(error) = answer::refusal(received.status, retry_after, &received.body, about) {
                return Err(error);
            }
            let header = |name: &str| Some(received.headers.get(name)?.to_str().ok()?.to_owned());
            Ok((header("content-type").unwrap_or_default(), header("cf-entrypoint"), received.body))
        })
        .await
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn not_understood(&self, status: u16, why: Why) -> Error {
        Error::NotUnderstood { host: self.host.clone(), status, why }
    }

    async fn persistently<T>(
        &self,
        call: &Call<'_>,
        listener: &Listener,
        cap: usize,
        read: impl Fn(Received, About<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let redact = |text: &str| text.replace(self.token.expose(), "[token]");
        let about = About { host: &self.host, script: call.script, permission: call.permission, redact: &redact };
        let (mut waits, mut failures) = (0, 0);
        loop {
            let outcome = match self.attempt(call, listener, cap).await {
                Ok(received) => read(received, about),
                Err(error) => Err(error),
            };
            match outcome {
                Err(Error::RateLimited(seconds))
                    if waits < self.patience.waits && Duration::from_secs(seconds) <= self.patience.longest_wait =>
                {
                    waits += 1;
                    if let Payload::Form { gate: Some(gate), .. } = &call.payload {
                        gate.reopen();
                    }
                    listener(Progress::Waiting { seconds });
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
                Err(error) if call.method == Method::GET && error.may_pass() && failures < 2 => {
                    failures += 1;
                    tokio::time::sleep(self.patience.pause * failures).await;
                }
                outcome => return outcome,
            }
        }
    }

    async fn attempt(&self, call: &Call<'_>, listener: &Listener, cap: usize) -> Result<Received, Error> {
        let sent = Arc::new(AtomicU64::new(0));
        let mut request =
            self.http.request(call.method.clone(), self.url(call)).header(AUTHORIZATION, self.authorization.clone());
        let mut total = 0;
        match &call.payload {
            Payload::Nothing => {}
            Payload::Json(json) => request = request.header(CONTENT_TYPE, "application/json").body(json.clone()),
            Payload::Form { boundary, body, gate } => {
                total = body.len() as u64;
                let body = Upload::new(body.clone(), gate.clone(), sent.clone(), listener.clone());
                request = request
                    .header(CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}"))
                    .body(reqwest::Body::wrap(body));
            }
        }
        let whole = || sent.load(Ordering::Acquire) == total;
        let timed_out =
            || Error::TimedOut { host: self.host.clone(), seconds: self.patience.answer.as_secs(), whole: whole() };

        let mut sending = std::pin::pin!(request.send());
        let response = loop {
            let before = sent.load(Ordering::Acquire);
            match tokio::time::timeout(self.patience.answer, &mut sending).await {
                Ok(response) => break response.map_err(|error| self.lost(&error, whole()))?,
                // A slow upload is none that stands still.
                Err(_) if sent.load(Ordering::Acquire) != before => {}
                Err(_) => return Err(timed_out()),
            }
        };
        match tokio::time::timeout(self.patience.answer * 10, self.receive(response, cap)).await {
            Ok(received) => received,
            Err(_) => Err(timed_out()),
        }
    }

    async fn receive(&self, mut response: Response, cap: usize) -> Result<Received, Error> {
        let status = response.status().as_u16();
        let mut body = Vec::new();
        loop {
            let chunk = match tokio::time::timeout(self.patience.answer, response.chunk()).await {
                Err(_) => {
                    let (host, seconds) = (self.host.clone(), self.patience.answer.as_secs());
                    return Err(Error::TimedOut { host, seconds, whole: true });
                }
                Ok(Err(_)) => return Err(self.not_understood(status, Why::Truncated)),
                Ok(Ok(chunk)) => chunk,
            };
            let Some(chunk) = chunk else { break };
            if body.len() + chunk.len() > cap {
                return Err(self.not_understood(status, Why::TooLarge));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Received { status, headers: std::mem::take(response.headers_mut()), body })
    }

    fn url(&self, call: &Call<'_>) -> Url {
        let mut url = self.base.clone();
        url.path_segments_mut().expect("the base has a host").pop_if_empty().extend(&call.path);
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(call.query);
        }
        url
    }

    /// What reqwest says is left out: it may quote the URL, and its words are none for users.
    fn lost(&self, error: &reqwest::Error, whole: bool) -> Error {
        let host = self.host.clone();
        if is_about_certificate(error) {
            Error::Certificate(host)
        } else if error.is_connect() {
            Error::Unreachable(host)
        } else {
            Error::BrokenOff { host, whole }
        }
    }
}

fn parse_base(text: &str) -> Result<Url, Error> {
    let refused = || Error::BaseUrl(text.chars().take(200).collect());
    let url = Url::parse(text.trim()).map_err(|_| refused())?;
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    let allowed = match (url.scheme(), url.host_str()) {
        ("https", Some(_)) => true,
        ("http", Some("localhost" | "[::1]")) => true,
        ("http", Some(host)) => host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback()),
        _ => false,
    };
    if plain && allowed { Ok(url) } else { Err(refused()) }
}

fn is_about_certificate(error: &(dyn std::error::Error + 'static)) -> bool {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return matches!(tls, rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented);
    }
    // An IO error passes over itself and what it holds when it is asked for its source.
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(inner) => is_about_certificate(inner),
        None => error.source().is_some_and(is_about_certificate),
    }
}

/// Seconds, or a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    text.parse().ok().or_else(|| {
        let date = jiff::fmt::rfc2822::parse(text).ok()?;
        u64::try_from(date.timestamp().as_second() - jiff::Timestamp::now().as_second()).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_in_the_clear_to_this_computer_only() {
        for base in ["https://api.cloudflare.com/client/v4", "http://127.0.0.1:8787", "http://localhost:1/client/v4/"] {
            assert!(parse_base(base).is_ok(), "{base}");
        }
        for base in [
            "http://api.cloudflare.com",
            "http://127.0.0.1.example.com",
            "ftp://localhost",
            "https://user:made-up@example.com",
            "https://example.com/?a=b",
            "api.cloudflare.com",
            "",
        ] {
            assert!(matches!(parse_base(base), Err(Error::BaseUrl(_))), "{base}");
        }
    }

    #[test]
    fn a_wait_is_told_in_seconds_or_as_a_date() {
        let wait = |text: &str| retry_after(&HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]));
        assert_eq!(wait("17"), Some(17));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT"), None);
        assert!(wait("Wed, 21 Oct 2150 07:28:00 GMT").is_some_and(|seconds| seconds > 1_000_000));
    }
}
