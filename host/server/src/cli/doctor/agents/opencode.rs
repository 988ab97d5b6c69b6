//! opencode: the providers of its `opencode.json`, and the variables of the SDKs that it uses.

use serde_json::Value;

use super::{Base, Check, in_file, in_shell};
use crate::cli::doctor::finding::{Finding, Severity, fine, note};
use crate::cli::doctor::surroundings::Surroundings;
use crate::cli::doctor::target::{Ending, Target};
use sluice_api::Agent;

pub(super) const CHECK: Check = Check {
    name: "opencode",
    seen_as: &[Agent::Opencode],
    programs: &["opencode"],
    variables: &[KNOWN[0].1, KNOWN[1].1],
    files: &FILES,
    run,
};

/// The providers that it knows by itself and Sluice can stand before: name, variable, default.
const KNOWN: [(&str, &str, &str); 2] = [
    (
        "anthropic",
        "ANTHROPIC_BASE_URL",
        "https://api.anthropic.com",
    ),
    ("openai", "OPENAI_BASE_URL", "https://api.openai.com"),
];
/// Its configuration, those first that come first.
const FILES: [&str; 4] = [
    "./opencode.json",
    "./opencode.jsonc",
    "~/.config/opencode/opencode.json",
    "~/.config/opencode/opencode.jsonc",
];

/// Checks the base URL of each provider. A person chooses the provider while the agent runs, so a provider that goes
/// around Sluice is only a note if another one uses Sluice.
fn run(surroundings: &Surroundings, target: &Target) -> Vec<Finding> {
    let known = KNOWN.iter().map(|(provider, variable, default)| {
        let base = base(surroundings, provider).or_else(|| in_shell(surroundings, variable));
        let remedy = format!(
            "provider.{provider}.options.baseURL to \"{}\" in {}",
            target.base(Ending::V1),
            FILES[2]
        );
        let finding = target.judge(base.as_ref(), default, Ending::V1, &remedy);
        Finding {
            text: format!("{provider}: {}", finding.text),
            ..finding
        }
    });
    let own = own_providers(surroundings)
        .filter(|base| base.url.parse().is_ok_and(|url| target.is_led_to_by(&url)))
        .map(|base| fine(format!("{} leads here", base.source)));
    let findings: Vec<_> = known.chain(own).collect();
    let one_leads_here = findings
        .iter()
        .any(|finding| finding.severity != Severity::Problem);
    let softened = |finding: Finding| match finding.severity {
        Severity::Problem if one_leads_here => note(finding.text),
        _ => finding,
    };
    findings.into_iter().map(softened).collect()
}

fn base(surroundings: &Surroundings, provider: &str) -> Option<Base> {
    FILES.iter().find_map(|file| {
        let config = surroundings.json(file);
        let url = config["provider"][provider]["options"]["baseURL"].as_str();
        in_file(url, &format!("provider.{provider}.options.baseURL"), file)
    })
}

/// The base URLs of the providers that the person has added.
fn own_providers(surroundings: &Surroundings) -> impl Iterator<Item = Base> {
    let known = |name: &String| KNOWN.iter().any(|(provider, ..)| provider == name);
    FILES.iter().flat_map(move |file| {
        let config = surroundings.json(file);
        let providers = config["provider"].as_object().into_iter().flatten();
        let added = providers.filter(move |(name, _)| !known(name));
        let bases = added.filter_map(|(name, provider): (&String, &Value)| {
            let url = provider["options"]["baseURL"].as_str();
            in_file(url, &format!("provider.{name}.options.baseURL"), file)
        });
        bases.collect::<Vec<_>>()
    })
}
