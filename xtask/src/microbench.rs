//! Measures what every exchange runs. The results mean something only on an idle machine.

use crate::steps::execute;
use crate::workspace::Workspace;

/// Runs the benchmarks; the filter is criterion's.
pub(crate) fn run(workspace: &Workspace, filter: Option<&str>) -> anyhow::Result<()> {
    let mut benches = workspace.cargo(&["bench"]);
    for package in ["sluice-protocol", "sluice-engine", "sluice-store"] {
        benches.args(["-p", package]);
    }
    benches.args(["--bench", "*", "--"]).args(filter);
    execute(&mut benches)
}
