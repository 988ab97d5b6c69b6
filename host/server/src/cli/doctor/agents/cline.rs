//! Cline: the providers of its command line. Those of its editor extension are nowhere to be read.

use super::{Check, in_file};
use crate::cli::doctor::finding::{Finding, note};
use crate::cli::doctor::surroundings::Surroundings;
use crate::cli::doctor::target::{Ending, Target};
use sluice_api::Agent;

pub(super) const CHECK: Check = Check {
    name: "Cline",
    seen_as: &[Agent::Cline],
    programs: &["cline"],
    variables: &[],
    files: &[PROVIDERS],
    run,
};

const PROVIDERS: &str = "~/.cline/data/settings/providers.json";

fn run(surroundings: &Surroundings, target: &Target) -> Vec<Finding> {
    let settings = surroundings.json(PROVIDERS);
    let used = settings["lastUsedProvider"].as_str().unwrap_or("cline");
    let field = format!("providers.{used}.settings.baseUrl");
    let url = settings["providers"][used]["settings"]["baseUrl"].as_str();
    let base = in_file(url, &field, PROVIDERS);
    let remedy = format!(
        "it with `cline auth -p openai -b {} -k KEY -m MODEL`",
        target.base(Ending::V1)
    );
    let default = format!("its provider `{used}`");
    vec![
        target.judge(base.as_ref(), &default, Ending::V1, &remedy),
        note(
            "in an editor its base URL is in its own settings, which can't be read from here; Sluice sees its \
              command line as `ai-sdk`",
        ),
    ]
}
