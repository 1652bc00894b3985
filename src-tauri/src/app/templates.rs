//! The first functions that a new user can start from.

use crate::wire::{Code, Failure, Template};

pub(super) struct Source {
    id: &'static str,
    title: &'static str,
    sentence: &'static str,
    pub text: &'static str,
    pub schedules: &'static [&'static str],
}

const TEMPLATES: &[Source] = &[
    Source {
        id: "http",
        title: "HTTP",
        sentence: "Answers a request with JSON.",
        text: include_str!("../../templates/http.ts"),
        schedules: &[],
    },
    Source {
        id: "scheduled",
        title: "Scheduled",
        sentence: "Runs by itself, at the times you choose.",
        text: include_str!("../../templates/scheduled.ts"),
        schedules: &["0 9 * * 1-5"],
    },
    Source {
        id: "webhook",
        title: "Webhook with a signature",
        sentence: "Takes a call only if its signature was made with your secret.",
        text: include_str!("../../templates/webhook.ts"),
        schedules: &[],
    },
    Source {
        id: "api",
        title: "Call an API with a secret",
        sentence: "Asks another service, with a key that stays sealed.",
        text: include_str!("../../templates/api.ts"),
        schedules: &[],
    },
];

pub(super) fn list() -> Vec<Template> {
    let template = |source: &Source| Template {
        id: source.id.to_owned(),
        title: source.title.to_owned(),
        sentence: source.sentence.to_owned(),
    };
    TEMPLATES.iter().map(template).collect()
}

pub(super) fn find(id: &str) -> Result<&'static Source, Failure> {
    TEMPLATES
        .iter()
        .find(|source| source.id == id)
        .ok_or_else(|| Failure::new(Code::NotFound, format!("There is no template called {id}.")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        function::{ENTRY, SourceFile},
        schedule::Cron,
        source,
    };

    #[test]
    fn every_template_compiles_and_answers_to_something() {
        for template in TEMPLATES {
            let files = [SourceFile { path: ENTRY.to_owned(), text: template.text.to_owned() }];
            assert!(source::check(&files).is_ok(), "{}", template.id);
            let reading = source::read(&files, false);
            let trigger = reading.trigger.expect("it parses");
            assert!(trigger.http || trigger.scheduled, "{}", template.id);
            assert_eq!(trigger.scheduled, !template.schedules.is_empty(), "{}", template.id);
            assert!(reading.dynamic.is_empty(), "{}", template.id);
            assert!(template.schedules.iter().all(|schedule| Cron::parse(schedule).is_ok()), "{}", template.id);
        }
    }
}
