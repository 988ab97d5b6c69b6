//! The official SDKs, and whatever else reads their variables.

use super::{Check, in_shell};
use crate::cli::doctor::finding::{Finding, note};
use crate::cli::doctor::surroundings::Surroundings;
use crate::cli::doctor::target::{Ending, Target};
use sluice_api::Agent;

pub(super) const CHECK: Check = Check {
    name: "SDKs",
    seen_as: &[Agent::AnthropicSdk, Agent::OpenaiSdk, Agent::AiSdk],
    programs: &[],
    variables: &["ANTHROPIC_BASE_URL", "OPENAI_BASE_URL"],
    files: &[],
    run,
};

/// A program may be given its base URL in its code, so a variable that is not set is no more than a note.
fn run(surroundings: &Surroundings, target: &Target) -> Vec<Finding> {
    let one = |name, default, ending| {
        let base = in_shell(surroundings, name);
        let remedy = format!("{name}={}", target.base(ending));
        let finding = target.judge(base.as_ref(), default, ending, &remedy);
        match base {
            Some(_) => finding,
            None => note(format!(
                "{name} is not set: a program that names no base URL calls {default}"
            )),
        }
    };
    vec![
        one(
            "ANTHROPIC_BASE_URL",
            "https://api.anthropic.com",
            Ending::Root,
        ),
        one("OPENAI_BASE_URL", "https://api.openai.com/v1", Ending::V1),
    ]
}
