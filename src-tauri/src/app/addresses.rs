//! Addresses: one for each deployed function, chosen at its first deployment and kept.
//!
//! An address that another program has taken is said, and kept until the user chooses another: whoever calls it would
//! not know of a new one.

use std::sync::Arc;

use futures_util::FutureExt;

use super::{App, lock};
use crate::{
    deployment::TargetId,
    function::FunctionId,
    store::functions,
    target::Starter,
    wire::{Code, Failure, FunctionSummary},
};

impl App {
    /// At the start of the app: everything that was deployed answers again where it did, once it is called.
    pub(super) async fn take_up_addresses(&self) -> Result<(), Failure> {
        for row in self.0.store.read(functions::list).await? {
            if let Some(port) = row.port {
                self.open_port(row.id, port).await;
            }
        }
        Ok(())
    }

    /// The address that the function has, or a new one.
    pub(super) async fn open_address(&self, id: FunctionId) -> Result<u16, Failure> {
        match self.0.store.read(move |db| functions::get(db, id)).await?.port {
            Some(port) => {
                self.open_port(id, port).await;
                Ok(port)
            }
            None => self.open_new_address(id).await,
        }
    }

    /// Takes another port for a function whose own is taken.
    pub async fn change_address(&self, id: FunctionId) -> Result<FunctionSummary, Failure> {
        // Claimed like a deployment, so that the two do not choose at the same time.
        let _claim = self.claim(id)?;
        if self.standing(id).await?.live_on(TargetId::LOCAL).is_none() {
            return Err(Failure::new(Code::NotDeployed, "It has no address yet. Deploy it first."));
        }
        let port = self.open_new_address(id).await?;
        self.0.store.write(move |db| functions::set_port(db, id, port)).await?;
        Ok(self.summary(&self.standing(id).await?))
    }

    async fn open_port(&self, id: FunctionId, port: u16) {
        match self.0.local.open(id, Some(port), self.starter(id)).await {
            Ok(_) => lock(&self.0.address_problems).remove(&id),
            Err(error) => lock(&self.0.address_problems).insert(id, error.into()),
        };
    }

    async fn open_new_address(&self, id: FunctionId) -> Result<u16, Failure> {
        let port = self.0.local.open(id, None, self.starter(id)).await?;
        lock(&self.0.address_problems).remove(&id);
        Ok(port)
    }

    /// How the gateway starts what is called and not running: with the revisions that were deployed, not with today's.
    fn starter(&self, id: FunctionId) -> Starter {
        // Weak, so that the target, which the app owns, does not keep the app alive.
        let app = Arc::downgrade(&self.0);
        Arc::new(move || {
            let app = app.clone();
            async move {
                let app = App(app.upgrade().ok_or("Postern is closing.")?);
                app.live_bundle(id).await.map_err(|failure| failure.message)
            }
            .boxed()
        })
    }
}
