//! What the doctor prints.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use super::agents::{ALL, Check};
use super::finding::{Finding, Severity, fine, note, problem};
use super::health::Health;
use super::proxies;
use super::surroundings::Surroundings;
use super::target::Target;
use crate::agents::{Agent, Sighting};

/// The text, and the number of problems in it.
#[derive(Default)]
pub(super) struct Report {
    pub(super) text: String,
    pub(super) problems: usize,
}

/// Combines what a running Sluice says with what was found in its surroundings. `now` is the time since 1970.
pub(super) fn report(
    target: &Target,
    health: &anyhow::Result<Health>,
    surroundings: &Surroundings,
    now: Duration,
) -> Report {
    let mut report = Report::default();
    let (title, findings) = of_sluice(target, health);
    report.section(&title);
    report.findings(findings);
    report.findings(proxies::check(surroundings, target));
    let agents = health.as_ref().map(|health| health.agents.as_slice());
    let agents = agents.unwrap_or_default();
    for check in ALL {
        let seen = seen(check, agents);
        if seen.is_empty() && !check.is_here(surroundings) {
            continue;
        }
        report.section(&format!("{}: {}", check.name, last_seen(&seen, now)));
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

/// Returns the first lines: whether Sluice runs, and which policies are in force.
fn of_sluice(target: &Target, health: &anyhow::Result<Health>) -> (String, Vec<Finding>) {
    let health = match health {
        Ok(health) => health,
        Err(error) => {
            let text = format!(
                "nobody answers: {error:#}. Is `sluice serve` running, and is this its `--listen`?"
            );
            return (format!("Sluice at {target}"), vec![problem(text)]);
        }
    };
    let policies = &health.policies;
    let names = policies
        .policies
        .iter()
        .filter(|policy| policy.mode != "off");
    let names: Vec<_> = names.map(|policy| policy.name.as_str()).collect();
    let mut findings = vec![match names.is_empty() {
        true => {
            problem("no policy is in force, so everything passes: start it with `--policies FILE`")
        }
        false => fine(format!("policies in force: {}", names.join(", "))),
    }];
    if let Some(failure) = &policies.last_error {
        let first = failure.text.lines().next().unwrap_or_default();
        findings.push(problem(format!(
            "the newest policy file is not in force: {first}"
        )));
    }
    if !policies.passthrough.is_empty() {
        let paths = policies.passthrough.join(", ");
        findings.push(note(format!(
            "no policy sees what passes at {paths} (`passthrough`)"
        )));
    }
    (format!("Sluice {} at {target}", health.version), findings)
}

/// Returns the sightings of an agent by a running Sluice.
fn seen<'a>(check: &Check, agents: &'a [Sighting]) -> Vec<&'a Sighting> {
    let of_it = |seen: &&Sighting| check.seen_as.contains(&seen.agent);
    agents.iter().filter(of_it).collect()
}

fn last_seen(seen: &[&Sighting], now: Duration) -> String {
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
fn refused(seen: &[&Sighting]) -> Vec<Finding> {
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
