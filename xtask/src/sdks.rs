//! Installs what the end-to-end tests use at the versions that are pinned there: the official SDKs (`tests/sdk`), and
//! Schemathesis, which holds the operators' door against its document (`tests/schemathesis`).

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

/// Installs Schemathesis. Returns the program.
pub(crate) fn schemathesis(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let folder = workspace.target.join("schemathesis");
    let pins = workspace.at("tests/schemathesis/requirements.txt");
    install::python(&pins, &folder)?;
    Ok(folder.join("bin/schemathesis"))
}
