//! Search: what is found, where, and that nothing is an error.

use super::finding::{four, page};
use super::on_both;
use super::place::{Place, store_all};
use super::sample::{NOW, exchange};
use crate::read::{Filter, Order, Page};

on_both!(
    phrases_of_frequent_words_are_found_alike,
    search_finds_words_and_phrases_once,
    nothing_that_is_typed_is_an_error,
    search_keeps_to_the_filter_and_goes_by_pages,
    rare_words_and_frequent_ones_are_found_alike,
);

/// All that is found, page by page: the times of the exchanges.
async fn all_pages(
    store: &crate::store::Store,
    words: Option<&str>,
    filter: &Filter,
    mut next: Page,
) -> Vec<u64> {
    let mut times = Vec::new();
    loop {
        let (found, after) = match words {
            Some(words) => {
                let found = store.search(words, filter, &next).await.unwrap();
                let times = found.entries.iter().map(|hit| hit.exchange.received_at);
                (times.collect::<Vec<_>>(), found.next)
            }
            None => {
                let found = store.exchanges(filter, &next).await.unwrap();
                let times = found.entries.iter().map(|one| one.received_at);
                (times.collect(), found.next)
            }
        };
        times.extend(found);
        next.after = after;
        if next.after.is_none() {
            return times;
        }
    }
}

async fn rare_words_and_frequent_ones_are_found_alike(place: Place) {
    let store = place.open().await;
    // Each has the words of the numbers that divide it, in one block and, if it is even, in a second one.
    let words = |at: u64| {
        let words = (1..40).filter(|number| (at + 1).is_multiple_of(*number));
        let words: Vec<_> = words.map(|number| format!("by{number}")).collect();
        words.join(" ")
    };
    let one = |at: u64| {
        let said = [
            ("user", words(at)),
            ("user", format!("{} again {at}", words(at))),
        ];
        let count = 1 + usize::from(at.is_multiple_of(2));
        let caller = ["ann", "bob", "eve"][at as usize % 3];
        exchange(caller, &format!("s{at}"), NOW + at, &said[..count])
    };
    store_all(&store, (0..40).map(one).collect()).await;
    for (number, also) in [
        (1, 1),
        (2, 3),
        (7, 1),
        (13, 1),
        (39, 1),
        (3, 5),
        (1, 37),
        (50, 1),
    ] {
        for caller in [None, Some("bob")] {
            let of_caller = |at: &u64| caller.is_none() || at % 3 == 1;
            let has = |at: &u64, number: u64| number < 40 && (at + 1).is_multiple_of(number);
            let expected: Vec<_> = (0..40)
                .filter(|at| of_caller(at) && has(at, number) && has(at, also))
                .collect();
            let twice = |at: &u64| vec![NOW + at; 1 + usize::from(at.is_multiple_of(2))];
            let hits: Vec<_> = expected.iter().flat_map(twice).collect();
            let filter = Filter {
                caller: caller.map(Into::into),
                text: Some(format!("by{also}")),
                ..Filter::default()
            };
            let words = format!("by{number}");
            for limit in [1, 3, 100] {
                let mut hits = hits.clone();
                let oldest = page(limit, Order::OldestFirst);
                let found = all_pages(&store, Some(&words), &filter, oldest).await;
                assert_eq!(found, hits, "{words} {filter:?} {limit}");
                hits.reverse();
                let newest = page(limit, Order::NewestFirst);
                let found = all_pages(&store, Some(&words), &filter, newest.clone()).await;
                assert_eq!(found, hits, "{words} {filter:?} {limit}");
                hits.dedup();
                let filter = Filter {
                    text: Some(format!("by{number} by{also}")),
                    ..filter.clone()
                };
                let found = all_pages(&store, None, &filter, newest).await;
                assert_eq!(found, hits, "{filter:?} {limit}");
            }
        }
    }
}

async fn phrases_of_frequent_words_are_found_alike(place: Place) {
    let store = place.open().await;
    // The numbers that divide it: all words of a phrase stand in many that don't have the phrase.
    let text = |at: u64| {
        let words = (1..=40).filter(|number| (at + 1).is_multiple_of(*number));
        let words: Vec<_> = words.map(|number| format!("by{number}")).collect();
        words.join(" ")
    };
    let one = |at: u64| exchange("ann", &format!("s{at}"), NOW + at, &[("user", text(at))]);
    store_all(&store, (0..40).map(one).collect()).await;
    let mut counts = Vec::new();
    for phrase in [
        "by1 by2",
        "by1 by3",
        "by2 by4",
        "by13 by39",
        "by2 by1",
        "by1 by4",
    ] {
        let has = |at: &u64| format!("{} ", text(*at)).contains(&format!("{phrase} "));
        let mut hits: Vec<_> = (0..40).filter(has).map(|at| NOW + at).collect();
        counts.push(hits.len());
        let words = format!("\"{phrase}\"");
        for order in [Order::OldestFirst, Order::NewestFirst] {
            for limit in [1, 3, 100] {
                let from = page(limit, order);
                let found = all_pages(&store, Some(&words), &Filter::default(), from).await;
                assert_eq!(found, hits, "{words} {order:?} {limit}");
            }
            hits.reverse();
        }
    }
    assert_eq!(counts, [20, 7, 7, 1, 0, 0]);
}

async fn search_finds_words_and_phrases_once(place: Place) {
    let store = place.open().await;
    let mut said = vec![(
        "user",
        "Delete the große Datei, please. 删除文件".to_owned(),
    )];
    let mut exchanges = Vec::new();
    for turn in 0..3 {
        exchanges.push(exchange("ann", "s1", NOW + turn, &said));
        said.push(("assistant", format!("Turn {turn} is over.")));
    }
    store_all(&store, exchanges).await;
    let search = async |text: &str| {
        let found = store
            .search(text, &Filter::default(), &page(100, Order::OldestFirst))
            .await;
        let hits = found.unwrap().entries;
        let shown = |hit: crate::read::Hit| {
            let words: Vec<_> = hit
                .snippet
                .places
                .iter()
                .map(|at| hit.snippet.text[at.clone()].to_owned())
                .collect();
            (hit.exchange.received_at - NOW, hit.role, words.join("|"))
        };
        hits.into_iter().map(shown).collect::<Vec<_>>()
    };
    let user = || Some("user".to_owned());
    // It stands in all three requests, but it came with the first.
    assert_eq!(
        search("datei DELETE").await,
        [(0, user(), "Delete|Datei".into())]
    );
    assert_eq!(
        search("\"delete the große\"").await,
        [(0, user(), "Delete the große".into())]
    );
    assert_eq!(search("\"the delete\"").await, []);
    assert_eq!(search("文件").await, [(0, user(), "文件".into())]);
    assert_eq!(search("件文").await, []);
    let turns = search("turn").await;
    assert_eq!(turns.iter().map(|hit| hit.0).collect::<Vec<_>>(), [1, 2]);
    // The reply is a block too, and the same one in all three.
    assert_eq!(
        search("\"it is done\"").await,
        [(0, Some("assistant".into()), "It is done".into())]
    );
}

async fn nothing_that_is_typed_is_an_error(place: Place) {
    let store = place.open().await;
    store_all(&store, four()).await;
    let odd = [
        "",
        " ",
        "\"",
        "\"\"\"",
        "*",
        "a*",
        "NEAR(",
        "OR",
        "AND NOT",
        "a:b",
        "{x}",
        "-x",
        "^x",
        "'",
        "''",
        "\\",
        "a & b",
        "!a",
        "a <-> b",
        "a|b",
        ":*",
        "(",
        ")",
        "\0",
        "\u{1F600}",
        "ǅ",
        "İ",
        "ﬀ",
        "٣",
        "%",
        "_",
        "x'; DROP TABLE words; --",
        "column1 : x",
        "+",
        "a + b",
    ];
    let long = "word ".repeat(10_000);
    for text in odd.into_iter().chain([long.as_str()]) {
        let filter = Filter {
            text: Some(text.into()),
            ..Filter::default()
        };
        store.exchanges(&filter, &Page::default()).await.unwrap();
        let found = store.search(text, &filter, &Page::default()).await;
        found.unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

async fn search_keeps_to_the_filter_and_goes_by_pages(place: Place) {
    let store = place.open().await;
    let said = |at: u64| {
        [
            ("user", format!("Needle {at}.")),
            ("user", format!("Another needle {at}.")),
        ]
    };
    let exchanges =
        (0..7).map(|at| exchange(["ann", "bob"][at as usize % 2], "s1", NOW + at, &said(at)));
    store_all(&store, exchanges.collect()).await;
    let filter = Filter {
        caller: Some("ann".into()),
        ..Filter::default()
    };
    let mut next = page(3, Order::NewestFirst);
    let mut seen = Vec::new();
    loop {
        let paged = store.search("needle", &filter, &next).await.unwrap();
        seen.extend(
            paged
                .entries
                .iter()
                .map(|hit| (hit.exchange.received_at - NOW, hit.content)),
        );
        next.after = paged.next;
        if next.after.is_none() {
            break;
        }
    }
    assert_eq!(
        seen.iter().map(|hit| hit.0).collect::<Vec<_>>(),
        [6, 6, 4, 4, 2, 2, 0, 0]
    );
    seen.sort_by_key(|hit| hit.1);
    seen.dedup_by_key(|hit| hit.1);
    assert_eq!(seen.len(), 8);
}
