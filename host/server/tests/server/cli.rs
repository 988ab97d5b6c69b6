//! The binary as an operator meets it: what it prints, where, and how it ends.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::serving::Server;
use crate::support::{run, sluice, text};

/// A policy file that needs no component.
const ALL_OFF: &str = "policies: [{ name: a, component: a.wasm, mode: off }]";

fn policy_file(folder: &Path, text: &str) -> PathBuf {
    let file = folder.join("p.yaml");
    fs::write(&file, text).unwrap();
    file
}

#[test]
fn a_faulty_policy_file_is_told_line_by_line_and_fails_the_check() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("text.wasm"), "not a component").unwrap();
    let file = policy_file(
        folder.path(),
        "policies:\n  - name: a\n    component: text.wasm\n  - name: b\n    component: text.wasm\n    mod: off\n",
    );
    let file = file.to_str().unwrap();
    let output = run(&["config", "check", file]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout), "");
    let fault = "policies[1]: unknown field `mod`; did you mean `mode`?";
    assert_eq!(text(&output.stderr), format!("{file}:6:5: {fault}\n"));

    fs::write(file, "policies: [{ name: a, component: text.wasm }]").unwrap();
    let output = run(&["config", "check", file]);
    assert_eq!(output.status.code(), Some(1));
    let fault =
        format!("{file}:1:34: policies[0].component: its file is not a WebAssembly component");
    assert!(
        text(&output.stderr).starts_with(&fault),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_good_policy_file_is_reported_on_and_passes_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let file = policy_file(folder.path(), ALL_OFF);
    let output = run(&["config", "check", file.to_str().unwrap()]);
    assert_eq!(text(&output.stderr), "");
    assert_eq!(
        text(&output.stdout),
        "1. a (off)\nok: 1 policy, 0 in force\n"
    );
    assert!(output.status.success());
}

#[test]
fn what_passes_the_policies_by_is_part_of_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = "{ policies: [], passthrough: [/v1/files, /v1/files/*] }";
    let file = policy_file(folder.path(), yaml);
    let output = run(&["config", "check", file.to_str().unwrap()]);
    assert_eq!(
        text(&output.stdout),
        "passed, seen by no policy:\n   /v1/files\n   /v1/files/*\nok: 0 policies, 0 in force\n"
    );
    assert!(output.status.success());
}

#[test]
fn the_schema_is_printed() {
    let output = run(&["config", "schema"]);
    assert!(output.status.success());
    assert_eq!(
        text(&output.stdout),
        sluice_server::reload::policy_file::json_schema()
    );
}

#[test]
fn a_bad_flag_is_one_line_and_no_flag_at_all_is_the_help() {
    let output = run(&["serve", "--listen", "nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr).lines().count(),
        1,
        "{}",
        text(&output.stderr)
    );
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("Usage: sluice <COMMAND>"));
}

#[test]
fn a_faulty_policy_file_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = policy_file(folder.path(), "policies: [{ name: a }]");
    let policies = ["--policies", file.to_str().unwrap()];
    let output = run(&["serve", "--listen", "127.0.0.1:0", policies[0], policies[1]]);
    assert_eq!(output.status.code(), Some(1));
    let line: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(line["level"], "ERROR");
    let message = line["message"].as_str().unwrap();
    assert!(
        message.ends_with("p.yaml:1:12: policies[0]: missing field `component`"),
        "{message}"
    );
}

#[test]
fn a_server_says_where_it_listens_and_ends_when_told() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&[]);
        server.until("no policy file is named");
        let line = server.until("listening on http://127.0.0.1:");
        assert_eq!(line["level"], "INFO");
        server.signal(signal);
        server.until("stopped");
        assert!(server.child.wait().unwrap().success());
    }
}

#[test]
fn a_cache_that_others_can_read_is_told_and_no_reason_not_to_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = policy_file(folder.path(), ALL_OFF);
    let cache = folder.path().join("cache");
    let arguments = [
        "--policies",
        file.to_str().unwrap(),
        "--cache",
        cache.to_str().unwrap(),
    ];
    Server::start(&arguments).until("listening on");
    let policies = cache.join("policies");
    assert!(policies.join("host.key").exists());

    fs::set_permissions(&policies, fs::Permissions::from_mode(0o750)).unwrap();
    let mut server = Server::start(&arguments);
    let line = server.until("no cache (--cache)");
    assert_eq!(line["level"], "WARN");
    let message = line["message"].as_str().unwrap();
    let what_to_do = "is open to others (mode 750): `chmod 700` it";
    assert!(message.ends_with(what_to_do), "{message}");
    server.until("listening on");
}

#[test]
fn a_server_reloads_when_the_file_changes_and_on_a_hangup() {
    let folder = tempfile::tempdir().unwrap();
    let file = policy_file(folder.path(), ALL_OFF);
    let mut server = Server::start(&["--policies", file.to_str().unwrap()]);
    server.until("listening on");
    fs::write(&file, format!("# edited\n{ALL_OFF}")).unwrap();
    assert_eq!(server.until("reloaded the policies")["generation"], 2);
    server.signal("HUP");
    assert_eq!(server.until("reloaded the policies")["generation"], 3);
    fs::write(&file, "policies: 7").unwrap();
    let line = server.until("the policies in place stay");
    assert_eq!(
        (&line["level"], &line["generation"]),
        (&"ERROR".into(), &3.into())
    );
}

/// What is answered to a request.
fn ask(address: &str, request: &str) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn what_comes_from_outside_is_cut_and_escaped_in_the_log() {
    // Nobody listens there.
    let mut server = Server::start(&["--anthropic-url", "http://127.0.0.1:9"]);
    let address = server.address();
    let long = "\u{202e}".repeat(10 << 10);
    let body = format!(r#"{{"model":"a\u001b[31m\n{long}","messages":[]}}"#);
    let head = "host: x\r\nx-api-key: k\r\nanthropic-version: 1\r\nconnection: close";
    let length = body.len();
    ask(
        &address,
        &format!("POST /v1/messages HTTP/1.1\r\n{head}\r\ncontent-length: {length}\r\n\r\n{body}"),
    );
    let line = server.until("exchange closed");
    let model = line["model"].as_str().unwrap();
    assert!(model.starts_with(r"a\u{1b}[31m\n\u{202e}"), "{model}");
    assert!(
        model.chars().count() <= 256 && model.ends_with('…'),
        "{model}"
    );

    let id = "m".repeat(10 << 10);
    ask(
        &address,
        &format!("GET /v1/models/{id} HTTP/1.1\r\n{head}\r\n\r\n"),
    );
    let line = server.until("a request that no policy judges failed");
    let path = line["path"].as_str().unwrap();
    assert!(
        path.chars().count() == 256 && path.ends_with("mmm…"),
        "{path}"
    );
}

#[test]
fn where_few_files_may_be_open_half_open_connections_hold_up_nobody() {
    let sluice = sluice(&["serve", "--listen", "127.0.0.1:0"]);
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 200 && exec \"$0\" \"$@\""]);
    limited.arg(sluice.get_program()).args(sluice.get_args());
    for (name, value) in sluice.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    let mut server = Server::run(limited);
    let line = server.until("there can be fewer connections than 16384 (--max-connections)");
    assert_eq!(line["limit"], 68);
    let address = server.address();
    let half_open: Vec<_> = (0..300)
        .map(|_| {
            let mut connection = TcpStream::connect(&address).unwrap();
            connection
                .write_all(b"POST /v1/messages HTTP/1.1\r\n")
                .unwrap();
            connection
        })
        .collect();
    let health = ask(
        &address,
        "GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    );
    assert!(health.starts_with("HTTP/1.1 200 "), "{health}");
    let line = server.until("connections without a request were closed to make room");
    assert_eq!(line["level"], "INFO");
    drop(half_open);
}
