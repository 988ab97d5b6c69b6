//! The keys that callers enter with.

use super::finding::page;
use super::on_both;
use super::place::{Place, store_all};
use super::sample::{NOW, exchange};
use crate::error::Error;
use crate::keys::CallerKey;
use crate::read::{Filter, Order};

on_both!(
    a_key_is_kept_as_it_was_made_and_every_process_hears_of_it,
    a_replaced_key_is_valid_for_a_while_and_never_longer_than_it_was,
    a_revoked_key_stays_revoked,
    no_two_keys_have_the_same_id,
    a_caller_is_listed_and_found_by_the_name_of_its_keys,
);

fn key(id: &str, expires_at: Option<u64>) -> CallerKey {
    CallerKey {
        id: id.to_owned(),
        caller: "clr_ann".to_owned(),
        name: "ann".to_owned(),
        hash: [7; 32],
        terms: r#"{"models":["claude-*"]}"#.to_owned(),
        created_at: 1000,
        expires_at,
        revoked_at: None,
    }
}

async fn a_key_is_kept_as_it_was_made_and_every_process_hears_of_it(place: Place) {
    let (one, other) = (place.open().await, place.open().await);
    assert_eq!(other.keys().await.unwrap(), []);
    let before = other.key_changes().await.unwrap();
    let keys = [key("a", None), key("b", Some(2000))];
    for key in &keys {
        one.add_key(key).await.unwrap();
    }
    assert_eq!(other.keys().await.unwrap(), keys);
    assert_ne!(other.key_changes().await.unwrap(), before);
    assert!(keys[1].is_valid(1999) && !keys[1].is_valid(2000) && keys[0].is_valid(u64::MAX));
}

async fn a_replaced_key_is_valid_for_a_while_and_never_longer_than_it_was(place: Place) {
    let store = place.open().await;
    for (old, expires_at, until, then) in [
        ("a", None, 5000, Some(5000)),
        ("b", Some(9000), 5000, Some(5000)),
        ("c", Some(3000), 5000, Some(3000)),
    ] {
        store.add_key(&key(old, expires_at)).await.unwrap();
        let new = key(&format!("{old}2"), expires_at);
        store.replace_key(old, (2000, until), &new).await.unwrap();
        let keys = store.keys().await.unwrap();
        let of = |id: &str| keys.iter().find(|key| key.id == id).unwrap();
        assert_eq!(of(old).expires_at, then);
        assert_eq!(*of(&new.id), new);
    }
    // One that is not valid any more is not brought back by another.
    let late = store.replace_key("c", (3000, 5000), &key("c3", None)).await;
    assert!(matches!(late, Err(Error::Gone)), "{late:?}");
    let unknown = store.replace_key("x", (3000, 5000), &key("c3", None)).await;
    assert!(matches!(unknown, Err(Error::Gone)), "{unknown:?}");
    assert_eq!(store.keys().await.unwrap().len(), 6);
}

async fn a_revoked_key_stays_revoked(place: Place) {
    let store = place.open().await;
    store.add_key(&key("a", None)).await.unwrap();
    let before = store.key_changes().await.unwrap();
    store.revoke_key("a", 2000).await.unwrap();
    assert_ne!(store.key_changes().await.unwrap(), before);
    for result in [
        store.revoke_key("a", 3000).await,
        store.revoke_key("x", 3000).await,
        store.replace_key("a", (2000, 5000), &key("a2", None)).await,
    ] {
        assert!(matches!(result, Err(Error::Gone)), "{result:?}");
    }
    let kept = store.keys().await.unwrap();
    assert_eq!(kept[0].revoked_at, Some(2000));
    assert!(kept.len() == 1 && !kept[0].is_valid(1500));
}

async fn no_two_keys_have_the_same_id(place: Place) {
    let store = place.open().await;
    store.add_key(&key("a", None)).await.unwrap();
    let before = store.key_changes().await.unwrap();
    assert!(store.add_key(&key("a", Some(9000))).await.is_err());
    assert_eq!(store.keys().await.unwrap(), [key("a", None)]);
    assert_eq!(store.key_changes().await.unwrap(), before);
}

async fn a_caller_is_listed_and_found_by_the_name_of_its_keys(place: Place) {
    let store = place.open().await;
    let said = [("user", "Hello.".to_owned())];
    let all = ["clr_ann", "clr_bob"].map(|caller| exchange(caller, "s1", NOW, &said));
    assert_eq!(store_all(&store, all.into()).await, [Ok(()), Ok(())]);
    let named = |id: &str, caller: &str, name: &str, created_at| CallerKey {
        caller: caller.to_owned(),
        name: name.to_owned(),
        created_at,
        ..key(id, None)
    };
    let newest = page(10, Order::NewestFirst);
    let found = async |caller: &str| {
        let filter = Filter {
            caller: Some(caller.to_owned()),
            ..Filter::default()
        };
        let exchanges = store.exchanges(&filter, &newest).await.unwrap().entries;
        let sessions = store.sessions(Some(caller), &newest).await.unwrap().entries;
        assert_eq!(exchanges.len(), sessions.len());
        let one =
            |one: &crate::read::Summary| (one.caller.clone().unwrap(), one.caller_name.clone());
        let told: Vec<_> = exchanges.iter().map(one).collect();
        let of = sessions
            .into_iter()
            .map(|one| (one.caller.unwrap(), one.caller_name));
        assert_eq!(told, Vec::from_iter(of));
        told
    };
    let ann = |name: &str| vec![("clr_ann".to_owned(), Some(name.to_owned()))];
    assert_eq!(found("clr_ann").await, [("clr_ann".to_owned(), None)]);
    assert_eq!(found("ann").await, []);
    store
        .add_key(&named("a", "clr_ann", "ann", 1))
        .await
        .unwrap();
    assert_eq!(
        (found("ann").await, found("clr_ann").await),
        (ann("ann"), ann("ann"))
    );
    // The newest key has the name, and the older one still leads there.
    store
        .add_key(&named("b", "clr_ann", "ann of blue", 2))
        .await
        .unwrap();
    assert_eq!(
        (found("ann").await, found("ann of blue").await),
        (ann("ann of blue"), ann("ann of blue"))
    );
    store
        .add_key(&named("c", "clr_bob", "ann", 3))
        .await
        .unwrap();
    // Which of the two?
    assert_eq!(found("ann").await, []);
    assert_eq!(found("clr_ann").await, ann("ann of blue"));
    assert_eq!(
        found("clr_bob").await,
        [("clr_bob".to_owned(), Some("ann".to_owned()))]
    );
}
