//! Sessions that go on from earlier ones.

mod later;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use serde_json::Value;

use super::erasing::assert_sound;
use super::finding::page;
use super::on_both;
use super::place::{Place, store_all};
use super::sample::{NOW, Said, exchange};
use crate::exchange::Exchange;
use crate::read::{Filter, Order, Session};
use crate::store::Store;
use crate::verdict::ReplyBlock;
use crate::words::{Repeated, Words};

on_both!(
    what_repeats_a_reply_continues_its_session,
    a_session_continues_none_of_another_caller,
    nobody_knows_whether_unknown_callers_are_the_same,
    what_several_sessions_were_told_tells_nothing,
    only_the_first_exchange_of_a_session_is_looked_at,
    forks_continue_the_same_session,
    of_several_sessions_the_one_that_spoke_last_is_continued,
    a_summary_counts_only_if_it_was_asked_for,
    agents_of_a_session_are_not_joined,
);

/// Tells the replies that a request of the sample repeats, and counts how often it was asked.
#[derive(Default)]
struct Reader {
    asked: AtomicUsize,
}

impl Words for Reader {
    fn text(&self, _: &str, _: &str, raw: &[u8]) -> Option<String> {
        Some(String::from_utf8_lossy(raw).into_owned())
    }

    fn repeated(&self, api: &str, request: &Bytes) -> Vec<Repeated> {
        assert_eq!(api, "anthropic");
        self.asked.fetch_add(1, Ordering::Relaxed);
        let body: Value = serde_json::from_slice(request).unwrap();
        let messages = body["messages"].as_array().unwrap().iter();
        let told = |message: &Value| {
            let text = message["content"][0]["text"].as_str().unwrap();
            let summary = text.strip_prefix("Summary: ");
            let is_said = message["role"] == "assistant";
            (is_said || summary.is_some()).then(|| Repeated {
                block: replied(summary.unwrap_or(text)),
                is_summary: !is_said,
            })
        };
        messages.filter_map(told).collect()
    }

    fn asks_for_summary(&self, kind: &str, raw: &[u8]) -> bool {
        kind == "text" && String::from_utf8_lossy(raw).contains("Sum up")
    }
}

fn replied(text: &str) -> ReplyBlock {
    ReplyBlock {
        number: 0,
        kind: "text".into(),
        tool: None,
        content: Bytes::copy_from_slice(text.as_bytes()),
        text: Some(text.to_owned()),
    }
}

async fn open(place: &Place) -> (Store, Arc<Reader>) {
    let reader = Arc::new(Reader::default());
    let words = Arc::clone(&reader) as _;
    let store = Store::open(place.config.clone(), words).await.unwrap();
    (store, reader)
}

/// An exchange with this reply.
fn said(caller: &str, session: &str, at: u64, asked: Said<'_>, reply: &str) -> Exchange {
    let mut one = exchange(caller, session, NOW + at, asked);
    one.reply = vec![replied(reply)];
    one
}

fn user(text: &str) -> (&'static str, String) {
    ("user", text.to_owned())
}

fn model(text: &str) -> (&'static str, String) {
    ("assistant", text.to_owned())
}

async fn store_each(store: &Store, all: &[Exchange]) {
    for one in all {
        assert_eq!(store_all(store, vec![one.clone()]).await, [Ok(())]);
    }
}

async fn sessions(store: &Store) -> Vec<Session> {
    let oldest = page(100, Order::OldestFirst);
    store.sessions(None, &oldest).await.unwrap().entries
}

/// The sessions with the names of those that they continue.
async fn joins(store: &Store) -> Vec<(String, Option<String>)> {
    let all = sessions(store).await;
    let name = |id: i64| all.iter().find(|one| one.id == id).unwrap().key.key.clone();
    let mut joins: Vec<_> = all
        .iter()
        .map(|one| (one.key.key.clone(), one.continues.map(name)))
        .collect();
    joins.sort();
    joins
}

async fn assert_joins(store: &Store, expected: &[(&str, Option<&str>)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(one, other)| ((*one).to_owned(), other.map(str::to_owned)))
        .collect();
    assert_eq!(joins(store).await, expected);
    assert_sound(store).await;
}

async fn id(store: &Store, key: &str) -> i64 {
    let all = sessions(store).await;
    all.iter().find(|one| one.key.key == key).unwrap().id
}

async fn what_repeats_a_reply_continues_its_session(place: Place) {
    let (store, _) = open(&place).await;
    let all = [
        said("ann", "old", 0, &[user("Delete it.")], "It is gone."),
        said(
            "ann",
            "new",
            1,
            &[user("So far"), model("It is gone.")],
            "Yes.",
        ),
    ];
    store_each(&store, &all).await;
    assert_joins(&store, &[("new", Some("old")), ("old", None)]).await;

    let (old, new) = (id(&store, "old").await, id(&store, "new").await);
    let session = store.session(old).await.unwrap().unwrap();
    assert_eq!((session.continues, session.continued_by), (None, Some(new)));
    assert_eq!(store.sessions_up_to(new).await.unwrap(), [old, new]);
    assert_eq!(store.sessions_up_to(old).await.unwrap(), [old]);
    assert_eq!(store.sessions_up_to(new + 999).await.unwrap(), [0; 0]);
    for one in [old, new] {
        let line = store.line(one).await.unwrap();
        let line: Vec<_> = line.iter().map(|one| (one.session.id, one.depth)).collect();
        assert_eq!(line, [(old, 0), (new, 1)]);
    }
    assert!(store.line(new + 999).await.unwrap().is_empty());
    let newest = page(9, Order::NewestFirst);
    let found = store.exchanges(&Filter::default(), &newest).await.unwrap();
    let told: Vec<_> = found.entries.iter().map(|one| one.continues).collect();
    assert_eq!(told, [Some(old), None]);
}

async fn a_session_continues_none_of_another_caller(place: Place) {
    let (store, _) = open(&place).await;
    let all = [
        said("ann", "old", 0, &[user("Delete it.")], "It is gone."),
        said(
            "bob",
            "new",
            1,
            &[user("So far"), model("It is gone.")],
            "Yes.",
        ),
    ];
    store_each(&store, &all).await;
    assert_joins(&store, &[("new", None), ("old", None)]).await;
}

async fn nobody_knows_whether_unknown_callers_are_the_same(place: Place) {
    let (store, _) = open(&place).await;
    let mut all = [
        said("", "old", 0, &[user("Delete it.")], "It is gone."),
        said(
            "",
            "new",
            1,
            &[user("So far"), model("It is gone.")],
            "Yes.",
        ),
    ];
    all.iter_mut().for_each(|one| one.caller = None);
    store_each(&store, &all).await;
    assert_joins(&store, &[("new", None), ("old", None)]).await;
}

async fn what_several_sessions_were_told_tells_nothing(place: Place) {
    let (store, _) = open(&place).await;
    let all = [
        said("ann", "one", 0, &[user("Delete it.")], "I can't do that."),
        said("ann", "two", 1, &[user("Drop it.")], "I can't do that."),
        said(
            "ann",
            "new",
            2,
            &[user("So far"), model("I can't do that.")],
            "No.",
        ),
    ];
    store_each(&store, &all).await;
    assert_joins(&store, &[("new", None), ("one", None), ("two", None)]).await;
}

async fn only_the_first_exchange_of_a_session_is_looked_at(place: Place) {
    let (store, reader) = open(&place).await;
    let all = [
        said("ann", "old", 0, &[user("Delete it.")], "It is gone."),
        said("ann", "new", 1, &[user("Hello.")], "Hi."),
        said(
            "ann",
            "new",
            2,
            &[user("Hello."), model("It is gone.")],
            "Yes.",
        ),
        said(
            "ann",
            "old",
            3,
            &[user("Delete it."), model("It is gone.")],
            "Yes.",
        ),
    ];
    store_each(&store, &all).await;
    assert_joins(&store, &[("new", None), ("old", None)]).await;
    // Each was stored by a writer of its own, that remembers no session.
    assert_eq!(reader.asked.load(Ordering::Relaxed), 2);
}

async fn forks_continue_the_same_session(place: Place) {
    let (store, _) = open(&place).await;
    let all = [
        said("ann", "old", 0, &[user("Delete it.")], "It is gone."),
        said(
            "ann",
            "one",
            1,
            &[user("Fork"), model("It is gone.")],
            "First.",
        ),
        said(
            "ann",
            "two",
            2,
            &[user("Other"), model("It is gone.")],
            "Second.",
        ),
        said("ann", "end", 3, &[user("On"), model("First.")], "Third."),
    ];
    store_each(&store, &all).await;
    let joined = [
        ("end", Some("one")),
        ("old", None),
        ("one", Some("old")),
        ("two", Some("old")),
    ];
    assert_joins(&store, &joined).await;
    let end = id(&store, "end").await;
    let line = store.line(end).await.unwrap();
    let line: Vec<_> = line
        .iter()
        .map(|one| (&*one.session.key.key, one.depth))
        .collect();
    assert_eq!(line, [("old", 0), ("one", 1), ("end", 2), ("two", 1)]);
    assert_eq!(store.sessions_up_to(end).await.unwrap().len(), 3);
}

async fn of_several_sessions_the_one_that_spoke_last_is_continued(place: Place) {
    let (store, _) = open(&place).await;
    let on = [user("On"), model("First."), user("And"), model("Second.")];
    let all = [
        said("ann", "one", 0, &[user("Begin")], "First."),
        said("ann", "two", 1, &[user("Two"), model("First.")], "Second."),
        // It goes on beside the other, and that tells nothing.
        said("ann", "one", 2, &[user("Begin"), model("First.")], "Other."),
        said("ann", "end", 3, &on, "Third."),
    ];
    store_each(&store, &all).await;
    let joined = [("end", Some("two")), ("one", None), ("two", Some("one"))];
    assert_joins(&store, &joined).await;
}

async fn a_summary_counts_only_if_it_was_asked_for(place: Place) {
    let (store, _) = open(&place).await;
    let asked = [
        user("Delete it."),
        model("Gone."),
        user("Sum up all of it."),
    ];
    let all = [
        said("ann", "old", 0, &asked, "It was deleted."),
        said("ann", "other", 1, &[user("Write a poem.")], "A poem."),
        said("ann", "new", 2, &[user("Summary: It was deleted.")], "Yes."),
        // A program hands on what another agent wrote.
        said("ann", "critic", 3, &[user("Summary: A poem.")], "Good."),
        // A summary tells more than what was said last.
        said(
            "ann",
            "last",
            4,
            &[user("Summary: It was deleted."), model("A poem.")],
            "On.",
        ),
    ];
    store_each(&store, &all).await;
    let joined = [
        ("critic", None),
        ("last", Some("old")),
        ("new", Some("old")),
        ("old", None),
        ("other", None),
    ];
    assert_joins(&store, &joined).await;
}

async fn agents_of_a_session_are_not_joined(place: Place) {
    let (store, _) = open(&place).await;
    let mut all = [
        said("ann", "old", 0, &[user("Delete it.")], "It is gone."),
        said(
            "ann",
            "old",
            1,
            &[user("Look"), model("It is gone.")],
            "A look.",
        ),
        said(
            "ann",
            "new",
            2,
            &[user("Look"), model("It is gone.")],
            "Another.",
        ),
        said("ann", "end", 3, &[user("On"), model("A look.")], "Yes."),
    ];
    all[1].session.agent = Some("a1".into());
    all[2].session.agent = Some("a2".into());
    store_each(&store, &all).await;
    let none = [("end", None), ("new", None), ("old", None), ("old", None)];
    assert_joins(&store, &none).await;

    // They are part of what the first one is part of.
    let late = said(
        "ann",
        "late",
        4,
        &[user("On"), model("It is gone.")],
        "Yes.",
    );
    let mut agent = said("ann", "late", 5, &[user("Look")], "A view.");
    agent.session.agent = Some("a3".into());
    store_each(&store, &[late, agent.clone()]).await;
    let agent = store.exchange(agent.id).await.unwrap().unwrap();
    let line = store.line(agent.summary.session_id).await.unwrap();
    let line: Vec<_> = line
        .iter()
        .map(|one| (&*one.session.key.key, one.depth))
        .collect();
    assert_eq!(line, [("old", 0), ("late", 1)]);
}
