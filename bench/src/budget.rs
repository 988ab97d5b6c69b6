//! The budget: what Sluice may cost, as ratios within one run, because machines and days differ.

use std::fmt;

use anyhow::bail;

use crate::probe::Sample;
use crate::results::{Changes, Results, median};
use crate::say;
use crate::target::{AGAIN, DIRECT};

/// The bound of one line.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// One line of the budget. It is not measured if a peer is missing.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) measured: Option<f64>,
    pub(crate) bound: Bound,
    /// How far two measurements of the same thing lie apart, if known.
    pub(crate) noise: Option<f64>,
}

/// The probes of a light run.
pub(crate) const LIGHT_PROBES: [&str; 4] = ["question-16", "turn", "turn-messages", "late"];

/// How much CPU an exchange may take in a light run, as a multiple of what hyper alone takes. Each
/// is half as much again as was measured when it was set, because CI runs under other load.
const LIGHT: [(&str, &str, f64); 9] = [
    ("question-16", "sluice-0", 3.4),
    ("question-16", "sluice-noop-1", 6.5),
    ("question-16", "sluice-5-recording", 16.0),
    ("turn", "sluice-5", 2.4),
    ("turn", "sluice-5-recording", 3.5),
    ("turn-messages", "sluice-5", 2.4),
    ("turn-messages", "sluice-5-recording", 3.9),
    ("late", "sluice-0", 3.2),
    ("late", "sluice-noop-1", 3.9),
];

impl Bound {
    pub(crate) fn holds(self, measured: f64) -> bool {
        match self {
            Self::AtMost(bound) => measured <= bound,
            Self::AtLeast(bound) => measured >= bound,
        }
    }
}

impl Line {
    /// A line whose noise is unknown.
    fn new(what: impl Into<String>, measured: Option<f64>, bound: Bound) -> Self {
        Self {
            what: what.into(),
            measured,
            bound,
            noise: None,
        }
    }

    /// The verdict. If repeated measurements differ by more than the bound, nothing can be said.
    pub(crate) fn verdict(&self) -> String {
        let Some(measured) = self.measured else {
            return "not measured".to_owned();
        };
        let (Bound::AtMost(bound) | Bound::AtLeast(bound)) = self.bound;
        match self.noise {
            Some(noise) if noise > bound => {
                format!("can't be told: the upstream differs from itself by {noise:.2}")
            }
            _ if self.bound.holds(measured) => "met".to_owned(),
            _ => "**not met**".to_owned(),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(bound) => write!(f, "<= {bound}"),
            Self::AtLeast(bound) => write!(f, ">= {bound}"),
        }
    }
}

/// The lines of a light run.
pub(crate) fn light(results: &Results) -> Vec<Line> {
    let line = |(probe, target, bound)| {
        let what = format!("{probe}: CPU of {target}, times hyper alone");
        let measured = cpu(results, probe, [target, "floor"]);
        Line::new(what, measured, Bound::AtMost(bound))
    };
    LIGHT.map(line).into()
}

/// The lines of a whole run.
pub(crate) fn whole(results: &Results) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = |what: &str, measured, bound| lines.push(Line::new(what, measured, bound));
    for probe in ["turn", "turn-messages"] {
        let what = format!("{probe}: CPU with 5 policies on tool calls, times nginx");
        line(
            &what,
            cpu(results, probe, ["sluice-5", "nginx"]),
            Bound::AtMost(2.0),
        );
    }
    let added = |target| results.added("question-1", target, |sample| sample.p50);
    let ours = added("sluice-noop-1");
    let ratio = ours
        .zip(added("smg-noop"))
        .map(|(ours, theirs)| ours / theirs);
    line(
        "question-1: added p50 with a no-op, times smg's with one",
        ratio,
        Bound::AtMost(0.5),
    );
    line(
        "question-1: added p50 with a no-op, ms",
        ours.map(|added| added * 1e3),
        Bound::AtMost(0.35),
    );
    for (peer, bound) in [("smg-noop", 2.0), ("litellm", 30.0), ("portkey", 10.0)] {
        let pair = ["sluice-noop-1", peer];
        let times = results.against(
            "question-16",
            pair,
            |s| Some(s.per_second),
            |one, two| one / two,
        );
        line(
            &format!("question-16: throughput with a no-op, times {peer}"),
            times,
            Bound::AtLeast(bound),
        );
    }
    lines.push(first_byte(results));
    lines.extend(memory(results));
    lines.extend(changes(results));
    lines
}

/// The upstream is driven twice in each round, to measure how far it differs from itself.
fn first_byte(results: &Results) -> Line {
    let p99 = |sample: &Sample| sample.first_byte_p99;
    let apart = |one: f64, two: f64| (one - two).abs() * 1e3;
    let added = results.added("streams-200", "sluice-5", p99);
    Line {
        what: "streams-200: added time to first byte, p99, ms".to_owned(),
        measured: added.map(|added| added * 1e3),
        bound: Bound::AtMost(1.0),
        noise: results.against("streams-200", [AGAIN, DIRECT], p99, apart),
    }
}

fn memory(results: &Results) -> Vec<Line> {
    let sluices = results
        .targets
        .iter()
        .filter(|target| target.name.starts_with("sluice"));
    let idle = sluices.filter_map(|target| target.idle).max();
    let held = |what: &str| {
        results
            .memory
            .iter()
            .find(|held| held.what.contains(what) && held.target.starts_with("sluice"))
    };
    let stream = |what| held(what).map(|held| held.kib_a_stream());
    [
        (
            "idle memory, MiB, the most of all Sluices",
            idle.map(|bytes| bytes as f64 / 1048576.0),
            Bound::AtMost(40.0),
        ),
        (
            "memory of a stream, 3 policies not called, KiB",
            stream("not called"),
            Bound::AtMost(64.0),
        ),
        (
            "memory of a stream, 3 policies called, KiB",
            stream("3 policies that were called"),
            Bound::AtMost(160.0),
        ),
        (
            "memory of a stream, 3 no-op policies called, KiB",
            stream("3 no-op"),
            Bound::AtMost(160.0),
        ),
        (
            "silent streams held at once",
            held("10,000").map(|held| held.streams as f64),
            Bound::AtLeast(10_000.0),
        ),
    ]
    .map(|(what, measured, bound)| Line::new(what, measured, bound))
    .into()
}

fn changes(results: &Results) -> Vec<Line> {
    let all = results.changes.as_ref();
    let typical = |read: fn(&Changes) -> &Vec<f64>| median(read(all?).clone());
    let most = all.and_then(|all| all.quiet.iter().copied().max_by(f64::total_cmp));
    let meanwhile = typical(|all| &all.meanwhile).zip(most);
    [
        (
            "start with ten cached policies, s",
            typical(|all| &all.cached),
            0.2,
        ),
        (
            "reload, the config of one of ten changed, s",
            typical(|all| &all.config),
            1.0,
        ),
        (
            "reload, the component of one of ten changed, s",
            typical(|all| &all.component),
            // block-dangerous-commands also reads JavaScript and two shells of Windows: 2.5 MB to
            // compile.
            1.5,
        ),
        (
            "p99 of short questions while policies change, times the most while none does",
            meanwhile.map(|(meanwhile, most)| meanwhile / most),
            1.0,
        ),
    ]
    .map(|(what, measured, bound)| Line::new(what, measured, Bound::AtMost(bound)))
    .into()
}

fn cpu(results: &Results, probe: &str, pair: [&str; 2]) -> Option<f64> {
    let cpu = |sample: &Sample| Some(sample.cpu);
    results.against(probe, pair, cpu, |one, two| one / two)
}

/// Fails if a line is broken, or was to be measured and was not.
pub(crate) fn enforce(lines: &[Line]) -> anyhow::Result<()> {
    let broken: Vec<_> = lines
        .iter()
        .filter(|line| {
            !line
                .measured
                .is_some_and(|measured| line.bound.holds(measured))
        })
        .collect();
    for line in &broken {
        let measured = line
            .measured
            .map_or_else(|| "not measured".to_owned(), |m| format!("{m:.2}"));
        say::progress(format_args!(
            "{}: {measured}, bound {}",
            line.what, line.bound
        ));
    }
    match broken.len() {
        0 => Ok(()),
        count => bail!("{count} bounds of the budget are broken"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(measured: Option<f64>, bound: Bound) -> Line {
        Line::new("x", measured, bound)
    }

    #[test]
    fn a_bound_that_is_broken_or_was_not_measured_is_an_error() {
        let met = [
            line(Some(1.9), Bound::AtMost(2.0)),
            line(Some(2.0), Bound::AtLeast(2.0)),
        ];
        assert!(enforce(&met).is_ok());
        assert!(enforce(&[line(Some(2.1), Bound::AtMost(2.0))]).is_err());
        assert!(enforce(&[line(Some(1.0), Bound::AtLeast(2.0))]).is_err());
        assert!(enforce(&[line(None, Bound::AtMost(2.0))]).is_err());
    }

    #[test]
    fn nothing_is_said_of_what_is_smaller_than_the_noise() {
        let mut first_byte = line(Some(0.5), Bound::AtMost(1.0));
        assert_eq!(first_byte.verdict(), "met");
        first_byte.noise = Some(0.9);
        assert_eq!(first_byte.verdict(), "met");
        first_byte.noise = Some(3.0);
        assert!(first_byte.verdict().starts_with("can't be told"));
    }
}
