//! Of a body that is withheld, the length and the digest are kept, and no word of it.

use super::on_both;
use super::place::Place;
use super::sample::{NOW, turns};
use crate::chain::digest;
use crate::{Filter, Page};

on_both!(a_withheld_body_is_known_by_its_length_and_its_digest_alone);

async fn a_withheld_body_is_known_by_its_length_and_its_digest_alone(place: Place) {
    let store = place.open().await;
    let mut exchange = turns("ann", "withheldsession", NOW, 1).remove(0);
    exchange.asked.body.withheld = true;
    exchange.asked.body.bytes = format!("{{\"xylophone\":{}}}", "1".repeat(50)).into();
    let bytes = exchange.asked.body.bytes.clone();
    let id = exchange.id;
    place.store(&store, vec![exchange]).await;
    let record = store.exchange(id).await.unwrap().unwrap();
    let asked = &record.asked.body;
    assert!(!asked.kept);
    assert_eq!(
        (asked.length, asked.digest),
        (bytes.len() as u64, digest(&bytes))
    );
    assert!(store.body(asked.id).await.is_err());
    // What upstream got is kept.
    assert!(record.attempts[0].sent.body.kept);
    let filter = Filter {
        text: Some("xylophone".to_owned()),
        ..Filter::default()
    };
    let found = store.exchanges(&filter, &Page::default()).await.unwrap();
    assert!(found.entries.is_empty());
}
