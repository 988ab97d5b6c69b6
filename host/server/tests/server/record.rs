//! The record as an operator meets it: where it is, who may read it, and what a start does about its tables.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use sluice_server::recorder::SearchedWords;
use sluice_store::{Config, Ending, Filter, Page, Store, Summary};

use crate::serving::Server;
use crate::support::{sluice, text};

/// A server that records into a home of its own. Upstream is a port at which nobody listens.
fn recording(home: &Path, arguments: &[&str]) -> Server {
    let nowhere = [
        "--anthropic-url",
        "http://127.0.0.1:9",
        "--openai-url",
        "http://127.0.0.1:9",
    ];
    let mut command = sluice(&["serve", "--listen", "127.0.0.1:0"]);
    command.args(nowhere).args(arguments);
    command
        .env_remove("SLUICE_NO_RECORDING")
        .env_remove("SLUICE_DATA")
        .env_remove("DATABASE_URL");
    command.env("XDG_DATA_HOME", home);
    Server::run(command)
}

/// Sends a request, which fails because nobody is upstream.
fn ask(address: &str) {
    let body = r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hello"}]}"#;
    let mut stream = TcpStream::connect(address).unwrap();
    let head =
        "POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: k\r\nconnection: close\r\n";
    write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 502"), "{reply}");
}

fn recorded(file: &Path) -> Vec<Summary> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let config = Config::new(format!("sqlite:{}", file.display()));
        let store = Store::open(config, Arc::new(SearchedWords)).await.unwrap();
        let found = store.exchanges(&Filter::default(), &Page::default()).await;
        found.unwrap().entries
    })
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn exchanges_are_recorded_without_being_asked_for_where_only_the_user_can_read_them() {
    let home = tempfile::tempdir().unwrap();
    let mut servers = [recording(home.path(), &[]), recording(home.path(), &[])];
    // Both write to one file.
    for server in &mut servers {
        let address = server.address();
        ask(&address);
    }
    for server in &mut servers {
        server.signal("TERM");
        server.until("stopped");
    }
    let folder = home.path().join("sluice");
    let file = folder.join("sluice.db");
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    let found = recorded(&file);
    assert_eq!(found.len(), 2);
    for summary in &found {
        assert_eq!(
            (summary.ending, summary.status),
            (Ending::Failed, Some(502))
        );
        assert_eq!(
            summary.caller, found[0].caller,
            "one installation, one pseudonym"
        );
    }
    assert!(found[0].caller.as_deref().unwrap().starts_with("clr_"));
}

#[test]
fn nothing_is_recorded_if_the_operator_says_so() {
    let home = tempfile::tempdir().unwrap();
    let mut server = recording(home.path(), &["--no-recording"]);
    ask(&server.address());
    server.signal("TERM");
    server.until("stopped");
    assert!(!home.path().join("sluice").join("sluice.db").exists());
}

#[test]
fn a_database_that_can_not_be_used_stops_the_start() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("text.db");
    fs::write(
        &file,
        "this is no database, and has no room for being one either",
    )
    .unwrap();
    let mut server = recording(home.path(), &["--database", file.to_str().unwrap()]);
    let line = server.until("open the database of the record (--database, --no-recording): ");
    assert_eq!(line["level"], "ERROR");
    assert_eq!(server.child.wait().unwrap().code(), Some(1));
}

#[test]
fn migrations_can_be_seen_and_run_before_a_start() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("sluice.db");
    let migrate = |what: &str| {
        let output = sluice(&["migrate", what, "--database", file.to_str().unwrap()]).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout).to_owned()
    };
    let missing = migrate("status");
    assert!(
        missing.lines().all(|line| line.starts_with("missing  000")),
        "{missing}"
    );
    let count = missing.lines().count();
    assert_eq!(migrate("run"), format!("ran {count} migrations\n"));
    assert_eq!(migrate("status"), missing.replace("missing", "applied"));
    assert_eq!(migrate("run"), "ran 0 migrations\n");
}

/// What a command about the history of this home prints.
fn history(home: &Path, arguments: &[&str]) -> String {
    let mut command = sluice(&["history"]);
    command
        .args(arguments)
        .env_remove("SLUICE_DATA")
        .env("XDG_DATA_HOME", home);
    command.env_remove("DATABASE_URL");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).to_owned()
}

#[test]
fn what_was_recorded_is_listed_shown_found_and_exported() {
    let home = tempfile::tempdir().unwrap();
    let mut server = recording(home.path(), &[]);
    let address = server.address();
    ask(&address);
    server.signal("TERM");
    server.until("stopped");

    let list = history(
        home.path(),
        &["list", "--since", "1h", "--ending", "failed"],
    );
    let line: serde_json::Value = serde_json::from_str(list.trim_end()).unwrap();
    assert_eq!(
        (&line["status"], &line["ending"]),
        (&502.into(), &"failed".into())
    );
    assert_eq!(history(home.path(), &["list", "--ending", "delivered"]), "");

    let id = format!("exg_{}", line["id"].as_str().unwrap().replace('-', ""));
    let shown = history(home.path(), &["show", &id]);
    assert!(shown.contains("**user**\n\nhello\n"), "{shown}");
    assert!(shown.contains("> **failed**: "), "{shown}");

    let found = history(home.path(), &["search", "hello"]);
    let hit: serde_json::Value = serde_json::from_str(found.trim_end()).unwrap();
    assert_eq!(hit["exchange"]["id"], line["id"]);
    assert_eq!(history(home.path(), &["search", "goodbye"]), "");

    let exported = history(home.path(), &["export", "--format", "jsonl"]);
    let exported: serde_json::Value = serde_json::from_str(exported.trim_end()).unwrap();
    assert_eq!(exported["version"], 1);
    let asked = exported["bodies"][0]["text"].as_str().unwrap();
    assert!(asked.starts_with(r#"{"model":"m""#), "{asked}");
    assert_eq!(history(home.path(), &["export"]), shown);

    let output = sluice(&["history", "show", &id, "--database", "/nowhere.db"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stderr),
        "error: nothing was recorded yet: there is no /nowhere.db\n"
    );
}

#[test]
fn a_session_is_erased_unless_it_is_on_hold() {
    let home = tempfile::tempdir().unwrap();
    let mut server = recording(home.path(), &[]);
    let address = server.address();
    ask(&address);
    server.signal("TERM");
    server.until("stopped");
    let list = history(home.path(), &["list"]);
    let line: serde_json::Value = serde_json::from_str(list.trim_end()).unwrap();
    let session = line["session_id"].as_str().unwrap();
    let file = home.path().join("sluice").join("sluice.db");
    let holds = |word: &str| {
        let files = fs::read_dir(file.parent().unwrap()).unwrap();
        let mut files = files.map(|file| fs::read(file.unwrap().path()).unwrap());
        files.any(|bytes| {
            bytes
                .windows(word.len())
                .any(|bytes| bytes == word.as_bytes())
        })
    };

    history(home.path(), &["hold", session, "--reason", "an audit"]);
    let mut erase = sluice(&["history", "erase", "--session", session]);
    erase
        .env_remove("SLUICE_DATA")
        .env_remove("DATABASE_URL")
        .env("XDG_DATA_HOME", home.path());
    let refused = erase.output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(
        text(&refused.stderr),
        "error: the session is on hold: release it first\n"
    );

    let caller = line["caller"].as_str().unwrap();
    assert!(holds(caller));
    history(home.path(), &["release", session]);
    assert_eq!(
        history(home.path(), &["erase", "--session", session]),
        "erased 1 exchanges\n"
    );
    assert_eq!(history(home.path(), &["list"]), "");
    assert!(!holds(caller));
}
