//! Who may ask what.

use super::answers::Refusal;
use super::random_hex;

/// Made up, and looks it.
pub(super) const FULL: &str = "made-up-token-that-may-do-everything-0001";

/// As the dashboard calls them, as far as the API asks for them here. Writing includes reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    ScriptsRead,
    ScriptsWrite,
    TailRead,
    UserDetailsRead,
}

const ALL: [Permission; 4] =
    [Permission::ScriptsRead, Permission::ScriptsWrite, Permission::TailRead, Permission::UserDetailsRead];

pub(super) struct Tokens(Vec<(String, Vec<Permission>)>);

impl Default for Tokens {
    fn default() -> Self {
        Self(vec![(FULL.to_owned(), ALL.to_vec())])
    }
}

impl Tokens {
    pub(super) fn issue(&mut self, permissions: &[Permission]) -> String {
        let token = format!("made-up-token-{}", random_hex::<13>());
        self.0.push((token.clone(), permissions.to_vec()));
        token
    }

    pub(super) fn revoke(&mut self, token: &str) {
        self.0.retain(|(known, _)| known != token);
    }

    /// `path`: below the base URL.
    pub(super) fn check(&self, authorization: Option<&str>, method: &str, path: &str) -> Result<(), Refusal> {
        let token = authorization.and_then(|header| header.strip_prefix("Bearer "));
        let verifies = path == "/user/tokens/verify";
        let Some((_, has)) = self.0.iter().find(|(known, _)| Some(known.as_str()) == token) else {
            let (code, message) = if verifies { (1000, "Invalid API Token") } else { (10000, "Authentication error") };
            return Err(Refusal::new(401, code, message));
        };
        match needed(method, path) {
            Some(Permission::UserDetailsRead) if !has.contains(&Permission::UserDetailsRead) => {
                Err(Refusal::new(403, 9109, "Unauthorized to access requested resource"))
            }
            Some(Permission::ScriptsRead) if has.contains(&Permission::ScriptsWrite) => Ok(()),
            Some(needed) if !has.contains(&needed) => Err(Refusal::new(403, 10000, "Authentication error")),
            _ => Ok(()),
        }
    }
}

fn needed(method: &str, path: &str) -> Option<Permission> {
    match path {
        // Of the token itself, and which accounts it is for.
        "/user/tokens/verify" | "/accounts" => None,
        "/user" | "/memberships" => Some(Permission::UserDetailsRead),
        _ if path.contains("/tails") => Some(Permission::TailRead),
        _ if method == "GET" => Some(Permission::ScriptsRead),
        _ => Some(Permission::ScriptsWrite),
    }
}
