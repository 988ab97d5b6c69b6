//! Opens the gate that callers come in by: which credentials it takes, and the keys that there are.

use std::net::IpAddr;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use sluice_store::Store;

use super::record::Record;
use crate::auth::{self, Accepted, Gate, KeyRegister, KeyTable};
use crate::config;
use crate::recorder::SearchedWords;
use crate::tasks::Tasks;

/// Refuses an address that others than this machine reach, if whoever is there may ask model APIs through it.
pub(super) fn check_address(address: IpAddr, config: &config::Auth) -> anyhow::Result<()> {
    let is_closed = config.accepted == Accepted::Keys;
    ensure!(
        address.to_canonical().is_loopback() || is_closed || config.allow_anonymous,
        "{address} is not of this machine alone, and anybody who reaches it could ask model APIs through it: let in who \
         has a key of Sluice (--auth keys), or whoever comes (--allow-anonymous)"
    );
    Ok(())
}

/// Makes the gate, and returns the keys, so that operators can make some before callers need them. They are in the database
/// of the record, also where nothing is recorded.
pub(super) async fn open(
    config: config::Auth,
    record: &Record,
    tasks: &Tasks,
) -> anyhow::Result<(Gate, Option<KeyRegister>)> {
    let gate = Gate::of_provider_keys(record.installation.clone());
    let store = match (&record.store, config.keys) {
        (Some(store), _) => store.clone(),
        (None, Some(database)) => Store::open(database, Arc::new(SearchedWords))
            .await
            .context("open the database of callers' keys (--database)")?,
        (None, None) => return Ok((gate, None)),
    };
    let (register, table) = (KeyRegister::new(store.clone()), KeyTable::default());
    auth::follow(store, table.clone(), register.changed(), tasks)
        .await
        .context("read the callers' keys")?;
    let gate = gate.with_keys(config.accepted, table, config.providers);
    Ok((gate, Some(register)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::ProviderKeys;

    #[test]
    fn an_address_that_others_reach_needs_keys_or_a_word_of_the_operator() {
        for (address, accepted, allow_anonymous, starts) in [
            ("127.0.0.1", Accepted::ProviderKey, false, true),
            ("::1", Accepted::Both, false, true),
            ("::ffff:127.0.0.1", Accepted::ProviderKey, false, true),
            ("0.0.0.0", Accepted::ProviderKey, false, false),
            ("::", Accepted::ProviderKey, false, false),
            ("192.168.0.7", Accepted::Both, false, false),
            ("192.168.0.7", Accepted::Both, true, true),
            ("0.0.0.0", Accepted::Keys, false, true),
        ] {
            let config = config::Auth {
                accepted,
                providers: ProviderKeys::default(),
                keys: None,
                allow_anonymous,
            };
            let checked = check_address(address.parse().unwrap(), &config);
            assert_eq!(checked.is_ok(), starts, "{address} {accepted:?}");
        }
    }
}
