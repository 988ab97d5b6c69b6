//! Who may publish in Redis and is no process of the installation tells nobody anything.

use serde_json::Value;
use sluice_test_redis::Redis;

use super::listening::Process;
use super::{id, is_connected, until};

/// Two processes that share a database and have heard of each other.
fn two(redis: &Redis, folder: &tempfile::TempDir) -> [Process; 2] {
    let database = folder.path().join("record/sluice.db");
    let (database, url) = (database.to_str().unwrap(), redis.url());
    let flags = ["--database", database, "--redis", &url];
    let both = [(), ()].map(|()| Process::recording(&flags));
    for process in &both {
        until(process, |relay| {
            is_connected(relay) && relay["processes"] == 1
        });
    }
    both
}

#[test]
fn a_forged_beat_silences_nobody_and_a_forged_event_is_not_told() {
    let (redis, folder) = (Redis::start(), tempfile::tempdir().unwrap());
    let [here, mut there] = two(&redis, &folder);
    let mut listener = there.listen("", None);
    here.ask();
    let started = listener.event();
    let (process, number) = id(&started);
    let publish = |message: &str| {
        let message = message.replace('"', "\\\"");
        let answer = redis.ask(&format!("PUBLISH sluice:0:events:1 \"{message}\""));
        assert_eq!(answer.as_deref(), Some(":2\r\n"));
    };
    let mut invented = started.clone();
    invented["id"] = format!("{process}-{}", number + 1000).into();
    let signed = |message: &str| format!("{} {message}", "0".repeat(64));
    let forged = [
        // Were it believed, nothing of that process would be news any more.
        format!("{process}-9999999"),
        "0123456789ab-5".to_owned(),
        "0123456789ab-9".to_owned(),
        invented.to_string(),
        signed(&format!("{process}-9999999")),
        signed(&invented.to_string()),
        "nonsense".to_owned(),
    ];
    forged.iter().for_each(|message| publish(message));
    for process in [&here, &there] {
        let events = until(process, |relay| relay["unsigned"] == forged.len());
        let relay = &events["relay"];
        for (name, expected) in [("processes", 1), ("lost", 0), ("unreadable", 0)] {
            assert_eq!(relay[name], expected, "{name}: {relay}");
        }
    }
    here.ask();
    let mut numbers = vec![number];
    while numbers.len() < 6 {
        let event = listener.event();
        assert_ne!(event["type"], "gap", "{event}");
        let (of, number) = id(&event);
        assert_eq!(of, process);
        numbers.push(number);
    }
    let expected: Vec<_> = (number..number + 6).collect();
    assert_eq!(numbers, expected);
    let log = there.stop();
    assert!(
        log.matches("is not signed by a process").count() == 1,
        "{log}"
    );
}

#[test]
fn processes_with_different_databases_hear_nothing_of_each_other() {
    let (redis, folders) = (
        Redis::start(),
        [(), ()].map(|()| tempfile::tempdir().unwrap()),
    );
    let [here, there] = folders.each_ref().map(|folder| {
        let database = folder.path().join("record/sluice.db");
        let url = redis.url();
        Process::recording(&["--database", database.to_str().unwrap(), "--redis", &url])
    });
    for process in [&here, &there] {
        until(process, is_connected);
    }
    here.ask();
    // Each of them says that it is there, and the first one has told of its exchange.
    let events = until(&there, |relay| relay["unsigned"].as_u64() > Some(2));
    let none: [&Value; 2] = [&events["relay"]["processes"], &events["relay"]["received"]];
    assert_eq!(none, [&Value::from(0); 2]);
}
