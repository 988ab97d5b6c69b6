//! Keys for callers, as an operator makes them with commands.

use std::fs;
use std::process::Output;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::recording::Recording;
use crate::support::{run, sluice, text};

/// A Sluice whose callers have keys, and both ways to them.
fn start() -> (Recording, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("anthropic");
    fs::write(&file, "sk-ant-of-the-host\n").unwrap();
    let file = file.to_str().unwrap();
    let flags = ["--auth", "keys", "--anthropic-key-file", file];
    (Recording::with(&flags), folder)
}

/// Runs a command about keys on both ways. Each ends as the other does.
fn keys(recording: &Recording, arguments: &[&str], through_the_door: bool) -> Output {
    let file = recording.database();
    let way = match through_the_door {
        true => ["--admin-url", &recording.door],
        false => ["--database", file.to_str().unwrap()],
    };
    recording.about("keys", arguments, &way).output().unwrap()
}

/// The lines of JSON that a command printed.
fn listed(output: &Output) -> Vec<Value> {
    let lines = text(&output.stdout).lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Waits until who has this key gets a status.
fn until(recording: &Recording, key: &str, status: &str) {
    let begun = Instant::now();
    loop {
        let answer = recording.answer(key, "hello");
        if answer.starts_with(&format!("HTTP/1.1 {status}")) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{answer}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_key_is_made_listed_replaced_and_revoked_on_either_way() {
    let (recording, _folder) = start();
    for (name, through_the_door) in [("ann", true), ("bob", false)] {
        let asked = [
            "create",
            "--name",
            name,
            "--label",
            "team=blue",
            "--owner",
            "ann@example.com",
            "--model",
            "m*",
            "--api",
            "anthropic",
            "--expires",
            "90d",
        ];
        let made = keys(&recording, &asked, through_the_door);
        let told = text(&made.stderr);
        assert!(
            made.status.success() && told.contains(name) && !told.contains("slk_"),
            "{told}"
        );
        // A script takes what is printed as the key.
        let key = text(&made.stdout).trim_end();
        assert!(key.starts_with("slk_") && key.len() == 63, "{key}");
        until(&recording, key, "200");
        let lists = [true, false].map(|way| listed(&keys(&recording, &["list"], way)));
        assert_eq!(lists[0], lists[1]);
        let found = lists[0].iter().find(|key| key["name"] == name).unwrap();
        assert_eq!(
            (&found["state"], &found["labels"][0]["value"]),
            (&"valid".into(), &"blue".into())
        );
        let id = found["id"].as_str().unwrap();
        let made = keys(
            &recording,
            &["rotate", id, "--grace", "1h"],
            through_the_door,
        );
        let new = text(&made.stdout).trim_end();
        until(&recording, new, "200");
        until(&recording, key, "200");
        let revoked = keys(&recording, &["revoke", id], through_the_door);
        assert!(revoked.status.success() && revoked.stdout.is_empty());
        until(&recording, key, "401");
        until(&recording, new, "200");
        let again = keys(&recording, &["revoke", id], through_the_door);
        let told = text(&again.stderr);
        assert_eq!(
            (again.status.code(), told),
            (Some(1), &*format!("error: there is no valid key `{id}`\n"))
        );
    }
}

#[test]
fn what_is_no_key_is_one_line_on_either_way() {
    let (recording, _folder) = start();
    for (arguments, part) in [
        (&["create", "--name", ""][..], "1 to 64 characters"),
        (&["create", "--name", "a", "--api", "smtp"], "openai-chat"),
        (&["create", "--name", "a", "--caller", "ann"], "clr_"),
        (&["rotate", "key_0"], "key_0"),
    ] {
        let told = [true, false].map(|way| {
            let output = keys(&recording, arguments, way);
            assert_eq!(output.status.code(), Some(1));
            assert!(output.stdout.is_empty());
            text(&output.stderr).to_owned()
        });
        assert_eq!(told[0], told[1]);
        assert!(
            told[0].contains(part) && told[0].lines().count() == 1,
            "{}",
            told[0]
        );
    }
}

#[test]
fn an_address_that_others_reach_is_not_served_to_everybody_by_accident() {
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let mut command = sluice(&["serve", "--listen", listen]);
        let output = command.output().unwrap();
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        for part in ["--auth keys", "--allow-anonymous"] {
            assert!(told.contains(part), "{told}");
        }
    }
}

#[test]
fn a_key_that_cannot_be_read_stops_the_start_and_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let shown = file.to_str().unwrap();
    let serve = || {
        run(&[
            "serve",
            "--auth",
            "keys",
            "--database",
            "x.db",
            "--openai-key-file",
            shown,
        ])
    };
    let missing = serve();
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains(shown));
    fs::write(&file, "sk-two\nsk-lines").unwrap();
    let odd = serve();
    let told = text(&odd.stderr);
    assert_eq!(odd.status.code(), Some(2), "{told}");
    assert!(
        told.contains("--openai-key-file") && !told.contains("sk-two"),
        "{told}"
    );
}
