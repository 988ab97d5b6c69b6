//! One run: starts everything, drives every probe at every target in turns, and reports.

mod change;
mod live;
mod memory;

use anyhow::Context as _;

use crate::flags::Flags;
use crate::probe::{self, Load, Probe};
use crate::results::Results;
use crate::target::{self, AGAIN, DIRECT, Judges, Site, Target};
use crate::{budget, report, say};

/// Runs everything. Fails if a light run breaks a budget, because that one is a check.
pub(crate) async fn run(flags: &Flags) -> anyhow::Result<()> {
    let mut results = Results::new(flags);
    let folder = tempfile::tempdir().context("make a folder for the run")?;
    let upstream = target::direct(folder.path()).await?;
    let site = Site {
        folder: folder.path().to_owned(),
        upstream: upstream.socket(),
    };
    let targets = start(flags, &site, &mut results).await?;
    results.introduce_upstream(&upstream);
    targets.iter().for_each(|target| results.introduce(target));
    for round in 0..flags.rounds {
        for probe in probes(flags) {
            say::progress(format_args!(
                "round {} of {}: {}",
                round + 1,
                flags.rounds,
                probe.title
            ));
            drive(flags, &probe, &upstream, &targets, &mut results).await;
        }
    }
    for target in &targets {
        results.after(target, target.memory());
    }
    drop(targets);
    if flags.light {
        let budget = budget::light(&results);
        report::write(&results, &budget, &flags.out)?;
        return budget::enforce(&budget);
    }
    if memory::NAME.contains(&flags.only) {
        results.memory = memory::run(flags, &site).await?;
    }
    if change::NAME.contains(&flags.only) {
        results.changes = Some(change::run(flags, &site).await?);
    }
    if live::NAME.contains(&flags.only) {
        match live::run(flags, &site).await {
            Ok(live) => results.live = Some(live),
            Err(error) => results.missing(format!("live events: {error:#}")),
        }
    }
    report::write(&results, &budget::whole(&results), &flags.out)
}

fn probes(flags: &Flags) -> impl Iterator<Item = Probe> {
    let chosen = |probe: &Probe| match flags.light {
        true => budget::LIGHT_PROBES.contains(&probe.name),
        false => probe.name.contains(&flags.only),
    };
    probe::ALL.into_iter().filter(chosen)
}

/// Drives one probe at every target, one after the other, so that other load on the machine affects
/// all of them.
async fn drive(
    flags: &Flags,
    probe: &Probe,
    upstream: &Target,
    targets: &[Target],
    results: &mut Results,
) {
    let gateways = targets.iter().map(|target| (&*target.name, target));
    let again = (!flags.light).then_some((AGAIN, upstream));
    for (name, target) in std::iter::once((DIRECT, upstream))
        .chain(gateways)
        .chain(again)
    {
        if out_of_reach(probe, target, results) {
            continue;
        }
        if let Some(sample) = probe.run(target, upstream, flags.long()).await {
            results.add(probe, name, sample);
        }
    }
}

/// Whether requests would come faster than the target can answer them. The wait would then grow
/// without end and mean nothing.
fn out_of_reach(probe: &Probe, target: &Target, results: &Results) -> bool {
    let Load::Open(rate) = probe.load else {
        return false;
    };
    let most = results.median("question-16", &target.name, |sample| {
        Some(sample.per_second)
    });
    most.is_some_and(|most| most < 1.3 * f64::from(rate))
}

/// Starts everything that is available. The results name what is not.
async fn start(flags: &Flags, site: &Site, results: &mut Results) -> anyhow::Result<Vec<Target>> {
    // The others start what they measure themselves.
    if probes(flags).next().is_none() {
        return Ok(Vec::new());
    }
    let mut targets = vec![target::floor(site).await?];
    for judges in sluices(flags.light) {
        targets.push(start_sluice(flags, site, judges).await?);
    }
    if flags.light {
        return Ok(targets);
    }
    let mut add = |name: &str, started: anyhow::Result<Target>| match started {
        Ok(target) => targets.push(target),
        Err(error) => results.missing(format!("{name}: {error:#}")),
    };
    if let Some(program) = &flags.nginx {
        add("nginx", target::nginx(site, program).await);
    }
    if let Some(folder) = &flags.smg {
        let component = flags.policies.join("bench/smg-no-op.wasm");
        for component in [None, Some(&*component)] {
            add("smg", target::smg(site, folder, component).await);
        }
    }
    if let Some(folder) = &flags.litellm {
        add("LiteLLM", target::litellm(site, folder).await);
    }
    if let Some(folder) = &flags.portkey {
        add("Portkey", target::portkey(site, folder).await);
    }
    Ok(targets)
}

fn sluices(light: bool) -> Vec<Judges> {
    let few = [
        Judges::None,
        Judges::NoOp(1),
        Judges::Commands(5),
        Judges::Recorded(5),
    ];
    let more = [Judges::Commands(1), Judges::Commands(10)];
    few.into_iter()
        .chain(more.into_iter().filter(|_| !light))
        .collect()
}

async fn start_sluice(flags: &Flags, site: &Site, judges: Judges) -> anyhow::Result<Target> {
    target::sluice(site, &flags.sluice, &flags.policies, judges).await
}
