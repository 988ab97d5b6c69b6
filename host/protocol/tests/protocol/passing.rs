//! Replies that nobody reads: all of their bytes pass, and a bounded part of them is kept.

use bytes::{Buf as _, Bytes, BytesMut};
use proptest::{prelude::*, sample::Index};
use sluice_protocol::{Limits, Reply, ReplyError, Step, Wants, sse::Decoder};

use crate::{
    anthropic::Anthropic,
    dialect::{Dialect, recorded},
    drive::{self, End, KeepAll},
    generate::Upstream,
    openai_chat::OpenaiChat,
    openai_responses::OpenaiResponses,
    properties::{Holds, cut, received},
};

/// The size of what is large here, and of a read of upstream's bytes.
const LARGE: usize = 200 << 20;
const READ: usize = 16 << 10;
/// The most that waits of a frame.
const KEPT: usize = 64 << 10;

/// A frame that is no dialect's, without its end.
const UNKNOWN: &str = "event: x\ndata: {\"type\":\"x\",\"value\":\"";

/// A reply of which is known what came and did not go out.
struct Passage {
    reply: Box<dyn Reply>,
    kept: BytesMut,
    /// The most of it, whenever more was asked for.
    most: usize,
}

impl Passage {
    fn stream<D: Dialect>() -> Self {
        Self::of(D::stream(Wants::NOTHING, Limits::default()))
    }

    fn of(reply: Box<dyn Reply>) -> Self {
        Self {
            reply,
            kept: BytesMut::new(),
            most: 0,
        }
    }

    /// These bytes come. Returns what is to be done when as much of them went out as can.
    fn pass(&mut self, bytes: &str) -> Step {
        let mut step = Step::More;
        for read in bytes.as_bytes().chunks(READ) {
            self.kept.extend_from_slice(read);
            self.reply.push(Bytes::copy_from_slice(read));
            step = self.next();
            self.most = self.most.max(self.kept.len());
        }
        step
    }

    /// So many bytes come within a text.
    fn pass_text(&mut self, length: usize) {
        let read = "x".repeat(READ);
        for _ in 0..length / READ {
            assert_eq!(self.pass(&read), Step::More);
        }
    }

    fn next(&mut self) -> Step {
        loop {
            match self.reply.next() {
                Step::Send(sent) => {
                    assert!(self.kept.starts_with(&sent), "other bytes go out than came");
                    self.kept.advance(sent.len());
                }
                step => return step,
            }
        }
    }

    fn end(&mut self) -> Step {
        self.reply.end();
        self.next()
    }

    fn break_off(&mut self) -> Step {
        self.reply.break_off();
        self.next()
    }

    fn fail(&mut self) -> Option<Bytes> {
        self.reply.fail(&ReplyError::Idle { seconds: 1 })
    }
}

fn truncated() -> Step {
    Step::Fail(ReplyError::Truncated)
}

/// A stream and its last frame that is JSON, with what comes behind it.
fn parted<D: Dialect>() -> (&'static str, &'static str, &'static str) {
    let stream = recorded::<D>("text");
    let end = stream.rfind("}\n\n").unwrap();
    let start = stream[..end].rfind("\n\n").unwrap() + 2;
    (&stream[..start], &stream[start..end], &stream[end..])
}

pub(crate) fn large_frames<D: Dialect>() {
    let (before, last, behind) = parted::<D>();
    let mut passage = Passage::stream::<D>();
    assert_eq!(passage.pass(before), Step::More);
    passage.pass(UNKNOWN);
    passage.pass_text(LARGE);
    assert_eq!(passage.pass("\"}\n\n"), Step::More);
    // The frame that ends a reply may be large itself.
    passage.pass(last);
    passage.pass(",\"padding\":\"");
    passage.pass_text(LARGE / 100);
    passage.pass("\"");
    assert_eq!(passage.pass(behind), Step::More);
    assert_eq!(passage.fail(), Some(Bytes::new()), "it has ended");
    assert!(passage.kept.is_empty());
    assert!(passage.most <= KEPT, "{} bytes wait", passage.most);

    let mut passage = Passage::stream::<D>();
    for _ in 0..LARGE / 100 / (before.len() + 1) {
        assert_eq!(passage.pass(before), Step::More);
    }
    assert_eq!(passage.pass(&format!("{last}{behind}")), Step::More);
    assert_eq!(passage.end(), Step::Done);
    assert!(passage.most <= READ, "{} bytes wait", passage.most);
}

pub(crate) fn bodies<D: Dialect>() {
    let body = || Passage::of(D::whole(Wants::NOTHING, Limits::default()));
    let mut passage = body();
    passage.pass("{\"text\":\"");
    passage.pass_text(LARGE);
    assert_eq!(passage.pass("\"}"), Step::More);
    assert_eq!((passage.most, passage.end()), (0, Step::Done));
    assert_eq!(passage.fail(), Some(Bytes::new()));

    for contents in ["", "\n\n", "no JSON", "{\"cut\":", "\u{feff}[]"] {
        let mut passage = body();
        passage.pass(contents);
        assert_eq!(passage.end(), Step::Done, "{contents}");
        let mut passage = body();
        passage.pass(contents);
        assert_eq!(passage.break_off(), truncated());
        assert_eq!(passage.fail(), None, "{contents}");
        assert_eq!(passage.reply.next(), Step::Done);
    }
    let mut silent = body();
    silent.pass("{");
    assert_eq!(silent.fail(), None);
}

pub(crate) fn within_a_frame<D: Dialect>() {
    let (before, last, behind) = parted::<D>();
    // A small part of a frame waits, and is thrown away.
    let mut passage = Passage::stream::<D>();
    passage.pass(before);
    assert_eq!(passage.pass(UNKNOWN), Step::More);
    assert_eq!(passage.kept.len(), UNKNOWN.len());
    let legal = |ending: Option<Bytes>, sent: &[u8]| {
        let received = D::receive(&[sent, &ending.unwrap()].concat()).unwrap();
        assert!(received.failed);
    };
    legal(passage.fail(), before.as_bytes());
    assert_eq!(passage.reply.next(), Step::Done);

    for (start, is_last) in [(UNKNOWN, false), (last, true)] {
        let large = || {
            let mut passage = Passage::stream::<D>();
            passage.pass(before);
            passage.pass(start);
            passage.pass(if is_last { ",\"padding\":\"" } else { "" });
            passage.pass_text(2 * KEPT);
            assert!(passage.kept.is_empty());
            passage
        };
        assert_eq!(large().fail(), None);
        for end in [Passage::end, Passage::break_off] {
            let mut passage = large();
            assert_eq!(end(&mut passage), truncated());
            assert_eq!(passage.fail(), None);
            assert_eq!(passage.reply.next(), Step::Done);
        }
        // A blank line ends it, however lines end, and the stream goes on behind it.
        for blank in ["\n\n", "\r\n\r\n", "\r\r", "\r\n\r"] {
            for size in [1, 2, 4] {
                let mut passage = large();
                let end = format!("\"}}{blank}");
                for piece in end.as_bytes().chunks(size) {
                    assert_eq!(passage.pass(str::from_utf8(piece).unwrap()), Step::More);
                }
                let ending = passage.fail();
                match is_last && behind == "}\n\n" {
                    true => assert_eq!(ending, Some(Bytes::new()), "{blank:?}"),
                    false => legal(ending, format!("{before}: large\n\n").as_bytes()),
                }
            }
        }
        let mut passage = large();
        passage.pass("\"}\n");
        assert_eq!(passage.fail(), None, "the blank line is missing");
    }
}

pub(crate) fn unknown_end<D: Dialect>() {
    let stream = recorded::<D>("text");
    let first = &stream[..stream.find("\n\n").unwrap() + 2];
    let unknown = || {
        let mut passage = Passage::stream::<D>();
        passage.pass(first);
        passage.pass("data: {\"value\":\"");
        passage.pass_text(2 * KEPT);
        passage.pass("\",\"type\":\"?\"}\n\n");
        passage
    };
    assert_eq!(unknown().end(), Step::Done);
    assert_eq!(unknown().break_off(), truncated());
    // Behind it comes something else that is cut off.
    let mut passage = unknown();
    passage.pass("data: {");
    assert_eq!(passage.end(), truncated());
    assert!(!passage.fail().unwrap().is_empty());
}

fn keeping(frame: usize) -> Limits {
    Limits {
        frame,
        ..Limits::default()
    }
}

pub(crate) fn any_split<D: Dialect>(upstream: &Upstream, kept: usize, cuts: &[Index]) -> Holds {
    let bytes = upstream.stream.as_bytes();
    let splits = [cut(&upstream.stream, cuts), bytes.chunks(1).collect()];
    for pieces in splits {
        let mut reply = D::stream(Wants::NOTHING, keeping(kept));
        let outcome = drive::drive(&mut *reply, pieces, &mut KeepAll);
        prop_assert_eq!(&outcome.error, &None);
        prop_assert_eq!(String::from_utf8_lossy(&outcome.sent), &*upstream.stream);
    }
    Ok(())
}

pub(crate) fn cut_short<D: Dialect>(upstream: &Upstream, kept: usize, at: Index) -> Holds {
    let bytes = &upstream.stream.as_bytes()[..at.index(upstream.stream.len())];
    let frames = upstream.stream.split_inclusive("\n\n");
    let longest = frames.map(str::len).max().unwrap_or(0);
    for pieces in [vec![bytes], bytes.chunks(1).collect()] {
        let mut reply = D::stream(Wants::NOTHING, keeping(kept));
        let outcome = drive::drive_to(&mut *reply, pieces, End::BrokenOff, &mut KeepAll);
        let Some(error) = outcome.error else {
            prop_assert_eq!(outcome.sent, bytes);
            continue;
        };
        prop_assert_eq!(error, ReplyError::Truncated);
        if outcome.is_cut {
            prop_assert!(bytes == &outcome.sent[..], "all that came went out");
            prop_assert!(ends_within_a_frame(bytes));
            continue;
        }
        let passed = bytes.iter().zip(&outcome.sent);
        let passed = passed.take_while(|(came, sent)| came == sent).count();
        // The ending may begin as what came and is thrown away does.
        let mut passed = (0..=passed).rev().map(|passed| &bytes[..passed]);
        let frames = passed.find(|passed| !ends_within_a_frame(passed)).unwrap();
        prop_assert!(bytes.len() - frames.len() <= kept.max(1));
        prop_assert!(outcome.sent.len() > frames.len());
        // Of the beginning of a frame its number may be missing.
        if longest <= kept {
            prop_assert!(received::<D>(&outcome.sent)?.failed);
        }
    }
    Ok(())
}

fn ends_within_a_frame(bytes: &[u8]) -> bool {
    let mut decoder = Decoder::new(usize::MAX);
    decoder.push(Bytes::copy_from_slice(bytes));
    decoder.end();
    while let Ok(Some(_)) = decoder.next_frame() {}
    decoder.tail().is_some()
}

/// Whether a reply is complete that breaks off behind a large frame that begins like this.
fn is_complete<D: Dialect>(beginning: &str) -> bool {
    let mut passage = Passage::stream::<D>();
    passage.pass(beginning);
    passage.pass_text(2 * KEPT);
    assert_eq!(passage.pass("\n\n"), Step::More);
    passage.break_off() == Step::Done
}

#[test]
fn the_beginning_of_a_large_frame_says_whether_it_is_the_last() {
    let messages: [(&str, bool); 7] = [
        ("event: message_stop\ndata: {\"value\":\"", true),
        ("data: {\"type\":\"message_stop\",\"value\":\"", true),
        ("event: error\ndata: {\"type\":\"x\",\"value\":\"", true),
        ("data: {\"type\":\"error\",\"value\":\"", true),
        // Behind the stop reason some servers send nothing.
        ("event: message_delta\ndata: {\"value\":\"", true),
        ("event: content_block_start\ndata: {\"value\":\"", false),
        (
            "data: {\"value\":{\"type\":\"message_stop\"},\"x\":\"",
            false,
        ),
    ];
    for (beginning, expected) in messages {
        assert_eq!(is_complete::<Anthropic>(beginning), expected, "{beginning}");
    }
    let chunks = [
        ("data: [DONE]", true),
        ("event: error\ndata: {\"value\":\"", true),
        (
            "data: {\"choices\":[{\"finish_reason\":\"stop\",\"x\":\"",
            false,
        ),
    ];
    for (beginning, expected) in chunks {
        assert_eq!(
            is_complete::<OpenaiChat>(beginning),
            expected,
            "{beginning}"
        );
    }
    let events = [
        ("event: response.completed\ndata: {\"response\":\"", true),
        ("data: {\"type\":\"response.incomplete\",\"value\":\"", true),
        ("data: {\"type\":\"response.failed\",\"value\":\"", true),
        ("event: error\ndata: {\"value\":\"", true),
        ("event: response.created\ndata: {\"response\":\"", false),
    ];
    for (beginning, expected) in events {
        assert_eq!(
            is_complete::<OpenaiResponses>(beginning),
            expected,
            "{beginning}"
        );
    }
}

#[test]
fn a_large_comment_is_not_taken_for_the_end() {
    let mut passage = Passage::stream::<OpenaiChat>();
    passage.pass(": ");
    passage.pass_text(2 * KEPT);
    // A line ends it.
    assert_eq!(passage.pass("\n"), Step::More);
    assert!(!passage.fail().unwrap().is_empty());
    let mut passage = Passage::stream::<OpenaiChat>();
    passage.pass(": ");
    passage.pass_text(2 * KEPT);
    passage.pass("\ndata: [DONE]\n\n");
    assert_eq!(passage.end(), Step::Done);
    let mut passage = Passage::stream::<OpenaiChat>();
    passage.pass(": ");
    passage.pass_text(2 * KEPT);
    passage.pass("\n\n");
    assert_eq!(passage.end(), truncated());
}
