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
        redo: false,
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
        redo: false,
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
    for (at, step) in outcome.steps.iter().enumerate() {
        let Step::Send(bytes) = step else { continue };
        let sent = String::from_utf8_lossy(bytes);
        for later in &outcome.steps[at..] {
            let Step::Judge(Block::ToolCall(call)) = later else {
                continue;
            };
            // Of several choices one may be complete before another; else calls wait for one another.
            let names = [&call.id, &call.name];
            let unjudged = match upstream.choices {
                1 => sent.contains(MARK),
                _ => names
                    .iter()
                    .any(|name| !name.is_empty() && sent.contains(&format!("\"{name}\""))),
            };
            prop_assert!(!unjudged, "{:?} in {}", call, sent);
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

pub(crate) fn known_end<D: Dialect>(upstream: &Upstream, wants: Wants, script: &Script) -> Holds {
    let outcome = run::<D>(upstream, wants, script);
    let sent = String::from_utf8_lossy(&outcome.sent);
    let ends = |frames: &str| D::ENDS.iter().any(|end| frames.contains(end));
    // Some servers leave the end out: only that of the body tells.
    let Some(end) = outcome.ended_at else {
        prop_assert!(!ends(&sent), "{}", sent);
        return Ok(());
    };
    let said = &sent[..end];
    prop_assert_eq!(
        received::<D>(said.as_bytes())?,
        received::<D>(&outcome.sent)?
    );
    let (before, last) = said.split_at(last_frame(said));
    prop_assert_eq!(ends(last), ends(&sent), "{}", said);
    prop_assert!(!ends(before), "{}", said);
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

/// Where the last frame of a stream begins.
fn last_frame(stream: &str) -> usize {
    let frames = stream.trim_end_matches(['\r', '\n']);
    let begin = |end: &str| frames.rfind(end).map(|at| at + end.len());
    let begins = ["\n\n", "\r\n\r\n", "\r\r"].into_iter().filter_map(begin);
    begins.max().unwrap_or_default()
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
