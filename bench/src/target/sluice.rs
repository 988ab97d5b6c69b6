//! Starts Sluice with different policies.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::{Site, Target, free_port, loopback};
use crate::load::Door;
use crate::process::Process;
use crate::traffic::Dialect;

/// The components, below the folder of built policies.
pub(crate) const NO_OP: &str = "bench/no-op.wasm";
pub(crate) const COMMANDS: &str = "block-dangerous-commands.wasm";

/// Which policies a Sluice runs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Judges {
    /// None at all.
    None,
    /// This many that keep every request, text and tool call they are asked about.
    NoOp(usize),
    /// This many that parse each shell command an agent wants to run.
    Commands(usize),
    /// As many of those, and every exchange is recorded.
    Recorded(usize),
}

/// Starts Sluice. `policies` is the folder of the built components.
pub(crate) async fn sluice(
    site: &Site,
    program: &Path,
    policies: &Path,
    judges: Judges,
) -> anyhow::Result<Target> {
    let (name, label) = judges.names();
    // The file has a folder of its own, because Sluice watches the folder, and a log in it would
    // change all the time.
    let path = site.folder.join(&name).join("policies.yaml");
    let file = match judges.policy_file(policies) {
        Some(text) => {
            write(&path, &text)?;
            Some(&*path)
        }
        None => None,
    };
    // One cache for all that a run starts. It is removed after the run.
    let cache = site.folder.join("cache");
    let record =
        matches!(judges, Judges::Recorded(_)).then(|| site.folder.join(&name).join("sluice.db"));
    let mut target = serve(site, program, file, &cache, &name, record.as_deref())?;
    target.label = label;
    target.ready().await
}

/// Starts Sluice with this policy file and this cache, without waiting for it. Exchanges are recorded if there is a file
/// for them.
pub(crate) fn serve(
    site: &Site,
    program: &Path,
    policies: Option<&Path>,
    cache: &Path,
    name: &str,
    record: Option<&Path>,
) -> anyhow::Result<Target> {
    let port = free_port()?;
    let mut command = command(site, program, port, cache);
    // Variables and no flags, because programs from before these settings are measured too.
    command.env("SLUICE_ADMIN_LISTEN", "none");
    match record {
        Some(file) => command.arg("--database").arg(file),
        None => command.env("SLUICE_NO_RECORDING", "1"),
    };
    if let Some(file) = policies {
        command.arg("--policies").arg(file);
    }
    launch(site, &mut command, port, name)
}

/// Starts Sluice without policies and without a record, with a door for operators, through which they hear what happens at
/// this process and at all others that use the same Redis.
pub(crate) async fn telling(
    site: &Site,
    program: &Path,
    name: &str,
    redis: &str,
) -> anyhow::Result<(Target, Door)> {
    let (port, admin) = (free_port()?, free_port()?);
    let data = site.folder.join(name);
    let mut command = command(site, program, port, &site.folder.join("cache"));
    command
        .args(["--no-recording", "--redis", redis, "--data"])
        .arg(&data)
        .args(["--admin-listen", &format!("127.0.0.1:{admin}")]);
    let target = launch(site, &mut command, port, name)?.ready().await?;
    let key = std::fs::read_to_string(data.join("admin.key")).context("read the admin key")?;
    let door = Door {
        socket: loopback(admin),
        key: key.trim().to_owned(),
    };
    Ok((target, door))
}

fn command(site: &Site, program: &Path, port: u16, cache: &Path) -> Command {
    let upstream = format!("http://{}", site.upstream);
    let mut command = Command::new(program);
    command
        .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
        .args(["--anthropic-url", &upstream, "--openai-url", &upstream])
        .arg("--cache")
        .arg(cache);
    command
}

fn launch(site: &Site, command: &mut Command, port: u16, name: &str) -> anyhow::Result<Target> {
    Ok(Target {
        process: Process::start(name, command, &site.log(name))?,
        socket: loopback(port),
        headers: Vec::new(),
        dialects: &Dialect::ALL,
        name: name.to_owned(),
        label: name.to_owned(),
    })
}

/// Returns a policy file of these components. One with a number is configured with it, because
/// equal policies might be shared.
pub(crate) fn policy_file(policies: impl IntoIterator<Item = (PathBuf, Option<usize>)>) -> String {
    let mut file = "policies:\n".to_owned();
    for (n, (component, room)) in policies.into_iter().enumerate() {
        let component = component.display();
        // Writing to a string does not fail.
        let _ = writeln!(file, "  - name: judge-{n}\n    component: {component}");
        if let Some(room) = room {
            let _ = writeln!(file, "    config: {{ extra_allowed_paths: [room-{room}] }}");
        }
    }
    file
}

/// Writes a policy file, and makes the folder that it is in.
pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let shown = path.display();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("make the folder of {shown}"))?;
    }
    std::fs::write(path, text).with_context(|| format!("write {shown}"))
}

impl Judges {
    fn names(self) -> (String, String) {
        match self {
            Self::None => ("sluice-0".to_owned(), "Sluice, no policies".to_owned()),
            Self::NoOp(count) => (
                format!("sluice-noop-{count}"),
                format!("Sluice, {count} no-op on request and reply"),
            ),
            Self::Commands(count) => (
                format!("sluice-{count}"),
                format!("Sluice, {count} judging tool calls"),
            ),
            Self::Recorded(count) => (
                format!("sluice-{count}-recording"),
                format!("Sluice, {count} judging tool calls, recording"),
            ),
        }
    }

    /// Each policy that takes a config gets one of its own, as in practice.
    fn policy_file(self, folder: &Path) -> Option<String> {
        let (count, component) = match self {
            Self::None => return None,
            Self::NoOp(count) => (count, NO_OP),
            Self::Commands(count) | Self::Recorded(count) => (count, COMMANDS),
        };
        let component = folder.join(component);
        let takes_config = matches!(self, Self::Commands(_) | Self::Recorded(_));
        let room = |n| takes_config.then_some(n);
        Some(policy_file(
            (0..count).map(|n| (component.clone(), room(n))),
        ))
    }
}
