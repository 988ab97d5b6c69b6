//! A policy that is written outside of this repository: begun, tested, built, looked into, served.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const README: &str = include_str!("../../../../README.md");

/// The checkout that this is a part of.
fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A command of the author's, in their folder. What was compiled for it stays for the next run.
fn command(program: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(folder)
        .env(
            "CARGO_TARGET_DIR",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/author"),
        )
        .envs([
            ("SLUICE_CACHE", ""),
            ("SLUICE_DATA", ""),
            ("SLUICE_CONFIG", ""),
        ])
        .envs([
            ("SLUICE_NO_RECORDING", "1"),
            ("SLUICE_ADMIN_LISTEN", "none"),
        ])
        .env_remove("POLICY_CONFIG")
        .stdin(Stdio::null());
    command
}

fn sluice(folder: &Path, arguments: &[&str]) -> Output {
    command(env!("CARGO_BIN_EXE_sluice"), folder, arguments)
        .output()
        .unwrap()
}

/// What a command that must succeed prints.
#[track_caller]
fn printed(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one line that a command that must fail prints.
#[track_caller]
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

/// The policy that README.md shows.
fn shown_policy() -> &'static str {
    let (_, rest) = README.split_once("```rust\n").unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_policy_of_the_readme_is_built_in_an_empty_folder_and_stops_a_call() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let sdk = checkout();
    let sdk = ["--sdk", sdk.to_str().unwrap()];
    printed(&sluice(
        here,
        &["policy", "new", "no-tools", sdk[0], sdk[1]],
    ));
    let policy = here.join("no-tools");
    fs::write(policy.join("src/lib.rs"), shown_policy()).unwrap();
    // So that it compiles the versions that are here already.
    fs::copy(checkout().join("Cargo.lock"), policy.join("Cargo.lock")).unwrap();

    let tests = command(env!("CARGO"), &policy, &["test", "--quiet"]).output();
    assert!(printed(&tests.unwrap()).contains("2 passed"));

    let built = sluice(
        &policy,
        &["policy", "build", "--output", "../no-tools.wasm"],
    );
    let report = printed(&built);
    for fact in [
        "no-tools 0.1.0\n",
        "   does        Keeps the model from calling some tools.\n",
        "   digest      sha256:",
        "   contract    sluice:policy 0.1.0\n",
        "   needs       no grants\n",
        "   wants       unknown with the config {}: it refuses its config: missing field `names`",
    ] {
        assert!(report.contains(fact), "{fact}\n{report}");
    }

    let config = ["--config", r#"{"names":["Bash"]}"#];
    let inspect = ["policy", "inspect", "no-tools.wasm", config[0], config[1]];
    let report = printed(&sluice(here, &inspect));
    assert!(
        report.contains("   wants       tool calls whole\n   hooks       on-block\n"),
        "{report}"
    );
    assert!(
        report.contains("The names of the tools that must not be called."),
        "{report}"
    );

    let report = printed(&sluice(here, &[&inspect[..], &["--json"]].concat()));
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["wants"]["tool_call"], "whole");
    assert_eq!(report["hooks"], json!(["on-block"]));
    assert_eq!(report["exports"], json!(["sluice:policy/hooks@0.1.0"]));

    let file =
        "policies: [{ name: no-tools, component: no-tools.wasm, config: { names: [Bash] } }]";
    fs::write(here.join("policies.yaml"), file).unwrap();
    let reply = reply_past_policies(here);
    assert!(!reply.contains("tool_use"), "{reply}");
    assert!(
        reply.contains("The tool `Bash` is not allowed here."),
        "{reply}"
    );
}

/// What a caller gets of a reply that calls `Bash`, past the policies in this folder.
fn reply_past_policies(folder: &Path) -> String {
    let upstream = upstream();
    let arguments = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--policies",
        "policies.yaml",
        "--anthropic-url",
        &upstream,
    ];
    let mut server = command(env!("CARGO_BIN_EXE_sluice"), folder, &arguments)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(server.stderr.take().unwrap()).lines();
    let address = log
        .by_ref()
        .map(Result::unwrap)
        .find_map(|line| {
            let (_, rest) = line.split_once("listening on http://")?;
            Some(rest.split('"').next()?.to_owned())
        })
        .unwrap();
    let body = r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#;
    let mut caller = TcpStream::connect(address).unwrap();
    write!(
        caller,
        "POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: k\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut reply = String::new();
    caller.read_to_string(&mut reply).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    reply
}

/// Plays Anthropic's API: answers one request with a call of `Bash`. Answers its URL.
fn upstream() -> String {
    let reply = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m",
        "content": [{"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}}],
        "stop_reason": "tool_use", "stop_sequence": null,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    })
    .to_string();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (connection, _) = listener.accept().unwrap();
        read_request(&connection);
        write!(
            &connection,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{reply}",
            reply.len()
        )
        .unwrap();
    });
    url
}

fn read_request(connection: &TcpStream) {
    let mut reader = BufReader::new(connection);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
}

#[test]
fn what_can_not_be_built_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let error = refused(&sluice(here, &["policy", "build"]));
    assert!(error.starts_with("error: no Cargo.toml in "), "{error}");
    let new = ["policy", "new", "mine", "--sdk", "nowhere"];
    let error = refused(&sluice(here, &new));
    assert!(
        error.contains("nowhere is neither a checkout of Sluice"),
        "{error}"
    );
    assert!(!here.join("mine").exists());
    let output = sluice(here, &["policy", "new", "../mine", "--sdk", "x"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn what_is_no_policy_is_told_in_one_line_that_says_what_to_change() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let check = |bytes: &[u8], part: &str| {
        fs::write(here.join("p.wasm"), bytes).unwrap();
        let error = refused(&sluice(here, &["policy", "inspect", "p.wasm"]));
        assert!(error.starts_with("error: p.wasm: "), "{error}");
        assert!(error.contains(part), "{error}");
    };
    check(
        b"#!/bin/sh\n",
        "not a WebAssembly component: it does not begin like one",
    );
    check(b"\0asm\x01\0\0\0", "a core module");
    check(
        b"\0asm\x01\0\0\0",
        "`sluice policy build` makes a component",
    );
    check(
        &component_importing("wasi:io/poll@0.2.3"),
        "policies get no WASI",
    );
    check(
        &component_importing("acme:db/rows"),
        "not part of `sluice:policy`",
    );
    check(
        &component_importing("sluice:policy/request@0.7.0"),
        "built for `sluice:policy` 0.7.0, and this host offers 0.1.0",
    );
    let error = refused(&sluice(here, &["policy", "inspect", "gone.wasm"]));
    assert!(error.starts_with("error: read gone.wasm: "), "{error}");
}

/// The smallest component that imports an empty interface of this name.
fn component_importing(name: &str) -> Vec<u8> {
    // A type section with an instance type of no declarations, then an import of that type.
    let types = [0x07, 0x03, 0x01, 0x42, 0x00];
    let mut import = vec![0x01, 0x00, name.len() as u8];
    import.extend(name.as_bytes());
    import.extend([0x05, 0x00]);
    let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
    bytes.extend(types);
    bytes.extend([0x0a, import.len() as u8]);
    bytes.extend(import);
    bytes
}
