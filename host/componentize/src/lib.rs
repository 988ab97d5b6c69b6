//! Makes a checked WebAssembly component of a policy's crate.
//!
//! A policy is compiled for `wasm32-unknown-unknown`, which has no operating system and so gives a
//! policy no access to anything, and is then encoded as a component of `sluice:policy`. This crate
//! does not run policies and does not check what they do. It checks what they import and export.
//! The command line, `xtask` and the tests share it.
//!
//! [`componentize`] builds one crate. For several at once, [`Builder::build`] compiles them in one
//! call of Cargo. Policies of one workspace then share the features of their common dependencies,
//! as always in Cargo, so their bytes may differ from those of a build alone.

mod builder;
mod component;
mod error;
mod output;
mod toolchain;

use std::path::{Path, PathBuf};

pub use builder::{Builder, Module, Source, target_directory};
pub use component::{EncodeError, encode, encode_foreign};
pub use error::Error;
pub use output::write_if_changed;
pub use toolchain::{DEBIAN_PACKAGES, Library, NoToolchain, TARGET, Toolchain};

/// A component that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The name of its package.
    pub package: String,
    /// Its path.
    pub path: PathBuf,
    /// Its length in bytes.
    pub length: usize,
    /// Whether the file changed. A file that already held the same bytes is left alone.
    pub changed: bool,
}

/// Compiles the policy whose `Cargo.toml` is in `folder`, and writes the component.
///
/// `output` is the file to write. By default it is `<target>/policies/<package>.wasm` in the
/// crate's target folder. The compiler's output goes to this process's standard error.
pub fn componentize(
    toolchain: Toolchain,
    folder: &Path,
    output: Option<&Path>,
) -> Result<Written, Error> {
    let source = Source::folder(folder)?;
    let target = target_directory(source.manifest())?;
    let modules = Builder::new(toolchain, &target).build(&source)?;
    let module = modules
        .first()
        .expect("a build without an artifact is an error");
    let default = || {
        target
            .join("policies")
            .join(format!("{}.wasm", module.package()))
    };
    module.write(&output.map_or_else(default, Path::to_path_buf))
}
