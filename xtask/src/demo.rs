//! Shows Sluice at work, without an API key: three exchanges through the example policies.
//!
//! All is real but the model: a program plays upstream and says so in what it answers. Sluice runs as
//! its own process, as an operator would start it.

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

/// Shows the three exchanges. Then stays up for a client of one's own, or with `once` ends: with an
/// error, if one of them was not what it should have been, or the front page shows another picture.
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

/// All that plays.
struct Stage {
    upstream: Upstream,
    sluice: Sluice,
}

impl Stage {
    fn set(workspace: &Workspace) -> anyhow::Result<Self> {
        policies::run(workspace, &POLICIES.map(String::from))?;
        // With the features of the whole workspace, so that the tests find its dependencies compiled.
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
        // Sluice's own words are what one needs when it did not answer as it should.
        let played: anyhow::Result<_> = played.collect();
        played.inspect_err(|_| say::line(self.sluice.last_words()))
    }
}

/// Without the first exchange, in which nothing is stopped: the picture has to fit a page.
fn picture_of(played: &[(Scene, Outcome)]) -> String {
    let lines = played
        .iter()
        .skip(1)
        .flat_map(|(scene, outcome)| show::picture(scene, outcome, picture::COLUMNS));
    // It begins with a line that sets a scene off from the one before it.
    picture::svg(&lines.skip(1).collect::<Vec<_>>())
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
