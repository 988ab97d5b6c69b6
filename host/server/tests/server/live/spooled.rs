//! What is told of an exchange while PostgreSQL is away.

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
    assert_eq!(told().0, "exchange-started");
    let (_, finished) = told();
    process.until(|status| status["recording"]["spooled"] == 1);
    // Had it been told as recorded, that would come before this.
    process.ask();
    assert_eq!(told().0, "exchange-started");
    assert_eq!(told().0, "exchange-finished");
    process.until(|status| status["recording"]["spooled"] == 2);
    server.start();
    let (kind, recorded) = told();
    assert_eq!(kind, "exchange-recorded");
    assert_eq!(recorded["exchange"], finished["exchange"]);
    let path = format!("/api/v1/exchanges/{}", id(&recorded));
    assert_eq!(process.told(&path)["summary"]["id"], id(&recorded));
}
