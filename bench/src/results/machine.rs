//! Describes the machine and the date, and how exact its timers are.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::load::Spread;

const SLEEP: Duration = Duration::from_millis(1);
const SLEEPS: usize = 3_000;

/// Date, processor, cores, kernel.
pub(super) fn described() -> String {
    let date = said(Command::new("date").args(["--utc", "+%Y-%m-%d %H:%M UTC"]));
    let kernel = said(Command::new("uname").arg("-sr"));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{date}, {}, {cores} cores, {kernel}", processor())
}

/// How many seconds late a thread wakes that sleeps for a millisecond without load: the median and
/// the 99th percentile.
pub(super) fn wakes_late() -> [f64; 2] {
    let mut late = Spread::default();
    for _ in 0..SLEEPS {
        let due = Instant::now() + SLEEP;
        std::thread::sleep(SLEEP);
        late.add(due.elapsed());
    }
    [0.5, 0.99].map(|part| late.quantile(part).unwrap_or_default())
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
