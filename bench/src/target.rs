//! The measured targets: the scripted upstream alone, the floor, and each gateway.

mod gateways;
mod redis;
mod sluice;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use http::{HeaderName, HeaderValue};

use crate::load::{Address, Connection};
use crate::process::Process;
use crate::traffic::{Dialect, Script, Size, request};

pub(crate) use self::gateways::{direct, floor, litellm, nginx, portkey, smg};
pub(crate) use self::redis::redis;
pub(crate) use self::sluice::{
    COMMANDS, Judges, NO_OP, policy_file, serve, sluice, telling, write,
};

/// The name of the scripted upstream itself in the results.
pub(crate) const DIRECT: &str = "direct";
/// The same, driven once more at the end of each round. How far it differs from itself shows how
/// far measurements can be trusted.
pub(crate) const AGAIN: &str = "direct-again";

/// How long a gateway may take to start. Some load a great many modules.
const START: Duration = Duration::from_secs(120);

/// Where a run keeps its files, and the upstream that its gateways use.
pub(crate) struct Site {
    pub(crate) folder: PathBuf,
    pub(crate) upstream: SocketAddr,
}

impl Site {
    /// The path of this process's log.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }
}

/// A running gateway, or the upstream itself.
pub(crate) struct Target {
    /// A short unique name, used in the results.
    pub(crate) name: String,
    /// A description for a table.
    pub(crate) label: String,
    socket: SocketAddr,
    headers: Vec<(HeaderName, HeaderValue)>,
    dialects: &'static [Dialect],
    process: Process,
}

impl Target {
    /// Where to send this request. Returns `None` if the target does not speak the dialect.
    pub(crate) fn address(&self, dialect: Dialect, size: Size, script: Script) -> Option<Address> {
        self.dialects.contains(&dialect).then(|| Address {
            socket: self.socket,
            path: dialect.path(),
            headers: self.headers.clone(),
            body: request(dialect, size, script),
            expected: expected(dialect, script),
        })
    }

    pub(crate) fn socket(&self) -> SocketAddr {
        self.socket
    }

    pub(crate) fn cpu(&self) -> Duration {
        self.process.cpu()
    }

    pub(crate) fn memory(&self) -> u64 {
        self.process.memory()
    }

    /// Waits until the target answers as it should.
    pub(crate) async fn ready(mut self) -> anyhow::Result<Self> {
        let address = self
            .address(Dialect::Chat, Size::Question, Script::Whole)
            .context("every target speaks Chat Completions")?;
        let begun = Instant::now();
        loop {
            self.process.check()?;
            match answers(&address).await {
                Ok(()) => return Ok(self),
                Err(error) if begun.elapsed() > START => {
                    bail!("{} does not answer: {error:#}", self.name)
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

async fn answers(address: &Address) -> anyhow::Result<()> {
    Connection::open(address.socket)
        .await?
        .ask(address)
        .await
        .map(drop)
}

/// Bytes at the end of a streamed reply, or in a whole one, that no gateway changes.
fn expected(dialect: Dialect, script: Script) -> &'static [u8] {
    match (script.streamed(), dialect) {
        (false, _) => b"usage",
        (true, Dialect::Chat) => b"[DONE]",
        (true, Dialect::Messages) => b"message_stop",
    }
}

/// Returns a port that was free a moment ago, for programs that can't choose one themselves.
fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("find a free port")?;
    Ok(listener.local_addr().context("ask for the port")?.port())
}

fn loopback(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

/// A command that runs this program with another verb.
fn this_program(verb: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("find this program")?);
    command.arg(verb);
    Ok(command)
}

/// The address that a program of ours prints once it listens.
fn announced(log: &Path) -> anyhow::Result<SocketAddr> {
    let begun = Instant::now();
    while begun.elapsed() < START {
        let text = std::fs::read_to_string(log).unwrap_or_default();
        if let Some((line, _)) = text.split_once('\n') {
            return line.parse().with_context(|| format!("it says {line}"));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    bail!("it does not say where it listens")
}
