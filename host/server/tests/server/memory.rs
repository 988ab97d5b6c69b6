//! What an export takes of the memory of a running Sluice, as Linux tells it.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use crate::recording::Recording;

/// The most memory that a process had since its start, or since [`forget_peak`], in KiB.
fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.unwrap().split_whitespace().next().unwrap();
    number.parse().unwrap()
}

fn forget_peak(process: u32) {
    fs::write(format!("/proc/{process}/clear_refs"), "5").unwrap();
}

#[test]
fn an_export_waits_for_its_reader_and_takes_little_memory() {
    const COUNT: usize = 20;
    const LONG: usize = 2 << 20;
    let recording = Recording::start();
    for number in 0..COUNT {
        let words = format!("{number:02} falcons. ").repeat(LONG / 12 + 1);
        recording.ask("one", &words);
    }
    recording.listed(COUNT);
    let key = recording.home.path().join("sluice").join("admin.key");
    let key = fs::read_to_string(key).unwrap();
    let process = recording.server.child.id();
    forget_peak(process);
    let before = peak(process);
    let door = recording.door.trim_start_matches("http://");
    let mut stream = TcpStream::connect(door).unwrap();
    write!(
        stream,
        "GET /api/v1/export?format=jsonl HTTP/1.0\r\nx-api-key: {}\r\n\r\n",
        key.trim()
    )
    .unwrap();
    // As long as nobody reads, nothing is to be put by. In this time it could do so with all of it.
    thread::sleep(Duration::from_secs(2));
    let unread = peak(process) - before;
    let mut export = Vec::new();
    stream.read_to_end(&mut export).unwrap();
    let read = peak(process) - before;
    // Each body is there as it was asked and as it was sent.
    let all = 2 * COUNT * LONG;
    assert!(export.len() > all, "{}", export.len());
    for (grown, when) in [(unread, "unread"), (read, "read")] {
        let most = u64::try_from(all / 4).unwrap() >> 10;
        assert!(grown < most, "{when}: {grown} KiB of {most}");
    }
}
