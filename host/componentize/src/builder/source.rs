//! What to build: one crate by its folder, or some packages of a workspace.

use std::path::{Path, PathBuf};

use crate::Error;

/// Which packages to build.
#[derive(Debug, Clone)]
pub struct Source {
    pub(super) manifest: PathBuf,
    pub(super) packages: Vec<String>,
}

impl Source {
    /// The crate whose `Cargo.toml` lies in `folder`.
    pub fn folder(folder: &Path) -> Result<Self, Error> {
        let manifest = folder.join("Cargo.toml");
        match manifest.canonicalize() {
            Ok(manifest) => Ok(Self {
                manifest,
                packages: Vec::new(),
            }),
            Err(_) => Err(Error::NoCrate {
                folder: folder.to_owned(),
            }),
        }
    }

    /// These packages of a workspace.
    #[must_use]
    pub fn packages(self, packages: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            packages: packages.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// The `Cargo.toml` that Cargo is given.
    #[must_use]
    pub fn manifest(&self) -> &Path {
        &self.manifest
    }

    /// How errors name it.
    pub(super) fn what(&self) -> String {
        if self.packages.is_empty() {
            self.manifest.display().to_string()
        } else {
            self.packages.join(", ")
        }
    }
}
