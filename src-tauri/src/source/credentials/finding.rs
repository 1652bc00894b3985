//! What looks like a credential in one text: known formats, then addresses with a password, then what names say. How far
//! is looked from a place is bounded, since a text may be full of places.

use std::{borrow::Cow, ops::Range};

use super::{
    LONGEST,
    formats::{self, Alphabet},
    overlap,
    texts::{GAP, Text, What},
    words,
};
use crate::secret::{MAX_VALUE, SecretName};

/// A stretch of a text that is a credential.
pub(super) struct Found {
    pub(super) range: Range<usize>,
    pub(super) kind: String,
    pub(super) name: String,
}

/// In the order of the text.
pub(super) fn found(text: &Text) -> Vec<Found> {
    let said = &text.said;
    let used = Alphabet::used_by(said);
    let formatted = |within: Range<usize>| {
        formats::found(&said[within.clone()], used).into_iter().map(move |(range, rule)| {
            let range = within.start + range.start..within.start + range.end;
            // A name as secrets have them was chosen by somebody who knows.
            let chosen = text.names.iter().rev().map(|name| &**name).chain(name_before(said, range.start));
            let chosen = chosen.into_iter().find(|name| is_secret_name(name));
            Found { range, kind: rule.kind.clone(), name: chosen.unwrap_or(rule.name).to_owned() }
        })
    };
    let mut found: Vec<Found> = formatted(0..said.len()).collect();
    let mut add = |new: Found| {
        if !found.iter().any(|known| overlap(&known.range, &new.range)) {
            found.push(new);
        }
    };
    // `"prefix" + "ghp_…"`: put to another one, a piece may have lost its border.
    for (at, piece) in text.pieces.iter().enumerate().filter(|(_, piece)| piece.what == What::Said) {
        let mut beside = text.pieces[..at].last().into_iter().chain(text.pieces.get(at + 1));
        if beside.any(|other| !other.what.is_gap()) {
            formatted(piece.said.clone()).for_each(&mut add);
        }
    }
    if used.has(b'@') {
        in_urls(said).into_iter().for_each(&mut add);
    }
    in_words(text, used).into_iter().for_each(&mut add);
    found.sort_by_key(|found| found.range.start);
    found
}

pub(super) fn is_secret_name(name: &str) -> bool {
    name.contains('_') && !name.contains(|c: char| c.is_ascii_lowercase()) && SecretName::parse(name).is_ok()
}

/// Addresses with a password: of a database it is the whole address that is kept as a secret, of others the password.
fn in_urls(said: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (colon, _) in said.match_indices("://") {
        let near = ending(&said[..colon]);
        let scheme = near.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '+').next().unwrap_or_default();
        let start = colon - scheme.len();
        let rest = beginning(&said[colon + 3..]);
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | GAP);
        let authority = &rest[..rest.find(|c| ends(c) || matches!(c, '/' | '?' | '#')).unwrap_or(rest.len())];
        let Some((user_info, host)) = authority.rsplit_once('@') else { continue };
        let Some((user, password)) = user_info.split_once(':') else { continue };
        let usual =
            ["password", "pass", "secret", "postgres", "root", "admin", "user", "test", "guest", "example", "pwd"];
        let lower = password.to_ascii_lowercase();
        let written = usual.contains(&lower.as_str()) || password.starts_with(['$', '<', '{', '[', '%', '*', '.']);
        if password.len() < 6 || written || password == user || host.is_empty() || words::is_placeholder(password) {
            continue;
        }
        let database = match scheme.split('+').next().unwrap_or_default() {
            "postgres" | "postgresql" => "PostgreSQL",
            "mysql" | "mariadb" => "MySQL",
            "mongodb" => "MongoDB",
            "redis" | "rediss" => "Redis",
            "amqp" | "amqps" => "AMQP",
            "libsql" | "clickhouse" | "sqlserver" | "mssql" | "nats" | "kafka" => "database",
            _ => "",
        };
        let url = &rest[..rest.find(ends).unwrap_or(rest.len())];
        found.push(if database.is_empty() {
            let at = colon + 3 + user.len() + 1;
            let kind = "password in an address".to_owned();
            Found { range: at..at + password.len(), kind, name: "URL_PASSWORD".to_owned() }
        } else {
            let kind = format!("{database} address with its password");
            Found { range: start..colon + 3 + url.len(), kind, name: "DATABASE_URL".to_owned() }
        });
    }
    found
}

/// Values that look drawn, under a name that says what they are for: the name of a variable or a property that holds the
/// text, or one inside the text, as in `API_KEY=…`, `"token": "…"` and `?access_token=…`.
fn in_words(text: &Text, used: Alphabet) -> Vec<Found> {
    let said = &text.said;
    let mut found = Vec::new();
    let mut add = |range: Range<usize>, name: &str, outer: Option<&Cow<'_, str>>| {
        // Most cannot, and what a name promises takes longer to tell.
        if !words::may_keep(&said[range.clone()]) {
            return;
        }
        let promise = words::promise(name);
        if !words::keeps(promise, &said[range.clone()]) {
            return;
        }
        let outer = outer.filter(|_| words::is_general(name)).map(|outer| format!("{outer}_{name}"));
        let secret = outer.as_deref().and_then(words::secret_name).or_else(|| words::secret_name(name));
        let kind = if promise == words::Promise::Password { "password" } else { "credential" };
        found.push(Found { range, kind: kind.to_owned(), name: secret.unwrap_or_else(|| "SECRET".to_owned()) });
    };

    // `Bearer …`, `Basic …`, `token …`
    let whole = said.trim();
    let start = said.len() - said.trim_start().len();
    let (scheme, value) = whole.split_once(' ').unwrap_or(("", whole));
    let value_at = start + (whole.len() - value.len());
    let scheme_known =
        ["bearer", "basic", "token", "apikey", "key"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    let mut names = text.names.iter().rev();
    let (nearest, outer) = (names.next(), names.next());
    if scheme_known {
        add(value_at..value_at + value.len(), "authorization", None);
    } else if let (true, Some(name)) = (scheme.is_empty(), nearest) {
        add(start..start + value.len(), name, outer);
    }

    if !used.has(b'=') && !used.has(b':') {
        return found;
    }
    // Where the last value ends; whatever begins within it ends there, too.
    let mut end = 0;
    for (at, _) in said.bytes().enumerate().filter(|(_, sign)| matches!(sign, b'=' | b':')) {
        let Some(name) = name_before(said, at + 1) else { continue };
        let rest = beginning(&said[at + 1..]);
        let value_at = at + 1 + (rest.len() - rest.trim_start_matches([' ', '"', '\'', '\\']).len());
        if value_at > end {
            let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '&' | ';' | ',' | '\\' | GAP);
            end = said[value_at..].find(ends).map_or(said.len(), |length| value_at + length);
        }
        if end - value_at <= MAX_VALUE && !said[end..].starts_with(GAP) {
            add(value_at..end, name, None);
        }
    }
    found
}

/// The name in front of `=` or `:`, perhaps in quotes; a value that begins at `at` is its.
fn name_before(said: &str, at: usize) -> Option<&str> {
    let near = ending(&said[..at]);
    let before = near.trim_end_matches([' ', '"', '\'', '\\', '=', ':']);
    if before.len() == near.len() {
        return None;
    }
    let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.')).next()?;
    Some(name).filter(|name| !name.is_empty() && name.len() <= 64)
}

/// What is looked at in front of a place for a name: a text may be full of places.
fn ending(before: &str) -> &str {
    &before[before.ceil_char_boundary(before.len().saturating_sub(128))..]
}

/// What is looked at behind one for a value.
fn beginning(behind: &str) -> &str {
    &behind[..behind.floor_char_boundary(LONGEST)]
}
