//! Makes a checked WebAssembly component of a policy's crate.
//!
//! A policy is compiled for `wasm32-unknown-unknown`, which knows no operating system and so gives a
//! policy no authority of its own, and is then encoded as a component of `sluice:policy`. This crate
//! does not run policies and does not check what they do: it checks what they import and export. The
//! command line, `xtask` and the tests share it.
//!
//! [`componentize`] does it all for one crate. For several at once, [`Builder::build`] compiles them
//! in one call of Cargo; several policies of one workspace then share the features of the crates they
//! have in common, as Cargo always does, so that their bytes may differ from those of a build alone.

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

/// A component that has been written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The name of the package it was made of.
    pub package: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its length in bytes.
    pub length: usize,
    /// Whether the file is new: one that already held the same bytes is left alone.
    pub changed: bool,
}

/// Compiles the policy whose `Cargo.toml` lies in `folder` and writes the component.
///
/// `output` is the file to write. Without one it is `<target>/policies/<package>.wasm`, in the target
/// folder of that crate. The output of the compiler goes to this process's standard error.
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
