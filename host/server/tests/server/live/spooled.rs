//! What is told of an exchange while PostgreSQL is away.

use std::collections::BTreeSet;

use serde_json::Value;
use sluice_test_postgres as postgres;

use super::listening::Process;

fn id(event: &Value) -> &str {
    event["exchange"]["id"].as_str().unwrap()
}

#[test]
fn an_exchange_is_told_as_recorded_once_it_can_be_read() {
    let server = postgres::Server::own();
    let process = Process::recording(&["--database", &server.database()]);
    let mut listener = process.listen("", None);
    let mut told = || {
        let event = listener.event();
        (event["type"].as_str().unwrap().to_owned(), event)
    };
    process.ask();
    for kind in ["exchange-started", "exchange-finished"] {
        assert_eq!(told().0, kind);
    }
    let (kind, recorded) = told();
    assert_eq!(kind, "exchange-recorded");
    let path = format!("/api/v1/exchanges/{}", id(&recorded));
    assert_eq!(process.told(&path)["summary"]["id"], id(&recorded));
    server.stop();
    process.ask();
    let mut away = BTreeSet::new();
    for spooled in 1..=3 {
        assert_eq!(told().0, "exchange-started");
        // Had the one before been told as recorded, that would come first.
        let (kind, finished) = told();
        assert_eq!(kind, "exchange-finished");
        away.insert(id(&finished).to_owned());
        process.until(|status| status["recording"]["spooled"] == spooled);
        if spooled < 3 {
            process.ask();
        }
    }
    server.start();
    for _ in 0..3 {
        let (kind, recorded) = told();
        assert_eq!(kind, "exchange-recorded");
        assert!(away.remove(id(&recorded)), "{recorded}");
        let path = format!("/api/v1/exchanges/{}", id(&recorded));
        assert_eq!(process.told(&path)["summary"]["id"], id(&recorded));
    }
}
