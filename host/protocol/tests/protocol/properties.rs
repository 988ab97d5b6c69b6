//! What holds in every dialect, whatever upstream sends and policies rule.

use proptest::{prelude::*, sample::Index, test_runner::TestCaseError};
use serde_json::Value;
use sluice_protocol::{Block, Delivery, ReplyError, Step, Wants};

use crate::{
    dialect::{Content, Dialect, Received},
    drive::{self, KeepAll, Outcome},
    generate::{MARK, Script, Upstream},
};

pub(crate) type Holds = Result<(), TestCaseError>;

/// The tests of one dialect, each named by its property.
macro_rules! properties {
    ($dialect:ident) => {
        mod properties {
            use proptest::{prelude::*, sample::Index};

            use super::$dialect as D;
            use crate::{
                generate::{script, upstream, wants},
                hostile::{self, damage},
                properties, recorded,
            };

            proptest! {
                #![proptest_config(ProptestConfig::with_cases(1000))]

                #[test]
                fn what_the_generator_makes_is_legal(upstream in upstream::<D>()) {
                    properties::generated::<D>(&upstream)?;
                }

                #[test]
                fn policies_see_what_a_client_reads(upstream in upstream::<D>()) {
                    properties::same_as_client::<D>(&upstream)?;
                }

                #[test]
                fn invariant_1_what_no_policy_touched_leaves_as_it_came(
                    upstream in upstream::<D>(), wants in wants(), cuts: [Index; 3],
                ) {
                    properties::untouched::<D>(&upstream, wants, &cuts)?;
                }

                #[test]
                fn invariant_2_a_whole_reply_and_a_stream_give_the_same_blocks(
                    upstream in upstream::<D>(), wants in wants(),
                ) {
                    properties::same_blocks::<D>(&upstream, wants)?;
                }

                #[test]
                fn invariant_2_any_split_of_the_bytes_gives_the_same_steps(
                    upstream in upstream::<D>(), wants in wants(), script in script(), cuts: [Index; 5],
                ) {
                    properties::same_steps::<D>(&upstream, wants, &script, &cuts)?;
                }

                #[test]
                fn invariant_3_a_kind_that_no_policy_wants_whole_goes_out_at_once(
                    upstream in upstream::<D>(), wants in wants(),
                ) {
                    properties::at_once::<D>(&upstream, wants)?;
                }

                #[test]
                fn invariant_4_a_heartbeat_is_legal_wherever_there_is_one(
                    upstream in upstream::<D>(), wants in wants(), script in script(), cuts: [Index; 5],
                ) {
                    hostile::heartbeats::<D>(&upstream, wants, &script, &cuts)?;
                }

                #[test]
                fn invariant_8_nothing_of_a_tool_call_goes_out_before_its_verdict(
                    upstream in upstream::<D>(), wants in wants(), script in script(),
                ) {
                    properties::verdict_first::<D>(&upstream, wants, &script)?;
                }

                #[test]
                fn invariant_9_no_sequence_of_rulings_makes_an_illegal_stream(
                    upstream in upstream::<D>(), wants in wants(), script in script(),
                ) {
                    properties::legal_stream::<D>(&upstream, wants, &script)?;
                }

                #[test]
                fn invariant_9_no_sequence_of_rulings_makes_an_illegal_whole_reply(
                    upstream in upstream::<D>(), wants in wants(), script in script(),
                ) {
                    properties::legal_whole::<D>(&upstream, wants, &script)?;
                }

                #[test]
                fn a_whole_reply_and_a_stream_deliver_the_same_content(
                    upstream in upstream::<D>(), wants in wants(), script in script(),
                ) {
                    properties::same_delivery::<D>(&upstream, wants, script)?;
                }

                #[test]
                fn invariant_10_a_stream_that_is_cut_ends_with_an_error(
                    upstream in upstream::<D>(), wants in wants(), script in script(), at: Index,
                ) {
                    properties::cut_short::<D>(&upstream, wants, &script, at)?;
                }

                #[test]
                fn invariant_11_bytes_of_any_kind_never_panic(
                    bytes in prop::collection::vec(any::<u8>(), 0..300), wants in wants(), script in script(),
                ) {
                    hostile::any_bytes::<D>(&bytes, wants, &script);
                }

                #[test]
                fn invariant_11_a_damaged_reply_never_panics_and_leaks_no_tool_call(
                    upstream in upstream::<D>(), wants in wants(), damage in damage(),
                ) {
                    hostile::damaged::<D>(&upstream, wants, &damage)?;
                }

                #[test]
                fn invariant_12_no_more_is_held_than_the_limit(
                    upstream in upstream::<D>(), wants in wants(), limit in 100..3000_usize,
                ) {
                    hostile::bounded::<D>(&upstream, wants, limit)?;
                }

                #[test]
                fn a_damaged_request_never_panics(
                    at: Index, byte: u8, message in 0..4_u32, block in 0..3_u32,
                    pointer in "(/[a-z0-9~-]{0,8}){0,4}",
                ) {
                    hostile::damaged_request::<D>(at, byte, message, block, &pointer)?;
                }
            }

            #[test]
            fn invariant_1_a_kept_recorded_stream_is_byte_identical_for_all_that_can_be_wanted() {
                recorded::untouched::<D>();
            }

            #[test]
            fn invariant_1_a_body_that_is_no_reply_passes_as_it_is() {
                recorded::no_replies::<D>();
            }

            #[test]
            fn invariant_2_any_split_of_a_recorded_stream_gives_the_same_steps() {
                recorded::same_steps::<D>();
            }

            #[test]
            fn invariant_2_a_recorded_stream_gives_the_blocks_of_the_body_that_a_client_makes_of_it() {
                recorded::same_blocks::<D>();
            }

            #[test]
            fn invariant_4_a_heartbeat_is_there_while_something_is_held() {
                hostile::heartbeat_while_held::<D>();
            }

            #[test]
            fn invariant_10_a_recorded_stream_that_is_cut_ends_with_an_error() {
                recorded::cut_short::<D>();
            }

            #[test]
            fn invariant_12_what_is_held_is_bounded() {
                hostile::limits::<D>();
            }

            #[test]
            fn a_question_that_is_not_answered_ends_the_reply() {
                hostile::unanswered::<D>();
            }
        }
    };
}
pub(crate) use properties;

/// The bytes of a stream, cut at these places.
pub(crate) fn cut<'a>(stream: &'a str, cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    cuts.extend([0, stream.len()]);
    cuts.sort_unstable();
    cuts.windows(2)
        .map(|pair| &stream.as_bytes()[pair[0]..pair[1]])
        .collect()
}

/// What a client has of a stream, which has to be legal.
pub(crate) fn received<D: Dialect>(sent: &[u8]) -> Result<Received, TestCaseError> {
    let legal = |sent: &[u8]| {
        let received = D::receive(sent)?;
        match received.failed {
            true => Ok(received),
            false => D::check(&received).map(|()| received),
        }
    };
    legal(sent).map_err(|what| {
        let sent = String::from_utf8_lossy(sent);
        TestCaseError::fail(format!("{what} in {sent}"))
    })
}

fn run<D: Dialect>(upstream: &Upstream, wants: Wants, script: &Script) -> Outcome {
    let pieces = [upstream.stream.as_bytes()];
    drive::stream::<D>(pieces, wants, &mut script.clone())
}

/// Several choices come as they complete, and in a whole reply one after the other.
fn in_one_order(mut blocks: Vec<Content>, upstream: &Upstream) -> Vec<Content> {
    if upstream.choices > 1 {
        blocks.sort_by_key(|block| format!("{block:?}"));
    }
    blocks
}

pub(crate) fn generated<D: Dialect>(upstream: &Upstream) -> Holds {
    let streamed = received::<D>(upstream.stream.as_bytes())?;
    let whole = D::receive_whole(upstream.whole.as_bytes());
    prop_assert_eq!(Ok(&streamed), whole.as_ref());
    prop_assert!(!streamed.failed);
    Ok(())
}

pub(crate) fn same_as_client<D: Dialect>(upstream: &Upstream) -> Holds {
    let wants = Wants {
        text: Delivery::Observe,
        thinking: Delivery::Observe,
        tool_call: Delivery::Observe,
        other: Delivery::Observe,
        end: false,
    };
    let seen = drive::stream::<D>([upstream.stream.as_bytes()], wants, &mut KeepAll).blocks();
    let received = received::<D>(upstream.stream.as_bytes())?.choices.concat();
    prop_assert_eq!(
        in_one_order(seen, upstream),
        in_one_order(received, upstream)
    );
    Ok(())
}

pub(crate) fn untouched<D: Dialect>(upstream: &Upstream, wants: Wants, cuts: &[Index]) -> Holds {
    let streamed = drive::stream::<D>(cut(&upstream.stream, cuts), wants, &mut KeepAll);
    prop_assert_eq!(streamed.error, None);
    prop_assert_eq!(String::from_utf8(streamed.sent).unwrap(), &*upstream.stream);
    let whole = drive::whole::<D>(upstream.whole.as_bytes(), wants, &mut KeepAll);
    prop_assert_eq!(whole.error, None);
    prop_assert_eq!(String::from_utf8(whole.sent).unwrap(), &*upstream.whole);
    Ok(())
}

pub(crate) fn same_blocks<D: Dialect>(upstream: &Upstream, wants: Wants) -> Holds {
    let streamed = drive::stream::<D>([upstream.stream.as_bytes()], wants, &mut KeepAll);
    let whole = drive::whole::<D>(upstream.whole.as_bytes(), wants, &mut KeepAll);
    prop_assert_eq!(
        in_one_order(streamed.blocks(), upstream),
        in_one_order(whole.blocks(), upstream)
    );
    Ok(())
}

pub(crate) fn same_steps<D: Dialect>(
    upstream: &Upstream,
    wants: Wants,
    script: &Script,
    cuts: &[Index],
) -> Holds {
    let at_once = run::<D>(upstream, wants, script);
    let in_pieces = drive::stream::<D>(cut(&upstream.stream, cuts), wants, &mut script.clone());
    prop_assert_eq!(&at_once, &in_pieces);
    let bytes = upstream.stream.as_bytes().chunks(1);
    let in_bytes = drive::stream::<D>(bytes, wants, &mut script.clone());
    prop_assert_eq!(&at_once, &in_bytes);
    Ok(())
}

pub(crate) fn at_once<D: Dialect>(upstream: &Upstream, wants: Wants) -> Holds {
    let at_once = |delivery| match delivery {
        Delivery::None => delivery,
        _ => Delivery::Observe,
    };
    let wants = Wants {
        text: at_once(wants.text),
        thinking: at_once(wants.thinking),
        tool_call: at_once(wants.tool_call),
        other: at_once(wants.other),
        end: false,
    };
    let bytes = upstream.stream.as_bytes();
    for end in (0..bytes.len()).step_by(37) {
        let last_frame = bytes[..end].windows(2).rposition(|pair| pair == b"\n\n");
        let whole_frames = last_frame.map_or(0, |at| at + 2);
        let outcome = drive::stream::<D>([&bytes[..end]], wants, &mut KeepAll);
        prop_assert!(outcome.sent.starts_with(&bytes[..whole_frames]));
    }
    Ok(())
}

pub(crate) fn verdict_first<D: Dialect>(
    upstream: &Upstream,
    mut wants: Wants,
    script: &Script,
) -> Holds {
    wants.tool_call = Delivery::Whole;
    let outcome = run::<D>(upstream, wants, script);
    let is_judged = |step: &Step| matches!(step, Step::Judge(Block::ToolCall(_)));
    let last = outcome.steps.iter().rposition(is_judged).unwrap_or(0);
    for step in &outcome.steps[..last] {
        if let Step::Send(bytes) = step {
            let sent = String::from_utf8_lossy(bytes);
            prop_assert!(!sent.contains(MARK), "{}", sent);
        }
    }
    Ok(())
}

pub(crate) fn legal_stream<D: Dialect>(
    upstream: &Upstream,
    wants: Wants,
    script: &Script,
) -> Holds {
    let outcome = run::<D>(upstream, wants, script);
    prop_assert_eq!(&outcome.error, &None);
    let received = received::<D>(&outcome.sent)?;
    prop_assert!(!received.failed);
    Ok(())
}

pub(crate) fn legal_whole<D: Dialect>(upstream: &Upstream, wants: Wants, script: &Script) -> Holds {
    let outcome = drive::whole::<D>(upstream.whole.as_bytes(), wants, &mut script.clone());
    prop_assert_eq!(&outcome.error, &None);
    let sent = String::from_utf8_lossy(&outcome.sent);
    let received = D::receive_whole(&outcome.sent);
    let checked = received.and_then(|received| D::check(&received));
    prop_assert_eq!(checked, Ok(()), "{}", sent);
    let sent: Value = serde_json::from_str(&sent).unwrap();
    prop_assert_eq!(&sent["new_field"], 1.5);
    Ok(())
}

pub(crate) fn same_delivery<D: Dialect>(
    upstream: &Upstream,
    mut wants: Wants,
    mut script: Script,
) -> Holds {
    // A whole reply's text is one piece, so rulings piece by piece can't be compared.
    if wants.text == Delivery::Pieces {
        wants.text = Delivery::Whole;
    }
    if upstream.choices > 1 {
        wants.end = false;
        script = script.in_any_order();
    }
    let streamed = run::<D>(upstream, wants, &script);
    let whole = drive::whole::<D>(upstream.whole.as_bytes(), wants, &mut script.clone());
    let mut streamed = received::<D>(&streamed.sent)?.body;
    let mut whole = D::receive_whole(&whole.sent).unwrap().body;
    if upstream.choices > 1 {
        unnumber(&mut streamed);
        unnumber(&mut whole);
    }
    prop_assert_eq!(streamed, whole);
    Ok(())
}

pub(crate) fn cut_short<D: Dialect>(
    upstream: &Upstream,
    wants: Wants,
    script: &Script,
    at: Index,
) -> Holds {
    let bytes = &upstream.stream.as_bytes()[..at.index(upstream.stream.len())];
    let outcome = drive::stream::<D>([bytes], wants, &mut script.clone());
    if let Some(error) = &outcome.error {
        prop_assert_eq!(error, &ReplyError::Truncated);
    }
    let received = received::<D>(&outcome.sent)?;
    prop_assert_eq!(received.failed, outcome.error.is_some());
    Ok(())
}

/// Takes the number off the ids that the host makes.
fn unnumber(json: &mut Value) {
    match json {
        Value::String(text) => {
            if let Some(at) = text.find("_sluice_") {
                text.truncate(at);
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(unnumber),
        Value::Object(fields) => fields.values_mut().for_each(unnumber),
        _ => {}
    }
}
