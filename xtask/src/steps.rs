//! Runs one step after the other, and reports each with its duration and result.
//!
//! A failed step does not end the run, so one call shows everything that is wrong.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use crate::say;

/// The steps so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<Done>,
}

struct Done {
    name: &'static str,
    took: Duration,
    passed: bool,
}

impl Steps {
    /// Runs a step of xtask's own. Returns `None` if it failed; the reason is printed by then.
    pub(crate) fn run<T>(
        &mut self,
        name: &'static str,
        step: impl FnOnce() -> anyhow::Result<T>,
    ) -> Option<T> {
        say::heading(name);
        let start = Instant::now();
        let outcome = step();
        let took = start.elapsed();
        if let Err(error) = &outcome {
            say::error(error);
        }
        self.done.push(Done {
            name,
            took,
            passed: outcome.is_ok(),
        });
        outcome.ok()
    }

    /// Runs a command as a step.
    pub(crate) fn command(&mut self, name: &'static str, command: &mut Command) {
        self.run(name, || execute(command));
    }

    /// Prints a summary. Fails if a step failed.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        say::heading("summary");
        for Done { name, took, passed } in &self.done {
            let outcome = if *passed { "ok" } else { "FAILED" };
            say::line(format_args!(
                "{name:<12} {:>7.1} s  {outcome}",
                took.as_secs_f64()
            ));
        }
        let failed: Vec<_> = self
            .done
            .iter()
            .filter(|done| !done.passed)
            .map(|done| done.name)
            .collect();
        ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
        Ok(())
    }
}

/// Prints a command as it would be typed, and runs it with its output going where ours goes.
pub(crate) fn execute(command: &mut Command) -> anyhow::Result<()> {
    let shown = say::shown(command);
    say::line(format_args!("$ {shown}"));
    let status = command.status().with_context(|| format!("run {shown}"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_fails_the_run_but_not_the_steps_after_it() {
        let mut steps = Steps::default();
        assert_eq!(steps.run("first", || Ok(1)), Some(1));
        assert_eq!(steps.run::<()>("second", || bail!("broken")), None);
        assert_eq!(steps.run("third", || Ok(3)), Some(3));
        assert_eq!(steps.finish().unwrap_err().to_string(), "failed: second");
    }
}
