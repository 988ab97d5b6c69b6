//! A reply that goes on with another one of upstream's, behind a block that was rejected: one legal reply.

mod cut;

pub(crate) use self::cut::{Cut, cut};

use proptest::{prelude::*, sample::Index};
use serde_json::Value;
use sluice_protocol::{Delivery, Irrevocable, Limits, ReplyError};

use self::cut::{FIRST, told_apart};
use crate::{
    dialect::{Content, Dialect, Received},
    drive::{KeepAll, Outcome},
    generate::{Script, Upstream},
    oddities::{EverySecond, Oddity, no_other, odd},
    properties::{Holds, received},
    readers::READERS,
    redone::{Form, LIMITS, Then, redone},
};

/// What a client has of a reply of which nothing came behind the block that was rejected.
fn first_part<D: Dialect>(cut: &Cut, first: &Upstream) -> Result<Received, TestCaseError> {
    let (outcome, _) = cut.run::<D>(Form::Stream, first, Then::Nothing, &mut KeepAll);
    let received = received::<D>(&outcome.sent)?;
    prop_assert!(received.failed);
    Ok(received)
}

/// The caller gets what was delivered of the first reply, then all of the second, each once, as one reply with one start and
/// one end. Nothing of a call of the first is there.
pub(crate) fn one_stream<D: Dialect>(first: &Upstream, second: &Upstream, cut: Cut) -> Holds {
    let Some((first, second)) = told_apart::<D>(first, second) else {
        return Ok(());
    };
    let (outcome, redone) = cut.join::<D>(Form::Stream, (&first, &second), &mut KeepAll);
    let sent = String::from_utf8_lossy(&outcome.sent);
    let Some(rejected) = redone.rejected.first() else {
        return Ok(());
    };
    let rejected = match rejected {
        Ok(rejected) => rejected,
        Err(why) => {
            prop_assert_eq!(*why, Irrevocable::TextOpen);
            prop_assert_eq!(&*sent, &*first.stream);
            return Ok(());
        }
    };
    prop_assert_eq!(&outcome.error, &None, "{}", sent);
    let joined = received::<D>(&outcome.sent)?;
    let before = first_part::<D>(&cut, &first)?;
    let after = received::<D>(second.stream.as_bytes())?;
    let delivered: Vec<Content> = rejected
        .delivered
        .iter()
        .cloned()
        .map(Content::from)
        .collect();
    let expected = D::joined(&before, &after);
    let delivered = without_ids(delivered);
    prop_assert_eq!(delivered, without_ids(before.choices.concat()), "{}", sent);
    let joined = without_ids(joined.choices.concat());
    prop_assert_eq!(joined, without_ids(expected), "{}", sent);
    prop_assert!(!sent.contains(FIRST), "{}", sent);
    prop_assert!(!sent.contains("other_id"), "{}", sent);
    prop_assert!(!sent.contains("other_model"), "{}", sent);
    prop_assert!(redone.beats.iter().all(Option::is_some));
    known_end::<D>(&outcome)
}

/// The end is known where it leaves.
fn known_end<D: Dialect>(outcome: &Outcome) -> Holds {
    if let Some(end) = outcome.ended_at {
        let ended = received::<D>(&outcome.sent[..end])?;
        prop_assert_eq!(ended, received::<D>(&outcome.sent)?);
    }
    Ok(())
}

/// Any split of the bytes gives the same, and so does what is left of the first reply.
pub(crate) fn any_split<D: Dialect>(
    first: &Upstream,
    second: &Upstream,
    cut: Cut,
    script: &Script,
) -> Holds {
    let Some((first, second)) = told_apart::<D>(first, second) else {
        return Ok(());
    };
    let at_once = Cut {
        size: usize::MAX,
        ..cut
    };
    let in_pieces = cut.join::<D>(Form::Stream, (&first, &second), &mut script.clone());
    let at_once = at_once.join::<D>(Form::Stream, (&first, &second), &mut script.clone());
    if cut.drains || in_pieces.1.count() == 0 {
        prop_assert_eq!(&in_pieces.0, &at_once.0);
    }
    let both = [&in_pieces.0, &at_once.0].map(|outcome| received::<D>(&outcome.sent));
    let [in_pieces, at_once] = both;
    prop_assert_eq!(in_pieces?, at_once?);
    Ok(())
}

/// Whatever policies rule besides, the stream is legal, and its end is known.
pub(crate) fn legal_stream<D: Dialect>(
    first: &Upstream,
    second: &Upstream,
    cut: Cut,
    script: &Script,
) -> Holds {
    let Some((first, second)) = told_apart::<D>(first, second) else {
        return Ok(());
    };
    let (outcome, _) = cut.join::<D>(Form::Stream, (&first, &second), &mut script.clone());
    prop_assert_eq!(&outcome.error, &None);
    prop_assert!(!received::<D>(&outcome.sent)?.failed);
    known_end::<D>(&outcome)
}

/// A whole reply is one legal body, with the same content as the stream.
pub(crate) fn one_body<D: Dialect>(
    first: &Upstream,
    second: &Upstream,
    mut cut: Cut,
    script: &Script,
) -> Holds {
    let Some((first, second)) = told_apart::<D>(first, second) else {
        return Ok(());
    };
    let (outcome, redone) = cut.join::<D>(Form::Whole, (&first, &second), &mut script.clone());
    prop_assert_eq!(&outcome.error, &None);
    let whole = D::receive_whole(&outcome.sent);
    let sent = String::from_utf8_lossy(&outcome.sent);
    let checked = whole.and_then(|whole| D::check(&whole));
    prop_assert_eq!(checked, Ok(()), "{}", sent);
    prop_assert!(redone.beats.iter().all(Option::is_none));
    // What nobody judges may be out of a stream already where it stands in a body behind what is judged.
    for kind in [
        &mut cut.wants.text,
        &mut cut.wants.thinking,
        &mut cut.wants.other,
    ] {
        *kind = Delivery::Whole;
    }
    let run = |form| {
        let (outcome, redone) = cut.join::<D>(form, (&first, &second), &mut script.clone());
        (outcome.sent, redone.rejected)
    };
    let (whole, rejected) = run(Form::Whole);
    let (stream, rejected_of_stream) = run(Form::Stream);
    prop_assert_eq!(rejected.len(), rejected_of_stream.len());
    let shown = String::from_utf8_lossy(&whole);
    prop_assert!(rejected.is_empty() || !shown.contains(FIRST), "{}", shown);
    let whole = D::receive_whole(&whole).map_err(TestCaseError::fail)?;
    let stream = received::<D>(&stream)?;
    prop_assert_eq!(
        without_ids(whole.choices.concat()),
        without_ids(stream.choices.concat()),
        "{}",
        shown
    );
    Ok(())
}

/// An item's id may be another one where two replies give theirs the same, and the ids that the host makes are named after
/// the reply, which is the last one where a body is whole.
fn without_ids(mut contents: Vec<Content>) -> Vec<Content> {
    for content in &mut contents {
        match content {
            Content::Other(Value::Object(item)) => drop(item.remove("id")),
            Content::ToolCall { id, .. } if id.contains("_sluice_") => id.clear(),
            _ => {}
        }
    }
    contents
}

/// Where the second reply breaks off, or is of another form or none at all, the stream ends with an error; so does a body.
pub(crate) fn broken<D: Dialect>(
    first: &Upstream,
    second: &Upstream,
    cut: Cut,
    at: Index,
) -> Holds {
    let Some((first, second)) = told_apart::<D>(first, second) else {
        return Ok(());
    };
    // A text that the first reply breaks off in is judged too.
    let letters = first.stream.chars().count();
    let started = Upstream {
        stream: first.stream.chars().take(at.index(letters)).collect(),
        ..first.clone()
    };
    let (outcome, redone) = cut.join::<D>(Form::Stream, (&started, &second), &mut KeepAll);
    prop_assert_eq!(
        received::<D>(&outcome.sent)?.failed,
        outcome.error.is_some()
    );
    prop_assert!(outcome.error.is_none() || redone.count() == 0);
    let end = at.index(second.stream.len());
    let seconds = [
        second.stream.as_bytes()[..end].to_vec(),
        second.whole.clone().into_bytes(),
        D::NO_REPLIES[0].as_bytes().to_vec(),
        b"<html>".to_vec(),
        Vec::new(),
    ];
    for (second, is_cut) in seconds.into_iter().zip([true, false, false, false, false]) {
        let then = Then::Reply(second);
        let (outcome, redone) = cut.run::<D>(Form::Stream, &first, then, &mut KeepAll);
        let received = received::<D>(&outcome.sent)?;
        prop_assert_eq!(received.failed, outcome.error.is_some());
        prop_assert!(is_cut || received.failed || redone.count() == 0);
        if is_cut && outcome.error.is_some() {
            prop_assert_eq!(&outcome.error, &Some(ReplyError::Truncated));
        }
    }
    for second in [second.stream.into_bytes(), b"<html>".to_vec(), Vec::new()] {
        let then = Then::Reply(second);
        let (outcome, redone) = cut.run::<D>(Form::Whole, &first, then, &mut KeepAll);
        prop_assert_eq!(outcome.error.is_some(), redone.count() > 0);
    }
    Ok(())
}

/// Clients find no call that was not judged or not kept, however odd the frames of both replies are.
pub(crate) fn judged_is_read<D: Dialect>(
    first: &Upstream,
    second: &Upstream,
    cut: Cut,
    oddities: &(Vec<Oddity>, Vec<Oddity>),
) -> Holds {
    let Some((mut first, mut second)) = told_apart::<D>(first, second) else {
        return Ok(());
    };
    first.stream = odd(&first.stream, &oddities.0);
    second.stream = odd(&second.stream, &oddities.1);
    let mut judge = EverySecond::default();
    let (outcome, redone) = cut.join::<D>(Form::Stream, (&first, &second), &mut judge);
    let kept = judge.kept(outcome.error.is_some());
    let upstream = format!("{}\n---\n{}", first.stream, second.stream);
    for reader in READERS {
        let calls = D::calls(&outcome.sent, &reader);
        if redone.count() > 0 {
            let of_first = calls.iter().find(|(name, _)| name.contains(FIRST));
            let sent = String::from_utf8_lossy(&outcome.sent);
            prop_assert_eq!(of_first, None, "{} of {}", sent, upstream);
        }
        no_other(&kept, calls, &reader, &outcome.sent, &upstream)?;
    }
    Ok(())
}

/// Blocks of a reply that goes on can be rejected too, and whatever comes never panics.
pub(crate) fn several<D: Dialect>(
    upstreams: &[Upstream],
    bytes: &[u8],
    cut: Cut,
    script: &Script,
) -> Holds {
    let mut streams = upstreams.iter().filter(|upstream| upstream.choices == 1);
    let Some(first) = streams.next() else {
        return Ok(());
    };
    let numbered = |upstream: &Upstream| upstream.stream.contains("\"sequence_number\"");
    let others = streams.filter(|other| numbered(other) == numbered(first));
    let others: Vec<&Upstream> = others.collect();
    let wants = (cut.wants, LIMITS);
    let plan = || {
        others
            .iter()
            .map(|other| (cut.at % 2, Then::Reply(other.stream.clone().into_bytes())))
    };
    let first_stream = (first.stream.as_bytes(), cut.size);
    let judge = &mut script.clone();
    let (outcome, _) = redone::<D>(Form::Stream, first_stream, wants, plan(), judge);
    prop_assert_eq!(&outcome.error, &None);
    prop_assert!(!received::<D>(&outcome.sent)?.failed);
    let plan = others
        .iter()
        .map(|other| (cut.at % 2, Then::Reply(other.whole.clone().into_bytes())));
    let first_body = (first.whole.as_bytes(), cut.size);
    let (outcome, _) = redone::<D>(Form::Whole, first_body, wants, plan, &mut script.clone());
    prop_assert_eq!(&outcome.error, &None);
    let whole = D::receive_whole(&outcome.sent);
    let checked = whole.and_then(|whole| D::check(&whole));
    prop_assert_eq!(checked, Ok(()));
    for form in [Form::Stream, Form::Whole] {
        cut.run::<D>(
            form,
            first,
            Then::RestAndReply(bytes.to_vec()),
            &mut script.clone(),
        );
    }
    Ok(())
}

/// The bounds count for all replies together.
pub(crate) fn bounded<D: Dialect>(first: &Upstream, second: &Upstream, cut: Cut) -> Holds {
    let Some((first, second)) = told_apart::<D>(first, second) else {
        return Ok(());
    };
    let most = first.whole.len().max(second.whole.len());
    let limits = Limits {
        whole: most,
        ..LIMITS
    };
    let plan = [(cut.at, Then::Reply(second.whole.clone().into_bytes()))];
    let first_body = (first.whole.as_bytes(), cut.size);
    let (outcome, redone) = redone::<D>(
        Form::Whole,
        first_body,
        (cut.wants, limits),
        plan,
        &mut KeepAll,
    );
    let too_large = ReplyError::ReplyTooLarge { limit: most };
    let error = Some(too_large).filter(|_| redone.count() > 0);
    prop_assert_eq!(outcome.error, error);
    Ok(())
}
