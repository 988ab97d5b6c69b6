//! Sluice with policies of different number and kind.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::{Site, Target, free_port, loopback};
use crate::process::Process;
use crate::traffic::Dialect;

/// Which policies a Sluice runs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Judges {
    /// None at all.
    None,
    /// This many that keep every request, text and tool call they are asked about.
    NoOp(usize),
    /// This many that parse each shell command an agent wants to run.
    Commands(usize),
}

/// Starts Sluice. `policies` holds the built components.
pub(crate) async fn sluice(
    site: &Site,
    program: &Path,
    policies: &Path,
    judges: Judges,
) -> anyhow::Result<Target> {
    let (name, label) = judges.names();
    // In a folder of its own, since Sluice watches it, and a log beside it changes all the time.
    let folder = site.folder.join(&name);
    let file = judges.policy_file(policies);
    let file = file.map(|file| written(&folder, &file)).transpose()?;
    // One for all that a run starts, and gone with it.
    let cache = site.folder.join("cache");
    let mut target = serve(site, program, file.as_deref(), &cache, &name)?;
    target.label = label;
    target.ready().await
}

/// Starts Sluice with this policy file and this folder for what is compiled, and does not wait for it. Its log
/// is `<name>.log` in the run's folder.
pub(crate) fn serve(
    site: &Site,
    program: &Path,
    policies: Option<&Path>,
    cache: &Path,
    name: &str,
) -> anyhow::Result<Target> {
    let port = free_port()?;
    let upstream = format!("http://{}", site.upstream);
    let mut command = Command::new(program);
    command
        .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
        .args(["--anthropic-url", &upstream, "--openai-url", &upstream])
        .arg("--cache")
        .arg(cache);
    if let Some(file) = policies {
        command.arg("--policies").arg(file);
    }
    let log = site.folder.join(format!("{name}.log"));
    Ok(Target {
        process: Process::start(name, &mut command, &log)?,
        socket: loopback(port),
        headers: Vec::new(),
        dialects: &Dialect::ALL,
        name: name.to_owned(),
        label: name.to_owned(),
    })
}

/// Writes the policy file into this folder.
pub(crate) fn written(folder: &Path, file: &str) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    let path = folder.join("policies.yaml");
    std::fs::write(&path, file).with_context(|| format!("write {}", path.display()))?;
    Ok(path)
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
        }
    }

    /// Each policy is configured differently, as they would be: what is the same might be shared.
    fn policy_file(self, folder: &Path) -> Option<String> {
        let (count, component) = match self {
            Self::None => return None,
            Self::NoOp(count) => (count, "bench/no-op.wasm"),
            Self::Commands(count) => (count, "block-dangerous-commands.wasm"),
        };
        let component = folder.join(component);
        let mut file = "policies:\n".to_owned();
        for n in 0..count {
            // Writing to a string does not fail.
            let _ = writeln!(
                file,
                "  - name: judge-{n}\n    component: {}",
                component.display()
            );
            if matches!(self, Self::Commands(_)) {
                let _ = writeln!(file, "    config: {{ extra_allowed_paths: [room-{n}] }}");
            }
        }
        Some(file)
    }
}
