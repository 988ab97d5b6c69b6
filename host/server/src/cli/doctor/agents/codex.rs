//! Codex: its `config.toml`, and how it is signed in. It does not read `OPENAI_BASE_URL`.

use toml::Value;

use super::{Base, Check, in_file};
use crate::cli::doctor::finding::{Finding, note, problem};
use crate::cli::doctor::surroundings::Surroundings;
use crate::cli::doctor::target::{Ending, Target};
use sluice_api::Agent;

pub(super) const CHECK: Check = Check {
    name: "Codex",
    seen_as: &[Agent::Codex],
    programs: &["codex"],
    variables: &["OPENAI_BASE_URL", "CODEX_API_KEY"],
    files: &[CONFIGS[0], CONFIGS[1], CONFIGS[2], AUTH],
    run,
};

/// Its configuration, those first that come first.
const CONFIGS: [&str; 3] = [
    "/etc/codex/managed_config.toml",
    "~/.codex/config.toml",
    "/etc/codex/config.toml",
];
const AUTH: &str = "~/.codex/auth.json";
/// The only upstream that accepts the token of a sign-in with `ChatGPT`.
const CHATGPT: &str = "https://chatgpt.com/backend-api/codex";

fn run(surroundings: &Surroundings, target: &Target) -> Vec<Finding> {
    let mut findings = broken(surroundings);
    let provider = find(surroundings, &["model_provider"]).map(|base| base.url);
    let provider = provider.filter(|provider| provider != "openai");
    let (base, field) = match &provider {
        None => (
            find(surroundings, &["openai_base_url"]),
            "openai_base_url".to_owned(),
        ),
        Some(name) => {
            let path = ["model_providers", name, "base_url"];
            (find(surroundings, &path), path.join("."))
        }
    };
    let default = match (&provider, login(surroundings)) {
        (Some(name), _) => format!("its provider `{name}`"),
        (None, Login::ChatGpt) => CHATGPT.to_owned(),
        (None, _) => "https://api.openai.com/v1".to_owned(),
    };
    let remedy = format!(
        "{field} = \"{}\" in {}",
        target.base(Ending::V1),
        CONFIGS[1]
    );
    findings.push(target.judge(base.as_ref(), &default, Ending::V1, &remedy));
    if base.is_none() && surroundings.variable("OPENAI_BASE_URL").is_some() {
        findings.push(note("OPENAI_BASE_URL is set, but Codex does not read it"));
    }
    if provider.is_none() {
        findings.extend(credential(surroundings));
    }
    findings
}

/// A text of the configuration.
fn find(surroundings: &Surroundings, path: &[&str]) -> Option<Base> {
    CONFIGS.iter().find_map(|file| {
        let config = Value::Table(surroundings.toml(file));
        let value = path.iter().try_fold(&config, |value, key| value.get(key));
        in_file(value?.as_str(), &path.join("."), file)
    })
}

#[derive(PartialEq)]
enum Login {
    Key,
    ChatGpt,
    None,
}

fn login(surroundings: &Surroundings) -> Login {
    let auth = surroundings.json(AUTH);
    if auth["auth_mode"] == "chatgpt"
        || (auth["tokens"].is_object() && auth["OPENAI_API_KEY"].is_null())
    {
        Login::ChatGpt
    } else if auth["OPENAI_API_KEY"].is_string() || surroundings.variable("CODEX_API_KEY").is_some()
    {
        Login::Key
    } else {
        Login::None
    }
}

fn credential(surroundings: &Surroundings) -> Option<Finding> {
    match login(surroundings) {
        Login::Key => None,
        Login::ChatGpt => Some(note(format!(
            "it is signed in with ChatGPT, whose token is good at {CHATGPT} alone: start Sluice with \
             `--openai-url {CHATGPT}`"
        ))),
        Login::None => Some(note(
            "it has no key, and Sluice refuses requests without one: run `codex login --with-api-key` (Codex \
             does not read OPENAI_API_KEY)",
        )),
    }
}

fn broken(surroundings: &Surroundings) -> Vec<Finding> {
    let faults = CONFIGS.iter().filter_map(|file| {
        let fault = surroundings.file(file)?.parse::<toml::Table>().err()?;
        let fault = fault.message();
        Some(problem(format!("{file} is not TOML: {fault}")))
    });
    faults.collect()
}
