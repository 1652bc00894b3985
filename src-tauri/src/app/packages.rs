//! The packages of a function: which its code imports, and having npm bring, take away and renew them.

use std::path::PathBuf;

use super::{App, standing::Standing};
use crate::{
    function::{FunctionId, Position},
    packages::{self, Npm, Package, Wish},
    source::Reading,
    wire::{Code, Failure, FunctionDetail, PackageInfo, PackageWish},
};

impl App {
    /// The folder with the `node_modules` of a function; it need not exist.
    pub fn packages(&self, id: FunctionId) -> PathBuf {
        packages::folder(&self.0.data, id)
    }

    /// What the code imports beside what is installed, by name.
    pub(super) async fn package_infos(&self, id: FunctionId, reading: &Reading) -> Vec<PackageInfo> {
        let folder = self.packages(id);
        // A panic while looking is as good as a folder with nothing in it.
        infos(reading, tokio::task::spawn_blocking(move || packages::installed(&folder)).await.unwrap_or_default())
    }

    /// A deployment stops on what the code imports and nobody installed.
    pub(super) async fn refuse_uninstalled(&self, id: FunctionId, reading: &Reading) -> Result<(), Failure> {
        let infos = self.package_infos(id, reading).await;
        let missing: Vec<PackageInfo> = infos.into_iter().filter(|package| package.version.is_none()).collect();
        let Some(first) = missing.first() else {
            return Ok(());
        };
        let names: Vec<&str> = missing.iter().map(|package| package.name.as_str()).collect();
        let are = if names.len() == 1 { "is" } else { "are" };
        let message = format!(
            "The code imports {}, which {are} not installed in this function. Install, then deploy. What is live is \
             untouched.",
            names.join(", ")
        );
        let place = first.lines.first();
        let place = place.map(|place| Position { file: place.file.clone(), line: place.line, column: place.column });
        Err(Failure::new(Code::MissingPackages, message).at(place))
    }

    /// Has npm do what is wished. `progress` hears how many packages have come. It can be cancelled as a deployment can,
    /// and then nothing has changed.
    pub async fn change_packages(
        &self,
        id: FunctionId,
        wish: PackageWish,
        progress: impl Fn(usize) + Send + Sync,
    ) -> Result<FunctionDetail, Failure> {
        let claim = self.claim(id)?;
        let standing = self.standing(id).await?;
        let folder = self.packages(id);
        let Some(wish) = self.wish(&standing, wish).await else {
            return Ok(self.detail(&standing).await);
        };
        let npm = tokio::task::spawn_blocking(Npm::find).await;
        let npm = npm.map_err(|_| Failure::new(Code::Internal, "Looking for npm broke off. Try again."))?;
        let npm = npm.map_err(packages::Error::from)?;
        let beside = packages::beside(&folder).await?;
        let work = async { Ok(packages::change(&npm, &folder, beside, &wish, progress).await?) };
        let done = claim.unless_cancelled(work).await;
        drop(claim);
        done.map_err(|failure| match failure.code {
            Code::Cancelled => Failure::new(Code::Cancelled, "Cancelled. The packages are as they were."),
            _ => failure,
        })?;
        let standing = self.standing(id).await?;
        self.renew_language(&standing);
        Ok(self.detail(&standing).await)
    }

    /// Nothing where nothing is to be done.
    async fn wish(&self, standing: &Standing, wish: PackageWish) -> Option<Wish> {
        let reading = self.read_code(standing).await;
        let infos = self.package_infos(standing.row.id, &reading).await;
        match wish {
            PackageWish::Install => {
                let missing = infos.into_iter().filter(|package| package.version.is_none());
                let missing: Vec<String> = missing.map(|package| package.name).collect();
                let folder = self.packages(standing.row.id);
                let wanted = tokio::task::spawn_blocking(move || packages::wanted(&folder)).await.unwrap_or_default();
                if missing.is_empty() {
                    None
                } else if missing.iter().all(|name| wanted.contains(name)) {
                    // Of a copied function: the same versions as there.
                    Some(Wish::Restore)
                } else {
                    Some(Wish::Install(missing))
                }
            }
            // A name that is none of the installed never reaches npm.
            PackageWish::Remove { name } => infos
                .into_iter()
                .any(|package| package.name == name && package.version.is_some())
                .then_some(Wish::Remove(name)),
            PackageWish::Update => infos.iter().any(|package| package.version.is_some()).then_some(Wish::Update),
        }
    }
}

fn infos(reading: &Reading, installed: Vec<Package>) -> Vec<PackageInfo> {
    let mut infos: Vec<PackageInfo> = reading
        .packages
        .iter()
        .map(|used| PackageInfo {
            name: used.name.clone(),
            version: installed.iter().find(|one| one.name == used.name).map(|one| one.version.clone()),
            lines: used.lines.clone(),
        })
        .collect();
    let unused = installed.into_iter().filter(|one| !reading.packages.iter().any(|used| used.name == one.name));
    infos.extend(unused.map(|one| PackageInfo { name: one.name, version: Some(one.version), lines: Vec::new() }));
    infos.sort_by(|a, b| a.name.cmp(&b.name));
    infos
}
