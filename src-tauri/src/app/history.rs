//! What was deployed, where and when, and what it was.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::{App, Question, plan::file_changes};
use crate::{
    function::{FunctionId, SourceFile},
    store::{self, deployments, settings, variables::Bound},
    wire::{ChangeKind, Changed, Code, Failure, NameChange, Outcome, PastDeployment},
};

impl App {
    /// Every deployment that is kept of a function, on every target, the newest first.
    pub async fn history(&self, id: FunctionId) -> Result<Vec<PastDeployment>, Failure> {
        let rows = self.0.store.read(move |db| deployments::history(db, id)).await?;
        let deployment = |row: deployments::PastRow| PastDeployment {
            id: row.id,
            target: row.target,
            number: row.number,
            outcome: match row.outcome.as_str() {
                "live" => Outcome::Live,
                "failed" => Outcome::Failed,
                _ => Outcome::Past,
            },
            at: row.at,
            message: row.message,
            failure: row.failure.and_then(|json| serde_json::from_str(&json).ok()),
            secrets: row.secrets,
        };
        Ok(rows.into_iter().map(deployment).collect())
    }

    /// What a deployment changed of the one before it on the same target.
    pub async fn read_deployment(&self, deployment: i64) -> Result<Changed, Failure> {
        let sent = |db: &Connection, deployment| -> store::Result<_> {
            Ok((deployments::code(db, deployment)?, deployments::revisions_bound(db, deployment)?))
        };
        let (before, (now, bound)) = self
            .0
            .store
            .read(move |db| -> store::Result<_> {
                let before = deployments::before(db, deployment)?.map(|before| sent(db, before)).transpose()?;
                Ok((before, sent(db, deployment)?))
            })
            .await?;
        let (before, bound_before) = before.unwrap_or_default();
        // Where that was not kept yet, nobody knows.
        let packages = before.packages.is_some_and(|before| now.packages.is_some_and(|now| now != before));
        let named = |file: SourceFile| (file.path, file.text);
        let variables = |all: Vec<Bound>| all.into_iter().map(|variable| (variable.name, variable.value)).collect();
        let schedules = |all: Vec<String>| all.into_iter().map(|schedule| (schedule, ())).collect();
        Ok(Changed {
            files: file_changes(before.files.into_iter().map(named), now.files.into_iter().map(named)),
            packages,
            secrets: name_changes(bound_before, bound),
            variables: name_changes(variables(before.variables), variables(now.variables)),
            schedules: name_changes(schedules(before.schedules), schedules(now.schedules)),
        })
    }

    /// What going back to this deployment means now.
    pub async fn describe_rollback(&self, deployment: i64) -> Result<Question, Failure> {
        let (id, target, number, _) = self.0.store.read(move |db| deployments::find(db, deployment)).await?;
        let (name, standing) = (self.target_name(target).await?, self.standing(id).await?);
        let bound = self.0.store.read(move |db| deployments::bound(db, deployment)).await?;
        let secrets = match bound.len() {
            0 => "It bound no secrets".to_owned(),
            1 => "Its secret gets the value that it had then".to_owned(),
            count => format!("Its {count} secrets get the values that they had then"),
        };
        let instead = match standing.live_on(target) {
            Some(live) => format!(" in place of #{}", live.number),
            None => String::new(),
        };
        Ok(Question {
            title: format!("Roll back {} to #{number}?", standing.row.name),
            consequence: format!(
                "That version answers on {name}{instead}. {secrets}. The code in the editor stays as it is."
            ),
        })
    }

    /// How many deployments of each function are kept on each target.
    pub async fn kept_deployments(&self) -> Result<i64, Failure> {
        Ok(self.0.store.read(settings::kept_deployments).await?)
    }

    /// What keeping so many means now. None where nothing goes.
    pub async fn describe_keeping(&self, count: i64) -> Result<Option<Question>, Failure> {
        may_be_kept(count)?;
        let going = self.0.store.read(move |db| deployments::count_beyond(db, count)).await?;
        let (deployments, they) = match going {
            0 => return Ok(None),
            1 => ("1 deployment".to_owned(), "It"),
            several => (format!("{several} deployments"), "They"),
        };
        Ok(Some(Question {
            title: format!("Forget {deployments}?"),
            consequence: format!(
                "{they} can't be rolled back to any more: the code goes, and the values of secrets that nothing else has. \
                 What is live stays. This cannot be undone."
            ),
        }))
    }

    /// What is beyond that is forgotten at once, with the values that only it had.
    pub async fn keep_deployments(&self, count: i64) -> Result<i64, Failure> {
        may_be_kept(count)?;
        self.0
            .store
            .write(move |db| -> store::Result<_> {
                settings::keep_deployments(db, count)?;
                deployments::forget_beyond(db, None, count)
            })
            .await?;
        self.purge().await;
        self.scrub_soon();
        self.kept_deployments().await
    }
}

fn name_changes<T: PartialEq>(mut before: BTreeMap<String, T>, now: BTreeMap<String, T>) -> Vec<NameChange> {
    let change = |(name, value)| {
        let kind = match before.remove(&name) {
            Some(other) if other == value => return None,
            Some(_) => ChangeKind::Changed,
            None => ChangeKind::Added,
        };
        Some(NameChange { name, kind })
    };
    let mut changes: Vec<_> = now.into_iter().filter_map(change).collect();
    changes.extend(before.into_keys().map(|name| NameChange { name, kind: ChangeKind::Removed }));
    changes
}

fn may_be_kept(count: i64) -> Result<(), Failure> {
    match count {
        1..=200 => Ok(()),
        _ => Err(Failure::new(Code::InvalidValue, "Keep 1 to 200 deployments.")),
    }
}
