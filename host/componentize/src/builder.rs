//! Runs Cargo over policies and finds the modules that it made.

mod messages;
mod module;
mod source;

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub use module::Module;
pub use source::Source;

use crate::{Error, Toolchain};

/// These settings replace the author's own `[profile.release]`, so that a policy is the same in
/// every workspace: small, fast, and with the function names that make a trap readable.
const PROFILE: [(&str, &str); 7] = [
    ("OPT_LEVEL", "3"),
    ("LTO", "fat"),
    ("CODEGEN_UNITS", "1"),
    ("PANIC", "abort"),
    ("DEBUG", "false"),
    ("STRIP", "debuginfo"),
    ("INCREMENTAL", "false"),
];

/// Variables that the surrounding Cargo or shell may have set for another compiler or target.
const FOREIGN: [&str; 6] = [
    "CARGO",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTFLAGS",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_TARGET_DIR",
];

/// Compiles policies, with one toolchain and into one folder.
#[derive(Debug)]
pub struct Builder {
    toolchain: Toolchain,
    target: PathBuf,
}

impl Builder {
    /// Compiles into `<target>/wasm`. In a shared folder, another compiler with other flags would
    /// wait for its locks and discard its work.
    #[must_use]
    pub fn new(toolchain: Toolchain, target: &Path) -> Self {
        Self {
            toolchain,
            target: target.join("wasm"),
        }
    }

    /// The toolchain in use.
    #[must_use]
    pub fn toolchain(&self) -> &Toolchain {
        &self.toolchain
    }

    /// Compiles every package of `source` in one call of Cargo, and returns the modules in the
    /// order Cargo finishes them. The compiler's output goes to this process's standard error.
    pub fn build(&self, source: &Source) -> Result<Vec<Module>, Error> {
        let mut cargo = self.command(source);
        let output = cargo.output().map_err(|error| spawn(&cargo, error))?;
        if !output.status.success() {
            return Err(Error::Build {
                what: source.what(),
            });
        }
        let modules = messages::modules(&output.stdout, &source.manifest, &source.packages);
        let missing = if source.packages.is_empty() {
            modules.is_empty().then(|| source.what())
        } else {
            let built = |name: &String| modules.iter().any(|module| module.package == *name);
            source.packages.iter().find(|name| !built(name)).cloned()
        };
        match missing {
            Some(what) => Err(Error::NoModule { what }),
            None => Ok(modules),
        }
    }

    fn command(&self, source: &Source) -> Command {
        let mut cargo = self.toolchain.cargo_build();
        for name in FOREIGN {
            cargo.env_remove(name);
        }
        for (field, value) in PROFILE {
            cargo.env(format!("CARGO_PROFILE_RELEASE_{field}"), value);
        }
        // Cargo reads `.cargo/config.toml` and rustup its overrides from the crate's folder upwards.
        cargo.current_dir(source.manifest.parent().unwrap_or(Path::new(".")));
        cargo.arg("--manifest-path").arg(&source.manifest);
        cargo.arg("--target-dir").arg(&self.target);
        cargo.arg("--message-format=json-render-diagnostics");
        cargo.arg("--config").arg(self.path_flags());
        for package in &source.packages {
            cargo.arg("--package").arg(package);
        }
        cargo.stdin(Stdio::null()).stderr(Stdio::inherit());
        cargo
    }

    /// Returns the flags that remove this machine's paths from the texts of panics, so that the
    /// same source gives the same bytes elsewhere. They are passed as configuration of the target,
    /// where they add to the author's own flags.
    fn path_flags(&self) -> String {
        let library = self.toolchain.sysroot().join("lib/rustlib/src/rust");
        let flags: Vec<_> = [(Some(library), "/rust"), (cargo_home(), "/cargo")]
            .into_iter()
            .filter_map(|(from, to)| Some((from?, to)))
            .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()))
            .collect();
        format!("target.{}.rustflags={flags:?}", crate::TARGET)
    }
}

/// Returns Cargo's target folder for `manifest`: `CARGO_TARGET_DIR`, or the folder in its
/// configuration.
pub fn target_directory(manifest: &Path) -> Result<PathBuf, Error> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args([
            "metadata",
            "--no-deps",
            "--format-version=1",
            "--manifest-path",
        ])
        .arg(manifest);
    let output = cargo.output().map_err(|error| spawn(&cargo, error))?;
    let unreadable = |message: &str| Error::Metadata {
        manifest: manifest.to_owned(),
        message: message.lines().next().unwrap_or_default().to_owned(),
    };
    if !output.status.success() {
        return Err(unreadable(&String::from_utf8_lossy(&output.stderr)));
    }
    messages::target_directory(&output.stdout)
        .ok_or_else(|| unreadable("its answer names no target folder"))
}

fn cargo_home() -> Option<PathBuf> {
    match env::var_os("CARGO_HOME") {
        Some(home) => Some(home.into()),
        None => env::home_dir().map(|home| home.join(".cargo")),
    }
}

fn spawn(command: &Command, error: io::Error) -> Error {
    Error::Spawn {
        program: command.get_program().into(),
        error,
    }
}
