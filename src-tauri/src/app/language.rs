//! The language server and what it sees of a function: its files, and the `Env` that its secrets and variables make.

use serde_json::{Value, value::RawValue};

use super::{App, node::Node, standing::Standing};
use crate::{
    function::FunctionId,
    language::{Language, Project, Refused, State},
    packages, source,
    wire::{Code, Event, Failure, LanguageState},
};

impl App {
    /// Starts it where it does not run; events tell how that goes. It begins with the editor's first wish, not with the app.
    pub fn start_language(&self) {
        self.0.language.start();
    }

    pub fn restart_language(&self) {
        self.0.language.restart();
    }

    /// Shows the function to the language server, and answers the address of its folder.
    pub async fn open_in_language(&self, session: u64, id: FunctionId) -> Result<String, Failure> {
        let standing = self.standing(id).await?;
        Ok(self.0.language.open(session, id, &self.project(&standing))?)
    }

    pub fn tell_language(&self, session: u64, number: u64, method: String, params: Value) -> Result<(), Failure> {
        Ok(self.0.language.tell(session, number, method, params)?)
    }

    pub async fn ask_language(
        &self,
        session: u64,
        number: u64,
        method: String,
        params: Value,
    ) -> Result<Box<RawValue>, Failure> {
        Ok(self.0.language.ask(session, number, method, params).await?)
    }

    /// The text of a declaration of the language, the runtime or a package, by its address.
    pub async fn read_declaration(&self, uri: String) -> Result<String, Failure> {
        let (language, root) = (self.0.language.clone(), packages::root(&self.0.data));
        let found = tokio::task::spawn_blocking(move || language.declaration(&uri, &root)).await;
        found.ok().flatten().ok_or_else(|| Failure::new(Code::NotFound, "This declaration is not there to be read."))
    }

    /// The names of a function's secrets or variables may be others, or its files.
    pub(super) fn update_language(&self, standing: &Standing) {
        self.show_again(standing, Language::update);
    }

    /// The packages of a function are others.
    pub(super) fn renew_language(&self, standing: &Standing) {
        self.show_again(standing, Language::renew);
    }

    /// The code is read for that, which is not done for a server that does not see it.
    fn show_again(&self, standing: &Standing, show: fn(&Language, FunctionId, &Project) -> bool) {
        let (id, language) = (standing.row.id, &self.0.language);
        if language.sees(id) && show(language, id, &self.project(standing)) {
            self.tell(Event::Env { function: id });
        }
    }

    fn project(&self, standing: &Standing) -> Project {
        let node = Node::of(&standing.row);
        let used = source::node_use(&standing.files);
        Project {
            folder: self.packages(standing.row.id),
            files: standing.files.iter().map(|file| file.path.clone()).collect(),
            secrets: standing.secrets.iter().map(|secret| secret.name.clone()).collect(),
            variables: standing.variables.iter().map(|variable| variable.name.clone()).collect(),
            // A deployment turns node compatibility on for code that imports from it.
            node: used.modules || used.globals && node.globals,
            process_env: node.process_env,
        }
    }

    pub(super) fn language_state(&self) -> LanguageState {
        self.0.language.state().into()
    }

    /// Tells the window how the language server is, from now on.
    pub(super) fn watch_language(&self) {
        let (app, mut states) = (std::sync::Arc::downgrade(&self.0), self.0.language.states());
        tokio::spawn(async move {
            while states.changed().await.is_ok() {
                let state = LanguageState::from(states.borrow_and_update().clone());
                let Some(inner) = app.upgrade() else { return };
                App(inner).tell(Event::Language { state });
            }
        });
    }
}

impl From<State> for LanguageState {
    fn from(state: State) -> Self {
        match state {
            State::Off => Self::Off,
            State::Starting => Self::Starting,
            State::Ready { session, restarted } => Self::Ready { session, restarted },
            State::Restarting => Self::Restarting,
            State::Failed(message) => Self::Failed { message },
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let code = match refused {
            Refused::Gone => Code::LanguageGone,
            Refused::Said(_) => Code::Internal,
        };
        Self::new(code, refused.to_string())
    }
}
