//! Shows Sluice at work, without an API key: three exchanges through the example policies.
//!
//! All is real but the model: a program plays upstream and says so in what it answers. Sluice runs as
//! its own process, as an operator would start it.

mod http;
mod reply;
mod scene;
mod show;
mod sluice;
mod upstream;

use std::time::Duration;
use std::{process, thread};

use anyhow::ensure;

use crate::workspace::Workspace;
use crate::{policies, say, steps};

use sluice::Sluice;
use upstream::Upstream;

/// The policies that are shown, in the order of the file.
const POLICIES: [&str; 4] = [
    "keep-all",
    "block-dangerous-commands",
    "redact-secrets",
    "string-replacement",
];

/// Shows the three exchanges. Then stays up for a client of one's own, or with `once` ends: with an
/// error, if one of them was not what it should have been.
pub(crate) fn run(workspace: &Workspace, once: bool) -> anyhow::Result<()> {
    policies::run(workspace, &POLICIES.map(String::from))?;
    steps::execute(&mut workspace.cargo(&["build", "--package", "sluice-server"]))?;

    let upstream = Upstream::start()?;
    let sluice = Sluice::start(workspace, upstream.address())?;
    let faults = scene::all().iter().try_fold(0, |faults, scene| {
        let outcome = scene.play(&upstream, sluice.address())?;
        anyhow::Ok(faults + show::scene(scene, &outcome))
    });
    // Sluice's own words are what one needs when it did not answer as it should.
    let faults = faults.inspect_err(|_| say::line(sluice.last_words()))?;
    if faults > 0 {
        say::line(sluice.last_words());
    }
    ensure!(
        !once || faults == 0,
        "{faults} things are not as they should be"
    );
    if !once {
        stay(&sluice);
    }
    Ok(())
}

/// Stays up until the person ends it, or Sluice ends itself.
fn stay(sluice: &Sluice) {
    show::invitation(sluice);
    while sluice.is_running() {
        thread::sleep(Duration::from_millis(200));
    }
    say::line(sluice.last_words());
    process::exit(1);
}
