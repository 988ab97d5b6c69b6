//! What is stored comes back as it was.

use proptest::prelude::*;
use proptest::test_runner::{Config as Effort, TestRunner};
use uuid::Uuid;

use super::erasing::assert_sound;
use super::on_both;
use super::place::{Place, offer_all, store_all};
use super::sample::{MONTH, NOW, exchange, request};
use crate::exchange::Exchange;
use crate::message::{Body, Cut, Message};
use crate::read::{ContentId, Record, StoredMessage};
use crate::store::Store;
use crate::writer::Writer;

on_both!(
    an_exchange_comes_back_with_all_its_fields,
    equal_bodies_of_an_exchange_are_one,
    a_large_body_comes_in_parts,
    the_blocks_of_a_request_are_told_in_their_order,
);

async fn an_exchange_comes_back_with_all_its_fields(place: Place) {
    let store = place.open().await;
    let given = exchange("ann", "s1", NOW, &[("user", "Delete it.".into())]);
    assert_eq!(store_all(&store, vec![given.clone()]).await, [Ok(())]);
    let record = store.exchange(given.id).await.unwrap().unwrap();
    assert_same(&store, &given, &record).await;
    assert!(store.exchange(Uuid::now_v7()).await.unwrap().is_none());
}

/// Compares all that was given with all that came back.
async fn assert_same(store: &Store, given: &Exchange, record: &Record) {
    let summary = &record.summary;
    assert_eq!(summary.id, given.id);
    assert_eq!(summary.received_at, given.received_at);
    assert_eq!(summary.caller, given.caller);
    assert_eq!(summary.session, given.session);
    assert_eq!(summary.api, given.api);
    assert_eq!(summary.model, given.model);
    assert_eq!(
        (&summary.method, &summary.path),
        (&given.method, &given.path)
    );
    assert_eq!(summary.streaming, given.streaming);
    assert_eq!(summary.status, given.status);
    assert_eq!(
        (summary.ending, &summary.cause),
        (given.ending, &given.cause)
    );
    assert_eq!(summary.times, given.times);
    assert_eq!(summary.dropped_events, given.dropped_events);
    assert!(summary.contents);
    assert_eq!(record.not_judged, given.not_judged);
    assert_message(store, &given.asked, Some(&record.asked)).await;
    if let Some(delivered) = &given.delivered {
        assert_message(store, delivered, record.delivered.as_ref()).await;
    }
    assert_eq!(record.attempts.len(), given.attempts.len());
    for (given, stored) in given.attempts.iter().zip(&record.attempts) {
        assert_eq!(
            (given.number, &given.upstream),
            (stored.number, &stored.upstream)
        );
        assert_eq!(
            (given.started_at, given.status),
            (stored.started_at, stored.status)
        );
        assert_eq!(given.usage, stored.usage);
        assert_eq!(
            (&given.reply_id, &given.reply_model),
            (&stored.reply_id, &stored.reply_model)
        );
        assert_eq!(
            (&given.stop_reason, &given.error),
            (&stored.stop_reason, &stored.error)
        );
        assert_eq!(given.times, stored.times);
        assert_message(store, &given.sent, Some(&stored.sent)).await;
        if let Some(received) = &given.received {
            assert_message(store, received, stored.received.as_ref()).await;
        }
    }
    for (given, stored) in given.verdicts.iter().zip(&record.verdicts) {
        let mut verdict = stored.verdict.clone();
        verdict.before = content(store, stored.before).await;
        verdict.after = content(store, stored.after).await;
        assert_eq!(verdict, *given);
    }
    for (given, stored) in given.reply.iter().zip(&record.reply) {
        assert_eq!(
            (given.number, &*given.kind, &given.tool),
            (stored.number, &*stored.kind, &stored.tool)
        );
        assert_eq!(
            content(store, stored.content).await.as_ref(),
            Some(&given.content)
        );
    }
}

async fn content(store: &Store, id: Option<ContentId>) -> Option<bytes::Bytes> {
    Some(store.content(id?).await.unwrap().bytes)
}

async fn assert_message(store: &Store, given: &Message, stored: Option<&StoredMessage>) {
    let stored = stored.expect("the message is stored");
    assert_eq!(stored.headers.as_ref(), Some(&given.headers));
    assert_eq!(stored.frames, given.body.frames);
    assert_eq!(stored.encoding.as_deref(), given.body.encoding.as_deref());
    assert_eq!(stored.body.length, given.body.bytes.len() as u64);
    let bytes = store
        .body(stored.body.id)
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    assert_eq!(bytes, given.body.bytes);
}

async fn equal_bodies_of_an_exchange_are_one(place: Place) {
    let store = place.open().await;
    let given = exchange("ann", "s1", NOW, &[("user", "Delete it.".into())]);
    store_all(&store, vec![given.clone()]).await;
    let record = store.exchange(given.id).await.unwrap().unwrap();
    let attempt = &record.attempts[0];
    assert_eq!(record.asked.body.id, attempt.sent.body.id);
    let received = attempt.received.as_ref().unwrap();
    assert_eq!(record.delivered.as_ref().unwrap().body.id, received.body.id);
    assert_ne!(record.asked.body.id, received.body.id);
}

/// A body made of few parts, so that bodies share beginnings, ends and blocks.
fn body() -> impl Strategy<Value = Body> {
    let part = prop_oneof![
        4 => prop_oneof![Just("a"), Just("bb"), Just("{\"x\":1}")].prop_map(str::to_owned),
        1 => Just(r#","cache_control":{"type":"ephemeral"}"#.to_owned()),
        1 => "[a-c]{500,700}",
    ];
    let kind = prop_oneof![3 => Just(Some("text")), 1 => Just(Some("system")), 1 => Just(Some("tool")), 2 => Just(None)];
    proptest::collection::vec((part, kind), 0..12).prop_map(|parts| {
        let mut text = String::new();
        let mut cuts = Vec::new();
        for (part, kind) in parts {
            let start = text.len();
            text += &part;
            let range = start..text.len();
            cuts.extend(kind.map(|kind| Cut {
                range,
                kind: kind.into(),
                role: None,
            }));
        }
        Body {
            bytes: text.into(),
            cuts,
            ..Body::default()
        }
    })
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    /// A body is stored: who sends it, in which session and month.
    Store(Body, usize, usize, u64),
    EraseSession(usize),
    EraseCaller(usize),
    /// All contents before a month go.
    Purge(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let store = (body(), 0_usize..2, 0_usize..2, 0_u64..3);
    prop_oneof![
        12 => store.prop_map(|(body, caller, session, month)| Step::Store(body, caller, session, month)),
        2 => (0_usize..20).prop_map(Step::EraseSession),
        1 => (0_usize..2).prop_map(Step::EraseCaller),
        1 => (0_u64..3).prop_map(Step::Purge),
    ]
}

const CALLERS: [&str; 2] = ["ann", "bob"];

/// What must still be there.
type Kept = Vec<Exchange>;

/// All steps of all cases go into one database, so that each meets what others left.
fn any_bodies_come_back(place: Place) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(place.open());
    // One writer for all, so that what it remembers may be erased under it.
    let (writer, writing) = store.writer();
    runtime.spawn(writing.run(std::future::pending()));
    let steps = proptest::collection::vec(step(), 1..16);
    let mut runner = TestRunner::new(Effort {
        cases: 32,
        failure_persistence: None,
        ..Effort::default()
    });
    let kept = std::cell::RefCell::new(Kept::new());
    let case = |steps: Vec<Step>| {
        let mut kept = kept.borrow_mut();
        runtime.block_on(async {
            for step in steps {
                take(&store, &writer, step, &mut kept).await;
            }
            assert_sound(&store).await;
            for given in kept.iter() {
                let record = store.exchange(given.id).await.unwrap().unwrap();
                assert_message(&store, &given.asked, Some(&record.asked)).await;
            }
        });
        Ok(())
    };
    runner.run(&steps, case).unwrap();
}

async fn take(store: &Store, writer: &Writer, step: Step, kept: &mut Kept) {
    match step {
        Step::Store(body, caller, session, month) => {
            let (caller, session) = (CALLERS[caller], ["s1", "s2"][session]);
            let mut one = exchange(caller, session, NOW + month * MONTH, &[]);
            one.asked.body = body.clone();
            one.attempts[0].sent.body = body;
            assert_eq!(offer_all(writer, vec![one.clone()]).await, [Ok(())]);
            kept.push(one);
        }
        Step::EraseSession(at) => {
            let Some(one) = kept.get(at).cloned() else {
                return;
            };
            let record = store.exchange(one.id).await.unwrap().unwrap();
            store
                .eraser()
                .erase_session(record.summary.session_id)
                .await
                .unwrap();
            kept.retain(|other| (&other.caller, &other.session) != (&one.caller, &one.session));
        }
        Step::EraseCaller(caller) => {
            store.eraser().erase_caller(CALLERS[caller]).await.unwrap();
            kept.retain(|other| other.caller.as_deref() != Some(CALLERS[caller]));
        }
        Step::Purge(month) => {
            let before = NOW + month * MONTH;
            store.eraser().purge_contents(before).await.unwrap();
            kept.retain(|other| other.received_at >= before);
        }
    }
}

mod any_bodies_come_back_after_any_others {
    use super::{Place, any_bodies_come_back};

    #[test]
    fn sqlite() {
        any_bodies_come_back(Place::sqlite());
    }

    #[test]
    fn postgres() {
        any_bodies_come_back(Place::postgres());
    }
}

async fn the_blocks_of_a_request_are_told_in_their_order(place: Place) {
    let store = place.open().await;
    let said = [
        ("user", "One.".to_owned()),
        ("assistant", "Two.".to_owned()),
    ];
    let given = exchange("ann", "s1", NOW, &said);
    store_all(&store, vec![given.clone()]).await;
    let record = store.exchange(given.id).await.unwrap().unwrap();
    let mut told = Vec::new();
    for block in store.blocks(record.asked.body.id).await.unwrap() {
        let content = store.content(block.content).await.unwrap();
        assert_eq!(block.size, content.bytes.len() as u64);
        let text = String::from_utf8(content.bytes.to_vec()).unwrap();
        told.push((block.kind, block.role.unwrap_or_default(), text));
    }
    let expected = [
        ("text", "user", r#"{"type":"text","text":"One."}"#),
        // What agents move is not part of a block.
        ("text", "assistant", r#"{"type":"text","text":"Two."}"#),
        (
            "system",
            "",
            r#"{"type":"text","text":"You are an agent."}"#,
        ),
        ("tool", "", r#"{"name":"Bash","input_schema":{}}"#),
    ];
    let expected = expected.map(|(kind, role, text)| (kind.into(), role.into(), text.into()));
    assert_eq!(told, expected);
}

async fn a_large_body_comes_in_parts(place: Place) {
    let store = place.open().await;
    let words = |at: usize| format!("{at}").repeat(20_000);
    let said: Vec<_> = (1000..1050).map(|at| ("user", words(at))).collect();
    let mut given = exchange("ann", "s1", NOW, &[]);
    given.asked = request(&said);
    store_all(&store, vec![given.clone()]).await;
    let record = store.exchange(given.id).await.unwrap().unwrap();
    let mut reader = store.body(record.asked.body.id).await.unwrap();
    let (mut all, mut most) = (Vec::new(), 0);
    while let Some(part) = reader.next().await.unwrap() {
        most = most.max(part.len());
        all.extend_from_slice(&part);
    }
    assert_eq!(all, given.asked.body.bytes);
    assert!(most < 2 << 20, "{most} bytes at once");
    assert!(all.len() > 3 << 20);
}
