//! A module that Cargo built, on its way to a component.

use std::io;
use std::path::{Path, PathBuf};

use crate::{EncodeError, Error, Written, encode, encode_foreign, write_if_changed};

/// A function from a core module's bytes to a component's.
type Encode = fn(&[u8]) -> Result<Vec<u8>, EncodeError>;

/// A core module that Cargo made of a policy's crate, not yet a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    pub(super) package: String,
    pub(super) path: PathBuf,
}

impl Module {
    /// The name of its package.
    #[must_use]
    pub fn package(&self) -> &str {
        &self.package
    }

    /// Encodes it, checks it, and writes the component to `path` if that changes the file.
    pub fn write(&self, path: &Path) -> Result<Written, Error> {
        self.write_as(encode, path)
    }

    /// Does the same for a host other than Sluice. It only checks that the component is valid.
    pub fn write_foreign(&self, path: &Path) -> Result<Written, Error> {
        self.write_as(encode_foreign, path)
    }

    fn write_as(&self, encode: Encode, path: &Path) -> Result<Written, Error> {
        let package = self.package.clone();
        let bytes = std::fs::read(&self.path).map_err(|error| self.file("read", error))?;
        let component = match encode(&bytes) {
            Ok(component) => component,
            Err(error) => return Err(Error::Encode { package, error }),
        };
        let path = path.to_owned();
        match write_if_changed(&path, &component) {
            Ok(changed) => Ok(Written {
                package,
                path,
                length: component.len(),
                changed,
            }),
            Err(error) => Err(Error::File {
                verb: "write",
                path,
                error,
            }),
        }
    }

    fn file(&self, verb: &'static str, error: io::Error) -> Error {
        Error::File {
            verb,
            path: self.path.clone(),
            error,
        }
    }
}
