//! Making, opening, changing and deleting functions.

use super::{App, Question, lock, standing::Standing, templates};
use crate::{
    function::{FunctionId, FunctionName, SourceFile},
    packages,
    schedule::Cron,
    secret::{Owner, SecretName},
    store::{
        functions::{self, FunctionRow},
        secrets, targets,
        variables::{self, VariableRow},
    },
    wire::{Failure, FunctionDetail, FunctionSummary, ScheduleReading},
};

impl App {
    pub async fn open_function(&self, id: FunctionId) -> Result<FunctionDetail, Failure> {
        Ok(self.detail(&self.standing(id).await?).await)
    }

    pub(super) async fn detail(&self, standing: &Standing) -> FunctionDetail {
        let reading = self.read_code(standing).await;
        FunctionDetail {
            summary: self.summary(standing),
            secrets: self.secret_infos(standing, &reading),
            variables: self.variable_infos(standing, &reading),
            references: standing.references(&reading),
            credentials: self.credentials_of(standing).await.unwrap_or_default(),
            packages: self.package_infos(standing.row.id, &reading).await,
            problem: reading.problem.clone().map(Failure::from),
            unscheduled: reading.unscheduled,
            compatibility_date: standing.row.compatibility_date.clone(),
            files: standing.files.clone(),
        }
    }

    /// A new function from a template; without a name it gets the first free one.
    pub async fn create_function(&self, template: &str, name: Option<&str>) -> Result<FunctionDetail, Failure> {
        let template = templates::find(template)?;
        let name = name.map(FunctionName::parse).transpose()?;
        let files = vec![SourceFile { path: crate::function::ENTRY.to_owned(), text: template.text.to_owned() }];
        let row = FunctionRow {
            id: FunctionId(0),
            name: String::new(),
            trigger: self.read_files(&files, false).await.trigger.unwrap_or_default(),
            schedules: template.schedules.iter().map(|schedule| (*schedule).to_owned()).collect(),
            compatibility_date: self.newest_compatibility_date().await,
            compatibility_flags: Vec::new(),
            port: None,
        };
        let stem = FunctionName::parse("untitled").expect("it is a name");
        let id = self
            .0
            .store
            .write(move |db| {
                let name = match name {
                    Some(name) => name,
                    None => free_name(&functions::names(db)?, &stem),
                };
                functions::insert(db, &name, &row, &files)
            })
            .await?;
        self.open_function(id).await
    }

    /// Asks the runtime's binary the first time, which takes as long as starting a program does.
    pub(super) async fn newest_compatibility_date(&self) -> String {
        let local = self.0.local.clone();
        let asked = tokio::task::spawn_blocking(move || local.newest_compatibility_date()).await;
        asked.expect("asking for a date does not panic")
    }

    /// Changes the label. Where the function is deployed, its address stays.
    pub async fn rename_function(&self, id: FunctionId, name: &str) -> Result<FunctionSummary, Failure> {
        let name = FunctionName::parse(name)?;
        self.0.store.write(move |db| functions::rename(db, id, &name)).await?;
        Ok(self.summary(&self.standing(id).await?))
    }

    /// The same code, schedules and secrets under another name, not deployed. Values are opened to be sealed anew for
    /// their new place.
    pub async fn duplicate_function(&self, id: FunctionId) -> Result<FunctionDetail, Failure> {
        let app = self.clone();
        let sealed = self.0.store.read(move |db| secrets::current(db, Owner::Function(id))).await?;
        let values = self.open_values(sealed)?;
        let copy = self
            .0
            .store
            .write(move |db| -> Result<_, Failure> {
                let original = app.load(db, id)?;
                let stem = FunctionName::parse(&original.row.name).expect("names are parsed before they are stored");
                let name = free_name(&functions::names(db)?, &stem);
                let copy = functions::insert(db, &name, &original.row, &original.files)?;
                for (place, value) in &values {
                    app.seal_into(db, Owner::Function(copy), &place.name, place.scope, value)?;
                }
                for VariableRow { name, scope, value } in &original.variables {
                    let name = SecretName::parse(name).expect("names are parsed before they are stored");
                    variables::set(db, copy, &name, *scope, value)?;
                }
                Ok(copy)
            })
            .await?;
        // Not node_modules: npm brings the same again, when it is asked to.
        let (from, to) = (self.packages(id), self.packages(copy));
        let copied = tokio::task::spawn_blocking(move || packages::copy(&from, &to)).await;
        copied.map_err(std::io::Error::from).flatten().map_err(packages::Error::from)?;
        self.open_function(copy).await
    }

    /// What deleting this function means now. `here_only`: what is deployed elsewhere goes on.
    pub async fn describe_function_deletion(&self, id: FunctionId, here_only: bool) -> Result<Question, Failure> {
        let standing = self.standing(id).await?;
        let deleted = match standing.secrets.len() {
            0 => " Its code, variables and history are deleted.".to_owned(),
            1 => " Its secret is deleted with it, as are its code, variables and history.".to_owned(),
            count => format!(" Its {count} secrets are deleted with it, as are its code, variables and history."),
        };
        let summary = self.summary(&standing);
        let mut stops: Vec<String> = summary.local.address.into_iter().collect();
        let mut goes_on = Vec::new();
        for script in &standing.scripts {
            let target = script.target;
            let account = self.0.store.read(move |db| targets::get(db, target)).await?;
            let place = script.address.clone().unwrap_or_else(|| format!("the Worker “{}”", script.script));
            let place = format!("{place} ({}, account {})", account.name, account.account_name);
            if here_only { goes_on.push(place) } else { stops.push(place) }
        }
        let mut consequence = match &stops[..] {
            [] if goes_on.is_empty() => "It was not deployed.".to_owned(),
            [] => String::new(),
            places => format!("It stops answering at {}.", places.join(" and at ")),
        };
        if !stops.is_empty() && !standing.row.schedules.is_empty() {
            consequence.push_str(" Nothing runs by its schedules any more.");
        }
        if !goes_on.is_empty() {
            consequence.push_str(&format!(" It goes on running at {}.", goes_on.join(" and at ")));
        }
        let consequence = format!("{}{deleted} This cannot be undone.", consequence.trim_start());
        Ok(Question { title: format!("Delete {}?", standing.row.name), consequence })
    }

    /// Removes it from every target that it was deployed to, unless `here_only`; ends its process, gives up its
    /// address, and takes it, its deployments and its sealed values out of the database. Where a target refuses, the
    /// function stays. A deployment under way is cancelled, or brought to its end where it is too late for that.
    pub async fn delete_function(&self, id: FunctionId, here_only: bool) -> Result<(), Failure> {
        let claim = self.claim_from_others(id).await;
        if !here_only {
            self.remove_elsewhere(id).await?;
        }
        self.0
            .store
            .write(move |db| {
                functions::delete(db, id)?;
                secrets::delete_all(db, Owner::Function(id))
            })
            .await?;
        drop(claim);
        let folder = self.packages(id);
        tokio::task::spawn_blocking(move || packages::delete(&folder));
        self.0.local.close(id).await;
        self.0.journal.forget(id);
        self.0.language.close(id);
        lock(&self.0.address_problems).remove(&id);
        lock(&self.0.stack_maps).remove(&id);
        lock(&self.0.credentials_seen).remove(&id);
        lock(&self.0.allowed).remove(&id);
        self.0.schedules_changed.notify_one();
        self.scrub_soon();
        Ok(())
    }

    /// All of its schedules at once; one that is no schedule changes nothing.
    pub async fn set_schedules(&self, id: FunctionId, schedules: Vec<String>) -> Result<FunctionSummary, Failure> {
        let mut parsed: Vec<String> = Vec::new();
        for text in &schedules {
            let cron = Cron::parse(text)?;
            if !parsed.iter().any(|known| known == cron.as_str()) {
                parsed.push(cron.as_str().to_owned());
            }
        }
        self.0.store.write(move |db| functions::set_schedules(db, id, &parsed)).await?;
        Ok(self.summary(&self.standing(id).await?))
    }

    /// What an expression means, for the moment in which it is typed.
    pub fn read_schedule(&self, text: &str) -> Result<ScheduleReading, Failure> {
        let cron = Cron::parse(text)?;
        Ok(ScheduleReading { words: cron.words(), next: cron.next_runs(super::now(), 5) })
    }
}

/// The name itself where it is free.
pub(super) fn free_or_numbered(taken: &[String], name: &FunctionName) -> FunctionName {
    if taken.iter().any(|taken| taken == name.as_str()) { free_name(taken, name) } else { name.clone() }
}

fn free_name(taken: &[String], stem: &FunctionName) -> FunctionName {
    let mut names = (1..).map(|number| stem.numbered(number));
    names.find(|name| !taken.iter().any(|taken| taken == name.as_str())).expect("numbers do not run out")
}
