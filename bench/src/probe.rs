//! The probes. Each is one load that is driven at every target that can take it.

use std::time::Duration;

use serde::Serialize;

use crate::load::{self, Measured};
use crate::target::Target;
use crate::traffic::{Dialect, Script, Size};

/// One load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Probe {
    /// A short unique name, used in the results.
    pub(crate) name: &'static str,
    /// A description for a table.
    pub(crate) title: &'static str,
    pub(crate) dialect: Dialect,
    pub(crate) size: Size,
    pub(crate) script: Script,
    pub(crate) load: Load,
}

/// How requests arrive.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Load {
    /// A fixed number of callers, each of which asks again as soon as it is answered.
    Closed(usize),
    /// A fixed number of requests per second, whatever happened to earlier ones.
    Open(u32),
}

/// The result of one round of a probe at one target. Times are in seconds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Sample {
    pub(crate) exchanges: u64,
    pub(crate) failed: u64,
    pub(crate) fault: Option<String>,
    /// Exchanges per second.
    pub(crate) per_second: f64,
    pub(crate) p50: Option<f64>,
    pub(crate) p99: Option<f64>,
    pub(crate) first_byte_p50: Option<f64>,
    pub(crate) first_byte_p99: Option<f64>,
    pub(crate) gap_p50: Option<f64>,
    pub(crate) gap_p99: Option<f64>,
    /// CPU seconds of the target for a thousand exchanges.
    pub(crate) cpu: f64,
    /// CPU seconds of the scripted upstream for a thousand exchanges.
    pub(crate) upstream_cpu: f64,
    /// The memory of the target during the load, in bytes.
    pub(crate) memory: u64,
}

/// All probes, in the order in which a round runs them.
pub(crate) const ALL: [Probe; 12] = [
    probe(
        "question-1",
        "1 KB, whole reply, 1 caller",
        Size::Question,
        Script::Whole,
        Load::Closed(1),
    ),
    probe(
        "question-16",
        "1 KB, whole reply, 16 callers",
        Size::Question,
        Script::Whole,
        Load::Closed(16),
    ),
    probe(
        "question-100/s",
        "1 KB, whole reply, 100 a second",
        Size::Question,
        Script::Whole,
        Load::Open(100),
    ),
    probe(
        "question-1000/s",
        "1 KB, whole reply, 1,000 a second",
        Size::Question,
        Script::Whole,
        Load::Open(1000),
    ),
    probe(
        "turn",
        "80 KB, 200 frames 2 ms apart, 32 callers",
        Size::Turn,
        Script::Paced,
        Load::Closed(32),
    ),
    probe(
        "turn-burst",
        "80 KB, 200 frames at once, 8 callers",
        Size::Turn,
        Script::Burst,
        Load::Closed(8),
    ),
    messages(
        "turn-messages",
        "the same 2 ms apart in Messages",
        Script::Paced,
        32,
    ),
    messages(
        "turn-burst-messages",
        "the same at once in Messages",
        Script::Burst,
        8,
    ),
    probe(
        "late",
        "1 MB, whole reply, 4 callers",
        Size::Late,
        Script::Whole,
        Load::Closed(4),
    ),
    probe(
        "late-1",
        "1 MB, whole reply, 1 caller",
        Size::Late,
        Script::Whole,
        Load::Closed(1),
    ),
    probe(
        "streams-200",
        "1 KB, 64 deltas 20 ms apart, 200 streams",
        Size::Question,
        Script::Slow,
        Load::Closed(200),
    ),
    probe(
        "streams-500",
        "1 KB, 64 deltas 20 ms apart, 500 streams",
        Size::Question,
        Script::Slow,
        Load::Closed(500),
    ),
];

const fn probe(
    name: &'static str,
    title: &'static str,
    size: Size,
    script: Script,
    load: Load,
) -> Probe {
    Probe {
        name,
        title,
        dialect: Dialect::Chat,
        size,
        script,
        load,
    }
}

const fn messages(
    name: &'static str,
    title: &'static str,
    script: Script,
    callers: usize,
) -> Probe {
    let load = Load::Closed(callers);
    Probe {
        name,
        title,
        dialect: Dialect::Messages,
        size: Size::Turn,
        script,
        load,
    }
}

impl Probe {
    /// Loads the target once. Returns `None` if it can't take this load.
    pub(crate) async fn run(
        &self,
        target: &Target,
        upstream: &Target,
        long: Duration,
    ) -> Option<Sample> {
        let address = target.address(self.dialect, self.size, self.script)?;
        let (cpu, upstream_cpu) = (target.cpu(), upstream.cpu());
        let weighed = async {
            tokio::time::sleep(long.mul_f64(0.8)).await;
            target.memory()
        };
        let load = async {
            match self.load {
                Load::Closed(callers) => {
                    load::closed(&address, callers, self.script.length(), long).await
                }
                Load::Open(rate) => load::open(&address, rate, long).await,
            }
        };
        let (measured, memory) = tokio::join!(load, weighed);
        let spent = [target.cpu() - cpu, upstream.cpu() - upstream_cpu];
        Some(Sample::new(&measured, spent, memory))
    }
}

impl Sample {
    fn new(measured: &Measured, [cpu, upstream_cpu]: [Duration; 2], memory: u64) -> Self {
        let thousands = measured.exchanges.max(1) as f64 / 1e3;
        Self {
            exchanges: measured.exchanges,
            failed: measured.failed,
            fault: measured.fault.clone(),
            per_second: measured.per_second(),
            p50: measured.latency.quantile(0.5),
            p99: measured.latency.quantile(0.99),
            first_byte_p50: measured.first_byte.quantile(0.5),
            first_byte_p99: measured.first_byte.quantile(0.99),
            gap_p50: measured.gap.quantile(0.5),
            gap_p99: measured.gap.quantile(0.99),
            cpu: cpu.as_secs_f64() / thousands,
            upstream_cpu: upstream_cpu.as_secs_f64() / thousands,
            memory,
        }
    }
}
