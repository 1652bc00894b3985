//! What a function says reaches the app: once, with level, time and stack, also when it never comes to an end.

use postern::function::Level;

use crate::workerd_world::{Heard, ID, World, bundle, fetch, get, until};

#[tokio::test]
async fn console_lines_come_once_in_order_with_level_and_time() {
    let world = World::new();
    let code = "console.log('one', { a: [1, 'x'] }); console.info('two'); console.warn('three');
        console.error('four\\nlines'); console.debug('%s is %d', 'five', 5);
        return new Response(String(Date.now()))";
    let port = world.deploy(ID, &fetch(code)).await;
    let time: i64 = get(port, "/").await.1.parse().unwrap();
    world.hears("five").await;
    get(port, "/?again").await;
    until("both calls", || (world.said(ID).len() >= 10).then_some(())).await;

    let lines: Vec<(Level, String, i64)> = world
        .heard()
        .into_iter()
        .filter_map(|heard| match heard {
            Heard::Output { level, text, at, .. } => Some((level, text, at)),
            Heard::Running(..) => None,
        })
        .collect();
    assert_eq!(lines.len(), 10, "{lines:?}");
    let expected = [
        (Level::Info, "one { a: [ 1, 'x' ] }"),
        (Level::Info, "two"),
        (Level::Warn, "three"),
        (Level::Error, "four\nlines"),
        (Level::Debug, "five is 5"),
    ];
    for ((level, text, at), expected) in lines.iter().zip(expected) {
        assert_eq!((*level, text.as_str()), expected);
        assert!((at - time).abs() < 5_000, "{at} is no time near {time}");
    }
}

/// What is said in one call, each line with its level.
async fn said_by(code: &str) -> Vec<(Level, String)> {
    let world = World::new();
    let port = world.deploy(ID, &fetch(&format!("{code}; return new Response('x')"))).await;
    get(port, "/").await;
    get(port, "/end").await;
    world.hears("the end").await;
    let heard = world.heard().into_iter().filter_map(|heard| match heard {
        Heard::Output { level, text, .. } => Some((level, text)),
        Heard::Running(..) => None,
    });
    heard.take_while(|(_, text)| text != "the end").collect()
}

#[tokio::test]
async fn every_function_of_the_console_says_something() {
    let code = "if (request.url.endsWith('/end')) console.log('the end');
        else {
            console.table([{ a: 1, b: 'two' }, { a: { x: 3 } }]); console.table(['x', null]); console.table('no table');
            console.group('group'); console.log('in it'); console.groupEnd();
            console.count(); console.count('here'); console.count(); console.countReset(); console.count();
            console.assert(true, 'not'); console.assert(1 > 2, 'wrong', { by: 1 });
            console.dir({ d: 1 }); console.timeEnd('never');
            const round = {}; round.round = round; console.table([round, { n: 1n }]); console.count(Object.create(null));
        }";
    let lines = said_by(code).await;
    let info = |text: &str| (Level::Info, text.to_owned());
    let expected = [
        info("(index) │ a       │ b\n0       │ 1       │ two\n1       │ {\"x\":3} │"),
        info("(index) │ Values\n0       │ x\n1       │ null"),
        info("no table"),
        info("group"),
        info("in it"),
        info("default: 1"),
        info("here: 1"),
        info("default: 2"),
        info("default: 1"),
        (Level::Error, "Assertion failed: wrong { by: 1 }".to_owned()),
        info("{ d: 1 }"),
        info("(index) │ round  │ n\n0       │ object │\n1       │        │ 1"),
        info("{}: 1"),
    ];
    assert_eq!(lines, expected);
    let code = "if (request.url.endsWith('/end')) console.log('the end');
        else { console.time('t'); console.timeLog('t', 'so far'); console.timeEnd('t'); console.trace('where', 1) }";
    let lines: Vec<String> = said_by(code).await.into_iter().map(|(_, text)| text).collect();
    let [so_far, in_all, trace] = &lines[..] else { panic!("three lines are said: {lines:?}") };
    assert!(so_far.starts_with("t: ") && so_far.ends_with(" ms so far") && in_all.ends_with(" ms"), "{lines:?}");
    let [first, frame, ..] = &trace.lines().collect::<Vec<_>>()[..] else { panic!("it has frames: {trace}") };
    assert_eq!(first.trim_end(), "Trace: where 1");
    assert!(frame.contains("main.js:") && !trace.contains("postern-console"), "{trace}");
}

#[tokio::test]
async fn a_rejection_that_nobody_handles_is_said_and_one_that_is_handled_is_not() {
    let code = "if (request.url.endsWith('/end')) console.log('the end');
        else {
            const late = async () => { await scheduler.wait(5); throw new Error('forgotten') };
            void late();
            const handled = Promise.reject(new Error('handled')); await null; handled.catch(() => {});
            Promise.reject(new Error('handled at once')).catch(() => {});
            ctx.waitUntil(Promise.reject(new Error('waited for')));
            await scheduler.wait(50);
        }";
    let lines = said_by(code).await;
    let rejections: Vec<_> = lines.iter().filter(|(_, text)| text.contains("Uncaught (in promise)")).collect();
    let [(Level::Error, only)] = &rejections[..] else { panic!("one rejection is told: {lines:?}") };
    assert!(
        only.starts_with("Uncaught (in promise) Error: forgotten\n    at late (") && only.contains("main.js:"),
        "{only}"
    );
    assert!(!lines.iter().any(|(_, text)| text.contains("handled")), "{lines:?}");
}

#[tokio::test]
async fn lines_before_an_endless_loop_arrive_while_it_loops() {
    let world = World::new();
    let port = world.deploy(ID, &fetch("console.log('before'); for (;;) {}")).await;
    let call = tokio::spawn(reqwest::get(format!("http://localhost:{port}/")));
    world.hears("before").await;
    world.local.stop(ID);
    assert_eq!(call.await.unwrap().unwrap().status(), 502);
    assert_eq!(world.said(ID), ["before"]);
}

#[tokio::test]
async fn what_the_module_says_while_it_loads_arrives_too() {
    let world = World::new();
    let _process = world.local.start(ID, bundle("console.log('loading'); export default {}")).await.unwrap();
    world.hears("loading").await;
}

#[tokio::test]
async fn an_exception_in_fetch_comes_once_with_its_stack() {
    let world = World::new();
    let port = world.deploy(ID, &fetch("console.log('first');\n throw new TypeError('bad thing')")).await;
    assert_eq!(get(port, "/").await.0, 500);
    let (level, text, stack) = world.hears("bad thing").await;
    assert_eq!((level, text.as_str()), (Level::Error, "TypeError: bad thing"));
    assert!(stack.contains("at Object.fetch (file:///bundle/main.js:2:8)"), "{stack}");
    get(port, "/").await;
    until("the second call", || (world.said(ID).len() >= 4).then_some(())).await;
    assert_eq!(world.said(ID), ["first", "TypeError: bad thing", "first", "TypeError: bad thing"]);
}

#[tokio::test]
async fn an_exception_after_the_answer_comes_too() {
    let world = World::new();
    let code = "ctx.waitUntil((async () => { await scheduler.wait(20); throw new Error('too late'); })());
        return new Response('x')";
    let port = world.deploy(ID, &fetch(code)).await;
    assert_eq!(get(port, "/").await.0, 200);
    let (level, _, stack) = world.hears("Error: too late").await;
    assert_eq!(level, Level::Error);
    assert!(stack.contains("file:///bundle/main.js:1:"), "{stack}");
}

#[tokio::test]
async fn a_flood_of_lines_arrives_whole() {
    let world = World::new();
    let code = "for (let line = 0; line < 5000; line++) console.log(`line ${line}`); return new Response('x')";
    let port = world.deploy(ID, &fetch(code)).await;
    assert_eq!(get(port, "/").await.0, 200);
    world.hears("line 4999").await;
    let expected: Vec<String> = (0..5000).map(|line| format!("line {line}")).collect();
    assert!(world.said(ID) == expected);
}

#[tokio::test]
async fn nobody_but_the_tail_is_heard_by_the_host() {
    let world = World::new();
    world.deploy(ID, &fetch("return new Response('x')")).await;
    let folder = std::fs::read_dir(&world.run).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        path.is_dir().then_some(path)
    });
    let mut stream = tokio::net::UnixStream::connect(folder.unwrap().join("host")).await.unwrap();
    let body = r#"{"sequence":1,"at":1,"type":"exception","name":"Error","message":"forged"}"#;
    let request = format!(
        "POST / HTTP/1.1\r\nhost: host\r\nx-postern-token: {}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        "0".repeat(64),
        body.len()
    );
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(world.said(ID).is_empty());
}
