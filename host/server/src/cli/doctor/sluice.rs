//! What a running Sluice says of itself.

use sluice_api::{AgentSeen, Policies, PolicyMode, Status};

use super::finding::{Finding, fine, note, problem};
use super::target::Target;
use crate::cli::address::Address;
use crate::cli::door::NotLetIn;

/// What was asked.
#[derive(Debug)]
pub(super) struct Asked {
    /// Whether somebody answers agents.
    pub(super) health: anyhow::Result<()>,
    /// What operators are told.
    pub(super) status: Result<Status, NotLetIn>,
    /// Where operators are told it.
    pub(super) admin_url: Address,
}

impl Asked {
    /// The agents that were seen since the start. `None` if that is not known.
    pub(super) fn agents(&self) -> Option<&[AgentSeen]> {
        let status = self.status.as_ref().ok()?;
        Some(status.agents.as_slice())
    }

    /// The first line of the report.
    pub(super) fn title(&self, target: &Target) -> String {
        match &self.status {
            Ok(status) => format!("Sluice {} at {target}", status.version),
            Err(_) => format!("Sluice at {target}"),
        }
    }

    /// Whether Sluice runs, and which policies are in force.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if let Err(error) = &self.health {
            findings.push(problem(format!(
                "nobody answers: {error:#}. Is `sluice serve` running, and is this its `--listen`?"
            )));
        }
        match (&self.status, &self.health) {
            (Ok(status), _) => findings.extend(of_policies(&status.policies)),
            (Err(not), Ok(())) => {
                findings.push(fine("it answers agents"));
                findings.push(note(format!(
                    "which policies are in force and which agents were seen is not known: {}",
                    not.what_to_do(&self.admin_url)
                )));
            }
            // Where nobody answers agents, nobody is there to let in operators.
            (Err(_), Err(_)) => {}
        }
        findings
    }
}

fn of_policies(policies: &Policies) -> Vec<Finding> {
    let names = policies
        .policies
        .iter()
        .filter(|policy| policy.mode != PolicyMode::Off);
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
    findings
}
