//! Measures how long lists, facets and searches take in a record with a million blocks, on both databases.
//!
//! `cargo xtask microbench million` runs it; a second word for the program chooses questions. The record is made once, which takes
//! minutes, and kept in the target folder.

mod ask;
mod make;
mod size;
mod talk;
mod words;

use std::io::Write as _;

use tokio::runtime::Runtime;

use ask::{Answer, Asker};
use make::Made;

fn main() {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = words.iter().filter(|word| !word.starts_with('-')).collect();
    // It takes too long to be among others that are measured.
    if words.first().is_none_or(|word| *word != "million") {
        return;
    }
    let filter = words.get(1).map(|word| word.as_str());
    let runtime = Runtime::new().expect("a runtime");
    let (mut names, mut all) = (Vec::new(), Vec::new());
    let mut measure = |made: Made| {
        let mut asker = Asker::new(&runtime, &made.store, filter);
        asker.ask_all();
        print_sizes(&made);
        print_table(&[made.name], std::slice::from_ref(&asker.answers));
        names.push(made.name);
        all.push(asker.answers);
    };
    measure(make::sqlite(&runtime));
    if sluice_test_postgres::is_installed() {
        measure(make::postgres(&runtime));
        print_table(&names, &all);
    }
}

fn print_sizes(made: &Made) {
    let whole: i64 = made.sizes.iter().map(|(_, size)| size).sum();
    let factor = made.bytes as f64 / whole as f64;
    print(&format!(
        "\n{}: {} MB of requests and replies, {} MB on disk, {factor:.1} times less",
        made.name,
        made.bytes / 1_000_000,
        whole / 1_000_000
    ));
    for (part, size) in made.sizes.iter().take(12) {
        print(&format!("    {:6} MB  {part}", size / 1_000_000));
    }
}

fn print_table(names: &[&str], all: &[Vec<Answer>]) {
    print(&format!(
        "\n| ms | {} | found |\n|---|{}---:|",
        names.join(" | "),
        "---:|".repeat(names.len())
    ));
    for at in 0..all[0].len() {
        let times = all
            .iter()
            .map(|answers| answers[at].median.as_secs_f64() * 1000.0);
        let times: Vec<_> = times.map(|time| format!("{time:.1}")).collect();
        let mut found: Vec<_> = all
            .iter()
            .map(|answers| answers[at].found.to_string())
            .collect();
        found.dedup();
        let (question, times, found) = (&all[0][at].question, times.join(" | "), found.join(", "));
        print(&format!("| {question} | {times} | {found} |"));
    }
}

fn print(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("stdout is open");
}
