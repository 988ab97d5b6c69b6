//! Compares Sluice with other gateways: installs those that are available, builds for release, and
//! runs `sluice-bench`.
//!
//! Each peer is pinned in `bench/peers` and has an environment of its own. The results name a peer
//! that is not available.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;
use sluice_componentize::{Builder, Source};

use crate::steps::execute;
use crate::workspace::Workspace;
use crate::{apt, install, policies, say, setup};

/// How thorough the comparison is.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Flags {
    /// Only probes whose names contain this
    #[arg(long, default_value = "")]
    only: String,
    /// How often each probe is driven at each target
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// How many seconds each time
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// Sluice and hyper alone, few and short, with an error if a ratio is over its bound
    #[arg(long)]
    light: bool,
    /// Without the other gateways
    #[arg(long)]
    alone: bool,
}

impl Flags {
    /// The effort that CI can afford.
    fn light() -> Self {
        Self {
            only: String::new(),
            rounds: 3,
            seconds: 2.0,
            light: true,
            alone: true,
        }
    }
}

/// Runs the light version. Fails if a ratio is over its bound.
pub(crate) fn briefly(workspace: &Workspace) -> anyhow::Result<()> {
    run(workspace, &Flags::light())
}

/// Runs it. Results go to `<target>/bench`.
pub(crate) fn run(workspace: &Workspace, flags: &Flags) -> anyhow::Result<()> {
    policies::run(
        workspace,
        &["no-op".to_owned(), "block-dangerous-commands".to_owned()],
    )?;
    let build = [
        "build",
        "--release",
        "-p",
        "sluice-server",
        "-p",
        "sluice-bench",
    ];
    execute(&mut workspace.cargo(&build))?;
    let mut bench = Command::new(workspace.target.join("release/sluice-bench"));
    bench.arg("run");
    bench
        .arg("--sluice")
        .arg(workspace.target.join("release/sluice"));
    bench
        .arg("--policies")
        .arg(workspace.target.join("policies"));
    bench.arg("--out").arg(workspace.target.join("bench"));
    bench.args(["--only", &flags.only, "--rounds", &flags.rounds.to_string()]);
    bench.args(["--seconds", &flags.seconds.to_string()]);
    if flags.light {
        bench.arg("--light");
    } else if !flags.alone {
        bench.args(peers(workspace));
    }
    execute(&mut bench)
}

/// The flags for sluice-bench: where each peer is, and which are not available.
fn peers(workspace: &Workspace) -> Vec<OsString> {
    let folder = |name: &str| workspace.target.join("peers").join(name);
    let pins = |name: &str| workspace.at("bench/peers").join(name);
    let python = |name: &str| {
        install::python(&pins(name).join("requirements.txt"), &folder(name)).map(|_| folder(name))
    };
    let node = |name: &str| install::node(&pins(name), &folder(name)).map(|()| folder(name));
    [
        ("nginx", nginx()),
        ("smg", no_op_for_smg(workspace).and_then(|()| python("smg"))),
        ("litellm", python("litellm")),
        ("portkey", node("portkey")),
    ]
    .into_iter()
    .flat_map(|(name, had)| match had {
        Ok(path) => [format!("--{name}").into(), path.into()],
        Err(error) => {
            say::error(&error);
            ["--missing".into(), format!("{name}: {error:#}").into()]
        }
    })
    .collect()
}

/// Builds the component that smg runs in place of a policy.
fn no_op_for_smg(workspace: &Workspace) -> anyhow::Result<()> {
    let builder = Builder::new(setup::run(workspace)?, &workspace.target);
    let modules = builder.build(&Source::folder(&workspace.root)?.packages(["peer-smg-noop"]))?;
    let module = modules.first().context("smg's component was not built")?;
    module.write_foreign(&workspace.target.join("policies/bench/smg-no-op.wasm"))?;
    Ok(())
}

fn nginx() -> anyhow::Result<PathBuf> {
    let installed = || {
        ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx"]
            .map(PathBuf::from)
            .into_iter()
            .find(|path| path.exists())
    };
    if installed().is_none() {
        apt::install(&["nginx"]);
    }
    installed().context("install nginx: apt-get install nginx")
}
