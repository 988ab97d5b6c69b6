//! What operators can set, and what they are told.

use serde_json::{Value, json};
use sluice_policy_sdk::testing::{Heard, faults, heard};

use super::{RedactSecrets, random, run, upper};

#[test]
fn kinds_can_be_off_and_literals_allowed() {
    let (token, key) = (
        format!("ghp_{}", random(80, 36)),
        format!("AKIA{}", upper(81, 16)),
    );
    let text = format!("{token} {key}");
    let mut off = run(json!({"off": ["github-token"]}));
    assert_eq!(
        off.text(&[&text]),
        Ok(format!("{token} [REDACTED:aws-access-key:1]"))
    );
    let mut allowing = run(json!({"allow": [key]}));
    assert_eq!(
        allowing.text(&[&text]),
        Ok(format!("[REDACTED:github-token:1] {key}"))
    );
}

#[test]
fn the_operator_can_add_secrets() {
    let mut run = run(json!({"extra": [
        {"name": "badge", "regex": "BADGE-[0-9]{6}"},
        {"name": "pin", "regex": "pin (?P<secret>[0-9]{4})"},
    ]}));
    assert_eq!(
        run.text(&["My BADGE-12", "3456 and pin 99", "99."]),
        Ok("My [REDACTED:badge:1] and pin [REDACTED:pin:1].".to_owned())
    );
}

#[test]
fn faults_name_their_field() {
    let fault = |config: Value| faults::<RedactSecrets>(&config).join("; ");
    assert_eq!(
        fault(json!({"extra": [{"name": "a", "regex": "a"}, {"name": "b", "regex": "b*"}]})),
        "extra[1].regex: it matches the empty text"
    );
    assert_eq!(
        fault(json!({"extra": [{"name": "A b", "regex": "a"}]})),
        "extra[0].name: `A b` must be 1 to 40 lower case letters, digits and `-`"
    );
    assert!(fault(json!({"off": ["github"]})).contains("off[0]: unknown variant `github`"));
    assert!(fault(json!({"reqest": true})).contains("unknown field `reqest`"));
}

#[test]
fn the_operator_is_told_what_was_found_and_not_the_secret() {
    let secret = format!("ghp_{}", random(82, 36));
    let mut run = run(json!({})).with_text(&secret);
    heard();
    run.request();
    let detail = json!({"kind": "github-token", "secrets": 1, "in": "request"});
    assert_eq!(
        heard(),
        [
            Heard::Count("redacted.github-token".to_owned(), 1),
            Heard::Emit("secrets-redacted".to_owned(), detail),
        ]
    );
}
