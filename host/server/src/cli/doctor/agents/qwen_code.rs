//! Qwen Code: the shell's variables, then those of its `.env`, then its settings.

use super::{Base, Check, in_dotenv, in_file, in_shell};
use crate::cli::doctor::finding::Finding;
use crate::cli::doctor::surroundings::Surroundings;
use crate::cli::doctor::target::{Ending, Target};
use sluice_api::Agent;

pub(super) const CHECK: Check = Check {
    name: "Qwen Code",
    seen_as: &[Agent::QwenCode],
    programs: &["qwen"],
    variables: &[BASE_URL],
    files: &[DOTENVS[0], DOTENVS[1], SETTINGS[0], SETTINGS[1]],
    run,
};

const BASE_URL: &str = "OPENAI_BASE_URL";
const DOTENVS: [&str; 2] = ["./.qwen/.env", "~/.qwen/.env"];
const SETTINGS: [&str; 2] = ["./.qwen/settings.json", "~/.qwen/settings.json"];

fn run(surroundings: &Surroundings, target: &Target) -> Vec<Finding> {
    let base = in_shell(surroundings, BASE_URL)
        .or_else(|| in_dotenvs(surroundings))
        .or_else(|| in_settings(surroundings));
    let remedy = format!("{BASE_URL}={}", target.base(Ending::V1));
    let default = "the API of its sign-in";
    vec![target.judge(base.as_ref(), default, Ending::V1, &remedy)]
}

fn in_dotenvs(surroundings: &Surroundings) -> Option<Base> {
    let in_one = |file: &&str| in_file(in_dotenv(surroundings, file, BASE_URL), BASE_URL, file);
    DOTENVS.iter().find_map(in_one)
}

fn in_settings(surroundings: &Surroundings) -> Option<Base> {
    SETTINGS.iter().find_map(|file| {
        let settings = surroundings.json(file);
        let variable = in_file(
            settings["env"][BASE_URL].as_str(),
            &format!("env.{BASE_URL}"),
            file,
        );
        let field = "security.auth.baseUrl";
        let url = settings["security"]["auth"]["baseUrl"].as_str();
        variable.or_else(|| in_file(url, field, file))
    })
}
