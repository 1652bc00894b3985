//! The targets that the user added: accounts to deploy to, each with a token that is sealed like any secret.

use super::{App, Question};
use crate::{
    deployment::TargetId,
    function::FunctionId,
    secret::{Owner, Scope, SecretName, SecretValue, TypedValue},
    store::{
        self, deployments, secrets,
        targets::{self, TargetRow},
    },
    target::cloudflare::{Cloudflare, Permission, quiet},
    wire::{AccountInfo, Code, Failure, FunctionSummary, TargetInfo, TokenCheck},
};

/// The name under which a target's token is sealed.
const TOKEN: &str = "API_TOKEN";

impl App {
    pub async fn targets(&self) -> Result<Vec<TargetInfo>, Failure> {
        Ok(self.0.store.read(targets::list).await?.into_iter().map(TargetInfo::from).collect())
    }

    /// What the token is good for. Nothing is kept.
    pub async fn check_token(&self, base_url: &str, token: TypedValue) -> Result<TokenCheck, Failure> {
        let text = SecretValue::parse(token)?;
        let open = |account| Cloudflare::new(base_url, account, copy(&text));
        let access = open(None)?.check(&quiet()).await?;
        if access.accounts.is_empty() {
            let message = format!(
                "The API token is good, and lists no account. Add the permission “{}” to it, then check it again.",
                Permission::AccountSettings
            );
            return Err(Failure::new(Code::Access, message));
        }
        let mut accounts = Vec::new();
        for account in access.accounts {
            let probed = open(Some(account.id.clone()))?.check(&quiet()).await?;
            let missing = probed.missing.iter().map(ToString::to_string).collect();
            accounts.push(AccountInfo { id: account.id, name: account.name, missing });
        }
        Ok(TokenCheck { accounts })
    }

    /// Adds a target whose token was checked, and seals the token.
    pub async fn add_target(&self, new: TargetInfo, token: TypedValue) -> Result<Vec<TargetInfo>, Failure> {
        let token = SecretValue::parse(token)?;
        let row = TargetRow { id: TargetId(0), ..parse(new)? };
        // Refused here rather than at the first deployment.
        Cloudflare::new(&row.base_url, Some(row.account_id.clone()), copy(&token))?;
        let app = self.clone();
        self.0
            .store
            .write(move |db| -> Result<_, Failure> {
                let taken = |message: String| Err(Failure::new(Code::NameTaken, message));
                let others = targets::list(db)?;
                if others.iter().any(|other| other.name == row.name) {
                    return taken(format!("There is a target named {} already.", row.name));
                }
                // A function would be the same Worker on both.
                if let Some(other) =
                    others.iter().find(|other| other.shares_account(&row) && other.suffix == row.suffix)
                {
                    return taken(format!(
                        "{} is this account with this suffix already: a deployment to one would replace what is on the \
                         other. Choose another suffix for this one.",
                        other.name
                    ));
                }
                let id = targets::insert(db, &row)?;
                app.seal_into(db, Owner::Target(id), &token_name(), Scope::All, &token)?;
                Ok(())
            })
            .await?;
        self.targets().await
    }

    /// A new token for a target, in place of the one it has.
    pub async fn replace_token(&self, id: TargetId, token: TypedValue) -> Result<(), Failure> {
        let token = SecretValue::parse(token)?;
        let app = self.clone();
        let purged = self
            .0
            .store
            .write(move |db| -> Result<_, Failure> {
                targets::get(db, id)?;
                app.seal_into(db, Owner::Target(id), &token_name(), Scope::All, &token)?;
                Ok(app.purge_within(db, None)?)
            })
            .await?;
        if purged {
            self.scrub_soon();
        }
        Ok(())
    }

    /// What removing this target means now.
    pub async fn describe_target_removal(&self, id: TargetId) -> Result<Question, Failure> {
        let row = self.0.store.read(move |db| targets::get(db, id)).await?;
        let deployed = self.standings().await?.iter().filter(|standing| standing.script_on(id).is_some()).count();
        let stays = match deployed {
            0 => "Nothing was deployed to it from here.".to_owned(),
            1 => "The function that is deployed there goes on running there; Postern forgets it.".to_owned(),
            count => {
                format!("The {count} functions that are deployed there go on running there; Postern forgets them.")
            }
        };
        let consequence =
            format!("{stays} Its token and the values that are for it alone are deleted. This cannot be undone.");
        Ok(Question { title: format!("Remove {}?", row.name), consequence })
    }

    /// Forgets the target, its token, the values for it alone and what was deployed there, which goes on running.
    pub async fn remove_target(&self, id: TargetId) -> Result<Vec<TargetInfo>, Failure> {
        self.0
            .store
            .write(move |db| -> store::Result<_> {
                targets::delete(db, id)?;
                deployments::delete(db, None, id)?;
                secrets::delete_all(db, Owner::Target(id))?;
                secrets::delete_scope(db, Scope::Target(id))?;
                store::variables::delete_scope(db, Scope::Target(id))
            })
            .await?;
        self.purge().await;
        self.scrub_soon();
        self.targets().await
    }

    /// Where Deploy deploys the function to from now on.
    pub async fn choose_targets(&self, id: FunctionId, chosen: Vec<TargetId>) -> Result<FunctionSummary, Failure> {
        if chosen.is_empty() {
            return Err(Failure::new(Code::NotFound, "Choose at least one target."));
        }
        let app = self.clone();
        let standing = self
            .0
            .store
            .write(move |db| -> store::Result<_> {
                for target in chosen.iter().filter(|target| **target != TargetId::LOCAL) {
                    targets::get(db, *target)?;
                }
                targets::choose(db, id, &chosen)?;
                app.load(db, id)
            })
            .await?;
        Ok(self.summary(&standing))
    }

    pub(super) async fn target_name(&self, id: TargetId) -> Result<String, Failure> {
        if id == TargetId::LOCAL {
            return Ok("Local".to_owned());
        }
        Ok(self.0.store.read(move |db| targets::get(db, id)).await?.name)
    }

    /// A target with its token in place, which is opened for this and wiped with it.
    pub(super) async fn reach(&self, id: TargetId) -> Result<(TargetRow, Cloudflare), Failure> {
        let (row, sealed) = self
            .0
            .store
            .read(move |db| -> store::Result<_> {
                Ok((targets::get(db, id)?, secrets::current(db, Owner::Target(id))?))
            })
            .await?;
        self.vault_answered().await;
        let opened = self.open_values(sealed)?.into_iter().next();
        let (_, token) = opened.ok_or_else(|| {
            Failure::new(Code::Access, format!("{} has no API token. Replace it in Settings.", row.name))
        })?;
        let api = Cloudflare::new(&row.base_url, Some(row.account_id.clone()), token)?;
        Ok((row, api))
    }
}

impl From<TargetRow> for TargetInfo {
    fn from(row: TargetRow) -> Self {
        let TargetRow { id, name, base_url, account_id, account_name, suffix } = row;
        Self { id, name, base_url, account_id, account_name, suffix }
    }
}

fn parse(new: TargetInfo) -> Result<TargetRow, Failure> {
    let invalid = |message: &str| Err(Failure::new(Code::InvalidName, message));
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 40 {
        return invalid("A target's name has 1 to 40 characters.");
    }
    if name.eq_ignore_ascii_case("local") {
        return invalid("Local is this machine. Choose another name.");
    }
    let suffix = new.suffix.trim();
    let of_a_name = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-');
    if suffix.len() > 20 || !suffix.chars().all(of_a_name) || suffix.ends_with('-') {
        return invalid("A suffix has at most 20 lowercase letters, digits and dashes, and does not end with a dash.");
    }
    if new.account_id.is_empty() {
        return invalid("Choose an account.");
    }
    Ok(TargetRow {
        id: new.id,
        name: name.to_owned(),
        base_url: new.base_url.trim().to_owned(),
        account_id: new.account_id,
        account_name: new.account_name,
        suffix: suffix.to_owned(),
    })
}

fn token_name() -> SecretName {
    SecretName::parse(TOKEN).expect("it is a name")
}

/// Each client wipes a token of its own.
fn copy(token: &SecretValue) -> SecretValue {
    SecretValue::parse(TypedValue::from(token.expose().to_owned())).expect("it was one")
}
