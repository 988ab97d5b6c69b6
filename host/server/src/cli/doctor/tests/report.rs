//! The doctor's whole report.

use std::collections::BTreeMap;
use std::time::Duration;

use sluice_api::{
    Agent, AgentSeen, Code, Policies, PolicyMode, PolicyStatus, Problem, RecordingStatus, Status,
};

use super::super::report::report;
use super::super::sluice::Asked;
use super::super::surroundings::Surroundings;
use super::{surroundings, target};
use crate::cli::door::NotLetIn;

fn asked(status: Result<Status, NotLetIn>) -> Asked {
    Asked {
        health: Ok(()),
        status,
        admin_url: "http://127.0.0.1:8081".parse().unwrap(),
    }
}

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
        &asked(Ok(Status::default())),
        &surroundings,
        Duration::ZERO,
    )
    .text;
    assert!(told.contains("https://gateway.example.com/v1"), "{told}");
    assert!(!told.contains("sk-secret"), "{told}");
}

#[test]
fn what_is_wrong_with_the_record_is_told() {
    let recording = RecordingStatus {
        database_away_since_ms: Some(1),
        spooled: 7,
        dropped: 3,
        spool_refused: 2,
        spool_full: 1,
        spool_set_aside: 1,
        ..RecordingStatus::default()
    };
    let told = |recording| {
        let status = Status {
            recording,
            ..Status::default()
        };
        let asked = asked(Ok(status));
        report(&target(), &asked, &surroundings(&[], &[]), Duration::ZERO).text
    };
    let wrong = told(Some(recording));
    for word in [
        "7 exchanges wait for it",
        "3 exchanges were not recorded",
        "refuses 2 exchanges",
        "--spool-max-mib",
        "the spool was damaged",
    ] {
        assert!(wrong.contains(word), "no `{word}` in {wrong}");
    }
    assert_eq!(told(Some(RecordingStatus::default())), told(None));
}

#[test]
fn an_agent_that_comes_is_told_with_when_and_how_often() {
    let seen = |agent, last_seen_ms, last_status| AgentSeen {
        agent,
        last_seen_ms,
        last_status,
        requests: 3,
        paths: BTreeMap::from([("/v1/responses".to_owned(), 3)]),
    };
    let status = Status {
        version: "0.1.0".to_owned(),
        policies: Policies {
            policies: vec![PolicyStatus {
                name: "redact".to_owned(),
                mode: PolicyMode::Enforce,
                digest: None,
                version: None,
                snapshot: None,
            }],
            ..Policies::default()
        },
        agents: vec![
            seen(Agent::Codex, 88_000, Some(401)),
            seen(Agent::Other, 0, Some(200)),
        ],
        ..Status::default()
    };
    let told = report(
        &target(),
        &asked(Ok(status)),
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
    let refused = || anyhow::anyhow!("connection refused");
    let asked = Asked {
        health: Err(refused()),
        ..asked(Err(NotLetIn::NoAnswer(refused())))
    };
    let surroundings = surroundings(&[], &[("~/.claude/settings.json", "{}")]);
    let told = report(&target(), &asked, &surroundings, Duration::ZERO);
    assert!(
        told.text
            .contains("   problem  nobody answers: connection refused."),
        "{}",
        told.text
    );
    assert!(
        told.text
            .contains("Claude Code: not known whether it was seen"),
        "{}",
        told.text
    );
    assert_eq!(told.problems, 2);
}

#[test]
fn who_is_not_let_in_is_told_what_to_do_in_one_line_and_what_is_known_all_the_same() {
    let wrong = Problem::new(Code::WrongKey, "this is not the admin key");
    let nobody = || anyhow::anyhow!("connection refused");
    for (not, what_to_do) in [
        (
            NotLetIn::NoKey,
            "set SLUICE_ADMIN_KEY or `--admin-key-file` to the admin key (`sluice admin reset-key` makes another)",
        ),
        (
            NotLetIn::Refused(wrong),
            "http://127.0.0.1:8081 answers: this is not the admin key",
        ),
        (
            NotLetIn::NoAnswer(nobody()),
            "connection refused; is http://127.0.0.1:8081 where operators are served (`--admin-url`)?",
        ),
    ] {
        let surroundings = surroundings(&[], &[("~/.claude/settings.json", "{}")]);
        let told = report(&target(), &asked(Err(not)), &surroundings, Duration::ZERO);
        let first = "Sluice at http://127.0.0.1:8080\n   ok       it answers agents\n   note     \
                     which policies are in force and which agents were seen is not known: ";
        let begins = format!("{first}{what_to_do}\n");
        assert!(
            told.text.starts_with(&begins),
            "{begins}\n---\n{}",
            told.text
        );
        assert!(
            told.text
                .contains("\nClaude Code: not known whether it was seen\n")
        );
    }
}
