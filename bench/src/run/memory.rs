//! Measures the memory of streams: silent ones, ones whose policies were called, ten thousand.

use anyhow::Context as _;

use super::start_sluice;
use crate::flags::Flags;
use crate::load::{Callers, hold};
use crate::results::Memory;
use crate::say;
use crate::target::{self, Judges, Site, Target};
use crate::traffic::{Dialect, Script, Size};

/// The name of this probe.
pub(super) const NAME: &str = "memory";
/// With three instances for each stream, this is below Sluice's default of a thousand instances.
const STREAMS: usize = 300;
const MANY: Callers = Callers {
    alone: 9_000,
    shared: 1_000,
};
/// How long streams settle before the memory is measured.
const SETTLE: std::time::Duration = std::time::Duration::from_secs(2);

/// Measures each kind in a new process.
pub(super) async fn run(flags: &Flags, site: &Site) -> anyhow::Result<Vec<Memory>> {
    let few = Callers {
        alone: STREAMS,
        shared: 0,
    };
    let three = Judges::Commands(3);
    let mut all = Vec::new();
    for (what, judges, script, callers) in [
        ("no policies", Judges::None, Script::Idle, few),
        ("3 policies that were not called", three, Script::Idle, few),
        ("3 policies that were called", three, Script::Called, few),
        (
            "3 no-op policies that were called",
            Judges::NoOp(3),
            Script::Called,
            few,
        ),
        (
            "10,000 silent streams, 3 policies",
            three,
            Script::Idle,
            MANY,
        ),
    ] {
        say::progress(format_args!("memory: {what}"));
        let sluice = start_sluice(flags, site, judges).await?;
        all.push(weigh(&sluice, what, script, callers).await?);
    }
    if let Some(program) = &flags.nginx {
        let nginx = target::nginx(site, program).await?;
        all.push(weigh(&nginx, "", Script::Idle, few).await?);
    }
    Ok(all)
}

async fn weigh(
    target: &Target,
    what: &str,
    script: Script,
    callers: Callers,
) -> anyhow::Result<Memory> {
    let idle = target.memory();
    let address = target.address(Dialect::Messages, Size::Question, script);
    let held = hold(&address.context("it does not speak Messages")?, callers).await?;
    tokio::time::sleep(SETTLE).await;
    let loaded = target.memory();
    drop(held);
    tokio::time::sleep(SETTLE).await;
    Ok(Memory {
        target: target.name.clone(),
        what: what.to_owned(),
        streams: callers.alone + callers.shared,
        idle,
        loaded,
        after: target.memory(),
    })
}
