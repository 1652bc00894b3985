//! A server of raw HTTP/1.1 that knows one script, keeps just enough state to be asked about it, and fails on order.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Below `/accounts/acct/workers`, or below the base where it is not that.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn call(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Status, code, message.
    Refuses(u16, u64, String),
    RateLimits(u64),
    NeverAnswers,
    EndsTooEarly,
    Floods,
    IsNoJson(u16),
    /// Before the body was read.
    ResetsAtOnce,
    /// All was read; nothing was done.
    ResetsAfterReading,
    /// All was read and done.
    ResetsAfterDoing,
    SendsElsewhere(String),
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) asked: Vec<Asked>,
    faults: Vec<(String, Fault, usize)>,
    pub(crate) versions: Vec<(String, Option<String>)>,
    pub(crate) live: Option<String>,
    /// Answers of its own, by call.
    pub(crate) answers: Vec<(String, Value)>,
    /// Content type, `cf-entrypoint` and body of the script.
    pub(crate) content: Option<(String, String, Vec<u8>)>,
}

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) base: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    /// With the script `greet` at a version that is live, or without it.
    pub(crate) async fn start(there: bool) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}/client/v4", listener.local_addr().unwrap());
        let server = Self { base, state: Arc::default() };
        if there {
            let mut state = server.state();
            state.versions.push(("version-0".into(), None));
            state.live = Some("version-0".into());
        }
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(accepting.clone().serve(stream));
            }
        });
        server
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn fails(&self, call: &str, fault: Fault, times: usize) {
        self.state().faults.push((call.into(), fault, times));
    }

    pub(crate) fn count(&self, call: &str) -> usize {
        self.state().asked.iter().filter(|asked| asked.call() == call).count()
    }

    async fn serve(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        while let Some(mut asked) = head(&mut stream).await {
            let fault = self.fault(&asked.call());
            if matches!(fault, Some(Fault::ResetsAtOnce)) {
                self.state().asked.push(asked);
                return reset(stream.into_inner());
            }
            let length = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
            asked.body = vec![0; length];
            if stream.read_exact(&mut asked.body).await.is_err() {
                return;
            }
            self.state().asked.push(asked.clone());
            if !self.answer(&mut stream, &asked, fault).await {
                return;
            }
        }
    }

    fn fault(&self, call: &str) -> Option<Fault> {
        let mut state = self.state();
        let (_, fault, left) = state.faults.iter_mut().find(|(at, _, left)| at == call && *left > 0)?;
        *left -= 1;
        Some(fault.clone())
    }

    /// Whether the connection goes on.
    async fn answer(&self, stream: &mut BufReader<TcpStream>, asked: &Asked, fault: Option<Fault>) -> bool {
        let stream = stream.get_mut();
        let json = "content-type: application/json\r\n";
        match fault {
            None => {
                if let (true, Some((kind, entry, body))) = (asked.path.ends_with("/content/v2"), self.content()) {
                    let head = format!("content-type: {kind}\r\ncf-entrypoint: {entry}\r\n");
                    return send(stream, 200, &head, &body).await;
                }
                let (status, body) = self.state().act(asked);
                return send(stream, status, json, body.to_string().as_bytes()).await;
            }
            Some(Fault::Refuses(status, code, message)) => {
                return send(stream, status, json, failure(code, &message).to_string().as_bytes()).await;
            }
            Some(Fault::RateLimits(seconds)) => {
                let head = format!("{json}retry-after: {seconds}\r\n");
                return send(stream, 429, &head, failure(971, "Slow down").to_string().as_bytes()).await;
            }
            Some(Fault::IsNoJson(status)) => return send(stream, status, "", b"<html>made up</html>").await,
            Some(Fault::SendsElsewhere(to)) => return send(stream, 307, &format!("location: {to}\r\n"), b"").await,
            Some(Fault::NeverAnswers) => tokio::time::sleep(Duration::from_secs(20)).await,
            Some(Fault::EndsTooEarly) => {
                drop(self.state().act(asked));
                let _ =
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"success\":true,\"res").await;
            }
            Some(Fault::Floods) => {
                drop(self.state().act(asked));
                let _ = send(stream, 200, json, &vec![b' '; 5 * 1024 * 1024]).await;
            }
            Some(Fault::ResetsAfterDoing) => {
                drop(self.state().act(asked));
                set_to_reset(stream);
            }
            Some(Fault::ResetsAfterReading | Fault::ResetsAtOnce) => set_to_reset(stream),
        }
        false
    }

    fn content(&self) -> Option<(String, String, Vec<u8>)> {
        self.state().content.clone()
    }
}

impl State {
    fn act(&mut self, asked: &Asked) -> (u16, Value) {
        let call = asked.call();
        if let Some((_, answer)) = self.answers.iter().find(|(at, _)| *at == call) {
            return (200, success(answer.clone()));
        }
        let not_there = |code| (404, failure(code, "It does not exist."));
        match call.as_str() {
            "GET subdomain" => (200, success(json!({ "subdomain": "made-up" }))),
            "PUT scripts/greet" | "POST scripts/greet/versions" => {
                let id = format!("version-{}", self.versions.len());
                self.versions.push((id.clone(), tag(&asked.body)));
                if asked.method == "PUT" {
                    self.live = Some(id.clone());
                }
                (200, success(json!({ "id": id, "number": self.versions.len() })))
            }
            "DELETE services/greet" if self.live.is_some() => {
                self.versions.clear();
                self.live = None;
                (200, success(Value::Null))
            }
            "GET services/greet" | "DELETE services/greet" if self.live.is_none() => not_there(10090),
            _ if self.live.is_none() => not_there(10007),
            "GET services/greet" => (200, success(json!({ "id": "greet" }))),
            "GET scripts/greet/subdomain" => (200, success(json!({ "enabled": true, "previews_enabled": true }))),
            "GET scripts/greet/versions" => (200, success(json!({ "items": self.listed() }))),
            "GET scripts/greet/deployments" => {
                let share = json!({ "version_id": self.live, "percentage": 100 });
                (200, success(json!({ "deployments": [{ "id": "d", "versions": [share] }] })))
            }
            "POST scripts/greet/deployments" => {
                let sent: Value = serde_json::from_slice(&asked.body).unwrap();
                self.live = sent["versions"][0]["version_id"].as_str().map(str::to_owned);
                (200, success(json!({ "id": "d" })))
            }
            _ => (200, success(json!({}))),
        }
    }

    fn listed(&self) -> Vec<Value> {
        let listed = |(number, (id, tag)): (usize, &(String, Option<String>))| {
            let annotations = tag.as_ref().map_or(json!({}), |tag| json!({ "workers/tag": tag }));
            json!({ "id": id, "number": number + 1, "annotations": annotations })
        };
        self.versions.iter().enumerate().map(listed).collect()
    }
}

/// Of the metadata, the first part of a body.
fn tag(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let rest = &text[text.find("\"workers/tag\":\"")? + 15..];
    Some(rest[..rest.find('"')?].to_owned())
}

fn success(result: Value) -> Value {
    json!({ "success": true, "result": result, "errors": [], "messages": [] })
}

fn failure(code: u64, message: &str) -> Value {
    json!({ "success": false, "result": null, "errors": [{ "code": code, "message": message }], "messages": [] })
}

async fn head(stream: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut first = lines[0].split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = path.strip_prefix("/client/v4/").unwrap_or(path);
    let path = path.strip_prefix("accounts/acct/workers/").unwrap_or(path).to_owned();
    let header = |line: &String| {
        let (key, value) = line.split_once(':')?;
        Some((key.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let headers = lines[1..].iter().filter_map(header).collect();
    Some(Asked { method, path, query: query.to_owned(), headers, body: Vec::new() })
}

async fn send(stream: &mut TcpStream, status: u16, headers: &str, body: &[u8]) -> bool {
    let head = format!("HTTP/1.1 {status} Made Up\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    // In one piece: two would wait for each other's acknowledgement.
    stream.write_all(&[head.as_bytes(), body].concat()).await.is_ok()
}

/// When it is closed, with RST.
fn set_to_reset(stream: &TcpStream) {
    stream.set_zero_linger().unwrap();
}

fn reset(stream: TcpStream) {
    set_to_reset(&stream);
}
