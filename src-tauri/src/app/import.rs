//! Taking over a Worker that is on a target already: its code as it is there, its schedules and variables, and the
//! names of its secrets, whose values nobody can read. They stay bound there until they are entered here.

use super::{
    App, now,
    quoting::silenced,
    sighting::{held_beside, moment},
};
use crate::{
    deployment::TargetId,
    function::{FunctionId, FunctionName, IMPORTED_ENTRY, MAX_SOURCE, SourceFile},
    schedule::Cron,
    secret::{Scope, SecretName},
    store::{
        self,
        deployments::{self, Code as Deployable, New, StoredModule},
        functions::{self, FunctionRow},
        targets::{self, ScriptRow, TargetRow},
        variables::{self, Bound},
    },
    target::cloudflare::{Downloaded, Listed, Remote, RemoteModule, quiet, translate, untranslate},
    wire::{Code, Failure, FunctionDetail, RemoteScript},
};

impl App {
    /// The Workers of a target's account, by name.
    pub async fn remote_scripts(&self, target: TargetId) -> Result<Vec<RemoteScript>, Failure> {
        let (_, api) = self.reach(target).await?;
        let listed = api.scripts(&quiet()).await.map_err(silenced)?;
        let mut scripts = self
            .0
            .store
            .read(move |db| {
                let script = |listed: Listed| -> store::Result<_> {
                    let known = targets::owner_of(db, target, &listed.name, None)?.is_some();
                    Ok(RemoteScript { changed_at: moment(&listed.modified_on), name: listed.name, known })
                };
                listed.into_iter().map(script).collect::<store::Result<Vec<_>>>()
            })
            .await?;
        scripts.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(scripts)
    }

    /// Makes a function of a Worker. It stands as deployed there, with nothing changed.
    pub async fn import_script(&self, target: TargetId, script: &str) -> Result<FunctionDetail, Failure> {
        let (row, api) = self.reach(target).await?;
        let gone =
            || Failure::new(Code::NotFound, format!("There is no Worker named “{script}” on {} any more.", row.name));
        let remote = api.look(script, &quiet()).await.map_err(silenced)?.ok_or_else(gone)?;
        // Where it is not told now, the next deployment from here tells it.
        let address = api.address(script, &quiet()).await.ok().flatten();
        let file = source_file(script, api.download(script, &quiet()).await.map_err(silenced)?)?;
        let trigger = self.read_files(std::slice::from_ref(&file), false).await.trigger.unwrap_or_default();
        let name = function_name(script, &row)?;
        let date = match &remote.details.compatibility_date[..] {
            "" => self.newest_compatibility_date().await,
            date => date.to_owned(),
        };
        let new = FunctionRow {
            id: FunctionId(0),
            name: String::new(),
            trigger,
            schedules: remote.schedules.iter().map(|cron| in_unix(script, cron)).collect::<Result<_, _>>()?,
            compatibility_date: date,
            compatibility_flags: remote.details.compatibility_flags.clone(),
            port: None,
        };
        let (script, app) = (script.to_owned(), self.clone());
        let id = self
            .0
            .store
            .write(move |db| -> Result<_, Failure> {
                if targets::owner_of(db, target, &script, None)?.is_some() {
                    return Err(Failure::new(Code::NameTaken, format!("“{script}” is a function here already.")));
                }
                let name = super::functions::free_or_numbered(&functions::names(db)?, &name);
                let id = functions::insert(db, &name, &new, std::slice::from_ref(&file))?;
                let variables = plain_variables(&remote);
                for variable in &variables {
                    // Names that can't stand after `env.` stay there, as what is not ours.
                    if let Ok(name) = SecretName::parse(&variable.name) {
                        variables::set(db, id, &name, Scope::Target(target), &variable.value)?;
                    }
                }
                targets::choose(db, id, &[target])?;
                let ours = variables.iter().map(|variable| variable.name.clone()).collect();
                let held = held_beside(&ours, &remote);
                targets::set_script(db, id, &ScriptRow { target, script, address, held })?;
                let code = Deployable {
                    modules: vec![StoredModule {
                        name: file.path.clone(),
                        code: file.text.clone(),
                        map: String::new(),
                    }],
                    files: vec![file],
                    schedules: new.schedules.clone(),
                    variables,
                    compatibility_date: new.compatibility_date.clone(),
                    compatibility_flags: new.compatibility_flags.clone(),
                    packages: Some(String::new()),
                };
                let version = remote.latest().map(|version| version.id.as_str());
                let new = New { code: &code, bound: &[], message: "Imported", version, at: now() };
                deployments::record_live(db, id, target, &new, store::settings::kept_deployments(db)?)?;
                Ok(id)
            })
            .await?;
        app.open_function(id).await
    }
}

fn source_file(script: &str, downloaded: Downloaded) -> Result<SourceFile, Failure> {
    let refuse = |why: String| Err(Failure::new(Code::Remote, format!("“{script}” was not imported: {why}")));
    if !downloaded.is_module {
        return refuse("it is in the older format, without modules. Move it to `export default` first.".to_owned());
    }
    let code: Vec<_> =
        downloaded.modules.into_iter().filter(|each| !each.content_type.contains("source-map")).collect();
    let module = match <[RemoteModule; 1]>::try_from(code) {
        Ok([module]) => module,
        Err(several) => {
            return refuse(format!("it has {} modules, and Postern opens functions of one.", several.len()));
        }
    };
    if module.content.len() > MAX_SOURCE {
        return refuse(format!("it has {} bytes, and Postern edits up to {MAX_SOURCE}.", module.content.len()));
    }
    match String::from_utf8(module.content) {
        Ok(text) => Ok(SourceFile { path: IMPORTED_ENTRY.to_owned(), text }),
        Err(_) => refuse("its code is not text.".to_owned()),
    }
}

fn in_unix(script: &str, cron: &str) -> Result<String, Failure> {
    // And back, or it could never be deployed from here again.
    let parsed = Cron::parse(&untranslate(cron)).ok().filter(|cron| translate(cron).is_ok());
    parsed.map(|cron| cron.as_str().to_owned()).ok_or_else(|| {
        let message = format!("“{script}” was not imported: its schedule “{cron}” can't be said in Unix cron.");
        Failure::new(Code::InvalidSchedule, message)
    })
}

/// Without the suffix that a deployment from here would add.
fn function_name(script: &str, target: &TargetRow) -> Result<FunctionName, Failure> {
    let stem = script.strip_suffix(&target.suffix).filter(|stem| !stem.is_empty()).unwrap_or(script);
    // Cloudflare knows underscores in older names.
    Ok(FunctionName::parse(&stem.replace('_', "-"))?)
}

fn plain_variables(remote: &Remote) -> Vec<Bound> {
    let plain = remote.details.bindings.iter().filter(|binding| binding.kind == "plain_text");
    let named = plain.filter_map(|binding| Some(Bound { name: binding.name.clone(), value: binding.text.clone()? }));
    named.filter(|variable| SecretName::parse(&variable.name).is_ok()).collect()
}
