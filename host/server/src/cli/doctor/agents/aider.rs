//! Aider: variables, its configuration file, and the libraries behind it.

use serde_json::Value;

use super::{Base, Check, in_file, in_shell};
use crate::cli::doctor::finding::{Finding, Severity, note};
use crate::cli::doctor::surroundings::Surroundings;
use crate::cli::doctor::target::{Ending, Target};
use sluice_api::Agent;

pub(super) const CHECK: Check = Check {
    name: "Aider",
    seen_as: &[Agent::Litellm],
    programs: &["aider"],
    variables: &[
        "OPENAI_API_BASE",
        "AIDER_OPENAI_API_BASE",
        "ANTHROPIC_API_BASE",
        "ANTHROPIC_BASE_URL",
    ],
    files: &FILES,
    run,
};

const FILES: [&str; 2] = ["./.aider.conf.yml", "~/.aider.conf.yml"];

/// Checks the base URLs of both APIs. Aider chooses the API with the model, so it is enough if one of them leads to Sluice.
fn run(surroundings: &Surroundings, target: &Target) -> Vec<Finding> {
    let shell = |name| in_shell(surroundings, name);
    let openai = in_files(surroundings)
        .or_else(|| shell("AIDER_OPENAI_API_BASE"))
        .or_else(|| shell("OPENAI_API_BASE"));
    let anthropic = shell("ANTHROPIC_API_BASE").or_else(|| shell("ANTHROPIC_BASE_URL"));
    let remedy = |name: &str, ending| format!("{name}={}", target.base(ending));
    let findings = [
        target.judge(
            openai.as_ref(),
            "https://api.openai.com",
            Ending::V1,
            &remedy("OPENAI_API_BASE", Ending::V1),
        ),
        target.judge(
            anthropic.as_ref(),
            "https://api.anthropic.com",
            Ending::Root,
            &remedy("ANTHROPIC_API_BASE", Ending::Root),
        ),
    ];
    let one_leads_here = findings
        .iter()
        .any(|finding| finding.severity != Severity::Problem);
    let named = ["models of OpenAI", "models of Anthropic"]
        .into_iter()
        .zip(findings);
    let named = named.map(|(api, finding)| {
        let text = format!("{api}: {}", finding.text);
        match finding.severity {
            Severity::Problem if one_leads_here => note(text),
            severity => Finding { severity, text },
        }
    });
    named.collect()
}

fn in_files(surroundings: &Surroundings) -> Option<Base> {
    FILES.iter().find_map(|file| {
        let config: Value = serde_saphyr::from_str(surroundings.file(file)?).ok()?;
        in_file(config["openai-api-base"].as_str(), "openai-api-base", file)
    })
}
