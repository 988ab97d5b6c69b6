//! What can go wrong on the way from a crate to its component.

use std::io;
use std::path::PathBuf;

use crate::{EncodeError, NoToolchain, TARGET};

/// Why there is no component. Each message is one line that a policy author can act on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No toolchain on this machine can compile for the policies' target.
    #[error(transparent)]
    NoToolchain(#[from] NoToolchain),
    /// The folder holds no crate.
    #[error("no Cargo.toml in {}", folder.display())]
    NoCrate {
        /// The folder that was named.
        folder: PathBuf,
    },
    /// A program could not be started.
    #[error("could not run {}: {error}", program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// The reason.
        error: io::Error,
    },
    /// Cargo failed. Its own output is on standard error.
    #[error("cargo could not build {what} for {TARGET}")]
    Build {
        /// The packages, or the manifest.
        what: String,
    },
    /// Cargo could not read the manifest.
    #[error("cargo could not read {}: {message}", manifest.display())]
    Metadata {
        /// The manifest that was named.
        manifest: PathBuf,
        /// Cargo's own words.
        message: String,
    },
    /// No component can be made of the crate.
    #[error(
        "`{what}` makes no WebAssembly module: put `crate-type = [\"cdylib\", \"rlib\"]` \
         under `[lib]` of its Cargo.toml"
    )]
    NoModule {
        /// The package, or the manifest.
        what: String,
    },
    /// The module does not make a policy.
    #[error("policy `{package}` {error}")]
    Encode {
        /// The package it was built of.
        package: String,
        /// What is wrong with it.
        error: EncodeError,
    },
    /// A file could not be read or written.
    #[error("could not {verb} {}: {error}", path.display())]
    File {
        /// `read` or `write`.
        verb: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason.
        error: io::Error,
    },
}
