//! A measured program: starts it, measures it, ends it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process_group};

/// How long a program may take to end after it is told to.
const GRACE: Duration = Duration::from_secs(5);

/// A running program and everything that it started. Dropping it ends them.
pub(crate) struct Process {
    name: String,
    child: std::process::Child,
}

impl Process {
    /// Starts a program in a process group of its own. Its output goes to `log`.
    pub(crate) fn start(name: &str, command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        use std::os::unix::process::CommandExt as _;
        let words = fs::File::create(log).with_context(|| format!("write {}", log.display()))?;
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(words.try_clone().context("share the log")?)
            .stderr(words)
            .spawn()
            .with_context(|| format!("start {name}: {}", command.get_program().display()))?;
        Ok(Self {
            name: name.to_owned(),
            child,
        })
    }

    /// Fails if the program has ended.
    pub(crate) fn check(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait().context("ask for the process")? {
            None => Ok(()),
            Some(status) => bail!("{} ended with {status}", self.name),
        }
    }

    /// The CPU time that the program and its children have used so far.
    pub(crate) fn cpu(&self) -> Duration {
        self.family().into_iter().filter_map(cpu).sum()
    }

    /// The memory of the program and its children, in bytes. Shared memory counts once.
    pub(crate) fn memory(&self) -> u64 {
        self.family().into_iter().filter_map(memory).sum()
    }

    fn family(&self) -> Vec<u32> {
        let all = parents();
        let mut family = vec![self.child.id()];
        let mut at = 0;
        while let Some(&parent) = family.get(at) {
            family.extend(
                all.iter()
                    .filter(|(_, of)| *of == parent)
                    .map(|(process, _)| *process),
            );
            at += 1;
        }
        family
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // It may be gone already.
            let _ = kill_process_group(pid, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::TERM);
        let told = Instant::now();
        while told.elapsed() < GRACE {
            if !matches!(self.child.try_wait(), Ok(None)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        // This ends its children too.
        self.signal(Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Returns every process with its parent.
fn parents() -> Vec<(u32, u32)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let process = entry.file_name().to_str()?.parse().ok()?;
            Some((process, fields(process)?.get(1)?.parse().ok()?))
        })
        .collect()
}

/// Returns the fields of `/proc/<pid>/stat` behind the name, which may contain anything: the state,
/// the parent, …
fn fields(process: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

fn cpu(process: u32) -> Option<Duration> {
    let fields = fields(process)?;
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    let ticks = ticks(11)? + ticks(12)?;
    let per_second = rustix::param::clock_ticks_per_second();
    Some(Duration::from_secs_f64(ticks as f64 / per_second as f64))
}

fn memory(process: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_weighed_with_what_it_started_and_ended_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let busy = "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; sleep 60' & wait";
        let log = folder.path().join("log");
        let process = Process::start("sh", Command::new("sh").args(["-c", busy]), &log).unwrap();
        let begun = Instant::now();
        while process.cpu() < Duration::from_millis(50) && begun.elapsed() < GRACE {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(process.cpu() >= Duration::from_millis(50));
        assert!(process.memory() > 100 << 10);
        let family = process.family();
        assert!(family.len() >= 2);
        drop(process);
        // The kernel ends killed processes by and by.
        let dropped = Instant::now();
        let are_gone = || family.iter().all(|process| memory(*process).is_none());
        while !are_gone() && dropped.elapsed() < GRACE {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(are_gone());
    }
}
