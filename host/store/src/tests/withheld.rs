//! Of a body that is withheld, the length and the digest are kept, and no word of it.

use super::on_both;
use super::place::{Place, store_all};
use super::sample::{NOW, exchange, request};
use crate::chain::digest;
use crate::{Filter, Page};

on_both!(a_withheld_body_is_known_by_its_length_and_its_digest_alone);

async fn a_withheld_body_is_known_by_its_length_and_its_digest_alone(place: Place) {
    let store = place.open().await;
    let mut exchange = exchange("ann", "s1", NOW, &[("user", "It is marimba.".into())]);
    exchange.asked.body = request(&[("user", "It is xylophone.".into())]).body;
    exchange.asked.body.withheld = true;
    let bytes = exchange.asked.body.bytes.clone();
    let id = exchange.id;
    store_all(&store, vec![exchange]).await.remove(0).unwrap();
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
    let found = async |word: &str| {
        let filter = Filter {
            text: Some(word.to_owned()),
            ..Filter::default()
        };
        let page = store.exchanges(&filter, &Page::default()).await;
        page.unwrap().entries.len()
    };
    assert_eq!((found("marimba").await, found("xylophone").await), (1, 0));
}
