//! What happens, told as it happens, by several processes that share a Redis.

mod forged;
mod listening;
mod spooled;

use std::time::{Duration, Instant};

use serde_json::Value;
use sluice_test_redis::Redis;

use listening::Process;

/// Waits until what a process says of its relay is as wanted.
fn until(process: &Process, wanted: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let events = process.status()["events"].clone();
        if wanted(&events["relay"]) {
            return events;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{events}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn is_connected(relay: &Value) -> bool {
    relay["state"] == "connected"
}

/// The number in the id of an event, and the process.
fn id(event: &Value) -> (String, u64) {
    let (process, number) = event["id"].as_str().unwrap().split_once('-').unwrap();
    (process.to_owned(), number.parse().unwrap())
}

#[test]
fn an_exchange_at_one_process_is_heard_at_the_others() {
    let redis = Redis::start();
    let [here, there] = [(), ()].map(|()| Process::start(Some(&redis.url())));
    // Each has heard of the other.
    for process in [&here, &there] {
        until(process, |relay| {
            is_connected(relay) && relay["processes"] == 1
        });
    }
    let mut own = here.listen("", None);
    let mut others = there.listen("", None);
    here.ask();
    let heard = [others.event(), others.event()];
    for (event, kind) in heard.iter().zip(["exchange-started", "exchange-finished"]) {
        assert_eq!(event["type"], kind);
        assert_eq!(event["exchange"]["api"], "anthropic");
        assert_eq!(own.event(), *event, "both hear the same");
    }
    assert_eq!(
        (&heard[1]["status"], &heard[1]["ending"]),
        (&502.into(), &"failed".into())
    );
    // A listener that saw the first of them here goes on there, and hears of the second.
    let first = own.ids[1].clone();
    let mut moved = there.listen("kind=exchange-finished", Some(&first));
    assert_eq!(moved.event(), heard[1]);
    let events = until(&there, |relay| relay["received"] == 2);
    assert_eq!(events["told"], 0, "nothing happened there");
    let events = until(&here, |relay| relay["sent"] == 2);
    assert_eq!(
        (&events["relay"]["lost"], &events["relay"]["unsent"]),
        (&0.into(), &0.into())
    );
}

#[test]
fn without_redis_each_process_tells_its_own_and_the_rest_comes_later() {
    let mut redis = Redis::start();
    let [mut here, there] = [(), ()].map(|()| Process::start(Some(&redis.url())));
    for process in [&here, &there] {
        until(process, |relay| {
            is_connected(relay) && relay["processes"] == 1
        });
    }
    let mut others = there.listen("", None);
    here.ask();
    let (process, first) = id(&others.event());
    assert_eq!(id(&others.event()), (process.clone(), first + 1));
    redis.stop();
    for process in [&here, &there] {
        let events = until(process, |relay| !is_connected(relay));
        assert_eq!(events["relay"]["state"], "degraded");
        assert!(events["relay"]["cause"].is_string());
        assert_eq!(events["relay"]["processes"], 0);
    }
    let mut own = here.listen("", None);
    here.ask();
    assert_eq!(
        id(&own.event()),
        (process.clone(), first + 2),
        "it is told at once"
    );
    assert_eq!(id(&own.event()), (process.clone(), first + 3));
    redis.run();
    for process in [&here, &there] {
        until(process, is_connected);
    }
    here.ask();
    // What Redis lost is told as a gap. All else is told, in order.
    let mut next = first + 2;
    while next < first + 6 {
        let event = others.event();
        let (of, number) = id(&event);
        assert_eq!(of, process);
        let missed = event["missed"].as_u64().unwrap_or(0);
        assert_eq!(number, next + missed.saturating_sub(1), "{event}");
        next = number + 1;
    }
    let log = here.stop();
    let words = |text: &str| log.matches(text).count();
    assert_eq!(words("can't be used (--redis)"), 1, "{log}");
    // The first time may be before what is left of the log.
    assert!(
        (1..=2).contains(&words("events go from process to process")),
        "{log}"
    );
}

#[test]
fn a_redis_that_comes_later_is_found_and_what_it_lost_is_told() {
    let mut redis = Redis::away();
    let process = Process::start(Some(&redis.url()));
    let events = until(&process, |relay| relay["cause"] != "not yet connected");
    assert_eq!(events["relay"]["state"], "degraded");
    redis.run();
    until(&process, is_connected);
    let mut listener = process.listen("kind=verdict", None);
    let publish = |message: &str| {
        let answer = redis.ask(&format!("PUBLISH sluice:0:events:1 {message}"));
        assert_eq!(answer.as_deref(), Some(":1\r\n"));
    };
    // Another process is at its fifth event, then at its ninth, none of which came.
    publish("0123456789ab-5");
    publish("0123456789ab-9");
    publish("nonsense");
    publish("{}");
    let gap = listener.event();
    assert_eq!(
        (&gap["type"], &gap["because"], &gap["missed"]),
        (&"gap".into(), &"lost".into(), &4.into())
    );
    assert_eq!(gap["process"], "0123456789ab");
    let events = until(&process, |relay| relay["unreadable"] == 2);
    assert_eq!(
        (&events["relay"]["lost"], &events["relay"]["processes"]),
        (&4.into(), &1.into())
    );
}

#[test]
fn installations_of_two_numbers_share_a_redis_and_hear_nothing_of_each_other() {
    let redis = Redis::start();
    let here = Process::start(Some(&redis.url()));
    let there = Process::start(Some(&redis.url().replace("/0", "/1")));
    for process in [&here, &there] {
        until(process, is_connected);
    }
    let mut others = there.listen("", None);
    here.ask();
    until(&here, |relay| relay["sent"] == 2);
    there.ask();
    let (process, _) = id(&others.event());
    assert!(others.ids[0].ends_with(&process), "its own comes first");
}

#[test]
fn a_stream_ends_in_order_when_the_process_stops() {
    let mut process = Process::start(None);
    assert!(process.status()["events"]["relay"].is_null());
    let mut listener = process.listen("", None);
    process.ask();
    process.stop();
    assert_eq!(listener.event()["type"], "exchange-started");
    assert_eq!(listener.event()["type"], "exchange-finished");
    assert!(listener.is_over());
}

#[test]
fn a_stream_ends_once_the_key_that_opened_it_was_replaced() {
    let mut process = Process::start(None);
    let listeners = ["kind=verdict", ""].map(|query| process.listen(query, None));
    process.reset_key();
    let mut last = String::new();
    for mut listener in listeners {
        let event = listener.event();
        assert_eq!(
            (&event["type"], &event["because"], &event["missed"]),
            (&"gap".into(), &"key-reset".into(), &Value::Null)
        );
        assert!(listener.is_over());
        last = listener.ids.pop().unwrap();
    }
    process.ask();
    // Who comes back with the new key misses nothing, and hears on.
    let mut again = process.listen("", Some(&last));
    assert_eq!(again.event()["type"], "exchange-started");
    assert_eq!(again.event()["type"], "exchange-finished");
}

#[test]
fn a_url_that_is_none_of_redis_stops_the_start_and_is_not_repeated_as_a_secret() {
    let output = crate::support::run(&["serve", "--redis", "localhost:6379"]);
    assert_eq!(output.status.code(), Some(2));
    let error = crate::support::text(&output.stderr);
    assert!(
        error.contains("expected a URL such as `redis://HOST:6379/0`"),
        "{error}"
    );
    let shown = crate::support::sluice(&["config", "show"])
        .env("REDIS_URL", "redis://:s3cret@h:6379/0")
        .output()
        .unwrap();
    assert!(!crate::support::text(&shown.stdout).contains("s3cret"));
}
