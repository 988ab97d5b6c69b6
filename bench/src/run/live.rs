//! Measures what it costs to tell what happens: exchanges at one Sluice, listeners at another, Redis between them.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::start_sluice;
use crate::flags::Flags;
use crate::load::{Address, Door, Looks, Spread, count, listen, open, status};
use crate::results::Live;
use crate::say;
use crate::target::{self, Judges, Site, Target};
use crate::traffic::{Dialect, Script, Size};

/// The name of this probe.
pub(super) const NAME: &str = "live";
/// Exchanges a second. Each is two events: it began, and it ended.
const RATE: u32 = 500;
const EVENTS: u64 = 2;
const LONG: Duration = Duration::from_secs(60);
const LISTENERS: usize = 100;
/// How long a process that tells nobody is measured.
const SILENT: Duration = Duration::from_secs(15);
/// How long the processes have to find each other, and to hear of the last event.
const PATIENCE: Duration = Duration::from_secs(60);

/// Measures it.
pub(super) async fn run(flags: &Flags, site: &Site) -> anyhow::Result<Live> {
    say::progress("live: 1,000 events a second through Redis to 100 listeners");
    let cpu_silent = silent(flags, site).await?;
    let (redis, url) = target::redis(site).await?;
    let (here, here_door) = target::telling(site, &flags.sluice, "live-here", &url).await?;
    let (there, there_door) = target::telling(site, &flags.sluice, "live-there", &url).await?;
    meet(&there_door).await?;
    let (all_told, is_all) = watch::channel(false);
    let mut listeners = JoinSet::new();
    for number in 0..LISTENERS {
        let looks = if number == 0 {
            Looks::Times
        } else {
            Looks::Counts
        };
        let stream = listen(&there_door).await?;
        listeners.spawn(count(stream, looks, is_all.clone()));
    }
    let (told, memory) = (numbers(&here_door).await?.told, there.memory());
    let before = [here.cpu(), there.cpu(), redis.cpu()];
    let begun = Instant::now();
    let measured = open(&address(&here)?, RATE, LONG).await;
    ensure!(measured.failed == 0, "{:?}", measured.fault);
    let seconds = begun.elapsed().as_secs_f64();
    let mut live = Live {
        seconds,
        exchanges: measured.exchanges,
        listeners: LISTENERS as u64,
        cpu_silent,
        ..Live::default()
    };
    until(&there_door, |there| {
        there.received + there.lost >= EVENTS * live.exchanges
    })
    .await?;
    all_told.send_replace(true);
    let mut late = Spread::default();
    while let Some(heard) = listeners.join_next().await {
        let heard = heard.context("a listener")?;
        live.heard += heard.events;
        live.gaps += heard.gaps;
        late.join(heard.late);
    }
    let used = [here.cpu(), there.cpu(), redis.cpu()];
    let [cpu_here, cpu_there, cpu_redis] = std::array::from_fn(|at| used[at] - before[at]);
    let (sent, received) = (numbers(&here_door).await?, numbers(&there_door).await?);
    live.told = sent.told - told;
    ensure!(
        live.told == EVENTS * live.exchanges,
        "{} events of {} exchanges",
        live.told,
        live.exchanges
    );
    live.dropped = received.dropped;
    live.lost = [sent.left_out, sent.unsent, received.lost];
    live.late = [0.5, 0.99].map(|part| late.quantile(part).unwrap_or_default());
    live.cpu_here = cpu_here.as_secs_f64() / live.exchanges as f64;
    live.cpu_there = cpu_there.as_secs_f64();
    live.cpu_redis = cpu_redis.as_secs_f64();
    live.memory = [memory, there.memory()];
    Ok(live)
}

/// The CPU of an exchange where nobody is told of it, in seconds.
async fn silent(flags: &Flags, site: &Site) -> anyhow::Result<f64> {
    let sluice = start_sluice(flags, site, Judges::None).await?;
    let before = sluice.cpu();
    let measured = open(&address(&sluice)?, RATE, SILENT).await;
    ensure!(measured.failed == 0, "{:?}", measured.fault);
    Ok((sluice.cpu() - before).as_secs_f64() / measured.exchanges as f64)
}

fn address(sluice: &Target) -> anyhow::Result<Address> {
    let address = sluice.address(Dialect::Chat, Size::Question, Script::Whole);
    address.context("Sluice speaks every dialect")
}

/// What a process counts.
struct Numbers {
    told: u64,
    left_out: u64,
    dropped: u64,
    unsent: u64,
    received: u64,
    lost: u64,
}

async fn numbers(door: &Door) -> anyhow::Result<Numbers> {
    let status = status(door).await?;
    let number = |at: &str| status.pointer(at).and_then(Value::as_u64).unwrap_or(0);
    Ok(Numbers {
        told: number("/events/told"),
        left_out: number("/events/left_out"),
        dropped: number("/events/dropped_listeners"),
        unsent: number("/events/relay/unsent"),
        received: number("/events/relay/received"),
        lost: number("/events/relay/lost"),
    })
}

/// Waits until a process counts as wanted.
async fn until(door: &Door, wanted: impl Fn(&Numbers) -> bool) -> anyhow::Result<()> {
    let begun = Instant::now();
    while !wanted(&numbers(door).await?) {
        ensure!(begun.elapsed() < PATIENCE, "events do not arrive");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Waits until a process has heard of another.
async fn meet(door: &Door) -> anyhow::Result<()> {
    let begun = Instant::now();
    while status(door).await?.pointer("/events/relay/processes") != Some(&Value::from(1)) {
        ensure!(
            begun.elapsed() < PATIENCE,
            "the processes do not find each other"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
