//! Exchanges as bytes: they come back as they were, and other bytes are an error.

use std::time::Duration;

use bytes::Bytes;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use super::sample::{NOW, exchange};
use crate::attempt::{Attempt, Usage};
use crate::chain::digest;
use crate::encoded::{decode_exchange, encode_exchange, unpacked};
use crate::error::Error;
use crate::exchange::{Ending, Exchange, NotJudged, SessionKey};
use crate::message::{Body, Cut, Frame, Message};
use crate::times::Times;
use crate::verdict::{ReplyBlock, Side, Verdict};

fn bytes() -> impl Strategy<Value = Bytes> {
    prop_oneof![
        vec(any::<u8>(), 0..40).prop_map(Bytes::from),
        (0..5000_usize).prop_map(|length| vec![b'a'; length].into()),
    ]
}

fn name() -> impl Strategy<Value = crate::Name> {
    ".{0,9}".prop_map(Into::into)
}

fn words() -> impl Strategy<Value = Option<String>> {
    option::of(".{0,9}")
}

fn time() -> impl Strategy<Value = Duration> {
    any::<(u64, u32)>().prop_map(|(seconds, nanos)| Duration::new(seconds / 2, nanos))
}

fn times() -> impl Strategy<Value = Times> {
    (option::of(time()), time(), time()).prop_map(|(first_byte, held, total)| Times {
        first_byte,
        held,
        total,
    })
}

fn message() -> impl Strategy<Value = Message> {
    let cut = (any::<(usize, usize)>(), name(), option::of(name()));
    let cut = cut.prop_map(|((start, end), kind, role)| Cut {
        range: start..end,
        kind,
        role,
    });
    let frame = (any::<usize>(), time()).prop_map(|(end, after)| Frame { end, after });
    let body = (
        bytes(),
        vec(cut, 0..4),
        vec(frame, 0..4),
        option::of(name()),
        any::<(u64, bool)>(),
    );
    (vec((".{0,9}", ".{0,9}"), 0..4), body).prop_map(
        |(headers, (bytes, cuts, frames, encoding, (missing, withheld)))| Message {
            headers,
            body: Body {
                bytes,
                cuts,
                frames,
                encoding,
                missing,
                withheld,
            },
        },
    )
}

fn usage() -> impl Strategy<Value = Usage> {
    (words(), any::<[Option<u64>; 6]>()).prop_map(|(raw, counts)| Usage {
        raw,
        input: counts[0],
        output: counts[1],
        cache_read: counts[2],
        cache_write_5m: counts[3],
        cache_write_1h: counts[4],
        reasoning: counts[5],
    })
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let numbers = any::<(u32, u64, Option<u16>)>();
    let told = [words(), words(), words(), words()];
    (
        message(),
        option::of(message()),
        numbers,
        usage(),
        told,
        ".{0,9}",
        times(),
    )
        .prop_map(
            |(sent, received, (number, started_at, status), usage, told, upstream, times)| {
                let [reply_id, reply_model, stop_reason, error] = told;
                Attempt {
                    number,
                    upstream,
                    started_at,
                    sent,
                    status,
                    received,
                    usage,
                    reply_id,
                    reply_model,
                    stop_reason,
                    error,
                    times,
                }
            },
        )
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Request), Just(Side::Reply)]
}

fn verdict() -> impl Strategy<Value = Verdict> {
    let names = [name(), name(), name(), name(), name()];
    let told = [words(), words(), words(), words()];
    let contents = [option::of(bytes()), option::of(bytes())];
    (
        names,
        told,
        contents,
        side(),
        any::<(Option<u32>, u64)>(),
        time(),
    )
        .prop_map(
            |(names, told, [before, after], side, (block, fuel), time)| {
                let [policy, hook, verdict, outcome, emitted] = names;
                let [rule, reason, detail, pointer] = told;
                Verdict {
                    policy: policy.into(),
                    revision: "1".into(),
                    hook,
                    side,
                    block,
                    verdict: Some(verdict),
                    action: None,
                    rule,
                    reason,
                    detail,
                    fuel,
                    time,
                    before,
                    after,
                    pointer,
                    outcome: Some(outcome),
                    emitted: Some(emitted),
                }
            },
        )
}

fn reply_block() -> impl Strategy<Value = ReplyBlock> {
    (any::<u32>(), name(), words(), bytes(), words()).prop_map(
        |(number, kind, tool, content, text)| ReplyBlock {
            number,
            kind,
            tool,
            content,
            text,
        },
    )
}

fn not_judged() -> impl Strategy<Value = NotJudged> {
    (side(), name(), name()).prop_map(|(side, kind, because)| NotJudged {
        side,
        kind,
        because,
    })
}

fn session() -> impl Strategy<Value = SessionKey> {
    (".{0,9}", name(), words(), words()).prop_map(|(key, found_by, agent, parent_agent)| {
        SessionKey {
            key,
            found_by,
            agent,
            parent_agent,
        }
    })
}

prop_compose! {
    fn any_exchange()(
        id in any::<u128>(),
        session in session(),
        (caller, model, cause) in (words(), words(), words()),
        (method, path, api) in (".{0,9}", ".{0,9}", name()),
        (received_at, streaming, status, dropped_events) in any::<(u64, bool, Option<u16>, u64)>(),
        ending in proptest::sample::select(&Ending::ALL[..]),
        times in times(),
        (asked, delivered) in (message(), option::of(message())),
        attempts in vec(attempt(), 0..3),
        verdicts in vec(verdict(), 0..3),
        not_judged in vec(not_judged(), 0..3),
        reply in vec(reply_block(), 0..3),
    ) -> Exchange {
        Exchange {
            id: Uuid::from_u128(id), received_at, caller, session, api, method, path, model, streaming, status, ending,
            cause, times, asked, attempts, delivered, verdicts, not_judged, reply, dropped_events,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn an_exchange_comes_back_as_it_was(given in any_exchange(), compress in any::<bool>()) {
        let bytes = encode_exchange(&given, compress).unwrap();
        let plain = encode_exchange(&given, false).unwrap();
        prop_assert_eq!(unpacked(&bytes), plain.len() as u64 - 2);
        prop_assert_eq!(decode_exchange(&bytes).unwrap(), given);
    }

    #[test]
    fn any_bytes_are_an_exchange_or_an_error(mut bytes in vec(any::<u8>(), 0..200), packed in 0..2_u8) {
        let _ = decode_exchange(&bytes.clone().into());
        // Behind the form and the codec that this version knows.
        bytes.splice(0..0, [1, packed]);
        let _ = decode_exchange(&bytes.into());
    }

    #[test]
    fn a_damaged_exchange_is_an_exchange_or_an_error(
        given in any_exchange(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let whole = encode_exchange(&given, false).unwrap();
        let mut damaged = whole.to_vec();
        for (at, byte) in changes {
            let at = at.index(damaged.len());
            damaged[at] = byte;
        }
        let _ = decode_exchange(&damaged.into());
        let short = whole.slice(..cut.index(whole.len()));
        prop_assert!(decode_exchange(&short).is_err());
    }
}

fn sample() -> Exchange {
    let mut one = exchange("ann", "s1", NOW, &[("user", "Delete it.".into())]);
    one.id = Uuid::from_u128(7);
    one
}

#[test]
fn another_form_is_told_from_damage() {
    let mut bytes = encode_exchange(&sample(), true).unwrap().to_vec();
    for form in [0, 2, 255] {
        bytes[0] = form;
        let error = decode_exchange(&bytes.clone().into()).unwrap_err();
        assert!(
            matches!(error, Error::Form { form: told } if told == form),
            "{error}"
        );
    }
    let mut longer = encode_exchange(&sample(), false).unwrap().to_vec();
    longer.push(0);
    let error = decode_exchange(&longer.into()).unwrap_err();
    assert!(matches!(error, Error::Damaged(_)), "{error}");
}

/// If this fails, a field was added or changed. Then the form needs a new number, because rows in the old one may be
/// waiting when a new version starts.
#[test]
fn the_form_does_not_change_under_its_number() {
    let bytes = encode_exchange(&sample(), false).unwrap();
    let digest = digest(&bytes);
    let hex: String = digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!((bytes[0], &*hex), (1, "5dc305cbacccfb5c"));
}

#[test]
fn a_body_that_messages_share_is_kept_once() {
    let mut one = sample();
    let body = Bytes::from("x".repeat(10_000));
    one.asked.body.bytes = body.clone();
    one.attempts[0].sent.body.bytes = body;
    // The same bytes in another place.
    one.attempts[0].received.as_mut().unwrap().body.bytes = "x".repeat(10_000).into();
    let bytes = encode_exchange(&one, false).unwrap();
    assert!(bytes.len() < 12_000, "{}", bytes.len());
    assert_eq!(decode_exchange(&bytes).unwrap(), one);
}

#[test]
fn a_size_that_is_told_takes_no_memory() {
    let mut bytes = vec![1, 1];
    bytes.extend(u64::MAX.to_le_bytes());
    bytes.extend(zstd::bulk::compress(b"little", 3).unwrap());
    let error = decode_exchange(&bytes.into()).unwrap_err();
    assert!(matches!(error, Error::Damaged(_)), "{error}");
}

#[test]
fn a_large_exchange_comes_back_too() {
    let mut one = sample();
    one.asked.body.bytes = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let bytes = encode_exchange(&one, true).unwrap();
    assert!(bytes.len() < one.asked.body.bytes.len());
    assert_eq!(decode_exchange(&bytes).unwrap(), one);
}
