//! Giving a function another address on a target: what is live goes there under a new name, and then the old script is
//! removed. The function's own name stays as it is.

use super::{App, Question, deploy::Hear, outgoing::Outgoing, standing::Standing};
use crate::{
    deployment::TargetId,
    function::{FunctionId, FunctionName},
    store::{
        self,
        deployments::{self, LiveRow},
        secrets,
        targets::{self, ScriptRow},
    },
    target::cloudflare::quiet,
    wire::{Code, Deployed, Failure, Progress},
};

impl App {
    /// What giving it this address means now.
    pub async fn describe_move(&self, id: FunctionId, target: TargetId, name: &str) -> Result<Question, Failure> {
        let name = FunctionName::parse(name)?;
        let standing = self.standing(id).await?;
        let (_, script) = deployed(&standing, target)?;
        let target = self.target_name(target).await?;
        let old = script.address.clone().unwrap_or_else(|| format!("the Worker “{}”", script.script));
        Ok(Question {
            title: format!("Change the address of {} on {target}?", standing.row.name),
            consequence: format!(
                "What is live goes to the Worker “{name}”, and the Worker “{}” is deleted. Whoever calls {old} gets no \
                 answer any more: webhooks, clients and bindings that name it have to be changed.",
                script.script
            ),
        })
    }

    /// Sends what is live under the new name, records that, and deletes the old script. Until the new one is up nothing
    /// has changed; where the old one can't be deleted then, both answer and that is said.
    pub async fn move_script(
        &self,
        id: FunctionId,
        target: TargetId,
        name: &str,
        progress: impl Fn(Progress) + Send + Sync,
    ) -> Result<Deployed, Failure> {
        let name = FunctionName::parse(name)?;
        let claim = self.claim(id)?;
        let sending = async {
            let (old, outgoing, published) = claim.unless_cancelled(self.ready_to_move(id, target, &name)).await?;
            let to = (name.as_str(), published);
            let number = self.send_as(&claim, id, outgoing, to, &progress as Hear<'_>).await?;
            Ok((old, number))
        };
        let (old, number) = match sending.await {
            Ok(sent) => sent,
            Err(failure) => {
                // No deployment failed: what is live is where it was, and as it was.
                self.end_attempt(id);
                drop(claim);
                self.purge().await;
                return Err(failure);
            }
        };
        let deployed = self.conclude(claim, id, target, Ok(number)).await?;
        let (_, api) = self.reach(target).await?;
        self.without_values(id, api.delete(&old, &quiet()).await).await.map_err(|failure| {
            let message = format!(
                "It answers at its new address. The Worker “{old}” could not be deleted and answers, too: {}",
                failure.message
            );
            Failure::new(failure.code, message)
        })?;
        Ok(deployed)
    }

    /// The script that it is now, what is live with the values that it has, and whether it has an address there.
    async fn ready_to_move(
        &self,
        id: FunctionId,
        target: TargetId,
        name: &FunctionName,
    ) -> Result<(String, Outgoing, bool), Failure> {
        let (_, standing, sighting) = self.look_at(id, target, &quiet()).await?;
        let (live, script) = deployed(&standing, target)?;
        if script.script == name.as_str() {
            return Err(Failure::new(Code::NameTaken, format!("It is the Worker “{name}” already.")));
        }
        if let Some(drift) = &sighting.drift {
            return Err(super::remote::drifted(drift));
        }
        if !sighting.held.is_empty() {
            let names: Vec<&str> = sighting.held.iter().map(|held| held.name.as_str()).collect();
            let message = format!(
                "The Worker “{}” has bindings that did not come from here: {}. They can't be read, so they would be lost. \
                 Nothing was changed. Enter their values here and deploy, then change the address.",
                script.script,
                names.join(", ")
            );
            return Err(Failure::new(Code::Drift, message));
        }
        let (asked, live) = (name.as_str().to_owned(), live.id);
        let (owner, code, sealed) = self
            .0
            .store
            .read(move |db| -> store::Result<_> {
                Ok((
                    targets::owner_of(db, target, &asked, None)?,
                    deployments::code(db, live)?,
                    secrets::bound(db, live)?,
                ))
            })
            .await?;
        if owner.is_some() {
            return Err(Failure::new(Code::NameTaken, format!("Another function here is the Worker “{name}”.")));
        }
        let published = sighting.address.is_some() || sighting.unpublished;
        Ok((
            script.script.clone(),
            Outgoing { target, code, sealed, message: format!("Moved to {name}"), foreign: Vec::new() },
            published,
        ))
    }
}

fn deployed(standing: &Standing, target: TargetId) -> Result<(&LiveRow, &ScriptRow), Failure> {
    let both = standing.live_on(target).zip(standing.script_on(target));
    both.ok_or_else(|| Failure::new(Code::NotDeployed, "It is not deployed there. Deploy it first."))
}
