//! The policy, by subject. Here are the secrets that the tests use, and the checks.

mod forms;
mod operator;
mod pieces;
mod places;

use serde_json::{Value, json};
use sluice_policy_sdk::testing::Run;

use super::RedactSecrets;

/// Random letters and digits, the same for the same seed. They are made here, so that no scanner of
/// repositories takes them for real secrets.
fn random(seed: u64, length: usize) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        alphabet[(state >> 33) as usize % alphabet.len()] as char
    };
    (0..length).map(|_| next()).collect()
}

fn hex(seed: u64, length: usize) -> String {
    let letters = random(seed, length).into_bytes().into_iter();
    letters
        .map(|b| char::from(b"0123456789abcdef"[b as usize % 16]))
        .collect()
}

fn upper(seed: u64, length: usize) -> String {
    random(seed, length).to_uppercase()
}

fn run(config: Value) -> Run<RedactSecrets> {
    Run::new(config)
}

fn redacted(text: &str) -> String {
    run(json!({})).text(&[text]).expect("it never stops")
}

#[track_caller]
fn finds(kind: &str, secret: &str) {
    for around in [
        ("", ""),
        ("use ", " now."),
        ("\"", "\","),
        ("a\n", "\nb"),
        ("(", ")"),
    ] {
        let (before, after) = around;
        assert_eq!(
            redacted(&format!("{before}{secret}{after}")),
            format!("{before}[REDACTED:{kind}:1]{after}")
        );
    }
}

#[track_caller]
fn becomes(text: &str, expected: &str) {
    assert_eq!(redacted(text), expected);
}

#[track_caller]
fn keeps(text: &str) {
    becomes(text, text);
}

fn pem(lines: u64) -> String {
    let body: String = (0..lines)
        .map(|line| random(50 + line, 64) + "\n")
        .collect();
    format!(
        "-----BEGIN RSA PRIVATE KEY-----\n{body}{}==\n-----END RSA PRIVATE KEY-----",
        random(49, 10)
    )
}
