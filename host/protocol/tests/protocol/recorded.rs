//! Recorded-shape streams that nobody changes.

use sluice_protocol::{Block, Delivery, Limits, PieceRuling, ReplyError, Ruling, Wants};

use crate::{
    dialect::{Content, Dialect},
    drive::{self, End, Judge, KeepAll},
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
    redo: false,
};

/// Every combination of what can be wanted.
fn all_wants() -> impl Iterator<Item = Wants> {
    (0..512_usize).map(|n| Wants {
        text: DELIVERIES[n & 3],
        thinking: DELIVERIES[n >> 2 & 3],
        tool_call: DELIVERIES[n >> 4 & 3],
        other: DELIVERIES[n >> 6 & 3],
        end: n >> 8 & 1 == 1,
        redo: false,
    })
}

pub(crate) fn untouched<D: Dialect>() {
    for (name, stream) in D::STREAMS {
        for wants in all_wants() {
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

/// The bytes up to the end of each frame but the last.
fn cuts(stream: &str) -> impl Iterator<Item = &[u8]> {
    let ends = stream.match_indices("\n\n").map(|(at, end)| at + end.len());
    let cuts = ends.filter(|end| *end < stream.len());
    cuts.map(|end| &stream.as_bytes()[..end])
}

pub(crate) fn texts_before_an_error<D: Dialect>() {
    let wants = Wants {
        text: Delivery::Whole,
        ..Wants::NOTHING
    };
    for (name, stream) in D::STREAMS {
        for cut in cuts(stream) {
            for end in [End::Well, End::BrokenOff] {
                let mut reply = D::stream(wants, Limits::default());
                let outcome = drive::drive_to(&mut *reply, [cut], end, &mut KeepAll);
                let sent = String::from_utf8_lossy(&outcome.sent);
                let cut = String::from_utf8_lossy(cut);
                assert!(sent.starts_with(&*cut), "{name}: {sent}\n\nof\n\n{cut}");
            }
        }
    }
}

/// Says something else in the place of each text.
struct Redact;

impl Judge for Redact {
    fn block(&mut self, block: &Block) -> Ruling {
        match block {
            Block::Text(_) => Ruling::Replace(vec![Block::Text("judged".to_owned())]),
            _ => Ruling::Keep,
        }
    }
}

pub(crate) fn judged_before_an_error<D: Dialect>() {
    let wants = Wants {
        text: Delivery::Whole,
        tool_call: Delivery::Whole,
        ..Wants::NOTHING
    };
    for (name, stream) in D::STREAMS {
        for cut in cuts(stream) {
            let outcome = drive::stream::<D>([cut], wants, &mut Redact);
            let Some(_) = outcome.error else { continue };
            let sent = String::from_utf8(outcome.sent).unwrap();
            let received = D::receive(sent.as_bytes());
            let received = received.unwrap_or_else(|fault| panic!("{name}: {fault}: {sent}"));
            assert!(received.failed, "{name}: {sent}");
            for content in received.choices.into_iter().flatten() {
                match content {
                    Content::Text(text) => {
                        assert_eq!(text.replace("judged", "").trim(), "", "{name}: {sent}");
                    }
                    Content::ToolCall { .. } => panic!("{name}: a call goes out: {sent}"),
                    Content::Thinking(_) | Content::Other(_) => {}
                }
            }
        }
    }
}

/// Ends the reply at the first text.
struct StopAtText;

impl Judge for StopAtText {
    fn block(&mut self, _: &Block) -> Ruling {
        let notice = "stopped".to_owned();
        Ruling::Stop { notice }
    }

    fn piece(&mut self, _: &str, last: bool) -> PieceRuling {
        let notice = "stopped".to_owned();
        match last {
            true => PieceRuling::Stop { notice },
            false => PieceRuling::Keep,
        }
    }
}

pub(crate) fn stopped_before_an_error<D: Dialect>() {
    for text in [Delivery::Pieces, Delivery::Whole] {
        let wants = Wants {
            text,
            ..Wants::NOTHING
        };
        for (name, stream) in D::STREAMS {
            for cut in cuts(stream).chain([stream.as_bytes()]) {
                let outcome = drive::stream::<D>([cut], wants, &mut StopAtText);
                let sent = String::from_utf8(outcome.sent).unwrap();
                if !sent.contains("stopped") {
                    continue;
                }
                let received = D::receive(sent.as_bytes());
                let received = received.unwrap_or_else(|fault| panic!("{name}: {fault}: {sent}"));
                assert!(!received.failed, "{name}: {sent}");
                assert_eq!(outcome.error, None, "{name}: {sent}");
            }
        }
    }
}
