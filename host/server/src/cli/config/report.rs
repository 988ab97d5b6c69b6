//! Prints the report of `sluice config check` on a policy file without a fault.

use std::fmt::Write as _;

use serde_json::Value;
use sluice_engine::{Policy, PolicySet, Snapshot};

use crate::cli::wants::{list, wanted};
use crate::reload::Status;

/// Lists each policy of the file with what it is and does, and the paths that no policy sees.
pub(super) fn report(status: &Status, set: &PolicySet) -> String {
    let mut text = String::new();
    let mut policies = set.policies().iter();
    for (index, listed) in status.policies.iter().enumerate() {
        let loaded = (listed.digest.is_some()).then(|| policies.next()).flatten();
        line(
            &mut text,
            &format!("{}. {} ({})", index + 1, listed.name, listed.mode.as_str()),
        );
        for (what, is) in loaded.map(|policy| facts(policy)).unwrap_or_default() {
            line(&mut text, &format!("   {what:<10}  {is}"));
        }
    }
    let patterns = status.passthrough.patterns();
    if !patterns.is_empty() {
        line(&mut text, "passed, seen by no policy:");
    }
    for pattern in patterns {
        line(&mut text, &format!("   {pattern}"));
    }
    let count = status.policies.len();
    let policies = if count == 1 { "policy" } else { "policies" };
    line(
        &mut text,
        &format!("ok: {count} {policies}, {} in force", set.policies().len()),
    );
    text
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{}", line.trim_end()).expect("a string takes everything");
}

fn facts(policy: &Policy) -> Vec<(&'static str, String)> {
    let description = policy.description();
    let limits = policy.limits();
    vec![
        (
            "is",
            format!("{} {}", description.name, description.version),
        ),
        ("does", description.summary.clone()),
        ("digest", policy.digest().to_string()),
        ("wants", wanted(&policy.policy_wants())),
        ("needs", list(description.needs.iter().cloned().collect())),
        ("snapshot", snapshot(policy)),
        ("config", config(policy)),
        ("on failure", policy.on_failure().as_str().to_owned()),
        (
            "limits",
            format!(
                "fuel {} on a request and {} elsewhere, and {} for each 25,000 bytes; {} MiB, {} ms",
                limits.request_fuel,
                limits.block_fuel,
                limits.block_fuel,
                limits.memory_bytes >> 20,
                limits.deadline.as_millis()
            ),
        ),
    ]
}

fn snapshot(policy: &Policy) -> String {
    match policy.snapshot() {
        Snapshot::Taken => "taken".to_owned(),
        Snapshot::PerExchange { reason } => {
            format!("none, so it is configured per exchange: {reason}")
        }
        Snapshot::NotNeeded => "not needed: it wants nothing".to_owned(),
    }
}

/// The policy itself has accepted its config, or it would not be in force.
fn config(policy: &Policy) -> String {
    let schema = match &policy.description().config_schema {
        Value::Null => "it gives no schema for it",
        _ => "it gives a schema for it",
    };
    format!("accepted; {schema}")
}
