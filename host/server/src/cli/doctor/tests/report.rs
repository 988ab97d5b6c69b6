//! The doctor's whole report.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::health::{Health, Policies, Policy};
use super::super::report::report;
use super::super::surroundings::Surroundings;
use super::{surroundings, target};
use crate::agents::{Agent, Sighting};

#[test]
fn no_credential_is_shown() {
    let url = "https://me:sk-secret@gateway.example.com/v1?key=sk-secret#sk-secret";
    let names = ["ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "OPENAI_API_BASE"];
    let variables: Vec<_> = names.iter().map(|name| (*name, url)).collect();
    let config = format!("openai_base_url = \"{url}\"");
    let files = [
        ("~/.codex/config.toml", config.as_str()),
        ("~/.codex/auth.json", r#"{"OPENAI_API_KEY": "sk-secret"}"#),
    ];
    let surroundings = surroundings(&variables, &files);
    let told = report(
        &target(),
        &Ok(Health::default()),
        &surroundings,
        Duration::ZERO,
    )
    .text;
    assert!(told.contains("https://gateway.example.com/v1"), "{told}");
    assert!(!told.contains("sk-secret"), "{told}");
}

#[test]
fn an_agent_that_comes_is_told_with_when_and_how_often() {
    let seen = |agent, last_seen_ms, last_status| Sighting {
        agent,
        last_seen_ms,
        last_status,
        requests: 3,
        paths: BTreeMap::from([("/v1/responses".to_owned(), 3)]),
    };
    let health = Health {
        version: "0.1.0".to_owned(),
        policies: Policies {
            policies: vec![Policy {
                name: "redact".to_owned(),
                mode: "enforce".to_owned(),
            }],
            ..Policies::default()
        },
        agents: vec![
            seen(Agent::Codex, 88_000, Some(401)),
            seen(Agent::Other, 0, Some(200)),
        ],
    };
    let told = report(
        &target(),
        &Ok(health),
        &Surroundings::default(),
        Duration::from_secs(7300),
    );
    let told = told.text;
    for line in [
        "Sluice 0.1.0 at http://127.0.0.1:8080\n   ok       policies in force: redact\n",
        "\nCodex: last seen 2 h ago, 3 requests to /v1/responses\n   problem  its last request was answered with 401",
        "\nOthers: last seen 2 h ago, 3 requests to /v1/responses\n",
    ] {
        assert!(told.contains(line), "{line}\n---\n{told}");
    }
    assert!(
        !told.contains("Claude Code"),
        "it is neither seen nor here: {told}"
    );
}

#[test]
fn a_sluice_that_does_not_answer_is_a_problem_and_the_rest_is_told_all_the_same() {
    let health = Err(anyhow::anyhow!("connection refused"));
    let surroundings = surroundings(&[], &[("~/.claude/settings.json", "{}")]);
    let told = report(&target(), &health, &surroundings, Duration::ZERO);
    assert!(
        told.text
            .contains("   problem  nobody answers: connection refused."),
        "{}",
        told.text
    );
    assert!(
        told.text.contains("Claude Code: never seen"),
        "{}",
        told.text
    );
    assert_eq!(told.problems, 2);
}
