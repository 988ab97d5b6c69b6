//! `sluice doctor` beside a running Sluice.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// In a home of its own, so that nothing of whoever runs the tests is read.
fn sluice(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("SLUICE_CACHE", "")
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

/// A running Sluice; ended when it is dropped.
struct Server {
    child: Child,
    url: String,
    admin_url: String,
}

impl Server {
    fn start(home: &Path) -> Self {
        let arguments = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--admin-listen",
            "127.0.0.1:0",
        ];
        let mut child = sluice(home, &arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut behind = |message: &str| {
            let found = lines.find_map(|line| {
                let line = line.unwrap();
                let (_, rest) = line.split_once(message)?;
                Some(rest.split('"').next()?.to_owned())
            });
            found.unwrap()
        };
        let admin_url = behind("serving operators on ");
        let url = behind("listening on ");
        Self {
            child,
            url,
            admin_url,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the doctor prints, and its exit code.
fn doctor(home: &Path, url: &str, admin_url: &str) -> (String, Option<i32>) {
    let mut command = sluice(home, &["doctor", "--url", url, "--admin-url", admin_url]);
    let output = command.output().unwrap();
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    (
        String::from_utf8(output.stdout).unwrap(),
        output.status.code(),
    )
}

#[test]
fn the_doctor_asks_the_process_and_looks_at_the_files() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let codex = home.path().join(".codex");
    fs::create_dir(&codex).unwrap();
    fs::write(
        codex.join("config.toml"),
        "openai_base_url = \"http://127.0.0.1:1/v1\"",
    )
    .unwrap();
    let (told, code) = doctor(home.path(), &server.url, &server.admin_url);
    assert_eq!(code, Some(1));
    for part in [
        format!("Sluice {} at {}\n", env!("CARGO_PKG_VERSION"), server.url),
        "   problem  no policy is in force".to_owned(),
        "\nCodex: never seen since Sluice started\n".to_owned(),
        format!(
            "openai_base_url in ~/.codex/config.toml is http://127.0.0.1:1/v1, which is not {}",
            server.url
        ),
    ] {
        assert!(told.contains(&part), "{part}\n---\n{told}");
    }
    assert!(!told.contains("Claude Code"), "{told}");
}

#[test]
fn a_port_where_nobody_listens_is_told() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let (url, admin_url) = (server.url.clone(), server.admin_url.clone());
    drop(server);
    let (told, code) = doctor(home.path(), &url, &admin_url);
    assert_eq!(code, Some(1));
    assert!(told.contains("   problem  nobody answers: "), "{told}");
}

#[test]
fn without_the_key_the_doctor_says_what_to_do_and_tells_the_rest() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path());
    let file = home.path().join(".local/share/sluice/admin.key");
    let key = fs::read_to_string(&file).unwrap();
    let moved = home.path().join("kept.key");
    fs::rename(&file, &moved).unwrap();
    let (told, _) = doctor(home.path(), &server.url, &server.admin_url);
    let what = "   note     which policies are in force and which agents were seen is not known: set SLUICE_ADMIN_KEY";
    assert!(told.contains("   ok       it answers agents\n"), "{told}");
    assert!(told.contains(what), "{told}");

    let url = ["--url", &server.url, "--admin-url", &server.admin_url];
    let with = |name: &str, value: &str| {
        let mut command = sluice(home.path(), &["doctor"]);
        let output = command.args(url).env(name, value).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let in_force = "no policy is in force";
    for told in [
        with("SLUICE_ADMIN_KEY", &key),
        with("SLUICE_ADMIN_KEY_FILE", moved.to_str().unwrap()),
    ] {
        assert!(
            told.contains(in_force) && !told.contains(key.trim()),
            "{told}"
        );
    }
    let told = with("SLUICE_ADMIN_KEY", &key[..40]);
    assert!(
        told.contains("read SLUICE_ADMIN_KEY: the admin key has a typo"),
        "{told}"
    );
    assert!(!told.contains(&key[4..40]), "{told}");
}

#[test]
fn an_address_that_is_no_sluices_is_refused() {
    let home = tempfile::tempdir().unwrap();
    for url in ["https://127.0.0.1", "http://127.0.0.1/v1", "nowhere"] {
        let output = sluice(home.path(), &["doctor", "--url", url])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{url}");
    }
}
