//! What the tests of this folder share: rules, lists, a stack as small as a policy's.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::time::{Duration, Instant};

use block_dangerous_commands::{Config, Rules};

/// What a policy's stack is, or less.
const STACK: usize = 1024 * 1024;

/// The rules where the operator says nothing.
pub(crate) fn rules() -> Rules {
    Rules::new(Config::default()).expect("the default configuration")
}

/// The commands of a list.
pub(crate) fn commands(list: &str) -> impl Iterator<Item = String> {
    list.lines()
        .skip(1)
        .filter(|line| !line.is_empty() && !line.starts_with("# ") && !line.starts_with("## "))
        .map(|line| line.replace('⏎', "\n"))
}

/// What a judgement gives on a small stack, and how long it took.
#[track_caller]
pub(crate) fn timed<T: Send + 'static>(
    judge: impl FnOnce(&Rules) -> T + Send + 'static,
) -> (T, Duration) {
    let judged = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || {
            let rules = rules();
            let begun = Instant::now();
            (judge(&rules), begun.elapsed())
        });
    judged.expect("a thread").join().expect("no panic")
}

/// Panics with what is wrong, line by line.
#[track_caller]
pub(crate) fn assert_none_is_wrong(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
