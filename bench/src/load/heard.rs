//! Those who listen at an operators' port to what happens.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use memchr::memmem;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::Spread;

/// What an event begins with, and what a gap does.
const EVENT: &[u8] = b"\nevent: ";
const GAP: &[u8] = b"\nevent: gap";
/// What stands before the time of an event.
const AT: &[u8] = b"\"at_ms\":";

/// A Sluice's port for operators.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) socket: SocketAddr,
    pub(crate) key: String,
}

/// After this much silence nothing more comes. Heartbeats come more rarely.
const SILENCE: Duration = Duration::from_secs(8);

/// What a listener heard.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) events: u64,
    pub(crate) gaps: u64,
    /// How late its events came. Only measured if asked for, because it costs more than counting.
    pub(crate) late: Spread,
}

/// Whether a listener looks at the time of each event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Looks {
    Counts,
    Times,
}

/// Begins to listen. The answer has begun when this returns.
pub(crate) async fn listen(door: &Door) -> anyhow::Result<TcpStream> {
    let mut stream = ask(door, "/api/v1/events").await?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.context("no answer")?;
    ensure!(head.ends_with(b" 200"), "{}", head.escape_ascii());
    Ok(stream)
}

/// What the process says of itself.
pub(crate) async fn status(door: &Door) -> anyhow::Result<serde_json::Value> {
    let mut stream = ask(door, "/api/v1/status").await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.context("no answer")?;
    let body = memmem::find(&answer, b"\r\n\r\n").context("no body")?;
    serde_json::from_slice(&answer[body..]).context("read the status")
}

/// Version 1.0 of HTTP has no chunks, so the answer comes as it is.
async fn ask(door: &Door, path: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(door.socket).await.context("connect")?;
    let head = format!(
        "GET {path} HTTP/1.0\r\nhost: localhost\r\nx-api-key: {}\r\n\r\n",
        door.key
    );
    stream.write_all(head.as_bytes()).await.context("ask")?;
    Ok(stream)
}

/// Counts what comes until the stream is over, or everything was told and nothing came for a while.
pub(crate) async fn count(
    mut stream: TcpStream,
    looks: Looks,
    mut all_told: watch::Receiver<bool>,
) -> Heard {
    let mut heard = Heard::default();
    let mut bytes = vec![0; 256 << 10];
    let mut kept = 0;
    loop {
        let silence = async {
            // Whoever sends it waits for this task.
            let _ = all_told.wait_for(|told| *told).await;
            tokio::time::sleep(SILENCE).await;
        };
        let read = tokio::select! {
            read = stream.read(&mut bytes[kept..]) => read,
            () = silence => return heard,
        };
        let Ok(read @ 1..) = read else {
            return heard;
        };
        let all = &bytes[..kept + read];
        // An event is looked at when it is whole.
        let Some(end) = memmem::rfind(all, b"\n\n") else {
            kept += read;
            continue;
        };
        heard.take(&all[..=end], looks);
        kept = all.len() - end - 1;
        bytes.copy_within(end + 1..end + 1 + kept, 0);
    }
}

impl Heard {
    fn take(&mut self, whole: &[u8], looks: Looks) {
        self.events += memmem::find_iter(whole, EVENT).count() as u64;
        self.gaps += memmem::find_iter(whole, GAP).count() as u64;
        if looks == Looks::Counts {
            return;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        for at in memmem::find_iter(whole, AT) {
            let digits = whole[at + AT.len()..].iter();
            let digits = digits.take_while(|digit| digit.is_ascii_digit());
            let at = digits.fold(0, |at, digit| at * 10 + u64::from(digit - b'0'));
            let late = now.clone().unwrap_or_default();
            self.late
                .add(late.saturating_sub(Duration::from_millis(at)));
        }
    }
}
