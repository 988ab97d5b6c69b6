//! Installs the official SDKs that the end-to-end tests use, at the versions pinned in `tests/sdk`.

use std::path::PathBuf;

use crate::install;
use crate::workspace::Workspace;

/// Installs the SDKs for Python. Returns the interpreter that has them.
pub(crate) fn python(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    install::python(
        &workspace.at("tests/sdk/requirements.txt"),
        &workspace.target.join("venv"),
    )
}

/// A folder whose `node_modules` holds the SDKs.
pub(crate) fn node(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let folder = workspace.target.join("node");
    install::node(&workspace.at("tests/sdk"), &folder)?;
    Ok(folder)
}
