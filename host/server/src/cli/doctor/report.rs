//! What the doctor prints.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use sluice_api::{Agent, AgentSeen};

use super::agents::{ALL, Check};
use super::finding::{Finding, Severity, problem};
use super::proxies;
use super::sluice::Asked;
use super::surroundings::Surroundings;
use super::target::Target;

/// The text, and the number of problems in it.
#[derive(Default)]
pub(super) struct Report {
    pub(super) text: String,
    pub(super) problems: usize,
}

/// Combines what a running Sluice says with what was found in its surroundings. `now` is the time since 1970.
pub(super) fn report(
    target: &Target,
    asked: &Asked,
    surroundings: &Surroundings,
    now: Duration,
) -> Report {
    let mut report = Report::default();
    report.section(&asked.title(target));
    report.findings(asked.findings());
    report.findings(proxies::check(surroundings, target));
    let agents = asked.agents().unwrap_or_default();
    for check in ALL {
        let seen = seen(check, agents);
        if seen.is_empty() && !check.is_here(surroundings) {
            continue;
        }
        let told = match asked.agents() {
            Some(_) => last_seen(&seen, now),
            None => "not known whether it was seen".to_owned(),
        };
        report.section(&format!("{}: {told}", check.name));
        report.findings(refused(&seen));
        report.findings((check.run)(surroundings, target));
    }
    let others: Vec<_> = agents
        .iter()
        .filter(|seen| seen.agent == Agent::Other)
        .collect();
    if !others.is_empty() {
        report.section(&format!("Others: {}", last_seen(&others, now)));
        report.findings(refused(&others));
    }
    report
}

impl Report {
    fn section(&mut self, title: &str) {
        let gap = if self.text.is_empty() { "" } else { "\n" };
        writeln!(self.text, "{gap}{title}").expect("a string takes everything");
    }

    fn findings(&mut self, findings: Vec<Finding>) {
        for Finding { severity, text } in findings {
            let word = match severity {
                Severity::Fine => "ok",
                Severity::Note => "note",
                Severity::Problem => "problem",
            };
            self.problems += usize::from(severity == Severity::Problem);
            writeln!(self.text, "   {word:<7}  {text}").expect("a string takes everything");
        }
    }
}

/// Returns what was seen of an agent by a running Sluice.
fn seen<'a>(check: &Check, agents: &'a [AgentSeen]) -> Vec<&'a AgentSeen> {
    let of_it = |seen: &&AgentSeen| check.seen_as.contains(&seen.agent);
    agents.iter().filter(of_it).collect()
}

fn last_seen(seen: &[&AgentSeen], now: Duration) -> String {
    let Some(last) = seen.iter().map(|seen| seen.last_seen_ms).max() else {
        return "never seen since Sluice started".to_owned();
    };
    let requests: u64 = seen.iter().map(|seen| seen.requests).sum();
    let ago = ago(now.saturating_sub(Duration::from_millis(last)));
    let paths: BTreeSet<_> = seen
        .iter()
        .flat_map(|seen| seen.paths.keys())
        .map(String::as_str)
        .collect();
    let to = match paths.is_empty() {
        true => String::new(),
        false => format!(" to {}", paths.into_iter().collect::<Vec<_>>().join(", ")),
    };
    let plural = if requests == 1 { "" } else { "s" };
    format!("last seen {ago} ago, {requests} request{plural}{to}")
}

fn ago(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7199 => format!("{} min", seconds / 60),
        seconds @ 7200..=172_799 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

/// Returns a problem if the last request failed in a way that the agent's own settings may fix.
fn refused(seen: &[&AgentSeen]) -> Vec<Finding> {
    let last = seen.iter().max_by_key(|seen| seen.last_seen_ms);
    let finding = match last.and_then(|seen| seen.last_status) {
        Some(401) => {
            problem("its last request was answered with 401: its credential is missing or wrong")
        }
        Some(404) => problem(
            "its last request was answered with 404: Sluice or upstream does not know that path",
        ),
        _ => return Vec::new(),
    };
    vec![finding]
}
