//! The operators' door of the process: its address, its key, and who makes the key.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::serving::Server;
use crate::support::{run, sluice, text};

/// Starts a server with a door on a free port and this data folder.
fn start(data: &Path) -> Server {
    let data = data.to_str().unwrap();
    Server::start(&["--admin-listen", "127.0.0.1:0", "--data", data])
}

/// The status that a key gets at the door.
fn status(address: &str, key: &str) -> u16 {
    let mut connection = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET /api/v1/status HTTP/1.1\r\nhost: localhost\r\nx-api-key: {key}\r\nconnection: close\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Waits until a key gets this status, which takes a second at most, and ten on a busy machine.
fn becomes(address: &str, key: &str, expected: u16) {
    let start = Instant::now();
    while status(address, key) != expected {
        assert!(start.elapsed() < Duration::from_secs(10), "not {expected}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn key_in(data: &Path) -> String {
    let file = data.join("admin.key");
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::read_to_string(file).unwrap().trim().to_owned()
}

#[test]
fn the_first_start_leaves_a_key_and_later_ones_keep_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = start(&data);
    let line = server.until("the admin key was made and left in this file");
    assert_eq!(line["file"], data.join("admin.key").to_str().unwrap());
    let key = key_in(&data);
    assert!(!line.to_string().contains(&key));
    assert_eq!(status(&server.admin_address(), &key), 200);
    drop(server);

    fs::remove_file(data.join("admin.key")).unwrap();
    let mut server = start(&data);
    assert_eq!(status(&server.admin_address(), &key), 200);
    assert!(!data.join("admin.key").exists(), "it is told once");
}

#[test]
fn processes_that_start_at_once_agree_on_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut servers: Vec<_> = (0..6).map(|_| start(&data)).collect();
    let addresses: Vec<_> = servers.iter_mut().map(Server::admin_address).collect();
    let key = key_in(&data);
    for address in addresses {
        assert_eq!(status(&address, &key), 200);
    }
}

#[test]
fn another_key_counts_without_a_restart_and_is_printed_alone() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut server = start(&data);
    let address = server.admin_address();
    let old = key_in(&data);
    let output = run(&["admin", "reset-key", "--data", data.to_str().unwrap()]);
    assert!(output.status.success());
    let new = text(&output.stdout).strip_suffix('\n').unwrap();
    assert_eq!(new.len(), 52);
    becomes(&address, new, 200);
    assert_eq!(status(&address, &old), 401);
    assert_eq!(
        key_in(&data),
        new,
        "the file that was left holds it as well"
    );

    let output = run(&["admin", "reset-key"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        text(&output.stderr),
        "error: there is no data folder: name one with --data\n"
    );
}

/// A start whose door is at the usual address, or where the flags say.
fn start_with(data: &str, flags: &[&str]) -> Server {
    let mut command = sluice(&["serve", "--listen", "127.0.0.1:0", "--data", data]);
    command.args(flags).env_remove("SLUICE_ADMIN_LISTEN");
    Server::run(command)
}

#[test]
fn a_door_that_cannot_be_had_stops_the_start_only_if_its_address_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let open = folder.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
    // If another program has it, it is taken all the same.
    let _usual = TcpListener::bind("127.0.0.1:8081");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (data, flags, why) in [
        (
            data.to_str().unwrap(),
            &["--admin-listen", &*taken],
            &*taken,
        ),
        (
            "",
            &["--admin-listen", "127.0.0.1:0"],
            "name one with --data",
        ),
        (
            open.to_str().unwrap(),
            &["--admin-listen", "127.0.0.1:0"],
            "`chmod 700` it",
        ),
    ] {
        let mut server = start_with(data, flags);
        let line = server.until("serve operators (--admin-listen): ");
        assert_eq!(line["level"], "ERROR");
        assert!(line.to_string().contains(why), "{line}");
        assert_eq!(server.child.wait().unwrap().code(), Some(1));
    }
    for (data, why) in [
        (data.to_str().unwrap(), "listen on 127.0.0.1:8081"),
        ("", "name one with --data"),
    ] {
        let mut server = start_with(data, &[]);
        let line = server.until("operators are not served (--admin-listen): ");
        assert_eq!(line["level"], "WARN");
        assert!(line.to_string().contains(why), "{line}");
        server.address();
    }
    assert!(
        !data.exists(),
        "no key is made for a door that is not there"
    );
}
