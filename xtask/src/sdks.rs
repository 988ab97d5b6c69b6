//! The official SDKs that the end-to-end tests drive, at the versions pinned in `tests/sdk`.

use std::path::PathBuf;

use crate::install;
use crate::workspace::Workspace;

/// A Python with the SDKs. Answers its interpreter.
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
