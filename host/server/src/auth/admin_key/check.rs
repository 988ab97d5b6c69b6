//! Lets in who has the key.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use thiserror::Error;

use super::folder::KeyFolder;
use super::proof::Nonce;
use super::text::{AdminKey, KeyHash, NoAdminKey};
use super::throttle::Throttle;
use crate::telemetry::Tally;

/// How long the hash counts before its file is read again. That long a key counts after a reset, and wrong keys cannot
/// make the process read the file more often.
const FRESH: Duration = Duration::from_secs(1);
/// How often wrong keys are logged at most.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// Knows which key counts.
#[derive(Debug)]
pub struct AdminKeys {
    folder: KeyFolder,
    /// The hash, and when it was read.
    read: Mutex<Option<(Instant, KeyHash)>>,
    throttle: Throttle,
    wrong: Tally,
}

/// A key that was let in.
#[derive(Clone, Debug)]
pub struct AdmittedOperator(KeyHash);

/// Why a request is not let in.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refused {
    /// It carries no key.
    #[error(
        "send the admin key as `Authorization: Bearer sla_…` or as `x-api-key`; it was shown or left in a file at the \
         first start, and `sluice admin reset-key` makes another"
    )]
    NoKey,
    /// It carries more than one.
    #[error("send one admin key, not several")]
    Several,
    /// It carries something that no key looks like.
    #[error(transparent)]
    NotOne(#[from] NoAdminKey),
    /// It carries another key.
    #[error(
        "this is not the admin key of this Sluice, or not any more: `sluice admin reset-key` makes another"
    )]
    Wrong,
    /// There were too many wrong keys.
    #[error("there were too many wrong keys: wait {} s", seconds(.0))]
    TooMany(Duration),
    /// The hash of the key can't be read.
    #[error("the admin key can't be checked: `sluice admin reset-key` makes another ({0})")]
    Unavailable(String),
}

impl AdminKeys {
    /// The key of this folder.
    pub fn new(folder: KeyFolder) -> Self {
        Self {
            folder,
            read: Mutex::default(),
            throttle: Throttle::default(),
            wrong: Tally::new(),
        }
    }

    /// Refuses a request from this address that does not carry the key.
    pub fn check(
        &self,
        headers: &HeaderMap,
        address: IpAddr,
        now: Instant,
    ) -> Result<AdmittedOperator, Refused> {
        let checked = self.check_key(headers, now);
        let Err(Refused::NotOne(_) | Refused::Wrong | Refused::Several) = checked else {
            return checked;
        };
        self.wrong.note();
        if let Some(count) = self.wrong.news_at(now, LOG_EVERY) {
            tracing::warn!(count, %address, "requests with a wrong admin key were refused; the last was from this address");
        }
        self.throttle.note(address, now).map_err(Refused::TooMany)?;
        checked
    }

    fn check_key(&self, headers: &HeaderMap, now: Instant) -> Result<AdmittedOperator, Refused> {
        let key: AdminKey = presented(headers)?.parse()?;
        let hash = self.hash(now)?;
        match hash.is_of(&key) {
            true => Ok(AdmittedOperator(hash)),
            false => Err(Refused::Wrong),
        }
    }

    /// Whether a key that was let in would be let in now. Where that can't be told, nobody is.
    pub fn counts(&self, admitted: &AdmittedOperator, now: Instant) -> bool {
        self.hash(now).is_ok_and(|hash| hash.is_same(&admitted.0))
    }

    /// Proves to a client that this process knows the key. `address` is where the client reached it.
    ///
    /// # Errors
    ///
    /// If the hash of the key can't be read.
    pub fn proof(&self, nonce: &Nonce, address: &str, now: Instant) -> Result<String, Refused> {
        Ok(self.hash(now)?.proof(nonce, address))
    }

    /// The file is small and read once a second at most, so this does not go to another thread for it.
    fn hash(&self, now: Instant) -> Result<KeyHash, Refused> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = |(at, _): &(Instant, KeyHash)| now.saturating_duration_since(*at) < FRESH;
        if !read.as_ref().is_some_and(fresh) {
            // Where it can't be read, nobody is let in.
            *read = None;
            let hash = self.folder.hash();
            let hash = hash.map_err(|error| Refused::Unavailable(error.to_string()))?;
            *read = hash.map(|hash| (now, hash));
        }
        let hash = read.as_ref().map(|(_, hash)| hash.clone());
        hash.ok_or_else(|| Refused::Unavailable("there is none".to_owned()))
    }
}

/// The one key that a request carries. What is no text, or follows another scheme than `Bearer`, is none that counts.
fn presented(headers: &HeaderMap) -> Result<&str, Refused> {
    let bearer = headers.get_all(AUTHORIZATION).iter().map(bearer);
    let plain = headers.get_all("x-api-key").iter().map(text);
    let mut keys = bearer.chain(plain);
    match (keys.next(), keys.next()) {
        (None, _) => Err(Refused::NoKey),
        (Some(key), None) => Ok(key),
        (Some(_), Some(_)) => Err(Refused::Several),
    }
}

fn bearer(value: &HeaderValue) -> &str {
    match text(value).split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
        _ => "",
    }
}

fn text(value: &HeaderValue) -> &str {
    value.to_str().unwrap_or_default()
}

fn seconds(wait: &Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    /// Keys in a folder of their own, and the one that counts.
    fn keys() -> (tempfile::TempDir, AdminKeys, AdminKey) {
        let folder = tempfile::tempdir().unwrap();
        let data = KeyFolder::open(&folder.path().join("data")).unwrap();
        let mut made = None;
        data.make_first(|key| {
            made = Some(key.clone());
            Ok(())
        })
        .unwrap();
        (folder, AdminKeys::new(data), made.unwrap())
    }

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        let pair =
            |(name, value): &(&'static str, &str)| (name.parse().unwrap(), value.parse().unwrap());
        list.iter().map(pair).collect()
    }

    #[test]
    fn the_key_is_taken_from_either_header_and_from_one_alone() {
        let (_folder, keys, key) = keys();
        let (key, now) = (key.to_string(), Instant::now());
        let other = AdminKey::generate().unwrap().to_string();
        let check = |list: &[(&'static str, &str)]| keys.check(&headers(list), HERE, now).map(drop);
        let bearer = format!("Bearer {key}");
        assert_eq!(check(&[("authorization", &bearer)]), Ok(()));
        assert_eq!(
            check(&[("authorization", &format!("bearer  {key}"))]),
            Ok(())
        );
        assert_eq!(check(&[("x-api-key", &key)]), Ok(()));
        for (list, refused) in [
            (&[][..], Refused::NoKey),
            (&[("api-key", &*key)], Refused::NoKey),
            (&[("x-api-key", &*other)], Refused::Wrong),
            (
                &[("x-api-key", &key[..20])],
                Refused::NotOne(NoAdminKey::Typo),
            ),
            (
                &[("authorization", &*key)],
                Refused::NotOne(NoAdminKey::Else),
            ),
            (
                &[("authorization", "Basic YTpi")],
                Refused::NotOne(NoAdminKey::Else),
            ),
            (
                &[("x-api-key", &*key), ("x-api-key", &*key)],
                Refused::Several,
            ),
            (
                &[("x-api-key", &*key), ("authorization", &*bearer)],
                Refused::Several,
            ),
        ] {
            assert_eq!(check(list), Err(refused), "{list:?}");
        }
    }

    #[test]
    fn wrong_keys_are_slowed_down_and_the_right_one_never_is() {
        let (_folder, keys, key) = keys();
        let now = Instant::now();
        let key = headers(&[("x-api-key", &key.to_string())]);
        let wrong = headers(&[("x-api-key", &AdminKey::generate().unwrap().to_string())]);
        let refused: Vec<_> = (0..50)
            .map(|_| keys.check(&wrong, HERE, now).unwrap_err())
            .collect();
        assert!(
            refused[..10]
                .iter()
                .all(|refused| *refused == Refused::Wrong)
        );
        assert!(
            refused[10..]
                .iter()
                .all(|refused| matches!(refused, Refused::TooMany(_)))
        );
        assert_eq!(keys.check(&key, HERE, now).map(drop), Ok(()));
        assert_eq!(
            keys.check(&HeaderMap::new(), HERE, now).unwrap_err(),
            Refused::NoKey
        );
    }

    #[test]
    fn a_reset_counts_within_a_second_and_without_a_hash_nobody_is_let_in() {
        let (folder, keys, old) = keys();
        let now = Instant::now();
        let old = headers(&[("x-api-key", &old.to_string())]);
        let admitted = keys.check(&old, HERE, now).unwrap();
        assert!(keys.counts(&admitted, now));
        let data = folder.path().join("data");
        let mut new = HeaderMap::new();
        let other = KeyFolder::open(&data).unwrap();
        other
            .reset(|key| {
                new = headers(&[("x-api-key", &key.to_string())]);
                Ok(())
            })
            .unwrap();
        let later = now + FRESH;
        assert_eq!(keys.check(&old, HERE, later).unwrap_err(), Refused::Wrong);
        assert!(!keys.counts(&admitted, later));
        let admitted = keys.check(&new, HERE, later).unwrap();
        assert!(keys.counts(&admitted, later));
        std::fs::remove_file(data.join("admin.hash")).unwrap();
        let refused = keys.check(&new, HERE, later + FRESH).unwrap_err();
        assert!(matches!(refused, Refused::Unavailable(_)), "{refused:?}");
        assert!(!keys.counts(&admitted, later + FRESH));
    }
}
