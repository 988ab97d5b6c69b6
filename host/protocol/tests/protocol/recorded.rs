//! Recorded-shape streams that nobody changes.

use sluice_protocol::{Delivery, ReplyError, Wants};

use crate::{
    dialect::Dialect,
    drive::{self, KeepAll},
};

const DELIVERIES: [Delivery; 4] = [
    Delivery::None,
    Delivery::Observe,
    Delivery::Pieces,
    Delivery::Whole,
];

/// Everything is held.
pub(crate) const EVERYTHING: Wants = Wants {
    text: Delivery::Whole,
    thinking: Delivery::Whole,
    tool_call: Delivery::Whole,
    other: Delivery::Whole,
    end: true,
};

/// Every combination of what can be wanted.
fn all_wants() -> impl Iterator<Item = Wants> {
    (0..512_usize).map(|n| Wants {
        text: DELIVERIES[n & 3],
        thinking: DELIVERIES[n >> 2 & 3],
        tool_call: DELIVERIES[n >> 4 & 3],
        other: DELIVERIES[n >> 6 & 3],
        end: n >> 8 & 1 == 1,
    })
}

pub(crate) fn untouched<D: Dialect>() {
    for (name, stream) in D::STREAMS {
        let broken = D::receive(stream.as_bytes()).unwrap().failed;
        for wants in all_wants() {
            // Upstream's error comes before the verdict on the text: what is held is thrown away.
            if broken && wants.text == Delivery::Whole {
                continue;
            }
            if D::ODD.contains(name) && wants.tool_call >= Delivery::Pieces {
                continue;
            }
            let outcome = drive::stream::<D>([stream.as_bytes()], wants, &mut KeepAll);
            let sent = String::from_utf8(outcome.sent).unwrap();
            assert_eq!(outcome.error, None, "{name} {wants:?}");
            assert_eq!(sent, *stream, "{name} {wants:?}");
        }
    }
}

pub(crate) fn same_steps<D: Dialect>() {
    for (name, stream) in D::STREAMS {
        for text in DELIVERIES {
            let wants = Wants {
                text,
                thinking: Delivery::Observe,
                ..EVERYTHING
            };
            let at_once = drive::stream::<D>([stream.as_bytes()], wants, &mut KeepAll);
            for size in [1, 7, 64] {
                let pieces = stream.as_bytes().chunks(size);
                let in_pieces = drive::stream::<D>(pieces, wants, &mut KeepAll);
                assert_eq!(in_pieces, at_once, "{name} {size}");
            }
        }
    }
}

pub(crate) fn same_blocks<D: Dialect>() {
    for (name, stream) in D::STREAMS {
        let received = D::receive(stream.as_bytes()).unwrap();
        if received.failed || D::BODILESS.contains(name) {
            continue;
        }
        let streamed = drive::stream::<D>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
        let body = received.body.to_string();
        let whole = drive::whole::<D>(body.as_bytes(), EVERYTHING, &mut KeepAll);
        assert_eq!(streamed.blocks(), whole.blocks(), "{name}");
        assert_eq!(String::from_utf8(whole.sent).unwrap(), body, "{name}");
    }
}

pub(crate) fn cut_short<D: Dialect>() {
    for (name, stream) in D::STREAMS {
        for wants in [Wants::NOTHING, EVERYTHING] {
            for end in (0..stream.len()).step_by(41) {
                let bytes = &stream.as_bytes()[..end];
                let outcome = drive::stream::<D>([bytes], wants, &mut KeepAll);
                if outcome.error.is_some() {
                    assert_eq!(outcome.error, Some(ReplyError::Truncated), "{name} {end}");
                }
                let received = D::receive(&outcome.sent);
                let failed = received.as_ref().is_ok_and(|received| received.failed);
                // What is cut may itself end with an error.
                assert!(
                    failed || (outcome.error.is_none() && received.is_ok()),
                    "{name} {end} {received:?}"
                );
            }
        }
    }
}

pub(crate) fn no_replies<D: Dialect>() {
    for body in D::NO_REPLIES {
        for wants in all_wants() {
            let outcome = drive::whole::<D>(body.as_bytes(), wants, &mut KeepAll);
            let sent = String::from_utf8(outcome.sent).unwrap();
            assert_eq!((&*sent, outcome.error), (*body, None));
        }
    }
}
