//! Workers that answer with what HTTP has: caches, redirects, cookies, ranges.

use reqwest::{Method, StatusCode, header};

use super::shapes::{Shape, named, text};

#[tokio::test]
async fn a_cache_that_keeps_nothing_can_be_asked() {
    let it = Shape::run("cache", &[], &[]).await;
    // Nothing is kept on this machine, and asking for it is no error.
    assert_eq!(it.text("/").await, "made 1");
    assert_eq!(it.text("/").await, "made 2");
}

#[tokio::test]
async fn old_paths_redirect() {
    let it = Shape::run("redirects", &[], &[]).await;
    let old = it.get("/old").await;
    assert_eq!(
        (old.status(), named(&old, "location")),
        (StatusCode::MOVED_PERMANENTLY, &*format!("{}new", it.address))
    );
    assert_eq!(named(&it.get("/docs").await, "location"), "https://docs.example.com/");
    assert_eq!(it.get("/a/?b=c").await.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(it.text("/new").await, "/new");
}

#[tokio::test]
async fn cookies_are_read_and_set() {
    let it = Shape::run("cookies", &[], &[]).await;
    let second = it.ask(Method::GET, "/").header(header::COOKIE, "a=b; visits=1; last=a%20b").send().await.unwrap();
    let set: Vec<_> =
        second.headers().get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(set, ["visits=2; Path=/; HttpOnly; SameSite=Lax", "last=a%20b; Max-Age=60"]);
    assert_eq!(second.text().await.unwrap(), "visit 2");
}

#[tokio::test]
async fn other_origins_are_told_apart() {
    let it = Shape::run("cors", &[], &[]).await;
    let ask = |method, origin: &str| it.ask(method, "/").header(header::ORIGIN, origin);
    let preflight = ask(Method::OPTIONS, "https://app.example.com").send().await.unwrap();
    assert_eq!(preflight.status(), StatusCode::NO_CONTENT);
    assert_eq!(named(&preflight, "access-control-allow-methods"), "GET, PUT");
    assert_eq!(named(&preflight, "access-control-allow-origin"), "https://app.example.com");
    let other = ask(Method::GET, "https://other.example.com").send().await.unwrap();
    assert_eq!(named(&other, "access-control-allow-origin"), "");
}

#[tokio::test]
async fn ranges_and_etags_are_heeded() {
    let it = Shape::run("range", &[], &[]).await;
    let range = |range: &str| it.ask(Method::GET, "/").header(header::RANGE, range).send();
    let part = range("bytes=2-4").await.unwrap();
    assert_eq!((part.status(), named(&part, "content-range")), (StatusCode::PARTIAL_CONTENT, "bytes 2-4/10"));
    assert_eq!(part.text().await.unwrap(), "234");
    assert_eq!(range("bytes=-3").await.unwrap().text().await.unwrap(), "789");
    assert_eq!(range("bytes=20-30").await.unwrap().status(), StatusCode::RANGE_NOT_SATISFIABLE);
    let it = Shape::run("etag", &[], &[]).await;
    let first = it.get("/").await;
    let again = it.ask(Method::GET, "/").header(header::IF_NONE_MATCH, named(&first, "etag")).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(first.text().await.unwrap(), "the same as before");
}

#[tokio::test]
async fn what_takes_too_long_is_aborted() {
    let it = Shape::run("abort", &[], &[]).await;
    assert_eq!(it.text("/now").await, "ended: changed my mind");
    let late = it.get("/").await;
    assert_eq!(late.status(), StatusCode::GATEWAY_TIMEOUT);
    assert!(late.text().await.unwrap().starts_with("ended: "));
}

#[tokio::test]
async fn random_numbers_and_names_are_made() {
    let it = Shape::run("random", &[], &[]).await;
    let answer: serde_json::Value = serde_json::from_str(&it.text("/").await).unwrap();
    assert_eq!(answer["id"].as_str().map(str::len), Some(36));
    assert_eq!(answer["dice"], 4);
    assert_ne!(it.text("/").await, answer.to_string());
}

#[tokio::test]
async fn bodies_are_packed_and_unpacked() {
    let it = Shape::run("compression", &[], &[]).await;
    assert_eq!(it.text("/").await, "true 10000");
    // “packed” as zlib writes it without compression.
    let stored = b"\x78\x01\x01\x06\x00\xf9\xffpacked\x08\x86\x02\x69";
    let answer = it.ask(Method::POST, "/").body(stored.to_vec());
    assert_eq!(text(answer).await, "packed");
}

#[tokio::test]
async fn a_password_is_asked_for() {
    let it = Shape::run("auth", &[("USER", "ada"), ("PASSWORD", "made-up-password")], &[]).await;
    let with = |password: &str| it.ask(Method::GET, "/").basic_auth("ada", Some(password)).send();
    assert_eq!(with("made-up-password").await.unwrap().text().await.unwrap(), "welcome");
    let refused = with("made-up-passwort").await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert!(named(&refused, "www-authenticate").starts_with("Basic"));
}
