//! Records what a policy says, for each thread, in a native build.

use std::cell::RefCell;

use serde_json::Value;

use super::Level;

/// Something a policy said.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// A line in the log.
    Log(Level, String),
    /// A row in the audit log.
    Emit(String, Value),
    /// An addition to a counter.
    Count(String, u64),
}

thread_local! {
    static HEARD: RefCell<Vec<Heard>> = const { RefCell::new(Vec::new()) };
}

/// Takes what was said on this thread since the last call of this.
pub fn take() -> Vec<Heard> {
    HEARD.take()
}

pub(crate) fn log(level: Level, message: &str) {
    hear(Heard::Log(level, message.to_owned()));
}

pub(crate) fn emit(kind: &str, detail: &Value) {
    hear(Heard::Emit(kind.to_owned(), detail.clone()));
}

pub(crate) fn count(counter: &str, by: u64) {
    hear(Heard::Count(counter.to_owned(), by));
}

fn hear(heard: Heard) {
    HEARD.with_borrow_mut(|all| all.push(heard));
}
