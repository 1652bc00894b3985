//! What becomes of a deployment elsewhere once it is there: what follows the switch, which is tried again where it failed,
//! and its end with its function.

use super::{
    App,
    remote::{by_whom, translated},
};
use crate::{
    deployment::{Piece, TargetId},
    function::FunctionId,
    store::{
        deployments,
        targets::{self, ScriptRow},
    },
    target::cloudflare::{Cloudflare, Error, quiet},
    wire::{Code, Failure, FunctionSummary},
};

impl App {
    /// Deletes the function's script on every target, and forgets each as it goes: a second try begins where the
    /// first one ended. What somebody else deployed there is not deleted.
    pub(super) async fn remove_elsewhere(&self, id: FunctionId) -> Result<(), Failure> {
        for ScriptRow { target, .. } in self.standing(id).await?.scripts {
            if let Err(failure) = self.remove_from(id, target).await {
                let target = self.target_name(target).await?;
                let message = format!("It was not deleted from {target}, and stays here: {}", failure.message);
                return Err(Failure::new(failure.code, message));
            }
            self.0
                .store
                .write(move |db| {
                    targets::forget_script(db, id, target)?;
                    deployments::delete(db, Some(id), target)
                })
                .await?;
        }
        Ok(())
    }

    async fn remove_from(&self, id: FunctionId, target: TargetId) -> Result<(), Failure> {
        let (api, _, sighting) = self.look_at(id, target, &quiet()).await?;
        if let Some(drift) = sighting.drift.filter(|_| sighting.is_theirs) {
            let message = format!("What is there was deployed{}, and not from here.", by_whom(&drift));
            return Err(Failure::new(Code::Drift, message));
        }
        self.without_values(id, api.delete(&sighting.script, &quiet()).await).await
    }

    /// Tries again what failed after a deployment went live.
    pub async fn finish_deployment(&self, id: FunctionId, target: TargetId) -> Result<FunctionSummary, Failure> {
        let claim = self.claim(id)?;
        claim.unless_cancelled(self.finish(id, target)).await?;
        drop(claim);
        self.tell_standing(id).await;
        Ok(self.summary(&self.standing(id).await?))
    }

    async fn finish(&self, id: FunctionId, target: TargetId) -> Result<(), Failure> {
        let (_, api) = self.reach(target).await?;
        let standing = self.standing(id).await?;
        let not_there = || Failure::new(Code::NotDeployed, "It is not deployed there.");
        let live = standing.live_on(target).ok_or_else(not_there)?;
        let mut script = standing.script_on(target).ok_or_else(not_there)?.clone();
        let pieces = standing.unfinished_on(target).into_iter().map(|unfinished| unfinished.piece);
        let left = bring_about(&api, pieces, &live.schedules, &mut script).await;
        let left = self.unfinished(id, left).await;
        let (deployment, json) = (live.id, serde_json::to_string(&left).expect("a list of failures becomes JSON"));
        self.0
            .store
            .write(move |db| {
                targets::set_script(db, id, &script)?;
                deployments::set_unfinished(db, deployment, &json)
            })
            .await?;
        Ok(())
    }
}

/// Puts in place what follows a switch. Answers what failed, and can be tried again.
pub(super) async fn bring_about(
    api: &Cloudflare,
    pieces: impl Iterator<Item = Piece>,
    schedules: &[String],
    script: &mut ScriptRow,
) -> Vec<(Piece, Error)> {
    let mut left = Vec::new();
    for piece in pieces {
        let done = match piece {
            Piece::Address if script.address.is_some() => {
                api.address(&script.script, &quiet()).await.map(|found| script.address = found)
            }
            Piece::Address => api.publish(&script.script, &quiet()).await.map(|address| script.address = Some(address)),
            Piece::Schedules => match translated(schedules) {
                Ok(crons) => api.set_schedules(&script.script, &crons, &quiet()).await,
                Err(error) => Err(error),
            },
        };
        if let Err(error) = done {
            left.push((piece, error));
        }
    }
    left
}
