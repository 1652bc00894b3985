//! A function's address: who may call it, and that what passes through arrives as it was sent.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use postern::function::FunctionId;
use postern::target::AddressError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::workerd_world::{ID, World, bundle, fetch, get, starter};

const OTHER: FunctionId = FunctionId(2);

/// Sends these bytes and reads until the other side closes.
async fn raw(address: (&str, u16), request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn it_answers_on_both_loopback_addresses_under_its_own_names() {
    let world = World::new();
    let port = world.deploy(ID, &fetch("return new Response(request.url)")).await;
    for (address, name) in
        [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("127.0.0.1", "localhost"), ("::1", "localhost")]
    {
        let request = format!("GET /a?b=c HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n");
        let answer = raw((address, port), &request).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.ends_with(&format!("http://{name}:{port}/a?b=c")), "{answer}");
    }
}

/// Each takes three descriptors here, and programs are started with room for 1,024.
#[tokio::test]
async fn seven_hundred_calls_at_once_are_all_answered_by_one_process() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(1024), ..limit }).unwrap();
    let world = World::new();
    let code = "let calls = 0; export default { async fetch() { calls++; await scheduler.wait(1000); \
                return new Response(String(calls)) } };";
    let port = world.deploy(ID, code).await;
    let request = format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    let calls = (0..700).map(|_| raw(("127.0.0.1", port), &request));
    let answers = futures_util::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 200")).count(), 700);
    assert!(get(port, "/").await.1.contains("701"), "the process was another one");
}

#[tokio::test]
async fn another_name_is_refused_before_the_function_sees_anything() {
    let world = World::new();
    let port = world.deploy(ID, &fetch("console.log('called'); return new Response('secret')")).await;
    let own = format!("Host: localhost:{port}\r\n");
    for request in [
        format!("GET / HTTP/1.1\r\nHost: evil.example:{port}\r\nConnection: close\r\n\r\n"),
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned(),
        "GET / HTTP/1.0\r\n\r\n".to_owned(),
        format!("GET / HTTP/1.1\r\n{own}Host: evil.example\r\nConnection: close\r\n\r\n"),
        format!("GET http://evil.example/ HTTP/1.1\r\n{own}Connection: close\r\n\r\n"),
    ] {
        let answer = raw(("127.0.0.1", port), &request).await;
        assert!(answer.starts_with("HTTP/1.1 421") || answer.starts_with("HTTP/1.0 421"), "{request}{answer}");
        assert!(!answer.contains("secret"));
    }
    let connect = format!("CONNECT localhost:{port} HTTP/1.1\r\n{own}Connection: close\r\n\r\n");
    assert!(raw(("127.0.0.1", port), &connect).await.starts_with("HTTP/1.1 405"));
    assert!(world.said(ID).is_empty());
    assert_eq!(get(port, "/").await.0, 200);
    world.hears("called").await;
}

#[tokio::test]
async fn an_answer_streams_before_it_ends() {
    let world = World::new();
    let code = "const { readable, writable } = new TransformStream(); const writer = writable.getWriter();
        const text = new TextEncoder();
        ctx.waitUntil((async () => { await writer.write(text.encode('first'));
            while (!globalThis.go) await scheduler.wait(5);
            await writer.write(text.encode('last')); await writer.close(); })());
        if (request.url.endsWith('/go')) { globalThis.go = true; return new Response('gone'); }
        return new Response(readable)";
    let port = world.deploy(ID, &fetch(code)).await;
    let mut body = reqwest::get(format!("http://localhost:{port}/")).await.unwrap();
    assert_eq!(body.chunk().await.unwrap().unwrap(), "first");
    assert_eq!(get(port, "/go").await.0, 200);
    assert_eq!(body.chunk().await.unwrap().unwrap(), "last");
    assert_eq!(body.chunk().await.unwrap(), None);
}

#[tokio::test]
async fn a_request_streams_before_it_ends() {
    let world = World::new();
    let code = "const { readable, writable } = new TransformStream();
        ctx.waitUntil(request.body.pipeTo(writable)); return new Response(readable)";
    let port = world.deploy(ID, &fetch(code)).await;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = format!("POST / HTTP/1.1\r\nHost: localhost:{port}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nping\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    // The echo of the first part, while the request is still open.
    while !seen.windows(4).any(|window| window == b"ping") {
        assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0);
    }
    stream.write_all(b"4\r\npong\r\n0\r\n\r\n").await.unwrap();
    while !seen.ends_with(b"0\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0);
    }
    assert!(seen.windows(4).any(|window| window == b"pong"));
}

#[tokio::test]
async fn a_client_that_reads_slowly_slows_the_function_down() {
    let world = World::new();
    let code = "let sent = 0; const chunk = new Uint8Array(64 << 10);
        return new Response(new ReadableStream({ pull(controller) {
            console.log(`sent ${++sent}`); controller.enqueue(chunk); if (sent === 1000) controller.close(); } }))";
    let port = world.deploy(ID, &fetch(code)).await;
    let response = reqwest::get(format!("http://localhost:{port}/")).await.unwrap();
    // Nobody reads: what is sent stays far below the whole 64 MB. Twice the same count is no progress.
    let (mut before, mut now) = (usize::MAX, 0);
    while before != now {
        tokio::time::sleep(Duration::from_millis(200)).await;
        (before, now) = (now, world.said(ID).len());
    }
    assert!(now < 500, "{now} of 1000 chunks went somewhere");
    let mut whole = response.bytes_stream_len().await;
    whole /= 64 << 10;
    assert_eq!(whole, 1000);
}

trait StreamLength {
    async fn bytes_stream_len(self) -> usize;
}

impl StreamLength for reqwest::Response {
    async fn bytes_stream_len(mut self) -> usize {
        let mut length = 0;
        while let Some(chunk) = self.chunk().await.unwrap() {
            length += chunk.len();
        }
        length
    }
}

#[tokio::test]
async fn a_web_socket_passes() {
    let world = World::new();
    let code = "const [client, server] = Object.values(new WebSocketPair()); server.accept();
        server.addEventListener('message', ({ data }) => server.send(`echo ${data}`));
        return new Response(null, { status: 101, webSocket: client })";
    let port = world.deploy(ID, &fetch(code)).await;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = format!(
        "GET / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut seen = Vec::new();
    while !seen.windows(4).any(|window| window == b"\r\n\r\n") {
        assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0);
    }
    let head = String::from_utf8_lossy(&seen).into_owned();
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    // The key and its answer are the example of RFC 6455 §1.3.
    assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");

    // A final text frame of five bytes, masked with zeros: RFC 6455 §5.2.
    stream.write_all(b"\x81\x85\0\0\0\0hello").await.unwrap();
    let mut frame = [0; 12];
    stream.read_exact(&mut frame).await.unwrap();
    assert_eq!(&frame, b"\x81\x0aecho hello");
    // It outlives a redeploy.
    world.local.switch(ID, world.local.start(ID, bundle(&fetch("return new Response('new')"))).await.unwrap());
    assert_eq!(get(port, "/").await.1, "new");
    stream.write_all(b"\x81\x85\0\0\0\0again").await.unwrap();
    stream.read_exact(&mut frame).await.unwrap();
    assert_eq!(&frame, b"\x81\x0aecho again");
}

#[tokio::test]
async fn headers_bodies_and_methods_arrive_as_they_were_sent() {
    let world = World::new();
    let code = "const headers = new Headers([['x-answer', 'a'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2']]);
        const seen = [request.method, await request.text(), [...request.headers]];
        return new Response(JSON.stringify(seen), { status: 418, headers })";
    let port = world.deploy(ID, &fetch(code)).await;
    let body = "x".repeat(1 << 20);
    let request =
        reqwest::Client::new().put(format!("http://localhost:{port}/")).header("x-mine", "é").body(body.clone());
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 418);
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    let seen: (String, String, Vec<(String, String)>) = response.json().await.unwrap();
    assert_eq!((seen.0.as_str(), seen.1 == body), ("PUT", true));
    let mut names: Vec<&str> = seen.2.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "content-length", "host", "x-mine"]);
}

#[tokio::test]
async fn an_answer_that_waits_for_no_body_comes_through() {
    let world = World::new();
    let port = world.deploy(ID, &fetch("return new Response('too large', { status: 413 })")).await;
    let body = vec![b'x'; 8 << 20];
    for _ in 0..12 {
        let request = reqwest::Client::new().post(format!("http://localhost:{port}/")).body(body.clone());
        let response = request.send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.text().await.unwrap().as_str()), (413, "too large"));
    }
}

#[tokio::test]
async fn an_answer_that_waits_for_no_body_reaches_a_client_that_reads_it_after_it_has_written_all() {
    let world = World::new();
    let port = world.deploy(ID, &fetch("return new Response('too large', { status: 413 })")).await;
    let mut client = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let part = vec![b'x'; 1 << 20];
    let head = format!("POST / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: {}\r\n\r\n", 4 * part.len());
    client.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..4 {
        client.write_all(&part).await.unwrap();
        // It is answered meanwhile.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let mut answer = vec![0; 1000];
    let length = client.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]);
    assert!(answer.starts_with("HTTP/1.1 413") && answer.ends_with("too large"), "{answer}");
}

#[tokio::test]
async fn many_headers_pass_and_too_many_are_said() {
    let world = World::new();
    let code = "const headers = new Headers(); const count = Number(new URL(request.url).pathname.slice(1));
        for (let at = 0; at < count; at++) headers.append('set-cookie', `c${at}=v`);
        return new Response('x', { headers })";
    let port = world.deploy(ID, &fetch(code)).await;
    // Not by reqwest, which takes a hundred at most.
    let request = format!("GET /150 HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    let answer = raw(("127.0.0.1", port), &request).await;
    assert_eq!(answer.matches("set-cookie: c").count(), 150, "{answer}");
    let (status, text) = get(port, "/3000").await;
    assert!(status == 502 && text.contains("more headers"), "{status} {text}");
}

#[tokio::test]
async fn a_body_in_chunks_is_passed_on_whatever_the_method() {
    let world = World::new();
    let port = world.deploy(ID, &fetch("return new Response(`${request.method} ${await request.text()}`)")).await;
    for method in ["GET", "POST", "DELETE"] {
        let head = format!("{method} / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n");
        let request = format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        let answer = raw(("127.0.0.1", port), &request).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(&format!("{method} hello")), "{answer}");
    }
}

#[tokio::test]
async fn a_taken_port_is_said_and_another_can_be_had() {
    let world = World::new();
    let code = fetch("return new Response('x')");
    for address in ["127.0.0.1", "::1"] {
        let taken = TcpListener::bind((address, 0)).await.unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = world.local.open(ID, Some(port), starter(&code)).await.unwrap_err();
        assert!(matches!(error, AddressError::Taken(taken) if taken == port), "{error}");
    }
    // It runs all the same, and where it is asked for in the end.
    world.local.switch(ID, world.local.start(ID, bundle(&code)).await.unwrap());
    assert!(world.local.is_running(ID));
    let port = world.open(ID, &code).await;
    assert_eq!(get(port, "/").await, (200, "x".into()));
    assert_eq!(world.local.open(ID, Some(port), starter(&code)).await.unwrap(), port);
}

#[tokio::test]
async fn a_closed_address_is_free_at_once() {
    let world = World::new();
    let code = fetch("return new Response('x')");
    let port = world.deploy(ID, &code).await;
    get(port, "/").await;
    world.local.close(ID).await;
    assert!(!world.local.is_running(ID));
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    assert_eq!(world.local.open(OTHER, Some(port), starter(&code)).await.unwrap(), port);
    assert_eq!(get(port, "/").await, (200, "x".into()));
}

#[tokio::test]
async fn why_nothing_answers_is_said_without_what_the_code_said() {
    let world = World::new();
    let broken = world.open(ID, "throw new Error('sk_live_quoted');").await;
    let (status, text) = get(broken, "/").await;
    assert_eq!(status, 503);
    assert!(text.contains("did not start") && !text.contains("sk_live_quoted"), "{text}");
    world.hears("sk_live_quoted").await;

    let locked = std::sync::Arc::new(|| std::future::ready(Err("The keychain is locked.".to_owned())).boxed());
    let locked = world.local.open(OTHER, None, locked).await.unwrap();
    assert_eq!(get(locked, "/").await, (503, "The keychain is locked.\n".into()));
}

#[tokio::test]
async fn many_calls_at_once_are_all_answered() {
    let world = World::new();
    let port = world.deploy(ID, &fetch("return new Response(new URL(request.url).pathname)")).await;
    let calls = futures_util::stream::iter(0..200).map(|number| async move {
        let path = format!("/{number}");
        assert_eq!(get(port, &path).await, (200, path));
    });
    calls.buffer_unordered(50).collect::<()>().await;
}
