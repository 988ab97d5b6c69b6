//! Runs everything that can be tested, on a machine that has only Rust, Python and Node.

use crate::steps::Steps;
use crate::workspace::Workspace;
use crate::{bench, check, demo, fuzz, policies, postgres, redis, sdks};

/// Runs everything. The tests come last, so that their result is at the end of the output.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let mut steps = Steps::default();
    steps.run("policies", || policies::run(workspace, &[]));
    check::steps(workspace, &mut steps);
    steps.run("fuzz", || fuzz::briefly(workspace));
    steps.run("bench", || bench::briefly(workspace));
    steps.run("demo", || demo::run(workspace, true));
    steps.run("postgres", postgres::run);
    steps.run("redis", redis::run);
    let python = steps.run("python", || sdks::python(workspace));
    let schemathesis = steps.run("schemathesis", || sdks::schemathesis(workspace));
    let node = steps.run("node", || sdks::node(workspace));

    let mut tests = workspace.cargo(&["test", "--workspace", "--no-fail-fast"]);
    tests.envs(python.map(|program| ("SLUICE_TEST_PYTHON", program)));
    tests.envs(node.map(|folder| ("SLUICE_TEST_NODE_MODULES", folder)));
    tests.envs(schemathesis.map(|program| ("SLUICE_TEST_SCHEMATHESIS", program)));
    steps.command("tests", &mut tests);
    steps.finish()
}
