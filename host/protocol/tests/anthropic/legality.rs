//! Whatever policies rule, what goes out is legal.

use proptest::prelude::*;
use serde_json::Value;
use sluice_protocol::{Block, Delivery, Step, Wants};

use crate::{
    checker,
    drive::{self, KeepAll},
    generate::{script, upstream, wants},
};

/// The bytes of a stream, cut at these places.
fn cut<'a>(stream: &'a str, cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
    cuts.extend([0, stream.len()]);
    cuts.sort_unstable();
    cuts.windows(2)
        .map(|pair| &stream.as_bytes()[pair[0]..pair[1]])
        .collect()
}

/// Blocks with their JSON parsed, so that ways of writing it do not matter.
fn plain(blocks: Vec<Block>) -> Vec<Value> {
    let parse = |json: &str| serde_json::from_str::<Value>(json).unwrap();
    let plain = |block| match block {
        Block::ToolCall(call) => serde_json::json!([call.id, call.name, parse(&call.arguments)]),
        Block::Other(json) => parse(&json),
        other => Value::from(format!("{other:?}")),
    };
    blocks.into_iter().map(plain).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_the_generator_makes_is_legal(upstream in upstream()) {
        let received = checker::stream(upstream.stream.as_bytes()).unwrap();
        prop_assert_eq!(checker::message(&received.message), Ok(()));
        let whole: Value = serde_json::from_str(&upstream.whole).unwrap();
        prop_assert_eq!(&received.message["content"], &whole["content"]);
    }

    #[test]
    fn invariant_1_what_no_policy_touched_leaves_as_it_came(
        upstream in upstream(), wants in wants(), cuts: [prop::sample::Index; 3],
    ) {
        let streamed = drive::stream(cut(&upstream.stream, &cuts), wants, &mut KeepAll);
        prop_assert_eq!(String::from_utf8(streamed.sent).unwrap(), upstream.stream);
        let whole = drive::whole(upstream.whole.as_bytes(), wants, &mut KeepAll);
        prop_assert_eq!(String::from_utf8(whole.sent).unwrap(), upstream.whole);
        prop_assert_eq!((streamed.error, whole.error), (None, None));
    }

    #[test]
    fn invariant_2_a_whole_reply_and_a_stream_give_the_same_blocks(
        upstream in upstream(), wants in wants(),
    ) {
        let streamed = drive::stream([upstream.stream.as_bytes()], wants, &mut KeepAll);
        let whole = drive::whole(upstream.whole.as_bytes(), wants, &mut KeepAll);
        prop_assert_eq!(plain(streamed.blocks()), plain(whole.blocks()));
    }

    #[test]
    fn invariant_2_any_split_of_the_bytes_gives_the_same_steps(
        upstream in upstream(), wants in wants(), script in script(), cuts: [prop::sample::Index; 5],
    ) {
        let at_once = drive::stream([upstream.stream.as_bytes()], wants, &mut script.clone());
        let in_pieces = drive::stream(cut(&upstream.stream, &cuts), wants, &mut script.clone());
        prop_assert_eq!(&at_once, &in_pieces);
        let in_bytes = drive::stream(upstream.stream.as_bytes().chunks(1), wants, &mut script.clone());
        prop_assert_eq!(&at_once, &in_bytes);
    }

    #[test]
    fn invariant_9_no_sequence_of_rulings_makes_an_illegal_stream(
        upstream in upstream(), wants in wants(), script in script(),
    ) {
        let outcome = drive::stream([upstream.stream.as_bytes()], wants, &mut script.clone());
        let sent = String::from_utf8_lossy(&outcome.sent);
        let received = checker::stream(&outcome.sent);
        prop_assert!(received.is_ok(), "{:?} in {}", received, sent);
        let received = received.unwrap();
        prop_assert!(!received.failed && outcome.error.is_none());
        prop_assert_eq!(checker::message(&received.message), Ok(()), "{}", sent);
    }

    #[test]
    fn invariant_9_no_sequence_of_rulings_makes_an_illegal_whole_reply(
        upstream in upstream(), wants in wants(), script in script(),
    ) {
        let outcome = drive::whole(upstream.whole.as_bytes(), wants, &mut script.clone());
        let sent: Value = serde_json::from_slice(&outcome.sent).unwrap();
        prop_assert_eq!(checker::message(&sent), Ok(()), "{}", sent);
        prop_assert_eq!(&sent["new_field"], 1.5);
    }

    #[test]
    fn a_whole_reply_and_a_stream_deliver_the_same_content(
        upstream in upstream(), mut wants in wants(), script in script(),
    ) {
        // A whole reply's text is one piece, so rulings piece by piece can't be compared.
        if wants.text == Delivery::Pieces {
            wants.text = Delivery::Whole;
        }
        let streamed = drive::stream([upstream.stream.as_bytes()], wants, &mut script.clone());
        let whole = drive::whole(upstream.whole.as_bytes(), wants, &mut script.clone());
        let streamed = checker::stream(&streamed.sent).unwrap().message;
        let whole: Value = serde_json::from_slice(&whole.sent).unwrap();
        prop_assert_eq!(&streamed["content"], &whole["content"]);
        prop_assert_eq!(&streamed["stop_reason"], &whole["stop_reason"]);
    }

    #[test]
    fn invariant_3_a_kind_that_no_policy_wants_whole_goes_out_at_once(
        upstream in upstream(), wants in wants(),
    ) {
        let at_once = |delivery| if delivery == Delivery::None { delivery } else { Delivery::Observe };
        let wants = Wants {
            text: at_once(wants.text),
            thinking: at_once(wants.thinking),
            tool_call: at_once(wants.tool_call),
            other: at_once(wants.other),
            end: false,
        };
        let bytes = upstream.stream.as_bytes();
        for end in (0..bytes.len()).step_by(37) {
            let whole_frames = bytes[..end].windows(2).rposition(|pair| pair == b"\n\n").map_or(0, |at| at + 2);
            let outcome = drive::stream([&bytes[..end]], wants, &mut KeepAll);
            prop_assert!(outcome.sent.starts_with(&bytes[..whole_frames]));
        }
    }

    #[test]
    fn nothing_of_a_tool_call_goes_out_before_its_verdict(
        upstream in upstream(), mut wants in wants(), script in script(),
    ) {
        wants.tool_call = Delivery::Whole;
        let outcome = drive::stream([upstream.stream.as_bytes()], wants, &mut script.clone());
        let is_judged = |step: &Step| matches!(step, Step::Judge(Block::ToolCall(_)));
        let last = outcome.steps.iter().rposition(is_judged).unwrap_or(0);
        for step in &outcome.steps[..last] {
            if let Step::Send(bytes) = step {
                let sent = String::from_utf8_lossy(bytes);
                prop_assert!(!sent.contains("\"toolu_"), "{}", sent);
            }
        }
    }
}
