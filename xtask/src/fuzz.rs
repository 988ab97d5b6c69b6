//! Fuzzes the parsers: the targets in `fuzz`, with libFuzzer.
//!
//! `cargo fuzz` does the same with a nightly toolchain, which it needs for the sanitizers. The code
//! under test has no `unsafe`, so they would find nothing in it. The other flags of `cargo fuzz`
//! are below, and they are stable. libFuzzer itself needs a C++ compiler.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};

use crate::say;
use crate::steps::execute;
use crate::workspace::Workspace;

/// Counts edges and traces comparisons, as `cargo fuzz` does.
const COVERAGE: [&str; 8] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "-Cdebug-assertions",
    "--cfg=fuzzing",
];

/// An input that takes longer, in seconds, is a finding.
const TIMEOUT: &str = "-timeout=20";
/// Longer inputs are slower and find little that shorter ones do not.
const LENGTH: &str = "-max_len=16384";

/// How long a target runs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Effort {
    /// For this many seconds, starting from what earlier runs found.
    Long(u32),
    /// Over the same inputs each time, so that only a change in the code can break it.
    Short,
}

/// Runs the targets whose names contain `filter`, one after the other.
pub(crate) fn run(workspace: &Workspace, filter: &str, effort: Effort) -> anyhow::Result<()> {
    ensure!(
        has_compiler(),
        "libFuzzer wants a C++ compiler: apt-get install g++"
    );
    let fuzzers = build(workspace)?;
    let targets = targets(workspace)?;
    let mut targets = targets
        .iter()
        .filter(|name| name.contains(filter))
        .peekable();
    ensure!(
        targets.peek().is_some(),
        "no target is called `{filter}`: see fuzz/fuzz_targets"
    );
    targets.try_for_each(|target| fuzz(workspace, &fuzzers.join(target), target, effort))
}

/// Runs every target briefly. Without a C++ compiler only the tests run them, over their seeds.
pub(crate) fn briefly(workspace: &Workspace) -> anyhow::Result<()> {
    if has_compiler() {
        return run(workspace, "", Effort::Short);
    }
    say::line("no C++ compiler, so no fuzzer: the tests run the same bodies over their seeds");
    Ok(())
}

fn has_compiler() -> bool {
    let mut compiler = Command::new(env::var_os("CXX").unwrap_or_else(|| "c++".into()));
    let version = compiler.arg("--version").stdout(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}

/// Builds all targets. Returns their folder.
fn build(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let folder = workspace.target.join("fuzz");
    let host = host()?;
    let mut build = workspace.cargo(&["build", "--release", "--manifest-path", "fuzz/Cargo.toml"]);
    execute(
        build
            .arg("--target-dir")
            .arg(&folder)
            // Without `--target` the flags would apply to build scripts too.
            .args(["--target", &host])
            .env("RUSTFLAGS", COVERAGE.join(" ")),
    )?;
    Ok(folder.join(host).join("release"))
}

/// This machine's target triple.
fn host() -> anyhow::Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "host-tuple"])
        .output()
        .context("ask rustc for its host")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The names of the targets, in order.
fn targets(workspace: &Workspace) -> anyhow::Result<Vec<String>> {
    let folder = workspace.at("fuzz/fuzz_targets");
    let names = fs::read_dir(&folder)
        .and_then(|files| {
            files
                .map(|file| Ok(file?.path()))
                .collect::<Result<Vec<_>, _>>()
        })
        .with_context(|| format!("read {}", folder.display()))?;
    let stem = |file: &PathBuf| Some(file.file_stem()?.to_str()?.to_owned());
    let mut names: Vec<String> = names.iter().filter_map(stem).collect();
    names.sort();
    Ok(names)
}

fn fuzz(workspace: &Workspace, fuzzer: &Path, target: &str, effort: Effort) -> anyhow::Result<()> {
    let kept = |kind: &str| workspace.target.join("fuzz").join(kind).join(target);
    let findings = kept("findings");
    let fresh = tempfile::tempdir().context("make a folder for what is found")?;
    let (corpus, bounds) = match effort {
        Effort::Long(seconds) => (kept("corpus"), vec![format!("-max_total_time={seconds}")]),
        Effort::Short => {
            let runs = "-runs=10000".to_owned();
            (fresh.path().to_owned(), vec![runs, "-seed=1".to_owned()])
        }
    };
    for folder in [&corpus, &findings] {
        fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    }
    let mut command = Command::new(fuzzer);
    command
        .args([TIMEOUT, LENGTH, "-print_final_stats=1"])
        .args(bounds)
        .arg(format!("-artifact_prefix={}/", findings.display()))
        .arg(&corpus)
        .args(seeds(workspace, target))
        .current_dir(&workspace.root);
    let output = command.output().with_context(|| format!("run {target}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        say::line(&told);
        bail!("{target} found something: it is in {}", findings.display());
    }
    let inputs = stat(&told, "number_of_executed_units");
    let new = stat(&told, "new_units_added");
    say::line(format_args!(
        "{target}: {inputs} inputs, {new} of them new in kind"
    ));
    Ok(())
}

/// One of the numbers that libFuzzer prints at its end.
fn stat<'a>(told: &'a str, name: &str) -> &'a str {
    let mut lines = told.lines();
    let stat = lines.find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name));
    stat.map_or("?", |stat| stat.trim_start_matches(':').trim())
}

/// The folders of a target's seeds: recorded streams, or texts of its own.
fn seeds(workspace: &Workspace, target: &str) -> Vec<PathBuf> {
    let fixtures = workspace.at("host/protocol/fixtures");
    match target.strip_prefix("stream_") {
        Some(dialect) => vec![fixtures.join(dialect)],
        None if workspace.at("fuzz/seeds").join(target).is_dir() => {
            vec![workspace.at("fuzz/seeds").join(target)]
        }
        None => ["anthropic", "openai_chat", "openai_responses"]
            .map(|dialect| fixtures.join(dialect))
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_that_libfuzzer_tells_are_found() {
        let told =
            "Done\nstat::number_of_executed_units: 2903\nstat::new_units_added:          185\n";
        assert_eq!(stat(told, "number_of_executed_units"), "2903");
        assert_eq!(stat(told, "new_units_added"), "185");
        assert_eq!(stat(told, "peak_rss_mb"), "?");
    }

    #[test]
    fn every_target_has_seeds() {
        let workspace = Workspace::load().unwrap();
        let targets = targets(&workspace).unwrap();
        assert!(targets.len() >= 8, "{targets:?}");
        for target in targets {
            for folder in seeds(&workspace, &target) {
                let seeds =
                    fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
                assert!(seeds.count() > 0, "{target}: {folder:?} is empty");
            }
        }
    }
}
