//! PostgreSQL goes away while a real process serves, and comes back.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sluice_server::recorder::SearchedWords;
use sluice_store::{Config, Ending, Filter, Order, Page, Store};
use sluice_test_postgres as postgres;

use crate::serving::{SOON, Unread};
use crate::support::sluice;

/// A process that records into PostgreSQL and has a home for its spool.
fn serve(home: &Path, database: &str) -> Unread {
    let mut command = sluice(&["serve", "--listen", "127.0.0.1:0"]);
    // Nobody listens there, so each exchange ends at once, with a 502.
    command.args(["--anthropic-url", "http://127.0.0.1:9"]);
    command
        .env_remove("SLUICE_NO_RECORDING")
        .env_remove("SLUICE_DATA")
        .env("DATABASE_URL", database)
        .env("XDG_DATA_HOME", home);
    Unread::run(command, &home.join("log"))
}

/// Ends the traffic when it is dropped.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn until(mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < SOON, "it never became so");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Sends a request in a session of its own. Returns how long the answer took.
fn ask(address: &str, number: usize) -> Duration {
    let begun = Instant::now();
    let body = r#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"hello"}]}"#;
    let mut stream = TcpStream::connect(address).unwrap();
    let head = "POST /v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: k\r\n\
        connection: close\r\n";
    let length = body.len();
    write!(
        stream,
        "{head}x-session-id: s{number}\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 502"), "{reply}");
    begun.elapsed()
}

/// How often each session is in the record. Each exchange must be there as a whole.
fn recorded(database: &str) -> BTreeMap<String, u64> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(Config::new(database), Arc::new(SearchedWords))
            .await
            .unwrap();
        let mut page = Page {
            order: Order::OldestFirst,
            limit: 500,
            after: None,
        };
        let mut sessions = BTreeMap::new();
        loop {
            let found = store.exchanges(&Filter::default(), &page).await.unwrap();
            for one in found.entries {
                assert_eq!((one.ending, one.status), (Ending::Failed, Some(502)));
                *sessions.entry(one.session.key).or_default() += 1;
            }
            page.after = found.next;
            if page.after.is_none() {
                return sessions;
            }
        }
    })
}

#[test]
fn traffic_goes_on_while_postgresql_is_away_and_all_of_it_is_in_the_record() {
    let server = postgres::Server::own();
    let (database, home) = (server.database(), tempfile::tempdir().unwrap());
    let log = home.path().join("sluice/spool.db-wal");
    let spooled = || log.metadata().unwrap().len();
    let serving = serve(home.path(), &database);
    let (over, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    let traffic = || {
        let mut slowest = Duration::ZERO;
        while !over.load(Ordering::Relaxed) {
            let number = asked.fetch_add(1, Ordering::Relaxed);
            slowest = slowest.max(ask(&serving.address, number));
            // Slow enough for a server that was built for tests to catch up.
            thread::sleep(Duration::from_millis(100));
        }
        slowest
    };
    let more = |count: usize| {
        let before = asked.load(Ordering::Relaxed);
        until(|| asked.load(Ordering::Relaxed) >= before + count);
    };
    let slowest = thread::scope(|scope| {
        // Also if something goes wrong here.
        let end = Over(&over);
        let callers: Vec<_> = (0..3).map(|_| scope.spawn(traffic)).collect();
        more(30);
        for stop in [postgres::Server::stop, postgres::Server::crash] {
            stop(&server);
            // SQLite writes to its log first.
            until(|| spooled() > 100_000);
            more(60);
            server.start();
            // It is emptied once nothing waits in it.
            until(|| spooled() == 0);
            more(30);
        }
        drop(end);
        let slowest = callers.into_iter().map(|caller| caller.join().unwrap());
        slowest.max().unwrap()
    });
    assert!(slowest < Duration::from_secs(5), "{slowest:?}");
    // It ends while PostgreSQL is away, and the next one ships what it left.
    server.stop();
    let last: Vec<_> = (0..50)
        .map(|_| asked.fetch_add(1, Ordering::Relaxed))
        .collect();
    for number in &last {
        ask(&serving.address, *number);
    }
    serving.end();
    server.start();
    let before = recorded(&database).len();
    assert!(
        before + last.len() <= asked.load(Ordering::Relaxed),
        "{before}"
    );
    let serving = serve(home.path(), &database);
    until(|| spooled() == 0);
    serving.end();
    let expected = (0..asked.into_inner()).map(|number| (format!("s{number}"), 1));
    assert_eq!(recorded(&database), expected.collect());
}
