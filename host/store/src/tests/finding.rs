//! Lists, filters, pages, sessions, facets.

use super::on_both;
use super::place::{Place, store_all};
use super::sample::{NOW, exchange, verdict};
use crate::error::Error;
use crate::exchange::{Ending, Exchange};
use crate::read::{Facet, Filter, Order, Page};
use crate::store::Store;

on_both!(
    each_filter_finds_what_it_says,
    pages_go_both_ways_and_miss_nothing,
    agents_stand_below_those_that_started_them,
    names_are_counted,
    long_and_odd_names_are_kept,
    a_read_that_takes_too_long_is_ended,
);

pub(super) fn page(limit: u32, order: Order) -> Page {
    Page {
        order,
        limit,
        after: None,
    }
}

async fn found(store: &Store, filter: &Filter) -> Vec<u64> {
    let found = store
        .exchanges(filter, &page(100, Order::OldestFirst))
        .await
        .unwrap();
    found
        .entries
        .iter()
        .map(|one| one.received_at - NOW)
        .collect()
}

/// Four exchanges, each of which differs from the others in all that can be asked for.
pub(super) fn four() -> Vec<Exchange> {
    let one = |at: u64| {
        let (caller, session) = (format!("caller{at}"), format!("session{at}"));
        let said = [("user", format!("Number{at} of all."))];
        let mut one = exchange(&caller, &session, NOW + at, &said);
        one.model = Some(format!("model{at}"));
        one.api = format!("api{at}").into();
        one.status = Some(200 + at as u16);
        one.ending = Ending::ALL[at as usize];
        one.verdicts[0].policy = format!("policy{at}");
        one.verdicts[0].rule = Some(format!("rule{at}"));
        one.verdicts[0].verdict = Some(format!("verdict{at}").into());
        one
    };
    (0..4).map(one).collect()
}

/// A filter with some of its fields set.
fn with(set: impl FnOnce(&mut Filter)) -> Filter {
    let mut filter = Filter::default();
    set(&mut filter);
    filter
}

async fn each_filter_finds_what_it_says(place: Place) {
    let store = place.open().await;
    store_all(&store, four()).await;
    assert_eq!(found(&store, &Filter::default()).await, [0, 1, 2, 3]);
    let sessions = store.sessions(Some("caller2"), &Page::default()).await;
    let session = sessions.unwrap().entries[0].id;
    let word = |word: &str| Some(format!("{word}2"));
    let filters = [
        with(|filter| filter.session = Some(session)),
        with(|filter| filter.caller = word("caller")),
        with(|filter| filter.model = word("model")),
        with(|filter| filter.api = word("api")),
        with(|filter| filter.policy = word("policy")),
        with(|filter| filter.rule = word("rule")),
        with(|filter| filter.verdict = word("verdict")),
        with(|filter| filter.status = Some(202)),
        with(|filter| filter.ending = Some(Ending::ALL[2])),
        with(|filter| filter.text = word("NUMBER")),
        with(|filter| filter.text = Some("\"number2 of\" all".into())),
        with(|filter| (filter.from, filter.until) = (Some(NOW + 2), Some(NOW + 3))),
        with(|filter| {
            (filter.policy, filter.rule) = (word("policy"), word("rule"));
            (filter.verdict, filter.text) = (word("verdict"), word("number"));
        }),
    ];
    for filter in filters {
        assert_eq!(found(&store, &filter).await, [2], "{filter:?}");
    }
    let none = [
        with(|filter| (filter.policy, filter.rule) = (word("policy"), Some("rule1".into()))),
        with(|filter| filter.model = Some("other".into())),
        with(|filter| filter.text = Some("?!".into())),
        with(|filter| filter.text = Some("\"of number2\"".into())),
    ];
    for filter in none {
        assert_eq!(found(&store, &filter).await, [0; 0], "{filter:?}");
    }
    let two = with(|filter| (filter.from, filter.until) = (Some(NOW + 1), Some(NOW + 3)));
    assert_eq!(found(&store, &two).await, [1, 2]);
}

async fn pages_go_both_ways_and_miss_nothing(place: Place) {
    let store = place.open().await;
    // Several at the same time: their ids decide.
    let exchanges: Vec<_> = (0..23_u64)
        .map(|at| exchange("ann", "s1", NOW + at / 4, &[]))
        .collect();
    store_all(&store, exchanges.clone()).await;
    let mut ids: Vec<_> = exchanges
        .iter()
        .map(|one| (one.received_at, one.id))
        .collect();
    ids.sort_unstable();
    for order in [Order::OldestFirst, Order::NewestFirst] {
        let mut seen = Vec::new();
        let mut next = page(5, order);
        loop {
            let paged = store.exchanges(&Filter::default(), &next).await.unwrap();
            assert!(paged.entries.len() <= 5);
            seen.extend(paged.entries.iter().map(|one| (one.received_at, one.id)));
            next.after = paged.next;
            if next.after.is_none() {
                break;
            }
        }
        assert_eq!(seen, ids, "{order:?}");
        ids.reverse();
    }
    for after in ["", "1", "1.x.0", "1.00000000000000000000000000000000.0.9"] {
        let bad = Page {
            after: Some(after.into()),
            ..Page::default()
        };
        let error = store.exchanges(&Filter::default(), &bad).await.unwrap_err();
        assert!(matches!(error, Error::Token), "{after}");
    }
}

async fn agents_stand_below_those_that_started_them(place: Place) {
    let store = place.open().await;
    let agent = |at: u64, name: Option<&str>, parent: Option<&str>| {
        let mut one = exchange("ann", "s1", NOW + at, &[]);
        one.session.agent = name.map(Into::into);
        one.session.parent_agent = parent.map(Into::into);
        one
    };
    let other = exchange("bob", "s1", NOW, &[]);
    let exchanges = vec![
        agent(0, Some("main"), None),
        agent(1, Some("child"), Some("main")),
        agent(2, Some("grandchild"), Some("child")),
        agent(3, Some("second"), Some("main")),
        agent(4, Some("egg"), Some("hen")),
        agent(5, Some("hen"), Some("egg")),
        agent(6, None, None),
        other,
    ];
    store_all(&store, exchanges).await;
    let sessions = store
        .sessions(Some("ann"), &page(100, Order::OldestFirst))
        .await
        .unwrap();
    assert_eq!(sessions.entries.len(), 7);
    let agents = store.agents(sessions.entries[3].id).await.unwrap();
    let shown: Vec<_> = agents
        .iter()
        .map(|agent| {
            (
                agent.session.key.agent.as_deref().unwrap_or("-"),
                agent.depth,
            )
        })
        .collect();
    let expected = [
        ("main", 0),
        ("child", 1),
        ("grandchild", 2),
        ("second", 1),
        ("-", 0),
        ("egg", 0),
        ("hen", 1),
    ];
    assert_eq!(shown, expected);
    let one = store
        .session(sessions.entries[0].id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (one.caller.as_deref(), one.exchanges, one.hold),
        (Some("ann"), 1, None)
    );
}

async fn names_are_counted(place: Place) {
    let store = place.open().await;
    let mut exchanges = Vec::new();
    for at in 0..3 {
        let mut one = exchange("ann", "s1", NOW + at, &[]);
        let mut other = verdict();
        other.policy = "block".into();
        one.verdicts.push(other);
        exchanges.push(one);
    }
    store_all(&store, exchanges[..2].to_vec()).await;
    store_all(&store, exchanges[2..].to_vec()).await;
    let callers = store.facet(Facet::Caller, 10).await.unwrap();
    assert_eq!(
        (callers.len(), &*callers[0].name, callers[0].uses),
        (1, "ann", 3)
    );
    assert_eq!((callers[0].first_at, callers[0].last_at), (NOW, NOW + 2));
    let rules = store.facet(Facet::Rule, 10).await.unwrap();
    let rules: Vec<_> = rules
        .iter()
        .map(|rule| (&*rule.name, rule.of.as_deref(), rule.uses))
        .collect();
    assert_eq!(rules.len(), 2);
    assert!(
        rules.contains(&("keys", Some("block"), 3)) && rules.contains(&("keys", Some("redact"), 3))
    );
    for facet in [Facet::Model, Facet::Api, Facet::Upstream, Facet::Policy] {
        assert!(
            !store.facet(facet, 10).await.unwrap().is_empty(),
            "{facet:?}"
        );
    }
}

async fn a_read_that_takes_too_long_is_ended(mut place: Place) {
    place.config.statement = std::time::Duration::from_millis(200);
    let store = place.open().await;
    let endless = "WITH RECURSIVE one (x) AS (SELECT 1 UNION ALL SELECT 1 - x FROM one) \
        SELECT COUNT(*) FROM one";
    let mut tx = store.database.read().await.unwrap();
    let error = tx.rows(&endless.to_owned(), vec![]).await.unwrap_err();
    assert!(error.took_too_long(), "{error}");
    drop(tx);
    // The connection is as good as new.
    assert_eq!(found(&store, &Filter::default()).await, [0; 0]);
}

async fn long_and_odd_names_are_kept(place: Place) {
    let store = place.open().await;
    let mut given = exchange(
        "ann",
        "s1",
        NOW,
        &[("user", "Text with a \0 in it.".into())],
    );
    given.model = Some("ä".repeat(100_000));
    given.session.key = "k".repeat(100_000);
    given.path = "/a\0b".into();
    given.cause = Some("x".repeat(100_000));
    let mut other = given.clone();
    other.id = uuid::Uuid::now_v7();
    other.session.key += "l";
    assert_eq!(
        store_all(&store, vec![given.clone(), other]).await,
        [Ok(()), Ok(())]
    );
    let summary = store.exchange(given.id).await.unwrap().unwrap().summary;
    assert_eq!(summary.path, "/a\u{fffd}b");
    assert_eq!(summary.cause, given.cause);
    assert!(
        given
            .model
            .unwrap()
            .starts_with(&summary.model.unwrap()[..400])
    );
    let sessions = store.sessions(None, &Page::default()).await.unwrap();
    assert_eq!(sessions.entries.len(), 2);
}
