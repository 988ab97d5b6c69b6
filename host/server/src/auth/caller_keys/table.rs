//! All keys, in memory.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use sluice_store::CallerKey;
use subtle::ConstantTimeEq as _;

use super::{KeyText, Terms};

/// The keys that there are. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct KeyTable(Arc<ArcSwap<Keys>>);

#[derive(Debug, Default)]
struct Keys {
    by_id: HashMap<String, Known>,
    /// The name of each caller that has a key: that of the newest.
    names: HashMap<String, String>,
}

/// A key that there is.
#[derive(Debug)]
struct Known {
    kept: CallerKey,
    /// What it allows. `None` if a newer version made it and this one can't read it.
    key: Option<Arc<Key>>,
}

/// A key that is valid.
#[derive(Debug)]
pub(in crate::auth) struct Key {
    /// Whose it is.
    pub(in crate::auth) caller: String,
    /// What it is called.
    pub(in crate::auth) name: String,
    /// What it allows.
    pub(in crate::auth) terms: Terms,
}

/// What became of a key that a caller sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// There is none, or its secret is another one.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
    /// Nobody knows what it allows.
    Unreadable,
}

impl KeyTable {
    /// Replaces all keys.
    pub fn replace(&self, kept: Vec<CallerKey>) {
        let mut keys = Keys::default();
        for kept in kept {
            keys.names.insert(kept.caller.clone(), kept.name.clone());
            let terms = serde_json::from_str(&kept.terms).ok();
            let key = terms.map(|terms| Key {
                caller: kept.caller.clone(),
                name: kept.name.clone(),
                terms,
            });
            let key = key.map(Arc::new);
            keys.by_id.insert(kept.id.clone(), Known { kept, key });
        }
        self.0.store(Arc::new(keys));
    }

    /// What a caller that has a key is called.
    pub fn name_of(&self, caller: &str) -> Option<String> {
        self.0.load().names.get(caller).cloned()
    }

    /// The caller that is called so. `None` if none is, or if several are.
    pub fn caller_of(&self, name: &str) -> Option<String> {
        let keys = self.0.load();
        let mut found = keys.names.iter().filter(|(_, named)| *named == name);
        let (caller, _) = found.next()?;
        found.next().is_none().then(|| caller.clone())
    }

    /// Looks a key up. `now` is in milliseconds since 1970.
    pub(in crate::auth) fn find(&self, sent: &KeyText, now: u64) -> Result<Arc<Key>, Invalid> {
        let keys = self.0.load();
        let known = keys.by_id.get(&sent.id()).ok_or(Invalid::Unknown)?;
        // The same time whatever the secret is.
        let is_same: bool = known.kept.hash.ct_eq(&sent.hash()).into();
        match &known.kept {
            _ if !is_same => Err(Invalid::Unknown),
            kept if kept.revoked_at.is_some() => Err(Invalid::Revoked),
            kept if !kept.is_valid(now) => Err(Invalid::Expired),
            _ => known.key.clone().ok_or(Invalid::Unreadable),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(key: &KeyText, terms: &str) -> CallerKey {
        CallerKey {
            id: key.id(),
            caller: "clr_1".to_owned(),
            name: "ann".to_owned(),
            hash: key.hash(),
            terms: terms.to_owned(),
            created_at: 0,
            expires_at: Some(1000),
            revoked_at: None,
        }
    }

    #[test]
    fn a_key_counts_until_it_expires_or_is_revoked() {
        let (table, key) = (KeyTable::default(), KeyText::generate().unwrap());
        let find = |now| table.find(&key, now).map(|key| key.name.clone());
        assert_eq!(find(0), Err(Invalid::Unknown));
        table.replace(vec![kept(&key, "{}")]);
        assert_eq!(
            (find(999), find(1000)),
            (Ok("ann".to_owned()), Err(Invalid::Expired))
        );
        let mut revoked = kept(&key, "{}");
        revoked.revoked_at = Some(5);
        table.replace(vec![revoked]);
        assert_eq!(find(0), Err(Invalid::Revoked));
    }

    #[test]
    fn the_id_alone_opens_nothing_and_tells_nothing() {
        let (table, key) = (KeyTable::default(), KeyText::generate().unwrap());
        let mut revoked = kept(&key, "{}");
        (revoked.hash, revoked.revoked_at) = ([0; 32], Some(5));
        table.replace(vec![revoked]);
        assert_eq!(table.find(&key, 0).unwrap_err(), Invalid::Unknown);
    }

    #[test]
    fn a_key_whose_terms_nobody_can_read_opens_nothing() {
        let (table, key) = (KeyTable::default(), KeyText::generate().unwrap());
        for terms in ["", r#"{"budget":1}"#] {
            table.replace(vec![kept(&key, terms)]);
            assert_eq!(table.find(&key, 0).unwrap_err(), Invalid::Unreadable);
        }
    }

    #[test]
    fn callers_have_the_names_of_their_newest_keys() {
        let table = KeyTable::default();
        let keys = [(); 3].map(|()| KeyText::generate().unwrap());
        let mut kept = keys.map(|key| kept(&key, "{}"));
        kept[1].name = "ann of blue".to_owned();
        kept[2].caller = "clr_2".to_owned();
        table.replace(kept.to_vec());
        assert_eq!(table.name_of("clr_1").as_deref(), Some("ann of blue"));
        assert_eq!(table.caller_of("ann").as_deref(), Some("clr_2"));
        kept[2].name = "ann of blue".to_owned();
        table.replace(kept.to_vec());
        // Which of the two?
        assert_eq!(table.caller_of("ann of blue"), None);
        assert_eq!(table.name_of("clr_3"), None);
    }
}
