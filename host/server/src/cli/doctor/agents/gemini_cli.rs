//! Gemini CLI: it speaks Google's API alone.

use super::Check;
use crate::cli::doctor::finding::{Finding, problem};
use crate::cli::doctor::surroundings::Surroundings;
use crate::cli::doctor::target::Target;
use sluice_api::Agent;

pub(super) const CHECK: Check = Check {
    name: "Gemini CLI",
    seen_as: &[Agent::GeminiCli],
    programs: &["gemini"],
    variables: &[],
    files: &["~/.gemini/settings.json"],
    run,
};

fn run(_: &Surroundings, _: &Target) -> Vec<Finding> {
    vec![problem(
        "it speaks Google's own API, which Sluice does not read, so no policy can see its traffic",
    )]
}
