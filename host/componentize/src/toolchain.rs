//! Which compiler can build a policy.
//!
//! Three ways lead there: the active toolchain has the target's library installed; some toolchain
//! has the library's source beside it, from which Cargo builds it; or there is none, and the error
//! says how to get one. Probing looks at the machine, [`choose`] alone decides.

mod probe;
mod rustup;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use probe::Probe;

/// What a policy is compiled for: no operating system, hence no authority but its imports.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The Debian packages that together compile for [`TARGET`], where rustup cannot help.
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

/// Where the standard library for [`TARGET`] comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Library {
    /// It is installed.
    Installed,
    /// Cargo builds it from the source beside the compiler, once per target folder.
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
    /// Finds the toolchain to build the crate in `folder` with: the one that is active there, if it
    /// can, else any other on this machine that can.
    pub fn find(folder: &Path) -> Result<Self, NoToolchain> {
        choose(&probe::all(folder), probe::wasm_linker())
    }

    /// Finds a toolchain, and where none can build a policy, lets rustup add the target to the one that
    /// is active in `folder`. `announce` is given the command before it runs, to show it to the person.
    /// Its output goes to standard error.
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
        // Standard output is for what the command that needed this has to say.
        command.stdout(std::io::stderr());
        match command.status() {
            Ok(status) if status.success() => Self::find(folder),
            _ => found,
        }
    }

    /// Where its standard library comes from.
    #[must_use]
    pub fn library(&self) -> Library {
        self.library
    }

    /// `cargo build` for the target with this toolchain, nothing else chosen yet.
    pub(crate) fn cargo_build(&self) -> Command {
        let mut cargo = Command::new(&self.cargo);
        cargo.args(["build", "--release", "--lib", "--target", TARGET]);
        cargo.env("RUSTC", &self.rustc);
        if let Some(linker) = &self.linker {
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        if self.library == Library::FromSource {
            // Both are unstable, so a stable compiler has to be told that we know.
            cargo
                .args(["-Z", "build-std=std,panic_abort"])
                .env("RUSTC_BOOTSTRAP", "1");
        }
        cargo
    }

    /// Where its own files are.
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

/// Picks from what was probed, the active toolchain first in the list.
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

/// Why a toolchain will not do, if so.
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
