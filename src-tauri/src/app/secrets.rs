//! Sealing, replacing and deleting secrets, and the one place where sealed values are opened.

use rusqlite::Connection;

use super::{
    App, lock, now,
    standing::{Standing, lines_of},
    words::listed,
};
use crate::{
    function::{ENTRY, FunctionId, IMPORTED_ENTRY, Line},
    secret::{Owner, Place, Scope, SecretName, SecretValue, TypedValue},
    store::{
        self, identity,
        secrets::{self, SealedRow},
        variables,
    },
    wire::{Code, Failure, Names},
};

/// What a confirmation says, made from what is so and not from what the window said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub title: String,
    pub consequence: String,
}

impl App {
    pub async fn create_secret(
        &self,
        id: FunctionId,
        name: &str,
        scope: Scope,
        value: TypedValue,
    ) -> Result<Names, Failure> {
        self.seal(id, name, scope, value, false).await
    }

    /// A new revision of a secret that exists. What is deployed goes on with the one it has.
    pub async fn replace_secret(
        &self,
        id: FunctionId,
        name: &str,
        scope: Scope,
        value: TypedValue,
    ) -> Result<Names, Failure> {
        self.seal(id, name, scope, value, true).await
    }

    async fn seal(
        &self,
        id: FunctionId,
        name: &str,
        scope: Scope,
        value: TypedValue,
        replace: bool,
    ) -> Result<Names, Failure> {
        let name = SecretName::parse(name)?;
        let value = SecretValue::parse(value)?;
        let app = self.clone();
        let (purged, standing) = self
            .0
            .store
            .write(move |db| -> Result<_, Failure> {
                if variables::exists(db, id, name.as_str())? {
                    let message = format!("{name} is a variable. Delete that first, or choose another name.");
                    return Err(Failure::new(Code::NameTaken, message));
                }
                let place = app.seal_into(db, Owner::Function(id), &name, scope, &value)?;
                // Anything but the expected takes the seal back.
                match (place.revision > 1, replace) {
                    (true, false) => {
                        let message = format!("{name} exists already. Replace it, or choose another name.");
                        return Err(Failure::new(Code::SecretExists, message));
                    }
                    (false, true) => return Err(no_such_secret(name.as_str())),
                    _ => {}
                }
                // Only what a new revision takes the place of may be needed by nothing any more.
                let purged = replace && app.purge_within(db, None)?;
                Ok((purged, app.load(db, id)?))
            })
            .await?;
        if purged {
            self.scrub_soon();
        }
        Ok(self.tell_names(&standing).await)
    }

    /// Seals the value as the secret's next revision, within the caller's transaction.
    pub(super) fn seal_into(
        &self,
        db: &Connection,
        owner: Owner,
        name: &SecretName,
        scope: Scope,
        value: &SecretValue,
    ) -> Result<Place, Failure> {
        // Asked first: without a vault there is no identity either, and this says why.
        let fingerprint = self.0.vault.fingerprint(value)?;
        let (vault_id, seals) = identity::count_seal(db)?;
        let place = secrets::next_place(db, owner, name, scope, now())?;
        // A key that came back late may be open, of a vault that was given up meanwhile.
        self.0.vault.must_be(&vault_id)?;
        let sealed = self.0.vault.seal(value, &place, seals)?;
        let row = SealedRow { place, vault_id, sealed, fingerprint: fingerprint.0.to_vec() };
        secrets::insert(db, &row, now())?;
        Ok(row.place)
    }

    /// What deleting this secret means now.
    pub async fn describe_secret_deletion(
        &self,
        id: FunctionId,
        name: &str,
        scope: Scope,
    ) -> Result<Question, Failure> {
        let standing = self.standing(id).await?;
        let deleted = standing.secrets.iter().find(|secret| secret.name == name && secret.scope == scope);
        let deleted = deleted.ok_or_else(|| no_such_secret(name))?;
        let reading = self.read_code(&standing).await;
        let uses = match &lines_of(&reading, name)[..] {
            [] if !reading.unread.is_empty() => {
                format!(
                    "{} does not parse, so Postern cannot tell whether it uses this one.",
                    reading.unread.join(", ")
                )
            }
            [] if !reading.dynamic.is_empty() => {
                "The code computes names, so Postern cannot tell whether it uses this one.".to_owned()
            }
            [] => "No line of the code uses it.".to_owned(),
            lines => format!("{} it.", lines_in_words(lines)),
        };
        let deployed = match standing.live.iter().any(|live| live.bound.iter().any(|(id, _)| *id == deleted.id)) {
            true => " The deployed function goes on with its value until you deploy again.",
            false => "",
        };
        let secret = deleted.id;
        let kept = match self.0.store.read(move |db| secrets::past_deployments(db, secret)).await? {
            0 => String::new(),
            1 => " An earlier deployment keeps its value, to be rolled back to.".to_owned(),
            several => format!(" {several} earlier deployments keep its values, to be rolled back to."),
        };
        let where_to = match scope {
            Scope::All => String::new(),
            Scope::Target(target) => format!(" for {}", self.target_name(target).await?),
        };
        Ok(Question { title: format!("Delete {name}{where_to}?"), consequence: format!("{uses}{deployed}{kept}") })
    }

    pub async fn delete_secret(&self, id: FunctionId, name: &str, scope: Scope) -> Result<Names, Failure> {
        let (app, secret) = (self.clone(), name.to_owned());
        let (purged, standing) = self
            .0
            .store
            .write(move |db| -> store::Result<_> {
                secrets::delete(db, Owner::Function(id), &secret, scope)?;
                Ok((app.purge_within(db, None)?, app.load(db, id)?))
            })
            .await?;
        if purged {
            self.scrub_soon();
        }
        Ok(self.tell_names(&standing).await)
    }

    pub(super) async fn tell_names(&self, standing: &Standing) -> Names {
        self.tell(crate::wire::Event::Function { summary: self.summary(standing) });
        self.update_language(standing);
        let reading = self.read_code(standing).await;
        Names {
            secrets: self.secret_infos(standing, &reading),
            variables: self.variable_infos(standing, &reading),
            references: standing.references(&reading),
        }
    }

    /// Purges what nothing needs any more, within the caller's change.
    ///
    /// A deployment under way may have read a revision that nothing references any more, and is about to: what it holds
    /// stays, whichever function the change is about. It claims before it reads, and this runs within a change, so that
    /// neither can miss the other. `own` is the function whose deployment the change records, if it does.
    pub(super) fn purge_within(&self, db: &Connection, own: Option<FunctionId>) -> store::Result<bool> {
        let held: Vec<FunctionId> = lock(&self.0.deploying).keys().copied().filter(|id| Some(*id) != own).collect();
        secrets::purge(db, &held)
    }

    /// Purges what a deployment held while it was under way, or what a killed app left.
    pub(super) async fn purge(&self) {
        let app = self.clone();
        match self.0.store.write(move |db| app.purge_within(db, None)).await {
            Ok(true) => self.scrub_soon(),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "nothing could be purged"),
        }
    }

    /// Opens sealed values, which wipe themselves. Those that do not open are named, and marked for the list.
    pub(super) fn open_values(&self, rows: Vec<SealedRow>) -> Result<Vec<(Place, SecretValue)>, Failure> {
        let mut opened = Vec::new();
        let mut damaged: Vec<(SecretName, Failure)> = Vec::new();
        for row in rows {
            match self.0.vault.unseal(&row.sealed, &row.place) {
                Ok(value) => opened.push((row.place, value)),
                Err(error) => {
                    let failure = Failure::from(error);
                    if failure.code != Code::SecretDamaged {
                        return Err(failure);
                    }
                    lock(&self.0.damaged).insert((row.place.secret_id, row.place.revision));
                    damaged.push((row.place.name, failure));
                }
            }
        }
        match &damaged[..] {
            [] => Ok(opened),
            [(name, failure)] => Err(Failure::new(failure.code, format!("{name}: {}", failure.message))),
            several => {
                let names: Vec<&str> = several.iter().map(|(name, _)| name.as_str()).collect();
                let names = listed(&names);
                let message =
                    format!("These secrets do not open: {names}. The others are untouched. Replace or delete them.");
                Err(Failure::new(Code::SecretDamaged, message))
            }
        }
    }
}

fn no_such_secret(name: &str) -> Failure {
    Failure::new(Code::NotFound, format!("No such secret: {name}."))
}

/// “Line 7 uses”, “Lines 7, 9 and 12 use”; with their files where not all are in the entry.
fn lines_in_words(lines: &[Line]) -> String {
    let in_entry = lines.iter().all(|line| [ENTRY, IMPORTED_ENTRY].contains(&line.file.as_str()));
    let said = |line: &Line| if in_entry { line.line.to_string() } else { line.to_string() };
    let mut said: Vec<String> = lines.iter().map(said).collect();
    // A line may use it twice.
    said.dedup();
    let subject = match (said.len(), in_entry) {
        (0, _) => return String::new(),
        (_, false) => "",
        (1, true) => "Line ",
        (_, true) => "Lines ",
    };
    format!("{subject}{} {}", listed(&said), if said.len() == 1 { "uses" } else { "use" })
}
