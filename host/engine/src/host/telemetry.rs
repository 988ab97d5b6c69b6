//! `telemetry`: log lines, audit rows and counters, each bounded in size and number.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use wasmtime::Result;

use super::HostState;
use crate::cause::Illegal;
use crate::reason;
use crate::text::{cut, one_line};
use crate::wit::telemetry::Host;

/// What a line, a row or a count costs in addition to its bytes.
const SAYING: usize = 64;
/// The longest message in bytes. A longer one is cut.
const LOG_MAX: usize = 8 << 10;
/// The most log lines of one instance. Further ones are dropped.
const LOGS_MAX: u32 = 256;
/// The most rows of one instance. Further ones are dropped.
const EMITS_MAX: u32 = 256;
/// The most bytes of `detail` in all rows of one instance. The row that goes over it is dropped,
/// and so are later ones.
const EMITTED_BYTES_MAX: usize = 1 << 20;
/// The longest kind of a row or name of a counter, in bytes. They are for queries.
const NAME_MAX: usize = 128;
/// The most counters of one policy. Further names are dropped.
const COUNTERS_MAX: usize = 256;

/// What one instance has reported.
pub(crate) struct Telemetry {
    policy: Arc<str>,
    exchange: Arc<str>,
    counters: Arc<Counters>,
    logs: u32,
    emits: u32,
    emitted_bytes: usize,
    emitted: Vec<(String, Value)>,
    last_error: Option<String>,
}

/// The counters of one policy, over all exchanges since it was loaded.
#[derive(Debug, Default)]
pub struct Counters(Mutex<BTreeMap<String, u64>>);

impl Counters {
    /// Every counter with its value.
    pub fn read(&self) -> BTreeMap<String, u64> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn add(&self, name: &str, by: u64) {
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = counters.get_mut(name) {
            *value = value.saturating_add(by);
        } else if counters.len() < COUNTERS_MAX {
            counters.insert(name.to_owned(), by);
        }
    }
}

impl Telemetry {
    /// `exchange` is empty while the policy is being loaded.
    pub(crate) fn new(policy: Arc<str>, exchange: Arc<str>, counters: Arc<Counters>) -> Self {
        Self {
            policy,
            exchange,
            counters,
            logs: 0,
            emits: 0,
            emitted_bytes: 0,
            emitted: Vec::new(),
            last_error: None,
        }
    }

    /// Takes the rows that were emitted since the last call of this.
    pub(crate) fn take_emitted(&mut self) -> Vec<(String, Value)> {
        std::mem::take(&mut self.emitted)
    }

    /// Takes the last line of level `error` that was logged since the last call of this.
    pub(crate) fn take_last_error(&mut self) -> Option<String> {
        self.last_error.take()
    }

    /// Counts one more use of a bounded resource. Warns once, when the bound is passed.
    fn admit(&self, count: u32, max: u32, what: &str) -> bool {
        if count == max {
            tracing::warn!(
                policy.name = %self.policy, exchange.id = %self.exchange,
                "the policy wrote too many {what} in one exchange; the rest is dropped"
            );
        }
        count < max
    }
}

impl Host for HostState {
    fn log(&mut self, level: String, message: String) -> Result<()> {
        self.pay(SAYING + level.len() + message.len())?;
        let said = &mut self.telemetry;
        let message = one_line(cut(&message, LOG_MAX));
        if level == "error" {
            said.last_error = Some(message.clone());
        }
        let admitted = said.admit(said.logs, LOGS_MAX, "log lines");
        said.logs = said.logs.saturating_add(1);
        if admitted {
            write(said, &level, &message);
        }
        Ok(())
    }

    fn emit(&mut self, kind: String, detail: String) -> Result<()> {
        self.pay(SAYING + kind.len() + detail.len())?;
        let said = &mut self.telemetry;
        said.emitted_bytes = said.emitted_bytes.saturating_add(detail.len());
        if said.emitted_bytes > EMITTED_BYTES_MAX {
            said.emits = said.emits.max(EMITS_MAX);
        }
        let admitted = said.admit(said.emits, EMITS_MAX, "audit rows");
        said.emits = said.emits.saturating_add(1);
        if admitted {
            let detail = reason::detail(&detail).map_err(Illegal::error)?;
            let kind = one_line(cut(&kind, NAME_MAX));
            said.emitted.push((kind, detail));
        }
        Ok(())
    }

    fn count(&mut self, counter: String, by: u64) -> Result<()> {
        self.pay(SAYING + counter.len())?;
        let name = one_line(cut(&counter, NAME_MAX));
        self.telemetry.counters.add(&name, by);
        Ok(())
    }
}

/// `tracing` needs a fixed level at each call, hence the match.
fn write(said: &Telemetry, level: &str, message: &str) {
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                policy.name = %said.policy, exchange.id = %said.exchange, "{message}"
            )
        };
    }
    match level {
        "error" => line!(error),
        "warn" => line!(warn),
        "debug" => line!(debug),
        "trace" => line!(trace),
        _ => line!(info),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{COUNTERS_MAX, Counters, Host, Telemetry};
    use crate::Limits;
    use crate::host::{HostState, Scope};

    /// How often a policy can say this in a call that has fuel for two million bytes.
    fn said(say: impl Fn(&mut HostState) -> wasmtime::Result<()>) -> usize {
        let telemetry = Telemetry::new("p".into(), "x1".into(), Arc::default());
        let limits = Limits::default();
        let scope = Scope::Load { hook: "describe" };
        let mut state = HostState::new(&limits, limits.call(2_000_000, 0), telemetry, scope);
        (0..1_000).filter(|_| say(&mut state).is_ok()).count()
    }

    #[test]
    fn a_policy_pays_for_its_words_even_if_they_are_dropped() {
        let long = "a".repeat(10_000);
        let detail = format!("\"{long}\"");
        assert_eq!(said(|state| state.log("info".into(), long.clone())), 198);
        assert_eq!(said(|state| state.count(long.clone(), 1)), 198);
        assert_eq!(said(|state| state.emit("k".into(), detail.clone())), 198);
    }

    #[test]
    fn counters_add_up_and_never_overflow() {
        let counters = Counters::default();
        counters.add("a", 1);
        counters.add("a", 2);
        assert_eq!(counters.read()["a"], 3);
        counters.add("a", u64::MAX);
        assert_eq!(counters.read()["a"], u64::MAX);
    }

    #[test]
    fn a_policy_can_not_make_counters_without_end() {
        let counters = Counters::default();
        for n in 0..COUNTERS_MAX + 10 {
            counters.add(&n.to_string(), 1);
        }
        assert_eq!(counters.read().len(), COUNTERS_MAX);
    }
}
