//! Remembers which placeholder stands for which secret, for one exchange.

use std::collections::BTreeMap;

/// The placeholders that were given out.
#[derive(Default)]
pub(crate) struct Ledger {
    /// By kind. These are ordered maps, because the author of the secrets could make a hash map
    /// slow.
    kinds: BTreeMap<String, Numbers>,
}

/// The placeholders of one kind.
#[derive(Default)]
struct Numbers {
    of_secrets: BTreeMap<String, u32>,
    /// The highest number that was given out or found in the conversation.
    highest: u32,
    /// How many secrets were found since the last call of `take_found`.
    found: u64,
}

impl Ledger {
    /// Returns the placeholder of a secret, a new one if the secret is new.
    pub(crate) fn placeholder(&mut self, kind: &str, secret: &str) -> String {
        let numbers = self.kind(kind);
        let number = match numbers.of_secrets.get(secret) {
            Some(number) => *number,
            None => numbers.add(secret),
        };
        format!("[REDACTED:{kind}:{number}]")
    }

    /// Notes a placeholder in the conversation. It stands for a secret of an earlier turn.
    pub(crate) fn reserve(&mut self, kind: &str, number: u32) {
        let numbers = self.kind(kind);
        numbers.highest = number.max(numbers.highest);
    }

    /// How many secrets of each kind were found since the last call of this.
    pub(crate) fn take_found(&mut self) -> BTreeMap<String, u64> {
        let kinds = self
            .kinds
            .iter_mut()
            .filter(|(_, numbers)| numbers.found > 0);
        kinds
            .map(|(kind, numbers)| (kind.clone(), std::mem::take(&mut numbers.found)))
            .collect()
    }

    fn kind(&mut self, kind: &str) -> &mut Numbers {
        if !self.kinds.contains_key(kind) {
            self.kinds.insert(kind.to_owned(), Numbers::default());
        }
        self.kinds.get_mut(kind).expect("it was put there")
    }
}

impl Numbers {
    fn add(&mut self, secret: &str) -> u32 {
        self.found += 1;
        self.highest = self.highest.saturating_add(1);
        self.of_secrets.insert(secret.to_owned(), self.highest);
        self.highest
    }
}
