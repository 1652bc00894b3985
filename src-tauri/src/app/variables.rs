//! Variables: plain, readable, editable, beside the secrets and under the same names in the code.

use super::App;
use crate::{
    function::FunctionId,
    secret::{MAX_VALUE, Owner, Scope, SecretName},
    store::{secrets, variables},
    wire::{Code, Failure, Names},
};

impl App {
    /// Makes a variable or changes it.
    pub async fn set_variable(
        &self,
        id: FunctionId,
        name: &str,
        scope: Scope,
        value: String,
    ) -> Result<Names, Failure> {
        let name = SecretName::parse(name)?;
        if value.len() > MAX_VALUE {
            let message =
                format!("A variable has at most 5 KiB; this one has {} bytes. Nothing was changed.", value.len());
            return Err(Failure::new(Code::InvalidValue, message));
        }
        if value.contains('\0') {
            return Err(Failure::new(
                Code::InvalidValue,
                "A variable can't hold a NUL character. Nothing was changed.",
            ));
        }
        let app = self.clone();
        let standing = self
            .0
            .store
            .write(move |db| -> Result<_, Failure> {
                if secrets::list(db, Owner::Function(id))?.iter().any(|secret| secret.name == name.as_str()) {
                    let message = format!("{name} is a secret. Delete that first, or choose another name.");
                    return Err(Failure::new(Code::NameTaken, message));
                }
                variables::set(db, id, &name, scope, &value)?;
                Ok(app.load(db, id)?)
            })
            .await?;
        Ok(self.tell_names(&standing).await)
    }

    pub async fn delete_variable(&self, id: FunctionId, name: &str, scope: Scope) -> Result<Names, Failure> {
        let name = name.to_owned();
        let app = self.clone();
        let standing = self
            .0
            .store
            .write(move |db| {
                variables::delete(db, id, &name, scope)?;
                app.load(db, id)
            })
            .await?;
        Ok(self.tell_names(&standing).await)
    }
}
