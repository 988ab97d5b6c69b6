//! Which machine it was, and when.

use std::fs;
use std::process::Command;

/// Date, processor, cores, kernel.
pub(super) fn described() -> String {
    let date = said(Command::new("date").args(["--utc", "+%Y-%m-%d %H:%M UTC"]));
    let kernel = said(Command::new("uname").arg("-sr"));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{date}, {}, {cores} cores, {kernel}", processor())
}

fn processor() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpus.lines().find(|line| line.starts_with("model name"));
    let name = name
        .and_then(|line| line.split_once(':'))
        .map(|(_, name)| name.trim());
    name.unwrap_or("an unknown processor").to_owned()
}

fn said(command: &mut Command) -> String {
    let output = command
        .output()
        .map(|output| output.stdout)
        .unwrap_or_default();
    String::from_utf8_lossy(&output).trim().to_owned()
}
