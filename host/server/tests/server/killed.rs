//! A process that is killed while it streams, with `--recording-durability strict`.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sluice_server::recorder::SearchedWords;
use sluice_store::{Config, Ending, Filter, Page, Record, Store};

use crate::serving::{SOON, Unread};
use crate::support::sluice;

/// How many callers stream at once.
const CALLERS: usize = 200;
/// The replies with these numbers and higher ones go on for ever.
const ENDLESS: usize = 150;
/// How many callers have their replies when the server is killed.
const ENOUGH: usize = 75;
/// What a client takes for the end of a reply.
const LAST: &str = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

/// A server that records into a folder, strictly.
fn strict(folder: &Path, upstream: &str) -> Unread {
    let mut command = sluice(&["serve", "--listen", "127.0.0.1:0"]);
    command.args([
        "--recording-durability",
        "strict",
        "--anthropic-url",
        upstream,
    ]);
    command.arg("--database").arg(folder.join("sluice.db"));
    command
        .env_remove("SLUICE_NO_RECORDING")
        .env_remove("DATABASE_URL");
    Unread::run(command, &folder.join("log"))
}

/// A stand-in for a model API. Each reply streams for as long as the number in its request says.
fn upstream() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            // It fails where the other side is killed.
            thread::spawn(move || reply(stream));
        }
    });
    url
}

fn reply(mut stream: TcpStream) -> std::io::Result<()> {
    let number = number_of(&read_request(&mut stream)?);
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    write!(stream, "{head}")?;
    let mut say = |kind: &str, rest: &str| {
        write!(
            stream,
            "event: {kind}\ndata: {{\"type\":\"{kind}\"{rest}}}\n\n"
        )
    };
    let message = r#"{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":1,"output_tokens":1}}"#;
    say("message_start", &format!(",\"message\":{message}"))?;
    let block = r#","index":0,"content_block":{"type":"text","text":""}"#;
    say("content_block_start", block)?;
    let pieces = match number {
        ENDLESS.. => usize::MAX,
        _ => 10 + number,
    };
    for piece in 0..pieces {
        let text = format!("piece {piece} of reply {number}, ");
        let delta = format!(r#","index":0,"delta":{{"type":"text_delta","text":"{text}"}}"#);
        say("content_block_delta", &delta)?;
        thread::sleep(Duration::from_millis(10));
    }
    say("content_block_stop", ",\"index\":0")?;
    let end =
        r#","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":9}"#;
    say("message_delta", end)?;
    write!(stream, "{LAST}")
}

fn read_request(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(String::from_utf8(body).unwrap())
}

/// The number that a request asks for.
fn number_of(request: &str) -> usize {
    let request: serde_json::Value = serde_json::from_str(request).unwrap();
    let text = request["messages"][0]["content"].as_str().unwrap();
    text.parse().unwrap()
}

/// Asks for a reply, and returns what came of it until the connection ended, without HTTP's own words.
fn ask(address: &str, number: usize) -> String {
    let body = format!(
        r#"{{"model":"m","max_tokens":9,"stream":true,"messages":[{{"role":"user","content":"{number}"}}]}}"#
    );
    let mut stream = TcpStream::connect(address).unwrap();
    // HTTP/1.0 has no chunks: the body is what comes until the end.
    let head = "POST /v1/messages HTTP/1.0\r\nhost: localhost\r\nx-api-key: k\r\n";
    write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut got = Vec::new();
    // A connection that is reset has brought all that is there.
    let _ = stream.read_to_end(&mut got);
    let got = String::from_utf8(got).unwrap();
    let body = got.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    body.unwrap_or_default()
}

/// Asks so many at once, kills the server in the middle, and returns what each caller got, by the number it asked for.
fn cut_off(server: Unread) -> HashMap<usize, String> {
    let finished = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..CALLERS)
        .map(|number| {
            let (address, finished) = (server.address.clone(), Arc::clone(&finished));
            thread::spawn(move || {
                let got = ask(&address, number);
                finished.fetch_add(usize::from(got.ends_with(LAST)), Ordering::Relaxed);
                (number, got)
            })
        })
        .collect();
    let begun = Instant::now();
    while finished.load(Ordering::Relaxed) < ENOUGH {
        assert!(begun.elapsed() < SOON, "it is too slow");
        thread::sleep(Duration::from_millis(1));
    }
    drop(server);
    callers
        .into_iter()
        .map(|caller| caller.join().unwrap())
        .collect()
}

/// The stored exchanges with what was asked and what was delivered, once there are so many.
async fn stored(file: &Path, count: usize) -> Vec<(Record, String, String)> {
    let config = Config::new(format!("sqlite:{}", file.display()));
    let store = Store::open(config, Arc::new(SearchedWords)).await.unwrap();
    let page = Page {
        limit: 500,
        ..Page::default()
    };
    let begun = Instant::now();
    let found = loop {
        let found = store
            .exchanges(&Filter::default(), &page)
            .await
            .unwrap()
            .entries;
        if found.len() >= count {
            break found;
        }
        let waited = begun.elapsed();
        assert!(waited < SOON, "{} of {count}", found.len());
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let mut all = Vec::new();
    for summary in found {
        let record = store.exchange(summary.id).await.unwrap().unwrap();
        let mut texts = Vec::new();
        for message in [Some(&record.asked), record.delivered.as_ref()] {
            let Some(message) = message else {
                texts.push(String::new());
                continue;
            };
            let body = store.body(message.body.id).await.unwrap();
            let body = body.collect().await.unwrap();
            texts.push(String::from_utf8(body.to_vec()).unwrap());
        }
        let delivered = texts.pop().unwrap();
        all.push((record, texts.pop().unwrap(), delivered));
    }
    all
}

#[test]
fn what_a_caller_got_to_its_end_is_stored_and_what_was_cut_is_stored_as_cut() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = upstream();
    let got = cut_off(strict(folder.path(), &upstream));

    let again = strict(folder.path(), &upstream);
    let begun = got.values().filter(|got| !got.is_empty()).count();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let stored = runtime.block_on(stored(&folder.path().join("sluice.db"), begun));
    drop(again);
    let mut endings: HashMap<usize, Ending> = HashMap::new();
    for (record, asked, delivered) in stored {
        let number = number_of(&asked);
        let (ending, got) = (record.summary.ending, &got[&number]);
        assert_eq!(
            endings.insert(number, ending),
            None,
            "{number} is there twice"
        );
        match ending {
            // One that was killed between the commit and the last piece lacks that alone.
            Ending::Delivered => assert!(
                delivered == *got || delivered.strip_suffix(LAST) == Some(got),
                "{got} and not {delivered}"
            ),
            Ending::Cut => assert!(!got.ends_with(LAST), "{got}"),
            other => panic!("{number} is {other:?}"),
        }
    }
    for (number, got) in &got {
        let ending = endings.get(number);
        match got.ends_with(LAST) {
            true => assert_eq!(ending, Some(&Ending::Delivered), "{number}"),
            // Whatever a caller got a byte of was begun.
            false => assert!(got.is_empty() || ending.is_some(), "{number}"),
        }
    }
}
