//! Builds the policies of this repository, all in one call of Cargo.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use sluice_componentize::{Builder, Source};

use crate::workspace::Workspace;
use crate::{say, setup};

/// The folders of the policies' crates, and the folder in `<target>` for their components.
const HOMES: [(&str, &str); 3] = [
    ("example-policies", "policies"),
    ("bench/policies", "policies/bench"),
    ("tests/policies", "policies/test"),
];

/// Builds the policies with these names, or all of them.
pub(crate) fn run(workspace: &Workspace, names: &[String]) -> anyhow::Result<()> {
    let wanted = wanted(workspace, names)?;
    let builder = Builder::new(setup::run(workspace)?, &workspace.target);
    let source =
        Source::folder(&workspace.root)?.packages(wanted.iter().map(|policy| policy.package));
    let modules = builder.build(&source)?;

    let mut faults = 0;
    for policy in &wanted {
        let module = modules
            .iter()
            .find(|module| module.package() == policy.package);
        // One broken policy must not keep the others from being built.
        match module.context("was not built")?.write(&policy.output) {
            Ok(written) => say::line(format_args!(
                "{} {} KiB{}",
                written.path.display(),
                written.length.div_ceil(1024),
                if written.changed { "" } else { ", unchanged" },
            )),
            Err(error) => {
                faults += 1;
                say::error(&error.into());
            }
        }
    }
    if faults > 0 {
        bail!("{faults} of {} policies are no components", wanted.len());
    }
    Ok(())
}

struct Policy<'a> {
    package: &'a str,
    output: PathBuf,
}

fn wanted<'a>(workspace: &'a Workspace, names: &[String]) -> anyhow::Result<Vec<Policy<'a>>> {
    let all = HOMES.iter().flat_map(|(home, folder)| {
        workspace
            .packages_in(home)
            .filter(|package| package.is_policy())
            .map(move |package| Policy {
                package: &package.name,
                output: workspace
                    .target
                    .join(folder)
                    .join(format!("{}.wasm", package.name)),
            })
    });
    let all: Vec<_> = all.collect();
    if let Some(name) = names
        .iter()
        .find(|name| !all.iter().any(|policy| policy.package == **name))
    {
        let known: Vec<_> = all.iter().map(|policy| policy.package).collect();
        bail!("no policy `{name}`, there are {}", known.join(", "));
    }
    let chosen =
        |policy: &Policy<'_>| names.is_empty() || names.iter().any(|name| name == policy.package);
    Ok(all.into_iter().filter(chosen).collect())
}
