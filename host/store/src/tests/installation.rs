//! What belongs to the installation is made once.

use super::on_both;
use super::place::Place;

on_both!(the_first_value_is_kept_for_all);

async fn the_first_value_is_kept_for_all(place: Place) {
    let (one, other) = (place.open().await, place.open().await);
    let (first, second) = tokio::join!(
        one.installed("key", b"one"),
        other.installed("key", b"other")
    );
    let kept = first.unwrap();
    assert_eq!(second.unwrap(), kept);
    assert_eq!(one.installed("key", b"later").await.unwrap(), kept);
    assert_eq!(one.installed("another", b"later").await.unwrap(), "later");
}
