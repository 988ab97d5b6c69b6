//! Shows Sluice at work, without an API key: three exchanges through the example policies.
//!
//! Everything is real except the model: a program plays upstream and says so in its answers. Sluice
//! runs as its own process, as an operator would start it.

mod http;
mod picture;
mod reply;
mod scene;
mod show;
mod sluice;
mod upstream;

use std::time::Duration;
use std::{fs, process, thread};

use anyhow::{Context as _, ensure};

use crate::workspace::Workspace;
use crate::{policies, say, steps};

use scene::{Outcome, Scene};
use sluice::Sluice;
use upstream::Upstream;

/// The policies that are shown, in the order of the file.
const POLICIES: [&str; 4] = [
    "keep-all",
    "block-dangerous-commands",
    "redact-secrets",
    "string-replacement",
];

/// Shows the three exchanges. Then it waits for the person's own client, or with `once` ends. With
/// `once` it fails if an exchange was not as it should be, or if the picture on the front page is
/// out of date.
pub(crate) fn run(workspace: &Workspace, once: bool) -> anyhow::Result<()> {
    let stage = Stage::set(workspace)?;
    let played = stage.play()?;
    let faults: usize = played
        .iter()
        .map(|(scene, outcome)| show::scene(scene, outcome))
        .sum();
    if faults > 0 {
        say::line(stage.sluice.last_words());
    }
    ensure!(
        !once || faults == 0,
        "{faults} things are not as they should be"
    );
    if !once {
        stay(&stage.sluice);
    }
    let shown = fs::read_to_string(workspace.at(PICTURE)).unwrap_or_default();
    ensure!(
        shown == picture_of(&played),
        "{PICTURE} shows something else: `cargo xtask docs` writes it anew"
    );
    Ok(())
}

/// Writes the picture of the front page.
pub(crate) fn write_picture(workspace: &Workspace) -> anyhow::Result<()> {
    let played = Stage::set(workspace)?.play()?;
    fs::write(workspace.at(PICTURE), picture_of(&played))
        .with_context(|| format!("write {PICTURE}"))
}

/// The picture of the front page.
const PICTURE: &str = "docs/demo.svg";

/// Everything that runs during the demo.
struct Stage {
    upstream: Upstream,
    sluice: Sluice,
}

impl Stage {
    fn set(workspace: &Workspace) -> anyhow::Result<Self> {
        policies::run(workspace, &POLICIES.map(String::from))?;
        // Built with the features of the whole workspace, so that the tests find its dependencies
        // compiled.
        let build = ["build", "--workspace", "--bin", "sluice"];
        steps::execute(&mut workspace.cargo(&build))?;
        let upstream = Upstream::start()?;
        let sluice = Sluice::start(workspace, upstream.address())?;
        Ok(Self { upstream, sluice })
    }

    fn play(&self) -> anyhow::Result<Vec<(Scene, Outcome)>> {
        let played = scene::all().into_iter().map(|scene| {
            let outcome = scene.play(&self.upstream, self.sluice.address())?;
            Ok((scene, outcome))
        });
        // If Sluice did not answer as it should, its log says why.
        let played: anyhow::Result<_> = played.collect();
        played.inspect_err(|_| say::line(self.sluice.last_words()))
    }
}

/// Leaves out the first exchange, in which nothing is stopped, because the picture has to fit a
/// page.
fn picture_of(played: &[(Scene, Outcome)]) -> String {
    let lines = played
        .iter()
        .skip(1)
        .flat_map(|(scene, outcome)| show::picture(scene, outcome, picture::COLUMNS));
    // The first line only separates a scene from the one before it.
    picture::svg(&lines.skip(1).collect::<Vec<_>>())
}

/// Waits until the person ends the demo, or Sluice ends by itself.
fn stay(sluice: &Sluice) {
    show::invitation(sluice);
    while sluice.is_running() {
        thread::sleep(Duration::from_millis(200));
    }
    say::line(sluice.last_words());
    process::exit(1);
}
