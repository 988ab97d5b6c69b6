//! Settings by flag, variable and file.

use std::fs;
use std::process::Command;

use crate::support::{run, sluice, text};

/// What `config show` says of a setting: its value and where it is from.
fn shown(command: &mut Command, key: &str) -> (String, String) {
    let output = command.output().unwrap();
    assert_eq!(text(&output.stderr), "");
    let lines = text(&output.stdout).lines();
    let mut words = lines.map(|line| line.split_whitespace().map(str::to_owned));
    let mut line = words
        .find(|words| words.clone().next().as_deref() == Some(key))
        .unwrap();
    line.next();
    (line.next().unwrap(), line.next().unwrap())
}

#[test]
fn a_setting_comes_from_its_flag_its_variable_the_file_or_the_default() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sluice.yaml");
    fs::write(&file, "drain: 3\nheartbeat: 7\n").unwrap();
    let is = |value: &str, from: &str| (value.to_owned(), from.to_owned());
    let show = |flags: &[&str]| {
        let mut command = sluice(&["config", "show", "--config", file.to_str().unwrap()]);
        command.args(flags);
        command
    };
    let at = |line: u64| format!("{}:{line}", file.display());
    assert_eq!(shown(&mut show(&[]), "instances"), is("1000", "default"));
    assert_eq!(shown(&mut show(&[]), "heartbeat"), is("7", &at(2)));
    let mut by_variable = show(&[]);
    by_variable.env("SLUICE_HEARTBEAT", "8");
    assert_eq!(
        shown(&mut by_variable, "heartbeat"),
        is("8", "SLUICE_HEARTBEAT")
    );
    let mut by_flag = show(&["--heartbeat", "9"]);
    by_flag.env("SLUICE_HEARTBEAT", "8");
    assert_eq!(shown(&mut by_flag, "heartbeat"), is("9", "--heartbeat"));

    // The user's own file is found without being named.
    let mut users = sluice(&["config", "show"]);
    fs::create_dir(folder.path().join("sluice")).unwrap();
    let own = folder.path().join("sluice/sluice.yaml");
    fs::rename(&file, &own).unwrap();
    users
        .env_remove("SLUICE_CONFIG")
        .env("XDG_CONFIG_HOME", folder.path());
    assert_eq!(
        shown(&mut users, "drain"),
        is("3", &format!("{}:1", own.display()))
    );
}

#[test]
fn a_faulty_settings_file_or_a_misspelled_variable_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sluice.yaml");
    fs::write(&file, "lisen: 127.0.0.1:0\nheartbeat: 99\n").unwrap();
    let file = file.to_str().unwrap();
    let output = run(&["serve", "--config", file]);
    assert_eq!(output.status.code(), Some(2));
    let faults = format!(
        "error: {file}:1:1: unknown setting `lisen`; did you mean `listen`?\n{file}:2:12: heartbeat: 99 is not in 1..=15\n"
    );
    assert_eq!(text(&output.stderr), faults);

    let output = run(&["serve", "--config", "/nowhere/sluice.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    let fault = "error: read the settings file /nowhere/sluice.yaml: No such file or directory (os error 2)\n";
    assert_eq!(text(&output.stderr), fault);

    let output = sluice(&["serve"])
        .env("SLUICE_LISTN", "127.0.0.1:0")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let fault = "error: unknown variable `SLUICE_LISTN`; did you mean `SLUICE_LISTEN`?\n";
    assert_eq!(text(&output.stderr), fault);
}
