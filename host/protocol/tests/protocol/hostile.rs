//! Bytes that nobody should send, and callers that do not play by the rules.

use bytes::Bytes;
use proptest::{prelude::*, sample::Index};
use serde_json::Value;
use sluice_protocol::{
    Block, BlockAddress, Delivery, Limits, PieceRuling, Reply, ReplyError, Ruling, Step, Wants,
};

use crate::{
    dialect::{Dialect, recorded},
    drive::{self, End, Judge, KeepAll},
    generate::{MARK, Script, Upstream},
    properties::{Holds, cut, received},
    recorded::EVERYTHING,
    sse,
};

/// Drops every tool call.
struct NoTools;

impl Judge for NoTools {
    fn block(&mut self, block: &Block) -> Ruling {
        match block {
            Block::ToolCall(_) => Ruling::Drop {
                notice: "stopped".to_owned(),
            },
            _ => Ruling::Keep,
        }
    }
}

/// What goes wrong with a stream: where, with which other frame, and how.
#[derive(Clone, Debug)]
pub(crate) struct Damage {
    at: Index,
    other: Index,
    how: usize,
}

pub(crate) fn damage() -> impl Strategy<Value = Vec<Damage>> {
    let one = (any::<Index>(), any::<Index>(), 0..6_usize);
    prop::collection::vec(
        one.prop_map(|(at, other, how)| Damage { at, other, how }),
        1..4,
    )
}

pub(crate) fn any_bytes<D: Dialect>(bytes: &[u8], wants: Wants, script: &Script) {
    drive::stream::<D>([bytes], wants, &mut script.clone());
    drive::whole::<D>(bytes, wants, &mut script.clone());
    let _ = D::request(Bytes::copy_from_slice(bytes));
}

pub(crate) fn damaged<D: Dialect>(
    upstream: &Upstream,
    mut wants: Wants,
    damage: &[Damage],
) -> Holds {
    wants.tool_call = Delivery::Whole;
    let frames = upstream.stream.split_inclusive("\n\n");
    let mut frames: Vec<String> = frames.map(str::to_owned).collect();
    for Damage { at, other, how } in damage {
        let (at, other) = (at.index(frames.len()), other.index(frames.len()));
        match how {
            0 => frames.swap(at, other),
            1 => frames[at] = frames[other].clone(),
            2 => frames[at] = frames[at].replacen('"', "", 1),
            3 => frames[at] = frames[at].replacen("event: ", "x: ", 1),
            4 => frames[at] = frames[at].replacen(":0,", ":1,", 1),
            _ => frames[at].clear(),
        }
    }
    let outcome = drive::stream::<D>([frames.concat().as_bytes()], wants, &mut NoTools);
    for (_, data) in sse::events(&outcome.sent) {
        let readable = serde_json::from_str::<Value>(&data).is_ok();
        prop_assert!(!readable || !data.contains(MARK), "{}", data);
    }
    let mut whole = upstream.whole.clone().into_bytes();
    whole.truncate(frames.len() * 31);
    drive::whole::<D>(&whole, wants, &mut NoTools);
    Ok(())
}

pub(crate) fn damaged_request<D: Dialect>(
    at: Index,
    byte: u8,
    message: u32,
    block: u32,
    pointer: &str,
) -> Holds {
    let mut body = D::REQUEST.as_bytes().to_vec();
    prop_assert!(D::request(Bytes::from(body.clone())).is_ok());
    let at = at.index(body.len());
    body[at] = byte;
    if let Ok(mut request) = D::request(Bytes::from(body)) {
        let text = [Block::Text("y".to_owned())];
        let _ = request.get(pointer);
        let _ = request.replace(BlockAddress { message, block }, &text);
        let _ = request.set(pointer, "[true]");
        let _ = request.append_system("more");
        let _ = request.remove_tool("n");
        request.news();
        prop_assert!(D::request(request.body()).is_ok());
    }
    Ok(())
}

/// A reply of which is known how far it is behind upstream.
struct Gauged {
    reply: Box<dyn Reply>,
    pushed: usize,
    sent: usize,
    furthest: usize,
}

impl Reply for Gauged {
    fn push(&mut self, bytes: Bytes) {
        self.pushed += bytes.len();
        self.reply.push(bytes);
    }
    fn end(&mut self) {
        self.reply.end();
    }
    fn next(&mut self) -> Step {
        let step = self.reply.next();
        match &step {
            Step::Send(bytes) => self.sent += bytes.len(),
            Step::More => self.furthest = self.furthest.max(self.pushed - self.sent),
            _ => {}
        }
        step
    }
    fn has_ended(&self) -> bool {
        self.reply.has_ended()
    }
    fn rule(&mut self, ruling: Ruling) {
        self.reply.rule(ruling);
    }
    fn rule_piece(&mut self, ruling: PieceRuling) {
        self.reply.rule_piece(ruling);
    }
    fn finish(&mut self, added: Vec<String>) {
        self.reply.finish(added);
    }
    fn heartbeat(&self) -> Option<Bytes> {
        self.reply.heartbeat()
    }
    fn fail(&mut self, error: &ReplyError) -> Option<Bytes> {
        self.reply.fail(error)
    }
}

pub(crate) fn bounded<D: Dialect>(upstream: &Upstream, wants: Wants, limit: usize) -> Holds {
    let limits = Limits {
        held: limit,
        ..Limits::default()
    };
    let mut reply = Gauged {
        reply: D::stream(wants, limits),
        pushed: 0,
        sent: 0,
        furthest: 0,
    };
    let frames: Vec<&str> = upstream.stream.split_inclusive("\n\n").collect();
    let longest = frames.iter().map(|frame| frame.len()).max().unwrap_or(0);
    let pieces = frames.iter().map(|frame| frame.as_bytes());
    let outcome = drive::drive(&mut reply, pieces, &mut KeepAll);
    if let Some(error) = outcome.error {
        prop_assert_eq!(error, ReplyError::HeldTooLarge { limit });
        prop_assert!(received::<D>(&outcome.sent)?.failed);
    }
    prop_assert!(
        reply.furthest <= limit + longest,
        "{} bytes behind",
        reply.furthest
    );
    Ok(())
}

/// A reply that sends each heartbeat that it could.
struct Beating {
    reply: Box<dyn Reply>,
    beaten: bool,
}

impl Reply for Beating {
    fn push(&mut self, bytes: Bytes) {
        self.beaten = false;
        self.reply.push(bytes);
    }
    fn end(&mut self) {
        self.reply.end();
    }
    fn next(&mut self) -> Step {
        let step = self.reply.next();
        if step == Step::More
            && !std::mem::replace(&mut self.beaten, true)
            && let Some(beat) = self.reply.heartbeat()
        {
            return Step::Send(beat);
        }
        step
    }
    fn has_ended(&self) -> bool {
        self.reply.has_ended()
    }
    fn rule(&mut self, ruling: Ruling) {
        self.reply.rule(ruling);
    }
    fn rule_piece(&mut self, ruling: PieceRuling) {
        self.reply.rule_piece(ruling);
    }
    fn finish(&mut self, added: Vec<String>) {
        self.reply.finish(added);
    }
    fn heartbeat(&self) -> Option<Bytes> {
        self.reply.heartbeat()
    }
    fn fail(&mut self, error: &ReplyError) -> Option<Bytes> {
        self.reply.fail(error)
    }
}

pub(crate) fn heartbeats<D: Dialect>(
    upstream: &Upstream,
    wants: Wants,
    script: &Script,
    cuts: &[Index],
) -> Holds {
    let mut reply = Beating {
        reply: D::stream(wants, Limits::default()),
        beaten: false,
    };
    let pieces = cut(&upstream.stream, cuts);
    let beaten = drive::drive(&mut reply, pieces.clone(), &mut script.clone());
    let quiet = drive::stream::<D>(pieces, wants, &mut script.clone());
    prop_assert_eq!(received::<D>(&beaten.sent)?, received::<D>(&quiet.sent)?);
    Ok(())
}

pub(crate) fn heartbeat_while_held<D: Dialect>() {
    let mut reply = D::stream(EVERYTHING, Limits::default());
    assert_eq!(reply.heartbeat(), None);
    let mut beats = 0;
    for piece in recorded::<D>("tool").as_bytes().chunks(50) {
        reply.push(Bytes::copy_from_slice(piece));
        loop {
            match reply.next() {
                Step::More => break,
                Step::Judge(_) => {
                    assert!(reply.heartbeat().is_some());
                    reply.rule(Ruling::Keep);
                }
                Step::End { .. } => reply.finish(Vec::new()),
                _ => {}
            }
        }
        beats += usize::from(reply.heartbeat().is_some());
    }
    assert!(beats > 3);
    assert_eq!(reply.heartbeat(), None);
}

pub(crate) fn no_heartbeat_while_nothing_is_held<D: Dialect>() {
    let seen = Wants {
        text: Delivery::Observe,
        thinking: Delivery::Observe,
        tool_call: Delivery::Observe,
        other: Delivery::Observe,
        end: false,
        redo: false,
    };
    for (name, stream) in D::STREAMS {
        let mut reply = D::stream(seen, Limits::default());
        for piece in stream.as_bytes().chunks(50) {
            reply.push(Bytes::copy_from_slice(piece));
            while reply.next() != Step::More {}
            assert_eq!(reply.heartbeat(), None, "{name}");
        }
    }
}

pub(crate) fn cut_body<D: Dialect>() {
    let body = br#"{"id":"x","#;
    for end in [End::Well, End::BrokenOff] {
        let mut reply = D::whole(EVERYTHING, Limits::default());
        let outcome = drive::drive_to(&mut *reply, [&body[..]], end, &mut KeepAll);
        assert!(matches!(outcome.steps[0], Step::Fail(_)), "{outcome:?}");
    }
}

pub(crate) fn limits<D: Dialect>() {
    let limits = Limits {
        held: 300,
        ..Limits::default()
    };
    let too_large = Some(ReplyError::HeldTooLarge { limit: 300 });
    let stream = recorded::<D>("two_tools").as_bytes();
    let mut reply = D::stream(EVERYTHING, limits);
    let outcome = drive::drive(&mut *reply, [stream], &mut KeepAll);
    assert_eq!(outcome.error, too_large);
    let limits = Limits {
        items: 0,
        ..Limits::default()
    };
    for name in ["text", "two_tools"] {
        let mut reply = D::stream(EVERYTHING, limits);
        let stream = recorded::<D>(name).as_bytes();
        let outcome = drive::drive(&mut *reply, [stream], &mut KeepAll);
        let too_many = ReplyError::TooManyItems { limit: 0 };
        assert_eq!(outcome.error, Some(too_many), "{name}");
    }
    let limits = Limits {
        whole: 300,
        ..Limits::default()
    };
    let mut reply = D::whole(EVERYTHING, limits);
    let outcome = drive::drive(&mut *reply, [&[b' '; 301][..]], &mut KeepAll);
    let too_large = ReplyError::ReplyTooLarge { limit: 300 };
    assert_eq!(outcome.error, Some(too_large));
    let small = Limits {
        frame: 100,
        ..Limits::default()
    };
    let mut reply = D::stream(EVERYTHING, small);
    let outcome = drive::drive(&mut *reply, [stream], &mut KeepAll);
    let too_large = ReplyError::FrameTooLarge { limit: 100 };
    assert_eq!(outcome.error, Some(too_large));
}

pub(crate) fn cut_whole<D: Dialect>() {
    for body in D::NO_REPLIES {
        let body = body.trim_end();
        let cut = &body.as_bytes()[..body.len() - 1];
        let outcome = drive::whole::<D>(cut, EVERYTHING, &mut KeepAll);
        assert!(matches!(outcome.error, Some(ReplyError::Malformed(_))));
    }
}

pub(crate) fn unanswered<D: Dialect>() {
    let mut reply = D::stream(EVERYTHING, Limits::default());
    reply.push(Bytes::from_static(recorded::<D>("text").as_bytes()));
    while !matches!(reply.next(), Step::Judge(_)) {}
    assert!(matches!(reply.next(), Step::Fail(ReplyError::Other(_))));
}
