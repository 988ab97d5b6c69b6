//! The results of a run, and what is computed from them.

mod machine;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::flags::Flags;
use crate::probe::{Probe, Sample};
use crate::say;
use crate::target::{AGAIN, DIRECT, Target};

/// All measurements, as the JSON has them.
#[derive(Debug, Serialize)]
pub(crate) struct Results {
    pub(crate) machine: String,
    /// How many seconds late a thread woke that slept for one millisecond, before anything was
    /// started: the median and the 99th percentile. Shorter times can't be measured here.
    pub(crate) wakes_late: [f64; 2],
    pub(crate) rounds: usize,
    pub(crate) seconds: f64,
    /// What was not available, and why.
    pub(crate) missing: Vec<String>,
    /// The targets, in the order in which they were started.
    pub(crate) targets: Vec<Weighed>,
    /// The samples by probe and target, one for each round.
    pub(crate) probes: Vec<Probed>,
    pub(crate) memory: Vec<Memory>,
    pub(crate) changes: Option<Changes>,
    pub(crate) live: Option<Live>,
}

/// A target with its memory in bytes, before and after all loads.
#[derive(Debug, Serialize)]
pub(crate) struct Weighed {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) idle: Option<u64>,
    pub(crate) after: Option<u64>,
}

/// A probe's samples.
#[derive(Debug, Serialize)]
pub(crate) struct Probed {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) targets: BTreeMap<String, Vec<Sample>>,
}

/// The memory of a process while it held streams, in bytes.
#[derive(Debug, Serialize)]
pub(crate) struct Memory {
    pub(crate) target: String,
    pub(crate) what: String,
    pub(crate) streams: usize,
    pub(crate) idle: u64,
    pub(crate) loaded: u64,
    pub(crate) after: u64,
}

/// How long starts and changes of policies took, in seconds, and what callers noticed.
#[derive(Debug, Serialize)]
pub(crate) struct Changes {
    /// From the start of the process to its log line that it listens, with nothing compiled before.
    pub(crate) cold: Vec<f64>,
    /// The same with everything in the cache.
    pub(crate) cached: Vec<f64>,
    /// From the edit to the log line that it is applied, for the config of one of ten policies.
    pub(crate) config: Vec<f64>,
    /// The same, for the component of one of ten policies.
    pub(crate) component: Vec<f64>,
    /// The 99th percentile of short questions, in each window without a change.
    pub(crate) quiet: Vec<f64>,
    /// The same while one change follows the other.
    pub(crate) meanwhile: Vec<f64>,
}

/// What it cost to tell operators at one process what happened at another, and what got lost.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Live {
    /// How many seconds it took.
    pub(crate) seconds: f64,
    /// How many exchanges there were.
    pub(crate) exchanges: u64,
    /// How many listeners there were.
    pub(crate) listeners: u64,
    /// How many events there were, each of which every listener should hear of.
    pub(crate) told: u64,
    /// How many events the listeners heard of, all of them together.
    pub(crate) heard: u64,
    /// How many gaps they heard of.
    pub(crate) gaps: u64,
    /// How many listeners were dropped.
    pub(crate) dropped: u64,
    /// How many events were left out, were not sent, and got lost on the way.
    pub(crate) lost: [u64; 3],
    /// From when something happened to when a listener heard of it, in seconds: the median and the 99th percentile.
    pub(crate) late: [f64; 2],
    /// The CPU of the process where it happened for each exchange, in seconds.
    pub(crate) cpu_here: f64,
    /// The same for a process that tells nobody.
    pub(crate) cpu_silent: f64,
    /// The CPU of the process where all listened, in seconds.
    pub(crate) cpu_there: f64,
    /// Redis's CPU, in seconds.
    pub(crate) cpu_redis: f64,
    /// The memory of the process where all listened, in bytes, before and after.
    pub(crate) memory: [u64; 2],
}

impl Memory {
    /// The memory of one stream, in KiB.
    pub(crate) fn kib_a_stream(&self) -> f64 {
        self.loaded.saturating_sub(self.idle) as f64 / 1024.0 / self.streams.max(1) as f64
    }
}

impl Results {
    pub(crate) fn new(flags: &Flags) -> Self {
        Self {
            machine: machine::described(),
            wakes_late: machine::wakes_late(),
            rounds: flags.rounds,
            seconds: flags.seconds,
            missing: flags.missing.clone(),
            targets: Vec::new(),
            probes: Vec::new(),
            memory: Vec::new(),
            changes: None,
            live: None,
        }
    }

    pub(crate) fn missing(&mut self, what: String) {
        say::progress(format_args!("left out: {what}"));
        self.missing.push(what);
    }

    /// Adds the scripted upstream, which is driven twice in each round.
    pub(crate) fn introduce_upstream(&mut self, upstream: &Target) {
        self.name(&upstream.name, &upstream.label, None);
        self.name(AGAIN, "the same, once more in the round", None);
    }

    pub(crate) fn introduce(&mut self, target: &Target) {
        self.name(&target.name, &target.label, Some(target.memory()));
    }

    fn name(&mut self, name: &str, label: &str, idle: Option<u64>) {
        self.targets.push(Weighed {
            name: name.to_owned(),
            label: label.to_owned(),
            idle,
            after: None,
        });
    }

    pub(crate) fn after(&mut self, target: &Target, memory: u64) {
        for weighed in self
            .targets
            .iter_mut()
            .filter(|weighed| weighed.name == target.name)
        {
            weighed.after = Some(memory);
        }
    }

    pub(crate) fn add(&mut self, probe: &Probe, target: &str, sample: Sample) {
        if sample.failed > 0 {
            let fault = sample.fault.as_deref().unwrap_or_default();
            say::progress(format_args!("{target}: {} failed: {fault}", sample.failed));
        }
        let at = match self
            .probes
            .iter()
            .position(|probed| probed.name == probe.name)
        {
            Some(at) => at,
            None => {
                let (name, title) = (probe.name, probe.title);
                self.probes.push(Probed {
                    name,
                    title,
                    targets: BTreeMap::new(),
                });
                self.probes.len() - 1
            }
        };
        self.probes[at]
            .targets
            .entry(target.to_owned())
            .or_default()
            .push(sample);
    }

    /// The samples of one target in one probe, one for each round. Empty if it was not driven.
    pub(crate) fn samples(&self, probe: &str, target: &str) -> &[Sample] {
        let probed = self.probes.iter().find(|probed| probed.name == probe);
        probed
            .and_then(|probed| probed.targets.get(target))
            .map_or(&[], Vec::as_slice)
    }

    /// The median of `read` over the rounds.
    pub(crate) fn median(
        &self,
        probe: &str,
        target: &str,
        read: impl Fn(&Sample) -> Option<f64>,
    ) -> Option<f64> {
        median(
            self.samples(probe, target)
                .iter()
                .filter_map(read)
                .collect(),
        )
    }

    /// The median over the rounds of the ratio between this target and another one.
    pub(crate) fn against(
        &self,
        probe: &str,
        [target, other]: [&str; 2],
        read: impl Fn(&Sample) -> Option<f64>,
        compare: impl Fn(f64, f64) -> f64,
    ) -> Option<f64> {
        let pairs = self
            .samples(probe, target)
            .iter()
            .zip(self.samples(probe, other));
        median(
            pairs
                .filter_map(|(one, two)| Some(compare(read(one)?, read(two)?)))
                .collect(),
        )
    }

    /// The median of what a target adds to the time of the scripted upstream.
    pub(crate) fn added(
        &self,
        probe: &str,
        target: &str,
        read: impl Fn(&Sample) -> Option<f64>,
    ) -> Option<f64> {
        self.against(probe, [target, DIRECT], read, |with, without| {
            with - without
        })
    }
}

/// The middle value, or the mean of the two in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (below, above) = (
        values.get(values.len().checked_sub(1)? / 2)?,
        values.get(values.len() / 2)?,
    );
    Some(f64::midpoint(*below, *above))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle() {
        assert_eq!(median(Vec::new()), None);
        assert_eq!(median(vec![3.0]), Some(3.0));
        assert_eq!(median(vec![9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 9.0]), Some(3.0));
    }
}
