//! Others who listen where a command expects Sluice. None of them gets the admin key.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::serving::Server;
use crate::support::{sluice, text};

/// What an impostor was sent.
type Heard = Arc<Mutex<Vec<u8>>>;

/// Listens, notes each byte that comes, and answers each request. It ends with the process.
fn impostor(answer: impl Fn(&str) -> String + Send + 'static) -> (String, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let heard = Heard::default();
    let noted = Arc::clone(&heard);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = BufReader::new(stream);
            while let Some(request) = request(&mut stream) {
                noted.lock().unwrap().extend_from_slice(request.as_bytes());
                let answer = answer(&request);
                if stream.get_mut().write_all(answer.as_bytes()).is_err() {
                    break;
                }
            }
        }
    });
    (address, heard)
}

/// Reads a request, if one comes.
fn request(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let (mut request, mut length) = (String::new(), 0);
    loop {
        let from = request.len();
        if stream.read_line(&mut request).ok()? == 0 {
            return None;
        }
        let line = request[from..].to_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(request + &String::from_utf8_lossy(&body))
}

fn response(status: &str, kind: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}")
}

/// A Sluice with a door, and its key.
fn start(home: &std::path::Path) -> (Server, String, String) {
    let data = home.join("data");
    let data = data.to_str().unwrap();
    let mut server = Server::start(&["--admin-listen", "127.0.0.1:0", "--data", data]);
    let address = server.admin_address();
    let key = std::fs::read_to_string(home.join("data").join("admin.key")).unwrap();
    (server, address, key.trim().to_owned())
}

/// What the clients of the key print if they are to go to this address.
fn told(key: &str, address: &str, more: &[&str]) -> [String; 2] {
    let url = format!("http://{address}");
    let commands: [&[&str]; 2] = [&["history", "list"], &["doctor", "--url", &url]];
    commands.map(|command| {
        let mut command = sluice(command);
        command.args(["--admin-url", &url]).args(more);
        let output = command.env("SLUICE_ADMIN_KEY", key).output().unwrap();
        format!("{}{}", text(&output.stdout), text(&output.stderr))
    })
}

fn was_sent(heard: &Heard, key: &str) -> bool {
    let heard = heard.lock().unwrap();
    let is_there = |needle: &[u8]| heard.windows(needle.len()).any(|bytes| bytes == needle);
    assert!(is_there(b"HTTP/1.1"), "nothing was asked");
    // Neither whole nor in part.
    is_there(key.as_bytes()) || is_there(&key.as_bytes()[4..20])
}

/// An answer of `/health`, so that the doctor goes on to the operators' door.
fn healthy(request: &str) -> Option<String> {
    let is_health = request.starts_with("GET /health");
    is_health.then(|| response("200 OK", "application/json", r#"{"status":"ok"}"#))
}

#[test]
fn who_can_not_prove_that_it_knows_the_key_is_not_sent_it() {
    let home = tempfile::tempdir().unwrap();
    let (_server, door, key) = start(home.path());
    let json = "application/json";
    // A proof for another nonce, as an impostor could have kept it.
    let old = {
        let mut stream = TcpStream::connect(&door).unwrap();
        let nonce = "0".repeat(64);
        write!(
            stream,
            "GET /api/v1/challenge?nonce={nonce} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split("\r\n\r\n").nth(1).unwrap().to_owned()
    };
    assert!(old.contains("\"proof\":"), "{old}");
    let zeros = format!(
        r#"{{"address":"127.0.0.1:8081","proof":"{}"}}"#,
        "0".repeat(64)
    );
    let escape =
        r#"{"type":"","title":"","status":403,"code":"no-key","detail":"\u001b]0;x\u0007"}"#;
    for (answer, part) in [
        (response("200 OK", json, &zeros), "did not prove"),
        (response("200 OK", json, &old), "did not prove"),
        (response("200 OK", json, "{}"), "not that of this version"),
        (
            response("200 OK", "text/html", "<p>"),
            "not that of this version",
        ),
        (response("404 Not Found", json, "{}"), "it is not Sluice"),
        (
            response("401 Unauthorized", json, "send the key"),
            "it is not Sluice",
        ),
        (response("403 Forbidden", json, escape), "\\u{1b}"),
    ] {
        let (address, heard) =
            impostor(move |request| healthy(request).unwrap_or_else(|| answer.clone()));
        for told in told(&key, &address, &[]) {
            assert!(told.contains(part), "{part}: {told}");
            assert!(!told.contains(&key) && !told.contains('\u{1b}'), "{told}");
        }
        assert!(!was_sent(&heard, &key), "{part}");
    }
}

#[test]
fn who_passes_the_challenge_on_to_sluice_is_not_sent_the_key() {
    let home = tempfile::tempdir().unwrap();
    let (_server, door, key) = start(home.path());
    let behind = door.clone();
    let (address, heard) = impostor(move |request| {
        if let Some(health) = healthy(request) {
            return health;
        }
        // With the name that it is called by, as one in between would.
        let mut stream = BufReader::new(TcpStream::connect(&behind).unwrap());
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        self::request(&mut stream).unwrap()
    });
    for told in told(&key, &address, &[]) {
        let part = format!("passes on what it is asked to the Sluice at {door}");
        assert!(told.contains(&part), "{told}");
    }
    assert!(!was_sent(&heard, &key));

    // A tunnel of the operator does the same, and the operator says so.
    let [listed, doctor] = told(&key, &address, &["--admin-address", &door]);
    assert!(listed.contains("records nothing"), "{listed}");
    assert!(doctor.contains("no policy is in force"), "{doctor}");
    assert!(was_sent(&heard, &key));
}

#[test]
fn the_right_sluice_is_sent_the_key() {
    let home = tempfile::tempdir().unwrap();
    let (_server, door, key) = start(home.path());
    let [listed, _] = told(&key, &door, &[]);
    assert_eq!(
        listed,
        "error: this Sluice records nothing, so there is no history to read\n"
    );
    // One that another key opens is as good as somebody else.
    let other = "sla_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwdrXXAD";
    let [listed, doctor] = told(other, &door, &[]);
    assert!(listed.contains("did not prove"), "{listed}");
    assert!(!doctor.contains(other), "{doctor}");
}
