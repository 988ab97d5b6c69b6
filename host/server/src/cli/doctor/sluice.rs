//! What a running Sluice says of itself.

use sluice_api::{AgentSeen, Policies, PolicyMode, RecordingStatus, Relay, RelayState, Status};

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
            (Ok(status), _) => {
                findings.extend(of_policies(&status.policies));
                findings.extend(
                    status
                        .recording
                        .as_ref()
                        .map(of_recording)
                        .unwrap_or_default(),
                );
                findings.extend(status.events.relay.as_ref().and_then(of_relay));
            }
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

/// What is wrong with the recording of exchanges.
fn of_recording(recording: &RecordingStatus) -> Vec<Finding> {
    let mut findings = Vec::new();
    if recording.database_away_since_ms.is_some() {
        let spooled = recording.spooled;
        findings.push(problem(format!(
            "the database of the record is away; {spooled} exchanges wait for it on the local disk"
        )));
    }
    if recording.dropped > 0 {
        let dropped = recording.dropped;
        findings.push(problem(format!(
            "{dropped} exchanges were not recorded, because there was no room for them (--recording-on-full)"
        )));
    }
    if recording.spool_full > 0 {
        findings.push(problem(
            "the spool had no room for exchanges that wait for the database (--spool-max-mib)",
        ));
    }
    if recording.spool_refused > 0 {
        let refused = recording.spool_refused;
        findings.push(problem(format!(
            "the database refuses {refused} exchanges; they stay in the spool, and the log says why"
        )));
    }
    if recording.spool_set_aside > 0 {
        findings.push(problem(
            "the spool was damaged; what could not be read of it is in a file beside it, which the log names",
        ));
    }
    findings
}

fn of_relay(relay: &Relay) -> Option<Finding> {
    let cause = relay.cause.as_deref().unwrap_or("it can't be used");
    (relay.state == RelayState::Degraded).then(|| {
        note(format!(
            "other processes are not told what happens here, because of Redis: {cause}"
        ))
    })
}
