//! Tells credentials in code from other text, for one function: what `source` finds, beside the fingerprints of what the
//! vault holds. Works out what moving one comes to, and keeps nothing.

use std::collections::BTreeSet;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use crate::{
    function::{Edit, FunctionId, Position, SourceFile},
    secret::{Fingerprint, Owner, Scope, SecretName, SecretValue, TypedValue},
    source::{
        self,
        credentials::{Said, Spot},
    },
    store::{
        self,
        allowances::{self, AllowanceRow},
        identity,
        secrets::{self, KnownRow},
        variables,
    },
    vault::Vault,
    wire::{Allowed, Code, CredentialInCode, Failure},
};

/// What recognises values, and what may pass: of one function, at one moment.
pub(super) struct Recogniser {
    vault: Vault,
    id: FunctionId,
    known: Vec<KnownRow>,
    allowed: Vec<AllowanceRow>,
    /// Names that a new secret can't have.
    taken: Vec<String>,
}

pub(super) struct Found {
    pub(super) info: CredentialInCode,
    pub(super) spot: Spot,
    /// None while the vault is closed.
    pub(super) fingerprint: Option<Fingerprint>,
}

impl Found {
    /// Tells its value from others for as long as the app runs.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.spot.value.as_bytes()).into()
    }
}

/// What moving a credential comes to, before anything is kept.
pub(super) struct Move {
    pub(super) name: SecretName,
    /// None where the function has a secret with it already.
    pub(super) value: Option<SecretValue>,
    /// Of the value, and how many bytes it has.
    pub(super) fingerprint: Option<Fingerprint>,
    pub(super) length: usize,
    pub(super) text: String,
    pub(super) edits: Vec<Edit>,
}

impl Recogniser {
    pub(super) fn load(db: &Connection, vault: Vault, id: FunctionId) -> store::Result<Self> {
        let known = match identity::get(db)? {
            Some(identity) => secrets::known(db, &identity.vault_id)?,
            None => Vec::new(),
        };
        let variables = variables::list(db, id)?.into_iter().map(|variable| variable.name);
        let own = secrets::list(db, Owner::Function(id))?.into_iter().map(|secret| secret.name);
        let taken = variables.chain(own).collect();
        Ok(Self { vault, id, known, allowed: allowances::list(db, id)?, taken })
    }

    /// Whether there is any value to be recognised.
    pub(super) fn knows_any(&self) -> bool {
        !self.known.is_empty()
    }

    pub(super) fn allows_any(&self) -> bool {
        !self.allowed.is_empty()
    }

    /// In the order of the code. A value that the vault knows stands for the format that it may have as well.
    pub(super) fn look(&self, said: &Said<'_>) -> Vec<Found> {
        let lengths: BTreeSet<usize> = self.known.iter().map(|row| Vault::length_within(row.sealed)).collect();
        let known = said.recognised(&lengths, |part| {
            let fingerprint = self.fingerprint(part)?;
            let rows = self.known.iter().filter(|row| is_of(Some(fingerprint), row));
            let row = rows.min_by_key(|row| (!self.is_told_by_name(row), !self.is_own(row), !row.current))?;
            Some((fingerprint, row))
        });
        let known = known.into_iter();
        let mut found: Vec<Found> = known
            .map(|(spot, (fingerprint, row))| self.found(spot, Some(fingerprint), self.value_of(row), &row.name))
            .collect();
        for credential in said.credentials() {
            if !found.iter().any(|known| known.spot.meets(&credential.spot)) {
                let fingerprint = self.fingerprint(&credential.spot.value);
                found.push(self.found(credential.spot, fingerprint, with_article(&credential.kind), &credential.name));
            }
        }
        found.sort_by_key(|found| {
            let Position { file, line, column } = &found.info.from;
            (file.clone(), *line, *column)
        });
        found
    }

    /// The first credential between two places; what is one there as a whole may be no text yet.
    pub(super) fn pasted(&self, files: &[SourceFile], from: &Position, to: &Position) -> Option<CredentialInCode> {
        let within = |found: &Found| {
            let start = order(&found.info.from);
            order(from) <= start && start < order(to)
        };
        if let Some(found) = self.look(&Said::read(files)).into_iter().find(within) {
            return Some(found.info);
        }
        let quoted = Quoted::of(files, from, to)?;
        let info = self.look(&Said::read(&quoted.files)).into_iter().find(|found| quoted.is(found))?.info;
        let (from, to) = quoted.word;
        Some(CredentialInCode { from, to, ..info })
    }

    fn found(&self, spot: Spot, fingerprint: Option<Fingerprint>, what: String, suggested: &str) -> Found {
        let own = self.known.iter().find(|row| self.is_told_by_name(row) && is_of(fingerprint, row));
        let allowed =
            self.allowed.iter().find(|row| fingerprint.is_some_and(|known| known.0[..] == row.fingerprint[..]));
        let info = CredentialInCode {
            from: spot.position.clone(),
            to: spot.end.clone(),
            what,
            name: own.map_or_else(|| self.free_name(suggested), |row| row.name.clone()),
            held: own.is_some(),
            allowed: allowed.map(|row| Allowed { reason: row.reason.clone(), at: row.at }),
        };
        Found { info, spot, fingerprint }
    }

    fn is_own(&self, row: &KnownRow) -> bool {
        row.owner == Owner::Function(self.id)
    }

    /// Whether `env.NAME` in its place gives the same, everywhere.
    fn is_told_by_name(&self, row: &KnownRow) -> bool {
        self.is_own(row) && row.scope == Scope::All && row.current
    }

    fn value_of(&self, row: &KnownRow) -> String {
        let which = if row.current { "the" } else { "an earlier" };
        match row.owner {
            Owner::Function(id) if id == self.id => format!("{which} value of {}", row.name),
            Owner::Function(_) => format!("{which} value of {} of {}", row.name, row.owner_name),
            Owner::Target(_) => format!("{which} API token of {}", row.owner_name),
        }
    }

    fn fingerprint(&self, value: &str) -> Option<Fingerprint> {
        let value = SecretValue::parse(TypedValue::from(value.to_owned())).ok()?;
        self.vault.fingerprint(&value).ok()
    }

    fn free_name(&self, suggested: &str) -> String {
        let numbered = (2..).map(|number| format!("{suggested}_{number}"));
        let mut names = std::iter::once(suggested.to_owned()).chain(numbered);
        names.find(|name| !self.taken.contains(name)).expect("numbers do not run out")
    }

    /// The credential that begins at a place, moved to a secret. Between `at` and `to` stands what was pasted, where it
    /// may be no text yet: it is taken for one.
    pub(super) fn moved(
        &self,
        files: &[SourceFile],
        at: &Position,
        to: &Position,
        name: &str,
    ) -> Result<Move, Failure> {
        let said = Said::read(files);
        let found = self.look(&said).into_iter().find(|found| found.info.from == *at);
        match found.map(|found| self.moved_from(&said, &found, name)) {
            Some(Ok(moved)) => Ok(moved),
            Some(Err(why)) => self.moved_bare(files, at, to, name).map_err(|_| why),
            None => self.moved_bare(files, at, to, name),
        }
    }

    fn moved_from(&self, said: &Said<'_>, found: &Found, name: &str) -> Result<Move, Failure> {
        let name = SecretName::parse(if found.info.held { &found.info.name } else { name })?;
        if !found.info.held && self.taken.iter().any(|taken| taken == name.as_str()) {
            let message = format!("There is a {name} already, with another value. Choose another name.");
            return Err(Failure::new(Code::SecretExists, message));
        }
        let (text, edits) =
            said.moved(&found.spot, &name).map_err(|why| Failure::new(Code::InvalidValue, why.to_string()))?;
        let value = match found.info.held {
            true => None,
            false => Some(SecretValue::parse(TypedValue::from(found.spot.value.to_string()))?),
        };
        Ok(Move { name, value, fingerprint: found.fingerprint, length: found.spot.value.len(), text, edits })
    }

    fn moved_bare(&self, files: &[SourceFile], at: &Position, to: &Position, name: &str) -> Result<Move, Failure> {
        let gone =
            || Failure::new(Code::NotFound, "There is no credential at this place any more. Nothing was changed.");
        let quoted =
            Quoted::of(files, at, to).filter(|quoted| source::check(&quoted.files).is_ok()).ok_or_else(gone)?;
        let said = Said::read(&quoted.files);
        let found = self.look(&said).into_iter().find(|found| quoted.is(found)).ok_or_else(gone)?;
        let mut moved = self.moved_from(&said, &found, name)?;
        // The editor has no marks there: they are part of what is put in, or of what goes.
        if let Some(edit) =
            moved.edits.iter_mut().find(|edit| (&edit.from, &edit.to) == (&quoted.text.0, &quoted.text.1))
        {
            (edit.from, edit.to) = quoted.marks.clone();
            edit.insert = format!("`{}`", edit.insert);
        }
        if !moved.edits.iter().any(|edit| quoted.is_replaced_by(edit)) {
            return Err(gone());
        }
        for edit in &mut moved.edits {
            edit.from = quoted.unquoted(&edit.from).ok_or_else(gone)?;
            edit.to = quoted.unquoted(&edit.to).ok_or_else(gone)?;
        }
        Ok(moved)
    }
}

/// The files with what stands between two places made a text of its own.
struct Quoted {
    files: Vec<SourceFile>,
    /// Between which places it stands, without the marks around it and with them.
    text: (Position, Position),
    marks: (Position, Position),
    /// What it is made of, in the files as they were: with the quotes around it, which keep no lines together.
    around: (Position, Position),
    word: (Position, Position),
}

impl Quoted {
    fn of(files: &[SourceFile], at: &Position, to: &Position) -> Option<Self> {
        let index = files.iter().position(|file| file.path == at.file)?;
        let file = &files[index];
        let pasted = file.text.get(source::offset(&file.text, at)..source::offset(&file.text, to))?;
        let word = pasted.trim();
        if word.len() < 8 || word.contains(['"', '\'', '`', '\\']) || word.contains("${") {
            return None;
        }
        let start = source::offset(&file.text, at) + (pasted.len() - pasted.trim_start().len());
        let end = start + word.len();
        let (before, after) = (file.text[..start].trim_end(), file.text[end..].trim_start());
        let quotes = ['"', '\''].into_iter().any(|quote| before.ends_with(quote) && after.starts_with(quote));
        let (from, upto) = match quotes && word.contains('\n') {
            true => (before.len() - 1, file.text.len() - after.len() + 1),
            false => (start, end),
        };
        let place = |text: &str, offset| source::position(&at.file, text, offset);
        let mut quoted = files.to_vec();
        quoted[index].text = format!("{}`{word}`{}", &file.text[..from], &file.text[upto..]);
        let (text, marks) = (&quoted[index].text, from..from + word.len() + 2);
        Some(Self {
            text: (place(text, marks.start + 1), place(text, marks.end - 1)),
            marks: (place(text, marks.start), place(text, marks.end)),
            around: (place(&file.text, from), place(&file.text, upto)),
            word: (place(&file.text, start), place(&file.text, end)),
            files: quoted,
        })
    }

    /// With its marks, and maybe with more.
    fn is_replaced_by(&self, edit: &Edit) -> bool {
        edit.from.file == self.marks.0.file
            && order(&edit.from) <= order(&self.marks.0)
            && order(&self.marks.1) <= order(&edit.to)
    }

    /// Where a place stands in the files as they were. None inside of it, which was not there.
    fn unquoted(&self, place: &Position) -> Option<Position> {
        let ((opens, closes), end) = (&self.marks, &self.around.1);
        if place.file != opens.file || order(place) <= order(opens) {
            return Some(place.clone());
        }
        let lines = place.line.checked_sub(closes.line)?;
        let column = match lines {
            0 => end.column + place.column.checked_sub(closes.column)?,
            _ => place.column,
        };
        Some(Position { file: place.file.clone(), line: end.line + lines, column })
    }

    /// Whether it is that as a whole.
    fn is(&self, found: &Found) -> bool {
        (&found.info.from, &found.info.to) == (&self.text.0, &self.text.1)
    }
}

fn order(place: &Position) -> (u32, u32) {
    (place.line, place.column)
}

fn is_of(fingerprint: Option<Fingerprint>, row: &KnownRow) -> bool {
    fingerprint.is_some_and(|fingerprint| fingerprint.0[..] == row.fingerprint[..])
}

fn with_article(kind: &str) -> String {
    let vowel = kind.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}
