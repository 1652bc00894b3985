//! What a version binds as `env.NAME`, and what it takes over from the version before it.

use serde_json::{Value, json};

use super::answers::Refusal;

/// Of the free plan; variables and secrets count together.
const MAX_COUNT: usize = 64;
const MAX_BYTES: usize = 5 * 1024;

#[derive(Clone)]
pub(super) struct Binding {
    pub(super) name: String,
    value: Bound,
}

#[derive(Clone, PartialEq)]
enum Bound {
    Plain(String),
    Secret(String),
}

impl Binding {
    pub(super) fn secret(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), value: Bound::Secret(text.to_owned()) }
    }

    pub(super) fn text(&self) -> &str {
        match &self.value {
            Bound::Plain(text) | Bound::Secret(text) => text,
        }
    }

    pub(super) fn is_secret(&self) -> bool {
        matches!(self.value, Bound::Secret(_))
    }

    fn kind(&self) -> &'static str {
        if self.is_secret() { "secret_text" } else { "plain_text" }
    }

    /// As every answer shows it: a secret without its text.
    pub(super) fn shown(&self) -> Value {
        match &self.value {
            Bound::Plain(text) => json!({ "name": self.name, "type": self.kind(), "text": text }),
            Bound::Secret(_) => json!({ "name": self.name, "type": self.kind() }),
        }
    }
}

/// The bindings of an upload: those that its metadata lists, then those kept by type. What is inherited comes from
/// `latest`, the newest version, whether or not it is the one that answers. `strict`: what can't be inherited is an
/// error, and left out otherwise.
pub(super) fn read(metadata: &Value, strict: bool, latest: &[Binding]) -> Result<Vec<Binding>, Refusal> {
    let mut bindings = Vec::new();
    for entry in list(metadata, "bindings") {
        let name = entry["name"].as_str().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| Refusal::new(400, 10052, "Binding must have a name."))?;
        if let Some(binding) = read_one(entry, name, strict, latest)? {
            add(&mut bindings, binding)?;
        }
    }
    let keep: Vec<&str> = list(metadata, "keep_bindings").filter_map(Value::as_str).collect();
    for kept in latest.iter().filter(|binding| keep.contains(&binding.kind())) {
        if !bindings.iter().any(|binding| binding.name == kept.name) {
            bindings.push(kept.clone());
        }
    }
    check(&bindings)?;
    Ok(bindings)
}

fn read_one(entry: &Value, name: &str, strict: bool, latest: &[Binding]) -> Result<Option<Binding>, Refusal> {
    let text = |key: &str| entry[key].as_str().map(str::to_owned).ok_or_else(Refusal::unreadable);
    let value = match entry["type"].as_str() {
        Some("plain_text") => Bound::Plain(text("text")?),
        Some("secret_text") => Bound::Secret(text("text")?),
        Some("inherit") => {
            let old = entry["old_name"].as_str().unwrap_or(name);
            return match latest.iter().find(|binding| binding.name == old) {
                Some(binding) => Ok(Some(Binding { name: name.to_owned(), value: binding.value.clone() })),
                None if strict => Err(Refusal::no_binding(old)),
                None => Ok(None),
            };
        }
        // The real API has two dozen more. Refused, so that no test relies on one that is not there.
        other => {
            let kind = other.unwrap_or("none");
            return Err(Refusal::validation(format!("binding {name} of type {kind} is not known to this server")));
        }
    };
    Ok(Some(Binding { name: name.to_owned(), value }))
}

fn add(bindings: &mut Vec<Binding>, binding: Binding) -> Result<(), Refusal> {
    if bindings.iter().any(|other| other.name == binding.name) {
        return Err(name_in_use(&binding.name));
    }
    bindings.push(binding);
    Ok(())
}

/// A change of one secret: its new text, or `None` to remove it.
pub(super) fn set_secret(bindings: &mut Vec<Binding>, name: &str, text: Option<&str>) -> Result<(), Refusal> {
    let at = bindings.iter().position(|binding| binding.name == name);
    match (at, text) {
        (Some(at), _) if !bindings[at].is_secret() => return Err(name_in_use(name)),
        (Some(at), Some(text)) => bindings[at] = Binding::secret(name, text),
        (Some(at), None) => drop(bindings.remove(at)),
        (None, Some(text)) => bindings.push(Binding::secret(name, text)),
        (None, None) => return Err(Refusal::no_binding(name)),
    }
    check(bindings)
}

/// Secrets of `old` that have another value in `new`, or none there.
pub(super) fn changed_secrets(old: &[Binding], new: &[Binding]) -> Vec<String> {
    let kept = |secret: &Binding| new.iter().any(|other| other.name == secret.name && other.value == secret.value);
    old.iter().filter(|secret| secret.is_secret() && !kept(secret)).map(|secret| secret.name.clone()).collect()
}

fn check(bindings: &[Binding]) -> Result<(), Refusal> {
    if let Some(large) = bindings.iter().find(|binding| binding.text().len() > MAX_BYTES) {
        let message = format!("Text binding '{}' exceeds the size limit of 5 KB.", large.name);
        return Err(Refusal::new(400, 10054, message));
    }
    if bindings.len() > MAX_COUNT {
        let message = format!("You have exceeded the limit of {MAX_COUNT} variables and secrets for a Worker.");
        return Err(Refusal::new(400, 10055, message));
    }
    Ok(())
}

fn name_in_use(name: &str) -> Refusal {
    let message = format!("Binding name '{name}' already in use. Please use a different name and try again.");
    Refusal::new(400, 10053, message)
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().into_iter().flatten()
}
