//! Claude Code: variables, which its settings may set over those of the shell.

use serde_json::Value;

use super::{Base, Check, in_file, in_shell};
use crate::cli::doctor::finding::{Finding, problem};
use crate::cli::doctor::surroundings::Surroundings;
use crate::cli::doctor::target::{Ending, Target};
use sluice_api::Agent;

pub(super) const CHECK: Check = Check {
    name: "Claude Code",
    seen_as: &[Agent::ClaudeCode],
    programs: &["claude"],
    variables: &[BASE_URL, CLOUDS[0].0, CLOUDS[1].0, CLOUDS[2].0],
    files: &SETTINGS,
    run,
};

const BASE_URL: &str = "ANTHROPIC_BASE_URL";
/// The variables that turn it to a cloud's own API, which Sluice does not read.
const CLOUDS: [(&str, &str); 3] = [
    ("CLAUDE_CODE_USE_BEDROCK", "Amazon Bedrock"),
    ("CLAUDE_CODE_USE_VERTEX", "Google Vertex AI"),
    ("CLAUDE_CODE_USE_FOUNDRY", "Microsoft Foundry"),
];
/// Its settings, those first that come first.
const SETTINGS: [&str; 5] = [
    "/etc/claude-code/managed-settings.json",
    "/Library/Application Support/ClaudeCode/managed-settings.json",
    "./.claude/settings.local.json",
    "./.claude/settings.json",
    "~/.claude/settings.json",
];

fn run(surroundings: &Surroundings, target: &Target) -> Vec<Finding> {
    let mut findings = broken(surroundings);
    let turned =
        |(name, _): &&(&str, &str)| find(surroundings, name).is_some_and(|base| is_on(&base.url));
    if let Some((name, cloud)) = CLOUDS.iter().find(turned) {
        findings.push(problem(format!(
            "{name} is set, so it calls {cloud}, whose API Sluice does not read: unset it"
        )));
        return findings;
    }
    let base = find(surroundings, BASE_URL);
    let remedy = format!("{BASE_URL}={}", target.base(Ending::Root));
    findings.push(target.judge(
        base.as_ref(),
        "https://api.anthropic.com",
        Ending::Root,
        &remedy,
    ));
    findings
}

/// A variable as Claude Code will see it.
fn find(surroundings: &Surroundings, name: &str) -> Option<Base> {
    let in_settings = SETTINGS.iter().find_map(|file| {
        let settings = surroundings.json(file);
        let value = &settings["env"][name];
        in_file(value.as_str(), name, file)
    });
    in_settings.or_else(|| in_shell(surroundings, name))
}

fn broken(surroundings: &Surroundings) -> Vec<Finding> {
    let broken = SETTINGS
        .iter()
        .filter(|file| surroundings.file(file).is_some() && surroundings.json(file) == Value::Null);
    broken
        .map(|file| problem(format!("{file} is not JSON, so it is not in force")))
        .collect()
}

fn is_on(value: &str) -> bool {
    ["1", "true", "yes", "on"].contains(&value.to_lowercase().as_str())
}
