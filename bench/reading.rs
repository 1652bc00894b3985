//! Reading code for the secrets that it uses, and for what looks like a credential in it, beside nothing but parsing it: a
//! thousand lines of a worker. A save does both, and compares with the fingerprints of the vault besides.

use std::{fmt::Write, time::Instant};

use oxc::{allocator::Allocator, parser::Parser, span::SourceType};
use postern::{
    function::SourceFile,
    source::{self, credentials::Said},
};

use crate::{
    deploying::milliseconds,
    figure::{Aim, Figure, in_turns},
};

const AIM: &[Aim] = &[Aim::Times(8.0), Aim::AtMost(1.0)];

pub(crate) async fn references() -> Figure {
    beside_a_parse("references", |files| source::read(files, false).references.len()).await
}

pub(crate) async fn credentials() -> Figure {
    beside_a_parse("credentials", |files| Said::read(files).credentials().len()).await
}

async fn beside_a_parse(name: &'static str, read: impl Fn(&[SourceFile]) -> usize) -> Figure {
    let files = vec![SourceFile { path: "index.ts".to_owned(), text: worker(1000) }];
    let (ours, theirs) = (async || timed(|| read(&files)), async || timed(|| parse(&files)));
    Figure { name, unit: "ms", against: "bare parse", aim: AIM, measured: in_turns(200, ours, theirs).await }
}

fn timed(work: impl FnOnce() -> usize) -> f64 {
    let began = Instant::now();
    std::hint::black_box(work());
    milliseconds(began)
}

fn parse(files: &[SourceFile]) -> usize {
    let allocator = Allocator::default();
    Parser::new(&allocator, &files[0].text, SourceType::ts()).parse().program.body.len()
}

/// Routes with what workers are full of: strings, templates, headers, comments, and a secret each.
pub(crate) fn worker(lines: usize) -> String {
    let mut text = String::new();
    for route in 0.. {
        if text.lines().count() >= lines {
            break;
        }
        write!(
            text,
            r#"/** Answers what is asked of item {route}; see https://docs.example.com/items/{route}#reading. */
export async function item{route}(request: Request, env: Env): Promise<Response> {{
  const url = new URL(request.url)
  // The version is a revision: 5f3a9c1e7b2d4f60{route:08x}.
  const version = url.searchParams.get("version") ?? "v{route}"
  const headers = new Headers({{ "Content-Type": "application/json", "Cache-Control": "public, max-age=60" }})
  headers.set("Authorization", `Bearer ${{env.ITEM_{route}_TOKEN}}`)
  const answer = await fetch(`https://api.example.com/items/{route}/${{version}}?locale=en-GB`, {{ headers }})
  if (!answer.ok) {{
    return new Response("The item can't be read: " + answer.status, {{ status: 502, headers: {{ Vary: "Accept" }} }})
  }}
  const {{ title, tags = ["new", "featured"] }} = await answer.json<{{ title: string; tags?: string[] }}>()
  const known = {{ etag: 'W/"0a1b2c3d4e5f6071{route:08x}"', kind: "item", path: "/items/{route}/index.html" }}
  return Response.json({{ title, tags, ...known, at: new Date().toISOString() }})
}}

"#
        )
        .expect("it is written");
    }
    text
}
