//! What a target is to be given: compiled, checked, and with the values that it binds.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{App, deploy::Hear, standing::Standing, words::listed};
use crate::{
    deployment::{Binding, Bundle, Content, Module, Step, TargetId, Value},
    function::FunctionId,
    logs::Redactor,
    secret::{Owner, SecretName},
    source::{self, StackMap},
    store::{
        self,
        deployments::{Code as Deployable, StoredModule},
        functions,
        secrets::{self, SealedRow},
        targets::{self, Held},
    },
    target::cloudflare::quiet,
    wire::{Code, Failure, Progress},
};

/// Gives a function the modules of node.
const NODE_FLAG: &str = "nodejs_compat";

/// Nothing of it is opened yet.
pub(super) struct Outgoing {
    pub(super) target: TargetId,
    pub(super) code: Deployable,
    pub(super) sealed: Vec<SealedRow>,
    pub(super) message: String,
    /// Names that the code uses and that nothing here can be bound to. Of what is gone back to, none is looked for.
    pub(super) foreign: Vec<String>,
}

impl App {
    /// What the target would be given now.
    pub(super) async fn prepare(
        &self,
        id: FunctionId,
        target: TargetId,
        message: String,
        progress: Hear<'_>,
    ) -> Result<Outgoing, Failure> {
        let app = self.clone();
        let (standing, mut sealed) = self
            .0
            .store
            .read(move |db| -> store::Result<_> {
                if target != TargetId::LOCAL {
                    targets::get(db, target)?;
                }
                Ok((app.load(db, id)?, secrets::current(db, Owner::Function(id))?))
            })
            .await?;

        let reading = self.read_code(&standing).await;
        if reading.problem.is_none() {
            self.refuse_uninstalled(id, &reading).await?;
        }
        let code = self.compile(&standing, target).await?;
        progress(Progress::Passed { step: Step::Compiled });

        let mut missing = standing.missing_on(target, &reading);
        if !missing.is_empty() && target != TargetId::LOCAL {
            // Somebody else may have bound them there since it was looked at last.
            let (_, _, sighting) = self.look_at(id, target, &quiet()).await?;
            missing.retain(|name| !sighting.held.iter().any(|held| held.name == *name));
        }
        refuse_missing(&missing)?;
        self.refuse_credentials(&standing, progress).await?;
        progress(Progress::Passed { step: Step::Checked });

        let bound: Vec<i64> = standing.secrets_for(target).iter().map(|secret| secret.id).collect();
        sealed.retain(|row| bound.contains(&row.place.secret_id));
        Ok(Outgoing { target, code, sealed, message, foreign: standing.foreign_names(&reading) })
    }

    /// The program, with what goes along. Code that needs node compatibility turns it on for the function.
    async fn compile(&self, standing: &Standing, target: TargetId) -> Result<Deployable, Failure> {
        let id = standing.row.id;
        let (files, packages) = (standing.files.clone(), self.packages(id));
        let program = tokio::task::spawn_blocking(move || source::compile(&files, &packages))
            .await
            .map_err(|_| Failure::new(Code::Internal, "The compiler broke off. What is live is untouched."))??;
        let mut flags = standing.row.compatibility_flags.clone();
        if program.node && !flags.iter().any(|flag| flag == NODE_FLAG) {
            flags.push(NODE_FLAG.to_owned());
            let kept = flags.clone();
            self.0.store.write(move |db| functions::set_compatibility_flags(db, id, &kept)).await?;
        }
        Ok(Deployable {
            files: standing.files.clone(),
            modules: program.modules.into_iter().map(stored).collect(),
            schedules: standing.row.schedules.clone(),
            variables: standing.variables_for(target),
            compatibility_date: standing.row.compatibility_date.clone(),
            compatibility_flags: flags,
            packages: Some(standing.packages.clone()),
        })
    }

    /// Opens the values for a target, and again to recognise them in what it says: the bundle wipes its own.
    pub(super) async fn bundle(
        &self,
        code: &Deployable,
        sealed: Vec<SealedRow>,
    ) -> Result<(Bundle, Redactor), Failure> {
        if !sealed.is_empty() {
            self.vault_answered().await;
        }
        let opened = self.open_values(sealed)?;
        let values = Redactor::new(opened.iter().map(|(place, value)| (place.name.as_str(), value.expose())));
        let secrets = opened.into_iter().map(|(place, value)| Binding { name: place.name, value: Value::Set(value) });
        Ok((bundled(code, secrets), values))
    }
}

/// Tells which of these names the target will not have, since it keeps no binding of that name. They stop nothing: the code
/// may well look first.
pub(super) fn tell_unbound(foreign: &[String], held: &[Held], progress: Hear<'_>) {
    let names = unbound(foreign, held);
    if !names.is_empty() {
        progress(Progress::Unbound { names });
    }
}

/// Of names that nothing here can be bound to, those that a target does not keep a binding of.
pub(super) fn unbound(foreign: &[String], held: &[Held]) -> Vec<String> {
    foreign.iter().filter(|name| !held.iter().any(|held| held.name == **name)).cloned().collect()
}

/// Base64 is what tells WebAssembly from code in the database, with the ending of its name.
fn stored(module: Module) -> StoredModule {
    let code = match module.content {
        Content::Code(code) => code,
        Content::Wasm(bytes) => STANDARD.encode(bytes),
    };
    StoredModule { name: module.name, code, map: module.map.unwrap_or_default() }
}

fn content(stored: &StoredModule) -> Content {
    if !stored.name.ends_with(".wasm") {
        return Content::Code(stored.code.clone());
    }
    Content::Wasm(STANDARD.decode(&stored.code).unwrap_or_default())
}

fn refuse_missing(names: &[String]) -> Result<(), Failure> {
    let (secrets, them) = match names.len() {
        0 => return Ok(()),
        1 => ("secret exists", "it"),
        _ => ("secrets exist", "them"),
    };
    let message =
        format!("The code uses {}, and no such {secrets}. Add {them} in the Secrets tab, then deploy.", listed(names));
    Err(Failure::new(Code::MissingSecrets, message))
}

/// The code with its variables, and these secrets.
pub(super) fn bundled(code: &Deployable, secrets: impl Iterator<Item = Binding>) -> Bundle {
    let module = |stored: &StoredModule| Module {
        name: stored.name.clone(),
        content: content(stored),
        // What was imported has none.
        map: Some(stored.map.clone()).filter(|map| !map.is_empty()),
    };
    let variables = code.variables.iter().map(|variable| Binding {
        name: SecretName::parse(&variable.name).expect("names are parsed before they are stored"),
        value: Value::Plain(variable.value.clone()),
    });
    Bundle {
        modules: code.modules.iter().map(module).collect(),
        compatibility_date: code.compatibility_date.clone(),
        compatibility_flags: code.compatibility_flags.clone(),
        bindings: secrets.chain(variables).collect(),
    }
}

pub(super) fn bound_revisions(sealed: &[SealedRow]) -> Vec<(i64, i64)> {
    let mut bound: Vec<_> = sealed.iter().map(|row| (row.place.secret_id, row.place.revision)).collect();
    bound.sort_unstable();
    bound
}

pub(super) fn stack_map(code: &Deployable) -> StackMap {
    StackMap::new(code.modules.iter().map(|module| (module.name.as_str(), module.map.as_str())))
}
