//! Looks at the Rust compilers of this machine.
//!
//! It only looks: it starts `rustc` to ask for its version and folder. It uses no network and
//! changes nothing.

use std::collections::HashSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::TARGET;

/// The facts about one compiler that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Probe {
    pub(super) rustc: PathBuf,
    pub(super) cargo: PathBuf,
    pub(super) sysroot: PathBuf,
    /// Whether it is at least the version that the SDK needs.
    pub(super) new_enough: bool,
    pub(super) target_installed: bool,
    pub(super) has_source: bool,
    /// Whether it has its own `rust-lld`.
    pub(super) brings_linker: bool,
}

/// Finds every compiler, each once. The one that is active in `folder` comes first.
pub(super) fn all(folder: &Path) -> Vec<Probe> {
    let active = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut seen = HashSet::new();
    std::iter::once(active.into())
        .chain(executables("rustc"))
        .filter_map(|rustc: PathBuf| probe(&rustc, folder))
        .filter(|probe| seen.insert(probe.sysroot.clone()))
        .collect()
}

/// Finds a `wasm-ld` for compilers that bring none. Of several LLVMs it takes the newest.
pub(super) fn wasm_linker() -> Option<PathBuf> {
    executables("wasm-ld").into_iter().next().or_else(|| {
        let linkers = std::fs::read_dir("/usr/lib")
            .ok()?
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name();
                let version: u32 = name.to_str()?.strip_prefix("llvm-")?.parse().ok()?;
                let linker = entry.path().join("bin/wasm-ld");
                linker.exists().then_some((version, linker))
            });
        linkers.max().map(|(_, linker)| linker)
    })
}

fn probe(rustc: &Path, folder: &Path) -> Option<Probe> {
    let sysroot = PathBuf::from(ask(rustc, folder, &["--print", "sysroot"])?.trim());
    let version = ask(rustc, folder, &["--version", "--verbose"])?;
    let field = |name: &str| version.lines().find_map(|line| line.strip_prefix(name));
    let host = field("host: ")?;
    let rustlib = sysroot.join("lib/rustlib");
    // Asks the real programs and not rustup's proxies, which would choose again in another folder.
    let beside = |name: &str| {
        let program = sysroot
            .join("bin")
            .join(name)
            .with_extension(env::consts::EXE_EXTENSION);
        if program.exists() {
            program
        } else {
            rustc.with_file_name(name)
        }
    };
    Some(Probe {
        rustc: beside("rustc"),
        cargo: beside("cargo"),
        new_enough: at_least(field("release: ")?, env!("CARGO_PKG_RUST_VERSION")),
        target_installed: holds_library(&rustlib.join(TARGET).join("lib")),
        has_source: rustlib.join("src/rust/library/std/Cargo.toml").exists(),
        brings_linker: rustlib
            .join(host)
            .join("bin/rust-lld")
            .with_extension(env::consts::EXE_EXTENSION)
            .exists(),
        sysroot,
    })
}

fn ask(rustc: &Path, folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(rustc)
        .args(arguments)
        .current_dir(folder)
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

fn holds_library(folder: &Path) -> bool {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .into_iter()
        .any(|file| file.file_name().to_string_lossy().starts_with("libstd-"))
}

fn executables(name: &str) -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|folder| folder.join(name).with_extension(env::consts::EXE_EXTENSION))
        .filter(|program| program.is_file())
        .collect()
}

/// Compares the first two numbers of versions like `1.96.0-nightly`.
fn at_least(version: &str, minimum: &str) -> bool {
    let numbers = |version: &str| -> Vec<u32> {
        version
            .split('.')
            .take(2)
            .map(|number| number.parse().unwrap_or(0))
            .collect()
    };
    numbers(version) >= numbers(minimum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(at_least("1.95.0", "1.95"));
        assert!(at_least("1.100.0-nightly", "1.95"));
        assert!(at_least("2.0.0", "1.95"));
        assert!(!at_least("1.63.0", "1.95"));
    }

    #[test]
    fn the_compiler_that_built_this_test_is_found() {
        let probes = all(Path::new("."));
        assert!(
            probes
                .iter()
                .any(|probe| probe.rustc.exists() && probe.cargo.exists())
        );
    }
}
