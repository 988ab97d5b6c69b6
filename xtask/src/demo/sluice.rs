//! Runs Sluice as its own process, in front of the simulated upstream.

use std::env::consts::EXE_SUFFIX;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio, exit};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use super::{POLICIES, http};
use crate::workspace::Workspace;

/// Long enough to compile the policies on a slow machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running Sluice. Dropping it ends the process and removes its files.
pub(super) struct Sluice {
    address: SocketAddr,
    policy_file: PathBuf,
    log: PathBuf,
    process: Arc<Mutex<Option<Process>>>,
}

struct Process {
    child: Child,
    _folder: TempDir,
}

impl Sluice {
    /// Starts it and waits until it serves.
    pub(super) fn start(workspace: &Workspace, upstream: SocketAddr) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("make a temporary folder")?;
        let policy_file = folder.path().join("policies.yaml");
        fs::write(&policy_file, policy_file_text(workspace))?;
        let log = folder.path().join("sluice.log");
        let address = free_address()?;
        let child = Command::new(
            workspace
                .target
                .join("debug")
                .join(format!("sluice{EXE_SUFFIX}")),
        )
        .args(["serve", "--no-recording", "--listen", &address.to_string()])
        .args(["--admin-listen", "none"])
        .args(["--anthropic-url", &format!("http://{upstream}")])
        .arg("--policies")
        .arg(&policy_file)
        // A proxy of this machine must not be used between two programs of the demo.
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::null())
        .stdout(File::create(&log)?)
        .stderr(File::options().append(true).open(&log)?)
        .spawn()
        .context("start sluice")?;
        let process = Arc::new(Mutex::new(Some(Process {
            child,
            _folder: folder,
        })));
        end_with_us(&process)?;
        let sluice = Self {
            address,
            policy_file,
            log,
            process,
        };
        sluice.wait_until_it_serves()?;
        Ok(sluice)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn policy_file(&self) -> &Path {
        &self.policy_file
    }

    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    pub(super) fn is_running(&self) -> bool {
        let mut process = self
            .process
            .lock()
            .expect("no thread panics while it holds this");
        process
            .as_mut()
            .is_some_and(|process| matches!(process.child.try_wait(), Ok(None)))
    }

    /// The end of its log.
    pub(super) fn last_words(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    fn wait_until_it_serves(&self) -> anyhow::Result<()> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE && self.is_running() {
            let health = http::send(self.address, "GET /health", "");
            if health.is_ok_and(|health| health.status() == Some(200)) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!(
            "sluice does not serve; its last words:\n{}",
            self.last_words()
        )
    }
}

impl Drop for Sluice {
    fn drop(&mut self) {
        end(&self.process);
    }
}

/// Ends the process when a signal ends this one.
fn end_with_us(process: &Arc<Mutex<Option<Process>>>) -> anyhow::Result<()> {
    let process = Arc::clone(process);
    ctrlc::set_handler(move || {
        end(&process);
        // What a shell reports for a program that was interrupted.
        exit(130);
    })
    .context("watch for signals")
}

fn end(process: &Mutex<Option<Process>>) {
    let process = process
        .lock()
        .expect("no thread panics while it holds this")
        .take();
    if let Some(Process { mut child, .. }) = process {
        // Both fail only if it has already ended.
        drop(child.kill());
        drop(child.wait());
    }
}

fn policy_file_text(workspace: &Workspace) -> String {
    let mut text = "# Edit and save: it takes effect at once.\npolicies:\n".to_owned();
    for name in POLICIES {
        let component = workspace
            .target
            .join("policies")
            .join(format!("{name}.wasm"));
        // JSON is YAML, and the path may need quotes.
        let component = serde_json::Value::from(component.to_string_lossy());
        write!(text, "  - name: {name}\n    component: {component}\n")
            .expect("a string takes any text");
        if name == "string-replacement" {
            text += "    config:\n      rules:\n        - { from: utilize, to: use, capitals: follow, where: reply }\n";
        }
    }
    text
}

/// An address that was free a moment ago. It is unlikely that another program takes it.
fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("find a free port")?;
    Ok(listener.local_addr()?)
}
