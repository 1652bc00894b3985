//! What a name says of its value, and whether a value looks drawn rather than written: for credentials whose format is
//! nobody's.
//!
//! Both together make a finding, neither does alone: a hash looks drawn, and `tokenUrl` names a token.

/// The words of a name, in lower case and with `_` between: `stripeApiKey`, `STRIPE_API_KEY` and `stripe-api-key` are the same.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 8);
    let mut before: Option<char> = None;
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        let begins = character.is_uppercase()
            && before.is_some_and(|before| {
                let ends = before.is_lowercase() || before.is_ascii_digit();
                ends || characters.peek().is_some_and(|after| after.is_lowercase())
            });
        if (begins || !character.is_alphanumeric()) && !words.is_empty() && !words.ends_with('_') {
            words.push('_');
        }
        if character.is_alphanumeric() {
            words.extend(character.to_lowercase());
        }
        before = Some(character);
    }
    if words.ends_with('_') {
        words.pop();
    }
    words
}

/// What a name promises of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Promise {
    Nothing,
    /// Something drawn by a machine.
    Key,
    /// Perhaps chosen by a person.
    Password,
}

const SECRETS: &[&str] = &[
    "secret",
    "secrets",
    "token",
    "bearer",
    "authorization",
    "credential",
    "credentials",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "authtoken",
    "accesstoken",
    "passkey",
    "signature",
    "sas",
    "pat",
];
const PASSWORDS: &[&str] = &["password", "passwd", "passphrase", "pwd", "passcode"];
/// What makes a `key` one that opens something.
const KEYS: &[&str] = &[
    "api",
    "secret",
    "private",
    "access",
    "auth",
    "signing",
    "sign",
    "signature",
    "encryption",
    "encrypt",
    "admin",
    "master",
    "service",
    "account",
    "application",
    "app",
    "server",
    "client",
    "hmac",
    "jwt",
    "webhook",
    "license",
    "licence",
    "storage",
    "shared",
    "rest",
    "global",
    "session",
    "cookie",
    "root",
    "write",
    "ingest",
    "deploy",
    "subscription",
];
/// Whatever else it says, a name that ends so names something else.
const ENDS: &[&str] = &[
    "id",
    "ids",
    "name",
    "names",
    "url",
    "urls",
    "uri",
    "endpoint",
    "address",
    "addresses",
    "mint",
    "icon",
    "icons",
    "path",
    "header",
    "headers",
    "field",
    "fields",
    "label",
    "labels",
    "hash",
    "digest",
    "checksum",
    "type",
    "types",
    "kind",
    "kinds",
    "expires",
    "expiry",
    "count",
    "length",
    "format",
    "pattern",
    "regex",
    "prefix",
    "alphabet",
    "message",
    "messages",
    "param",
    "scope",
    "scopes",
    "placeholder",
    "example",
    "kid",
    "class",
    "style",
    "error",
    "algorithm",
    "version",
    "index",
    "cursor",
    "host",
    "size",
    "input",
];

/// `const apiKey = …`, `"x-api-key": …`, `DB_PASSWORD=…`.
pub(super) fn promise(name: &str) -> Promise {
    let words = words(name);
    let has = |list: &[&str]| words.split('_').any(|word| list.contains(&word));
    if words.rsplit('_').next().is_some_and(|last| ENDS.contains(&last))
        || has(&["public", "publishable", "csrf", "xsrf", "page", "next", "continuation"])
    {
        return Promise::Nothing;
    }
    if has(PASSWORDS) {
        Promise::Password
    } else if has(SECRETS) || (has(&["key", "keys"]) && has(KEYS)) {
        Promise::Key
    } else {
        Promise::Nothing
    }
}

/// What people write where a credential is to stand.
pub(super) fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let written = [
        "example",
        "placeholder",
        "your-",
        "your_",
        "yourapi",
        "xxxx",
        "changeme",
        "change-me",
        "replace",
        "insert",
        "redacted",
        "dummy",
        "****",
        "....",
        "1234567890",
        "0123456789",
        // The subject of the token that everybody copies from documentation: 1234567890.
        "xmjm0nty3odkw",
        "abcdefgh",
        "aaaaaaaaaaaaaaaaaaaaaaaaa",
    ];
    if written.iter().any(|written| lower.contains(written)) {
        return true;
    }
    let bytes = value.as_bytes();
    let mut seen = [false; 256];
    bytes.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    let distinct = seen.iter().filter(|seen| **seen).count();
    distinct < 6.min(bytes.len())
}

/// No name's promise is held by less.
const SHORTEST: usize = 8;

/// Whether any name's promise could be held by the value.
pub(super) fn may_keep(value: &str) -> bool {
    let drawn = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    value.len() >= SHORTEST && plain(value) && value.bytes().any(drawn)
}

fn plain(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a value of a name that promises something holds what it promises.
pub(super) fn keeps(promise: Promise, value: &str) -> bool {
    let written = || value.starts_with(['/', '.', '#', '$', '<', '{', '[', '%']) || value.contains("://");
    match promise {
        Promise::Nothing => false,
        _ if !plain(value) || is_placeholder(value) => false,
        Promise::Key => value.len() >= 16 && !written() && drawn(value) >= 12,
        Promise::Password => {
            let has = |kind: fn(&u8) -> bool| value.as_bytes().iter().any(kind);
            // `-` and `_` stand between words.
            let marked = has(|byte| byte.is_ascii_punctuation() && !matches!(byte, b'-' | b'_' | b'.'));
            let mixed = value.len() >= SHORTEST && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
            let mixed = mixed && (marked || drawn(value) >= 8) && !value.contains(['(', '<', '{', '\\']);
            (mixed && !written()) || (value.len() >= 16 && drawn(value) >= 12)
        }
    }
}

/// How many characters stand in parts that nobody would write: letters and digits mixed, or capitals without a pattern.
pub(super) fn drawn(value: &str) -> usize {
    let parts = value.split(|character: char| !character.is_ascii_alphanumeric());
    let parts = parts.filter(|part| {
        let bytes = part.as_bytes();
        let turns = |kind: fn(&u8) -> bool| bytes.windows(2).filter(|pair| kind(&pair[0]) != kind(&pair[1])).count();
        let (digits, capitals) = (turns(u8::is_ascii_digit), turns(u8::is_ascii_uppercase));
        // `oauth2` and `v20261114` turn once, `accessTokenUrl` as often as it has words.
        digits >= 2 || (bytes.len() >= 8 && capitals * 5 >= bytes.len() * 2)
    });
    parts.map(str::len).sum()
}

/// A name for the secret, from one in the code: `stripeApiKey` to `STRIPE_API_KEY`.
pub(super) fn secret_name(name: &str) -> Option<String> {
    let words = words(name);
    let own = words.strip_prefix("x_").unwrap_or(&words).chars();
    let name: String = own.filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let name = name.to_ascii_uppercase();
    let name = name.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
    let name = name[..name.len().min(64)].trim_end_matches('_');
    (name.len() >= 3).then(|| name.to_owned())
}

/// Names that say what it is and not whose.
pub(super) fn is_general(name: &str) -> bool {
    let general = [
        "key",
        "api",
        "apikey",
        "token",
        "secret",
        "password",
        "authorization",
        "auth",
        "access",
        "bearer",
        "value",
        "client",
        "credential",
        "credentials",
        "private",
        "x",
    ];
    words(name).split('_').all(|word| general.contains(&word))
}
