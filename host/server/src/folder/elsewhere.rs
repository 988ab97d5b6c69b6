//! Where Sluice can't tell whether a folder is private, there is none.

use std::convert::Infallible;
use std::fs::File;
use std::io;
use std::path::Path;

/// There is no value of it.
#[derive(Debug)]
pub(crate) struct PrivateFolder(Infallible);

/// There is no value of it.
pub(crate) struct Unnamed(Infallible);

impl PrivateFolder {
    /// Refuses every folder.
    pub(crate) fn open(_: &Path) -> anyhow::Result<Self> {
        anyhow::bail!("only on Unix can Sluice tell whether a folder is its user's alone")
    }

    pub(crate) fn file(&self, _: &str) -> io::Result<Option<File>> {
        match self.0 {}
    }

    pub(crate) fn lock(&self, _: &str) -> io::Result<File> {
        match self.0 {}
    }

    pub(crate) fn write(&self, _: &[&[u8]]) -> io::Result<Unnamed> {
        match self.0 {}
    }
}

impl Unnamed {
    pub(crate) fn replace(self, _: &str) -> io::Result<()> {
        match self.0 {}
    }
}

/// Nothing needs bytes that nobody can guess where nothing can be kept.
pub(crate) fn random<const LENGTH: usize>() -> io::Result<[u8; LENGTH]> {
    Err(io::ErrorKind::Unsupported.into())
}
