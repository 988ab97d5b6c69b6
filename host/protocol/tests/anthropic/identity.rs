//! Recorded-shape replies that nobody changes.

use sluice_protocol::{Delivery, Wants};

use crate::{
    drive::{self, KeepAll},
    fixtures::STREAMS,
};

const DELIVERIES: [Delivery; 4] = [
    Delivery::None,
    Delivery::Observe,
    Delivery::Pieces,
    Delivery::Whole,
];

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

#[test]
fn invariant_1_a_kept_stream_is_byte_identical_for_all_that_can_be_wanted() {
    for (name, stream) in STREAMS {
        for wants in all_wants() {
            // Upstream's error comes before the verdict on the text: what is held is thrown away.
            if *name == "error_midway" && wants.text == Delivery::Whole {
                continue;
            }
            let outcome = drive::stream([stream.as_bytes()], wants, &mut KeepAll);
            let sent = String::from_utf8(outcome.sent).unwrap();
            assert_eq!(outcome.error, None, "{name} {wants:?}");
            assert_eq!(sent, *stream, "{name} {wants:?}");
        }
    }
}

#[test]
fn invariant_2_any_split_of_a_recorded_stream_gives_the_same_steps() {
    for (name, stream) in STREAMS {
        for text in DELIVERIES {
            let wants = Wants {
                text,
                thinking: Delivery::Observe,
                tool_call: Delivery::Whole,
                other: Delivery::Whole,
                end: true,
            };
            let at_once = drive::stream([stream.as_bytes()], wants, &mut KeepAll);
            for size in [1, 7, 64] {
                let in_pieces = drive::stream(stream.as_bytes().chunks(size), wants, &mut KeepAll);
                assert_eq!(in_pieces, at_once, "{name} {size}");
            }
        }
    }
}

#[test]
fn an_errors_body_passes_as_it_is() {
    let body = br#" {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}} "#;
    for wants in all_wants() {
        let outcome = drive::whole(body, wants, &mut KeepAll);
        assert_eq!((outcome.sent.as_slice(), outcome.error), (&body[..], None));
    }
}
