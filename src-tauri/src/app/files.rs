//! The files of a function: saving what is typed, and making, renaming and deleting them.

use super::{App, Question, standing::Standing};
use crate::{
    function::{
        self, ENTRY, FileKind, FilePath, FunctionId, IMPORTED_ENTRY, MAX_FILES, MAX_SOURCE, SourceFile, webassembly,
    },
    store::{self, functions},
    wire::{Code, Failure, FunctionDetail, Saved},
};

impl App {
    /// Keeps the text, to the disk, and answers everything that follows from it. A file that is gone stays gone: a late
    /// save does not bring it back.
    pub async fn save_file(&self, id: FunctionId, path: String, text: String) -> Result<Saved, Failure> {
        check_size(&text)?;
        let app = self.clone();
        let saved = self
            .0
            .store
            .write(move |db| -> store::Result<_> {
                functions::save_file(db, id, &path, &text)?;
                app.load(db, id)
            })
            .await?;
        self.saved(saved).await
    }

    /// What a save answers, once the files are kept.
    pub(super) async fn saved(&self, standing: Standing) -> Result<Saved, Failure> {
        Ok(following(self.look_again(standing).await?))
    }

    /// What a save would answer, of a function that is not open.
    pub async fn look_through(&self, id: FunctionId) -> Result<Saved, Failure> {
        // It is judged once: nobody asks again because the keychain answered late.
        self.vault_answered().await;
        Ok(following(self.open_function(id).await?))
    }

    /// A new file with this text, which is empty or was read from a file of the user's.
    pub async fn create_file(&self, id: FunctionId, path: &str, text: String) -> Result<FunctionDetail, Failure> {
        let path = FilePath::parse(path)?;
        check_size(&text)?;
        refuse_other_kind(None, &path, &text)?;
        let app = self.clone();
        let with_it = self
            .0
            .store
            .write(move |db| -> Result<_, Failure> {
                let files = functions::files(db, id)?;
                if files.len() >= MAX_FILES {
                    let message = format!("A function has at most {MAX_FILES} files. Nothing was added.");
                    return Err(Failure::new(Code::Limit, message));
                }
                files.iter().try_for_each(|file| path.check_beside(&file.path))?;
                functions::add_file(db, id, path.as_str(), &text)?;
                Ok(app.load(db, id)?)
            })
            .await?;
        self.look_again(with_it).await
    }

    /// Gives a file another path; its text stays. The entry is known by its name, and has one of two.
    pub async fn rename_file(&self, id: FunctionId, path: &str, to: &str) -> Result<FunctionDetail, Failure> {
        let (path, to) = (path.to_owned(), FilePath::parse(to)?);
        let app = self.clone();
        let renamed = self
            .0
            .store
            .write(move |db| -> Result<_, Failure> {
                let files = functions::files(db, id)?;
                if ![ENTRY, IMPORTED_ENTRY].contains(&to.as_str()) {
                    refuse_entry(&path, &files, "renamed")?;
                }
                for file in files {
                    match file.path == path {
                        // In other capitals it may be called the same.
                        true => refuse_other_kind(Some(&path), &to, &file.text)?,
                        false => to.check_beside(&file.path)?,
                    }
                }
                functions::rename_file(db, id, &path, to.as_str())?;
                Ok(app.load(db, id)?)
            })
            .await?;
        self.look_again(renamed).await
    }

    /// What deleting this file means now.
    pub async fn describe_file_deletion(&self, id: FunctionId, path: &str) -> Result<Question, Failure> {
        let standing = self.standing(id).await?;
        refuse_entry(path, &standing.files, "deleted")?;
        let deployed = match standing.live.iter().any(|live| live.files.iter().any(|file| file.path == path)) {
            true => " What is deployed keeps it until you deploy again.",
            false => "",
        };
        Ok(Question {
            title: format!("Delete {path}?"),
            consequence: format!(
                "The file and its text go from {}.{deployed} This cannot be undone.",
                standing.row.name
            ),
        })
    }

    pub async fn delete_file(&self, id: FunctionId, path: &str) -> Result<FunctionDetail, Failure> {
        let path = path.to_owned();
        let app = self.clone();
        let without_it = self
            .0
            .store
            .write(move |db| -> Result<_, Failure> {
                refuse_entry(&path, &functions::files(db, id)?, "deleted")?;
                functions::delete_file(db, id, &path)?;
                Ok(app.load(db, id)?)
            })
            .await?;
        self.look_again(without_it).await
    }

    /// Everything that follows from the files as they are now; the trigger, which the list shows, is kept with them.
    async fn look_again(&self, mut standing: Standing) -> Result<FunctionDetail, Failure> {
        let reading = self.read_code(&standing).await;
        if let Some(trigger) = reading.trigger
            && trigger != standing.row.trigger
        {
            let id = standing.row.id;
            standing.row.trigger = trigger;
            self.0.store.write(move |db| functions::set_trigger(db, id, trigger)).await?;
        }
        self.update_language(&standing);
        Ok(self.detail(&standing).await)
    }
}

/// What follows from the code, without the code.
fn following(detail: FunctionDetail) -> Saved {
    let FunctionDetail { summary, secrets, variables, references, credentials, packages, problem, unscheduled, .. } =
        detail;
    Saved { summary, secrets, variables, references, credentials, packages, problem, unscheduled }
}

fn check_size(text: &str) -> Result<(), Failure> {
    if text.len() <= MAX_SOURCE {
        return Ok(());
    }
    let message = format!(
        "A file may have 1 MiB of text; this one has {:.1} MiB. What was saved before is untouched. Shorten it, then it \
         is saved again.",
        text.len() as f64 / MAX_SOURCE as f64
    );
    Err(Failure::new(Code::TooLarge, message))
}

/// WebAssembly is bytes, kept in Base64: no name makes them of another text, and under another name they are none.
fn refuse_other_kind(before: Option<&str>, path: &FilePath, text: &str) -> Result<(), Failure> {
    let is_wasm = |path: &str| FileKind::of(path) == Some(FileKind::Wasm);
    let path = path.as_str();
    if before.is_some_and(is_wasm) == is_wasm(path) {
        return Ok(());
    }
    let message = match (before, webassembly(text).is_some()) {
        (None, false) => format!(
            "WebAssembly can't be typed. Import it from a package, or paste a module in Base64 into a .txt file and \
             rename that to {path}."
        ),
        (Some(before), false) if is_wasm(path) => format!(
            "{before} has no WebAssembly in it. A file can be called .wasm once its text is a module in Base64, and \
             nothing else."
        ),
        (Some(before), true) if is_wasm(before) => {
            format!("{before} is WebAssembly. Choose a name that ends with .wasm.")
        }
        _ => return Ok(()),
    };
    Err(Failure::new(Code::InvalidName, message))
}

fn refuse_entry(path: &str, files: &[SourceFile], what: &str) -> Result<(), Failure> {
    match function::entry(files) {
        Some(entry) if entry.path == path => {
            let message = format!("{path} exports the handlers, and can't be {what}. Nothing was changed.");
            Err(Failure::new(Code::InvalidName, message))
        }
        _ => Ok(()),
    }
}
