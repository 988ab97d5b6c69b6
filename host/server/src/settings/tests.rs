//! The settings as operators meet them: the file, its faults, the layers, and what is generated.

use std::path::Path;

use clap::{Args as _, Command, FromArgMatches as _};
use serde_json::Value;

use super::file::File;
use super::layers::Layers;
use super::{Origin, Settings, env_example, json_schema, reference, table, yaml_example};

/// The file as a command line sees it.
fn layers(text: &str) -> Layers {
    let file = File::parse(text, Path::new("/etc/sluice.yaml")).unwrap();
    Layers { file: Some(file) }
}

fn command() -> Command {
    Settings::augment_args(Command::new("sluice"))
}

fn settings(text: &str, arguments: &[&str]) -> Settings {
    let all = ["sluice"].iter().chain(arguments);
    let matches = layers(text).under(command()).get_matches_from(all);
    Settings::from_arg_matches(&matches).unwrap()
}

/// The value of a setting and where it is from.
fn shown(text: &str, arguments: &[&str], key: &str) -> (String, String) {
    let all = ["sluice"].iter().chain(arguments);
    let layers = layers(text);
    let matches = layers.under(command()).get_matches_from(all);
    let shown = layers.shown(&matches);
    let setting = shown
        .into_iter()
        .find(|setting| setting.key == key)
        .unwrap();
    (setting.value, setting.origin.to_string())
}

#[track_caller]
fn check_faults(text: &str, faults: &[&str]) {
    let found = File::parse(text, Path::new("s.yaml")).unwrap_err();
    assert_eq!(found.to_string().lines().collect::<Vec<_>>(), faults);
}

#[test]
fn a_file_sets_every_kind_of_value() {
    let text = "listen: 0.0.0.0:80\nheartbeat: 7\nopenai_without_v1: true\nallow_hosts: [a.example, b.example]\n\
                policies: policies.yaml\ncache: \"\"\n# a comment\nopenai_url: http://up/api/v1\n";
    let read = settings(text, &[]);
    assert_eq!(read.listen.0, "0.0.0.0:80");
    assert_eq!(read.bounds.heartbeat.get(), 7);
    assert!(read.openai_without_v1);
    assert_eq!(read.allow_hosts.len(), 2);
    assert_eq!(
        read.policies.unwrap().0.unwrap(),
        Path::new("/etc/policies.yaml")
    );
    assert_eq!(read.cache.unwrap().0, None);
    assert_eq!(read.openai_url.url.as_str(), "http://up/api");
    assert_eq!(settings("", &[]).listen.0, "127.0.0.1:8080");
    assert_eq!(settings("heartbeat:\n", &[]).bounds.heartbeat.get(), 5);
}

#[test]
fn a_relative_path_of_the_file_begins_at_its_folder() {
    for (written, meant) in [
        ("sluice.db", "sqlite:/etc/sluice.db"),
        ("sqlite:sluice.db", "sqlite:/etc/sluice.db"),
        ("/var/sluice.db", "sqlite:/var/sluice.db"),
        ("postgres://h/n", "postgres://h/n"),
    ] {
        let read = settings(&format!("database: {written}\n"), &[]);
        let database = read
            .record
            .database
            .database
            .and_then(|database| database.0);
        assert_eq!(database.as_deref(), Some(meant));
    }
}

#[test]
fn a_flag_is_above_the_file_and_the_file_above_the_default() {
    let file = "heartbeat: 7\nallow_hosts: [a.example]\n";
    let in_file = ("7".to_owned(), "/etc/sluice.yaml:1".to_owned());
    assert_eq!(shown(file, &[], "heartbeat"), in_file);
    let by_flag = ("9".to_owned(), "--heartbeat".to_owned());
    assert_eq!(shown(file, &["--heartbeat", "9"], "heartbeat"), by_flag);
    let default = ("30".to_owned(), Origin::Default.to_string());
    assert_eq!(shown(file, &[], "drain"), default);
    // A flag replaces the list of the file.
    let flags = ["--allow-host", "b.example,c.example"];
    assert_eq!(shown(file, &flags, "allow_hosts").0, "b.example,c.example");
    assert_eq!(settings(file, &flags).allow_hosts.len(), 2);
}

#[test]
fn every_fault_of_a_file_is_told_with_its_place() {
    check_faults(
        "listen: 8080\nheart_beat: 5\nheartbeat: 20\nallow_hosts:\n  - http://a\nlisten: a:1\ncache: {}\n\
         openai_without_v1: maybe\nbody_timeout: [1]\n",
        &[
            "s.yaml:1:9: listen: expected a host and a port, as in `127.0.0.1:8080`",
            "s.yaml:2:1: unknown setting `heart_beat`; did you mean `heartbeat`?",
            "s.yaml:3:12: heartbeat: 20 is not in 1..=15",
            "s.yaml:5:3: allow_hosts: expected the name or the address of a host, without a scheme and a port, as in `sluice.internal`",
            "s.yaml:6:1: listen: stands twice; the first is in line 1",
            "s.yaml:7:8: cache: expected one value, found a mapping",
            "s.yaml:8:20: openai_without_v1: expected `true` or `false`, found `maybe`",
            "s.yaml:9:15: body_timeout: expected one value, found a list",
        ],
    );
    check_faults(
        "- listen\n",
        &["s.yaml:1:1: expected a mapping, found a list"],
    );
}

#[test]
fn a_file_can_not_name_another_file() {
    let found = File::parse("config: other.yaml\n", Path::new("s.yaml")).unwrap_err();
    assert!(
        found.to_string().contains("unknown setting `config`"),
        "{found}"
    );
}

#[test]
fn flag_variable_and_key_of_a_setting_follow_from_each_other() {
    for setting in table::all() {
        let words = setting.key.replace(['.', '_'], "-");
        // A list's flag is given once for each of its items.
        let flag = if setting.is_list() {
            words.trim_end_matches('s')
        } else {
            &*words
        };
        assert_eq!(setting.flag(), flag);
        let variable = format!("SLUICE_{}", flag.replace('-', "_").to_uppercase());
        let named = setting.variable();
        assert!(
            named == variable || ["POLICY_CONFIG", "DATABASE_URL", "REDIS_URL"].contains(&named),
            "{named}, {variable}"
        );
        assert!(!setting.about.is_empty(), "{}", setting.key);
    }
}

/// The paths of the settings of a schema.
fn leaves(schema: &Value, path: &str, found: &mut Vec<String>) {
    match schema["properties"].as_object() {
        None => found.push(path.to_owned()),
        Some(properties) => {
            assert_eq!(schema["additionalProperties"], false, "{path}");
            for (name, value) in properties {
                leaves(value, &crate::yaml::join(path, name), found);
            }
        }
    }
}

#[test]
fn the_schema_has_every_setting_of_the_file_and_nothing_else() {
    let schema: Value = serde_json::from_str(&json_schema()).unwrap();
    let mut keys = Vec::new();
    leaves(&schema, "", &mut keys);
    let in_files = table::all()
        .into_iter()
        .filter(|setting| setting.is_in_files());
    let mut settings: Vec<_> = in_files.map(|setting| setting.key).collect();
    keys.sort();
    settings.sort();
    assert_eq!(keys, settings);
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], Value::Null);
    let heartbeat = &schema["properties"]["heartbeat"];
    assert_eq!(
        (heartbeat["maximum"].as_u64(), heartbeat["default"].as_u64()),
        (Some(15), Some(5))
    );
}

#[test]
fn what_is_generated_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (file, generated) in [
        ("docs/settings.md", reference()),
        ("docs/settings.schema.json", json_schema()),
        (".env.example", env_example()),
    ] {
        let shipped = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        assert_eq!(
            shipped, generated,
            "{file}: write it anew with `cargo xtask docs`"
        );
    }
}

#[test]
fn the_example_sets_nothing_and_all_its_lines_can_be_used() {
    let example = yaml_example();
    assert!(
        File::parse(&example, Path::new("s.yaml"))
            .unwrap()
            .given
            .is_empty()
    );
    let is_setting = |line: &&str| {
        let line = line.trim_start_matches(['#', ' ']);
        let key = line.split(':').next().unwrap_or_default();
        let is_key = key
            .bytes()
            .all(|letter| letter.is_ascii_lowercase() || b"_1".contains(&letter));
        is_key
            && (line.contains(": ") || ["recording", "pool", "spool", "retention"].contains(&key))
    };
    let used: String = example
        .lines()
        .filter(is_setting)
        .map(|line| format!("{}\n", &line[2..]))
        .collect();
    let read = File::parse(&used, Path::new("s.yaml")).unwrap();
    let settings = table::all().into_iter();
    let have_defaults = settings.filter(|setting| setting.default().is_some());
    assert_eq!(read.given.len(), have_defaults.count(), "{used}");
}
