//! Which placeholder stands for which secret, over one exchange.

use std::collections::BTreeMap;

/// The placeholders given out.
#[derive(Default)]
pub(crate) struct Ledger {
    numbers: BTreeMap<(String, String), u32>,
    /// The highest number of each kind, be it given out or found in the conversation.
    highest: BTreeMap<String, u32>,
    found: BTreeMap<String, u64>,
}

impl Ledger {
    /// The placeholder of a secret: a new one where it is seen for the first time.
    pub(crate) fn placeholder(&mut self, kind: &str, secret: &str) -> String {
        let key = (kind.to_owned(), secret.to_owned());
        let number = *self.numbers.entry(key).or_insert_with(|| {
            *self.found.entry(kind.to_owned()).or_default() += 1;
            let highest = self.highest.entry(kind.to_owned()).or_default();
            *highest = highest.saturating_add(1);
            *highest
        });
        format!("[REDACTED:{kind}:{number}]")
    }

    /// Notes a placeholder that stands in the conversation: it means a secret of an earlier turn.
    pub(crate) fn reserve(&mut self, kind: &str, number: u32) {
        let highest = self.highest.entry(kind.to_owned()).or_default();
        *highest = number.max(*highest);
    }

    /// How many secrets of each kind were found since it was last asked.
    pub(crate) fn take_found(&mut self) -> BTreeMap<String, u64> {
        std::mem::take(&mut self.found)
    }
}
