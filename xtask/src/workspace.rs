//! The paths of the workspace: the checkout, the target folder, the packages.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

/// The workspace, as Cargo sees it.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    #[serde(rename = "workspace_root")]
    pub(crate) root: PathBuf,
    /// `CARGO_TARGET_DIR`, or `target` in the checkout.
    #[serde(rename = "target_directory")]
    pub(crate) target: PathBuf,
    pub(crate) packages: Vec<Package>,
}

/// One package of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    targets: Vec<Target>,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// `dev` or `build`. A normal dependency has none.
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Target {
    crate_types: Vec<String>,
}

impl Package {
    /// Whether it can be built as a WebAssembly module.
    pub(crate) fn is_policy(&self) -> bool {
        let mut crate_types = self.targets.iter().flat_map(|target| &target.crate_types);
        crate_types.any(|crate_type| crate_type == "cdylib")
    }

    /// Its dependencies, except those of its tests.
    pub(crate) fn needs(&self) -> impl Iterator<Item = &str> {
        let built_in = |dependency: &&Dependency| dependency.kind.as_deref() != Some("dev");
        self.dependencies
            .iter()
            .filter(built_in)
            .map(|dependency| dependency.name.as_str())
    }
}

impl Workspace {
    /// Asks Cargo for the workspace.
    pub(crate) fn load() -> anyhow::Result<Self> {
        // Set by `cargo run`. A binary in a shared target folder may belong to another checkout.
        let here = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let output = Command::new(cargo())
            .args([
                "metadata",
                "--no-deps",
                "--format-version=1",
                "--manifest-path",
            ])
            .arg(here.join("Cargo.toml"))
            .output()
            .context("run cargo metadata")?;
        ensure!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        serde_json::from_slice(&output.stdout).context("read the answer of cargo metadata")
    }

    /// The packages in a folder of the checkout.
    pub(crate) fn packages_in(&self, folder: &str) -> impl Iterator<Item = &Package> {
        let folder = self.root.join(folder);
        self.packages
            .iter()
            .filter(move |package| package.manifest_path.starts_with(&folder))
    }

    /// A path in the checkout.
    pub(crate) fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// A Cargo command that runs in the checkout.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo());
        command.args(arguments).current_dir(&self.root);
        command
    }
}

fn cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from)
}
