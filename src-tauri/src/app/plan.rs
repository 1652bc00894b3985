//! What a deployment to a target would change there, worked out before the first byte of it is sent.

use std::collections::BTreeMap;

use super::{
    App,
    outgoing::{Outgoing, bundled, unbound},
    sighting::Sighting,
    standing::Standing,
};
use crate::{
    deployment::{Binding, TargetId, Value},
    function::FunctionId,
    schedule::Cron,
    target::cloudflare::{self, Allowance, Cloudflare, Remote},
    wire::{ChangeKind, Failure, FileChange, NameChange, Plan},
};

impl App {
    pub async fn plan(&self, id: FunctionId, target: TargetId) -> Result<Plan, Failure> {
        let (api, standing, sighting) = self.look_at(id, target, &cloudflare::quiet()).await?;
        // A plan of what can't be sent says why, and shows the rest.
        let (outgoing, mut refusals) = match self.prepare(id, target, String::new(), &|_| {}).await {
            Ok(outgoing) => (Some(outgoing), Vec::new()),
            Err(failure) => (None, vec![failure]),
        };
        refusals.extend(outgoing.iter().filter_map(|outgoing| beyond_limits(outgoing, &sighting)));
        refusals.extend(untranslatable(&standing.row.schedules));

        let foreign = standing.foreign_names(&*self.read_code(&standing).await);
        let there = sighting.remote.as_ref();
        let date = there.map(|remote| remote.details.compatibility_date.clone()).filter(|date| !date.is_empty());
        let ours = standing.row.compatibility_date.clone();
        Ok(Plan {
            target,
            script: sighting.script.clone(),
            first: there.is_none(),
            files: self.file_changes(&api, &standing, &sighting, outgoing.as_ref()).await?,
            secrets: secret_changes(&standing, &sighting),
            variables: variable_changes(&standing, &sighting),
            schedules: schedule_changes(&standing.row.schedules, there),
            compatibility_date: date.filter(|date| *date != ours).map(|date| (date, ours)),
            foreign: sighting.held.iter().map(|held| (held.name.clone(), held.kind.clone())).collect(),
            unbound: unbound(&foreign, &sighting.held),
            drift: sighting.drift,
            refusals,
        })
    }

    /// The TypeScript beside what was deployed from here, where that is what is live. What somebody else deployed is
    /// compared as it is there, module by module.
    async fn file_changes(
        &self,
        api: &Cloudflare,
        standing: &Standing,
        sighting: &Sighting,
        outgoing: Option<&Outgoing>,
    ) -> Result<Vec<FileChange>, Failure> {
        if sighting.is_theirs {
            let downloaded = api.download(&sighting.script, &cloudflare::quiet()).await;
            let there = self.without_values(standing.row.id, downloaded).await?.modules.into_iter();
            let there = there.filter(|module| !module.content_type.contains("source-map"));
            let there = there.map(|module| (module.name, String::from_utf8_lossy(&module.content).into_owned()));
            let here = outgoing.map_or(&[][..], |outgoing| &outgoing.code.modules).iter();
            return Ok(file_changes(there, here.map(|module| (module.name.clone(), module.code.clone()))));
        }
        let live = standing.live_on(sighting.target).filter(|_| sighting.remote.is_some());
        let before = live.map_or(&[][..], |live| &live.files);
        let named = |file: &crate::function::SourceFile| (file.path.clone(), file.text.clone());
        Ok(file_changes(before.iter().map(named), standing.files.iter().map(named)))
    }
}

pub(super) fn file_changes(
    before: impl Iterator<Item = (String, String)>,
    after: impl Iterator<Item = (String, String)>,
) -> Vec<FileChange> {
    let mut files: BTreeMap<String, (String, String)> = BTreeMap::new();
    before.for_each(|(path, text)| files.entry(path).or_default().0 = text);
    after.for_each(|(path, text)| files.entry(path).or_default().1 = text);
    let changes = files.into_iter().map(|(path, (before, after))| FileChange { path, before, after });
    changes.filter(|change| change.before != change.after).collect()
}

fn secret_changes(standing: &Standing, sighting: &Sighting) -> Vec<NameChange> {
    let secrets = standing.secrets_for(sighting.target);
    let now = secrets.iter().map(|secret| {
        let kind = if sighting.has(standing, (secret.id, secret.revision), &secret.name) {
            ChangeKind::Kept
        } else if sighting.binds(&secret.name) {
            ChangeKind::Changed
        } else {
            ChangeKind::Added
        };
        NameChange { name: secret.name.clone(), kind }
    });
    let gone = sighting.ours_of_kind("secret_text").filter(|name| !secrets.iter().any(|secret| secret.name == *name));
    now.chain(gone.map(|name| NameChange { name: name.to_owned(), kind: ChangeKind::Removed })).collect()
}

fn variable_changes(standing: &Standing, sighting: &Sighting) -> Vec<NameChange> {
    let variables = standing.variables_for(sighting.target);
    let now = variables.iter().map(|variable| {
        let kind = match sighting.text_of(&variable.name) {
            Some(text) if *text == variable.value => ChangeKind::Kept,
            _ if sighting.binds(&variable.name) => ChangeKind::Changed,
            _ => ChangeKind::Added,
        };
        NameChange { name: variable.name.clone(), kind }
    });
    let gone = sighting.ours_of_kind("plain_text").filter(|name| !variables.iter().any(|other| other.name == *name));
    now.chain(gone.map(|name| NameChange { name: name.to_owned(), kind: ChangeKind::Removed })).collect()
}

/// In the user's cron where it is ours; what is only there is named as the target writes it.
fn schedule_changes(ours: &[String], remote: Option<&Remote>) -> Vec<NameChange> {
    let there = remote.map_or(&[][..], |remote| &remote.schedules);
    let is_said_as =
        |ours: &String, there: &String| Cron::parse(ours).is_ok_and(|cron| cloudflare::is_said_as(&cron, there));
    let now = ours.iter().map(|name| {
        let kept = there.iter().any(|there| is_said_as(name, there));
        NameChange { name: name.clone(), kind: if kept { ChangeKind::Kept } else { ChangeKind::Added } }
    });
    let gone = there.iter().filter(|there| !ours.iter().any(|ours| is_said_as(ours, there)));
    now.chain(gone.map(|name| NameChange { name: name.clone(), kind: ChangeKind::Removed })).collect()
}

fn untranslatable(schedules: &[String]) -> impl Iterator<Item = Failure> {
    let parsed = schedules.iter().filter_map(|text| Cron::parse(text).ok());
    parsed.filter_map(|cron| cloudflare::translate(&cron).err()).map(|error| cloudflare::Error::from(error).into())
}

/// The limits that can be told without opening a value.
fn beyond_limits(outgoing: &Outgoing, sighting: &Sighting) -> Option<Failure> {
    let names = outgoing.sealed.iter().map(|row| Binding { name: row.place.name.clone(), value: Value::Inherit });
    let bundle = bundled(&outgoing.code, names);
    let held: Vec<String> = sighting.held.iter().map(|held| held.name.clone()).collect();
    let schedules = outgoing.code.schedules.len();
    let exceeded = cloudflare::check(&sighting.script, &bundle, &held, schedules, false, Allowance::PAID).err()?;
    Some(cloudflare::Error::from(exceeded).into())
}
