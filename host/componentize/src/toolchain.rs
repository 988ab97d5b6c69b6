//! Finds a compiler that can build a policy.
//!
//! Either the active toolchain has the target's library installed, or some toolchain has the
//! library's source, from which Cargo can build it. Otherwise the error says how to get one.
//! Probing looks at the machine; [`choose`] alone decides.

mod probe;
mod rustup;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use probe::Probe;

/// The target that a policy is compiled for. It has no operating system, so a policy can only do
/// what its imports allow.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The Debian packages that compile for [`TARGET`], for machines without rustup.
pub const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

/// A compiler, its Cargo and its linker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolchain {
    rustc: PathBuf,
    cargo: PathBuf,
    sysroot: PathBuf,
    linker: Option<PathBuf>,
    library: Library,
}

/// The source of the standard library for [`TARGET`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    /// It is installed.
    Installed,
    /// Cargo builds it from the source beside the compiler, once for each target folder.
    FromSource,
}

/// No toolchain on this machine can build a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no Rust toolchain here compiles for {TARGET}: run `rustup target add {TARGET}`, \
     or `apt-get install {packages}` ({looked_at})",
    packages = DEBIAN_PACKAGES.join(" ")
)]
pub struct NoToolchain {
    looked_at: String,
}

impl Toolchain {
    /// Finds the toolchain to build the crate in `folder` with: the one that is active there if it
    /// can, else any other on this machine that can.
    pub fn find(folder: &Path) -> Result<Self, NoToolchain> {
        choose(&probe::all(folder), probe::wasm_linker())
    }

    /// Finds a toolchain. If none can build a policy, lets rustup add the target to the one that is
    /// active in `folder`. `announce` gets the command before it runs, to show it to the person.
    /// The command's output goes to standard error.
    pub fn find_or_add(
        folder: &Path,
        announce: impl FnOnce(&Command),
    ) -> Result<Self, NoToolchain> {
        let found = Self::find(folder);
        if found.is_ok() || !rustup::is_there() {
            return found;
        }
        let mut command = rustup::target_add(folder);
        announce(&command);
        // Standard output belongs to the command that needed the toolchain.
        command.stdout(std::io::stderr());
        match command.status() {
            Ok(status) if status.success() => Self::find(folder),
            _ => found,
        }
    }

    /// The source of its standard library.
    #[must_use]
    pub fn library(&self) -> Library {
        self.library
    }

    /// Returns `cargo build` for the target with this toolchain, with nothing else chosen yet.
    pub(crate) fn cargo_build(&self) -> Command {
        let mut cargo = Command::new(&self.cargo);
        cargo.args(["build", "--release", "--lib", "--target", TARGET]);
        cargo.env("RUSTC", &self.rustc);
        if let Some(linker) = &self.linker {
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        if self.library == Library::FromSource {
            // Both options are unstable, so a stable compiler needs this variable to accept them.
            cargo
                .args(["-Z", "build-std=std,panic_abort"])
                .env("RUSTC_BOOTSTRAP", "1");
        }
        cargo
    }

    /// The folder of its own files.
    pub(crate) fn sysroot(&self) -> &Path {
        &self.sysroot
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let library = match self.library {
            Library::Installed => "target installed",
            Library::FromSource => "library built from source",
        };
        write!(f, "{} ({library})", self.rustc.display())
    }
}

/// Picks one of the probed toolchains. The active one comes first in the list.
fn choose(probes: &[Probe], wasm_linker: Option<PathBuf>) -> Result<Toolchain, NoToolchain> {
    let usable = |probe: &&Probe| fault(probe, wasm_linker.as_deref()).is_none();
    let installed = probes
        .first()
        .filter(|probe| probe.target_installed)
        .filter(usable);
    match installed.or_else(|| probes.iter().find(usable)) {
        Some(probe) => Ok(Toolchain {
            rustc: probe.rustc.clone(),
            cargo: probe.cargo.clone(),
            sysroot: probe.sysroot.clone(),
            linker: wasm_linker.filter(|_| !probe.brings_linker),
            library: if probe.target_installed {
                Library::Installed
            } else {
                Library::FromSource
            },
        }),
        None => Err(NoToolchain {
            looked_at: looked_at(probes, wasm_linker.as_deref()),
        }),
    }
}

/// Why a toolchain can't be used, if that is so.
fn fault(probe: &Probe, wasm_linker: Option<&Path>) -> Option<&'static str> {
    if !probe.new_enough {
        return Some("is too old");
    }
    if !probe.target_installed && !probe.has_source {
        return Some("has neither that target nor rust-src");
    }
    if !probe.brings_linker && wasm_linker.is_none() {
        return Some("finds no wasm-ld");
    }
    None
}

fn looked_at(probes: &[Probe], wasm_linker: Option<&Path>) -> String {
    let faults: Vec<_> = probes
        .iter()
        .filter_map(|probe| {
            Some(format!(
                "{} {}",
                probe.rustc.display(),
                fault(probe, wasm_linker)?
            ))
        })
        .collect();
    if faults.is_empty() {
        "found no rustc".to_owned()
    } else {
        faults.join(", ")
    }
}

#[cfg(test)]
mod tests;
