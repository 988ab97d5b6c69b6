//! Recorded streams that go on with another one, and when they can't.

use std::collections::BTreeSet;

use bytes::Bytes;
use sluice_protocol::{Delivery, Irrevocable, Limits, ReplyError, Ruling, Step, Wants};

use crate::{
    dialect::{Content, Dialect, recorded},
    drive::{self, KeepAll},
    readers::READERS,
    recorded::EVERYTHING,
    redone::{Form, LIMITS, Redone, Then, recorded_redone, redone},
    rulings::TOOLS,
};

/// What a person reads of the streams called `tool` and `text`.
const SAID: [&str; 2] = ["I'll list the files.", "Hello! How can I help you today?"];

fn rejected<D: Dialect>(
    first: &[u8],
    limits: Limits,
    second: &[u8],
) -> (Option<ReplyError>, Redone) {
    let plan = [(0, Then::Reply(second.to_vec()))];
    let (outcome, redone) = redone::<D>(
        Form::Stream,
        (first, 500),
        (TOOLS, limits),
        plan,
        &mut KeepAll,
    );
    (outcome.error, redone)
}

/// A call is rejected. The request that asks again can be made of what the reply tells, and the caller reads what was
/// delivered and what comes then.
pub(crate) fn tells_what_was_delivered<D: Dialect>() {
    let (sent, rejected) = recorded_redone::<D>(["tool", "text"], TOOLS, 0);
    let delivered: Vec<Content> = rejected.delivered.into_iter().map(Content::from).collect();
    assert_eq!(delivered, [Content::Text(SAID[0].to_owned())]);
    let Content::ToolCall { name, .. } = Content::from(rejected.block) else {
        panic!("another block was rejected");
    };
    assert_eq!(name, "Bash");
    assert!(!sent.contains("Bash"), "{sent}");
    let received = D::receive(sent.as_bytes()).unwrap().choices.concat();
    let texts: Vec<&str> = received
        .iter()
        .map(|content| match content {
            Content::Text(text) => text.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(texts.join("\n\n"), SAID.join("\n\n"));
}

/// A mark that stands before the second stream does not stand in the middle of the one that goes out.
pub(crate) fn no_mark_in_the_middle<D: Dialect>() {
    let first = recorded::<D>("tool").as_bytes();
    let second = recorded::<D>("text");
    let run = |second: &str| {
        let plan = [(0, Then::Reply(second.as_bytes().to_vec()))];
        let limits = (TOOLS, LIMITS);
        redone::<D>(Form::Stream, (first, 500), limits, plan, &mut KeepAll).0
    };
    let (plain, marked) = (run(second), run(&format!("\u{feff}{second}")));
    assert_eq!(marked.error, None);
    assert!(!String::from_utf8_lossy(&marked.sent).contains('\u{feff}'));
    let received = |sent: &[u8]| D::receive(sent).unwrap().choices;
    assert_eq!(received(&marked.sent), received(&plain.sent));
}

/// Blocks of all replies count.
pub(crate) fn items_are_bounded_together<D: Dialect>() {
    let first = recorded::<D>("tool").as_bytes();
    let second = recorded::<D>("text").as_bytes();
    let limited = |items| Limits { items, ..LIMITS };
    let kept = |items| {
        let none: [(usize, Then); 0] = [];
        let run = redone::<D>(
            Form::Stream,
            (first, 500),
            (TOOLS, limited(items)),
            none,
            &mut KeepAll,
        );
        run.0.error.is_none()
    };
    let items = (1..9).find(|items| kept(*items)).unwrap();
    let (error, redone) = rejected::<D>(first, limited(items), second);
    assert_eq!(redone.count(), 1);
    assert_eq!(error, Some(ReplyError::TooManyItems { limit: items }));
    assert_eq!(rejected::<D>(first, limited(2 * items), second).0, None);
}

/// Of a reply of which more went out than is kept no block is rejected. It goes on as it would have.
pub(crate) fn too_much_went_out<D: Dialect>() {
    let frames = recorded::<D>("tool").split_inclusive("\n\n");
    let first: String = frames
        .map(
            |frame| match frame.contains(" the files.\"") && frame.contains("delta") {
                true => frame.replace(" the files.", "").repeat(400),
                false => frame.to_owned(),
            },
        )
        .collect();
    let limits = Limits {
        held: 30_000,
        ..LIMITS
    };
    let (error, redone) = rejected::<D>(first.as_bytes(), limits, b"");
    let limit = limits.held;
    assert_eq!(redone.rejected, [Err(Irrevocable::TooMuchOut { limit })]);
    assert_eq!(error, None);
}

/// A block is rejected while it is asked about, if what went out was kept.
pub(crate) fn not_asked<D: Dialect>() {
    for (redo, why) in [(true, Irrevocable::NotAsked), (false, Irrevocable::NotKept)] {
        let wants = Wants { redo, ..TOOLS };
        let mut reply = D::stream(wants, LIMITS);
        assert_eq!(reply.reject(), Err(why));
        reply.push(Bytes::from_static(recorded::<D>("tool").as_bytes()));
        reply.end();
        let (mut asked, mut sent) = (0, Vec::new());
        loop {
            match reply.next() {
                Step::Judge(_) => {
                    asked += 1;
                    if !redo {
                        assert_eq!(reply.reject(), Err(why));
                    }
                    reply.rule(Ruling::Keep);
                    assert_eq!(reply.reject(), Err(why));
                    // Nothing was rejected behind which another reply could stand.
                    reply.continue_anew();
                }
                Step::Send(bytes) => sent.extend_from_slice(&bytes),
                Step::Done => break,
                step => panic!("{step:?}"),
            }
        }
        assert_eq!(asked, 1);
        assert_eq!(sent, recorded::<D>("tool").as_bytes());
    }
    let mut passing = D::stream(Wants::NOTHING, LIMITS);
    assert_eq!(passing.reject(), Err(Irrevocable::NotAsked));
    let seen = Wants {
        text: Delivery::Whole,
        redo: true,
        ..Wants::NOTHING
    };
    let mut body = D::whole(seen, LIMITS);
    assert_eq!(body.reject(), Err(Irrevocable::NotAsked));
}

/// Each block of what a server sends is rejected, and the server sends the same again: policies hear of it, and the caller
/// gets what was delivered, and no call but those of the second.
pub(crate) fn goes_on<D: Dialect>(server: &str, stream: &str, blocks: &[Content]) {
    let alone = drive::stream::<D>([stream.as_bytes()], EVERYTHING, &mut KeepAll);
    for at in 0..blocks.len() {
        let plan = [(at, Then::Reply(stream.as_bytes().to_vec()))];
        let first = (stream.as_bytes(), 1000);
        let limits = (EVERYTHING, LIMITS);
        let (outcome, redone) = redone::<D>(Form::Stream, first, limits, plan, &mut KeepAll);
        assert_eq!(outcome.error, None, "{server}");
        assert_eq!(
            outcome.blocks(),
            [&blocks[..=at], blocks].concat(),
            "{server}"
        );
        let rejected = redone.rejected.into_iter().next().unwrap().unwrap();
        let delivered: Vec<Content> = rejected.delivered.into_iter().map(Content::from).collect();
        let is_call = |block: &&Content| matches!(block, Content::ToolCall { .. });
        let before = blocks[..at].iter().filter(|block| !is_call(block));
        assert_eq!(delivered, before.cloned().collect::<Vec<_>>(), "{server}");
        let sent = String::from_utf8_lossy(&outcome.sent);
        for reader in &READERS {
            // A call may be said more than once, in its events and at the end.
            let calls = |sent| D::calls(sent, reader).into_iter().collect::<BTreeSet<_>>();
            let (found, expected) = (calls(&outcome.sent), calls(&alone.sent));
            assert_eq!(found, expected, "{server}, {}: {sent}", reader.name);
        }
    }
}
