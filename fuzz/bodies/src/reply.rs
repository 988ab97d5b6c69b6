//! Invariants of replies.

use bytes::Bytes;
use sluice_protocol::{
    Api, Delivery, Limits, Reply, ReplyError, Wants,
    sse::{Decoder, Frame},
};

use crate::{
    calls,
    choices::Choices,
    drive::{Judge, Outcome, drive},
};

const EVERYTHING: Wants = Wants {
    text: Delivery::Whole,
    thinking: Delivery::Whole,
    tool_call: Delivery::Whole,
    other: Delivery::Whole,
    end: true,
    redo: false,
};

/// A reply of upstream in one of the forms of its dialect.
#[derive(Clone, Copy)]
struct Upstream<'a> {
    api: Api,
    data: &'a [u8],
    streamed: bool,
}

/// Panics if an invariant is broken.
pub(crate) fn check(api: Api, data: &[u8]) {
    let (data, mut choices) = Choices::split(data);
    let upstream = Upstream {
        api,
        data,
        streamed: !data.trim_ascii_start().starts_with(b"{"),
    };
    let chosen = choices.wants();
    let size = 1 + choices.below(64);
    for wants in [Wants::NOTHING, EVERYTHING, chosen] {
        upstream.leaves_as_it_came(wants);
    }
    upstream.is_the_same_in_pieces(chosen, size, &Judge::Chosen(choices));
    upstream.need_not_be_read(chosen, size, &Judge::Chosen(choices));
    upstream.leaks_no_tool_call(chosen, &Judge::NoToolCalls);
    upstream.leaks_no_tool_call(chosen, &Judge::Chosen(choices));
    upstream.holds_no_more_than(64 * size);
}

impl Upstream<'_> {
    fn reply(&self, wants: Wants, limits: Limits) -> Box<dyn Reply> {
        let reply = if self.streamed {
            self.api.stream(wants, limits)
        } else {
            self.api.whole(wants, limits)
        };
        reply.expect("the API has replies with blocks")
    }

    fn drive(&self, wants: Wants, size: usize, judge: &Judge<'_>) -> Outcome {
        let mut reply = self.reply(wants, Limits::default());
        drive(&mut *reply, self.data, size, judge)
    }

    /// Checks that unchanged content is sent byte for byte, until the reply ends or can't go on.
    fn leaves_as_it_came(&self, wants: Wants) {
        let Outcome { sent, error, .. } = self.drive(wants, self.data.len(), &Judge::KeepAll);
        if sent == self.data {
            return;
        }
        let failed = error.is_some();
        if self.api != Api::OpenaiEmbeddings && wants != Wants::NOTHING {
            return self.is_plain_once_sent(wants, &sent, failed);
        }
        if self.data.starts_with(&sent) {
            assert!(failed || self.ends(&sent), "{wants:?} sends a part only");
            return;
        }
        // Of a frame that says more than an error, the rest goes out, with numbers that leave no gap.
        assert!(self.tells_of_an_error(&sent), "{wants:?} changes bytes");
    }

    /// Whether a stream may end with an error of upstream's, which discards what is held.
    fn tells_of_an_error(&self, sent: &[u8]) -> bool {
        let says = |word: &[u8]| sent.windows(word.len()).any(|said| said == word);
        self.streamed && (says(b"error") || says(b"failed"))
    }

    /// Checks that what is written anew is plain: policies that see it again leave every byte of it.
    fn is_plain_once_sent(&self, wants: Wants, sent: &[u8], failed: bool) {
        // A text of Chat Completions is over once a call begins. Where that was left out, an error discards the text.
        if failed || (self.api == Api::OpenaiChat && self.tells_of_an_error(sent)) {
            return;
        }
        let again = Upstream {
            data: sent,
            ..*self
        };
        let again = again.drive(wants, sent.len(), &Judge::KeepAll);
        assert_eq!(again.error, None, "{wants:?} sends what it can't read");
        assert_eq!(
            String::from_utf8_lossy(&again.sent),
            String::from_utf8_lossy(sent),
            "{wants:?} writes what is not plain"
        );
    }

    /// Whether the sent bytes contain something that may end a stream.
    fn ends(&self, sent: &[u8]) -> bool {
        let words: &[&str] = match self.api {
            Api::Anthropic => &["message_stop", "error"],
            Api::OpenaiChat => &["[DONE]", "error"],
            _ => &["completed", "incomplete", "failed", "error"],
        };
        let frames = frames(sent);
        let said = |frame: &Frame| {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            let said = text(frame.event()) + &text(frame.data());
            // A name may be written with escapes.
            said.contains("\\u") || words.iter().any(|word| said.contains(word))
        };
        self.streamed && frames.iter().any(said)
    }

    fn is_the_same_in_pieces(&self, wants: Wants, size: usize, judge: &Judge<'_>) {
        let at_once = self.drive(wants, self.data.len(), judge);
        for size in [1, size] {
            let in_pieces = self.drive(wants, size, judge);
            assert_eq!(in_pieces, at_once, "{wants:?} in pieces of {size}");
        }
    }

    /// Checks that skipping the parse of a frame that is like the one before it has no visible
    /// effect.
    fn need_not_be_read(&self, wants: Wants, size: usize, judge: &Judge<'_>) {
        for wants in [Wants::NOTHING, wants] {
            let Some(mut reading) = self.reading_each_frame(wants) else {
                return;
            };
            let read = drive(&mut *reading, self.data, size, judge);
            assert_eq!(self.drive(wants, size, judge), read, "{wants:?}");
        }
    }

    fn reading_each_frame(&self, wants: Wants) -> Option<Box<dyn Reply>> {
        let limits = Limits::default();
        match self.streamed {
            true => self.api.stream_reading_each_frame(wants, limits),
            false => None,
        }
    }

    /// Checks that only tool calls that a policy kept or made reach the caller.
    fn leaks_no_tool_call(&self, wants: Wants, judge: &Judge<'_>) {
        let wants = Wants {
            tool_call: Delivery::Whole,
            ..wants
        };
        let outcome = self.drive(wants, self.data.len(), judge);
        let received = outcome.received();
        let mut names = calls::names(self.api, &received).into_iter();
        let leaked = names.find(|name| !outcome.allowed.contains(name));
        let text = String::from_utf8_lossy(&received);
        assert_eq!(leaked, None, "{wants:?} {judge:?} lets it out: {text}");
    }

    fn holds_no_more_than(&self, held: usize) {
        let limits = Limits {
            held,
            ..Limits::default()
        };
        let mut reply = self.reply(EVERYTHING, limits);
        let outcome = drive(&mut *reply, self.data, 64, &Judge::KeepAll);
        if let Some(ReplyError::HeldTooLarge { limit }) = outcome.error {
            assert_eq!(limit, held);
        } else if outcome.error.is_none() && !self.streamed {
            assert!(self.data.len() <= held, "a whole reply is held as a whole");
        }
    }
}

fn frames(data: &[u8]) -> Vec<Frame> {
    let mut decoder = Decoder::new(data.len());
    decoder.push(Bytes::copy_from_slice(data));
    decoder.end();
    let frames = std::iter::from_fn(|| decoder.next_frame().ok().flatten());
    let mut frames: Vec<Frame> = frames.collect();
    frames.extend(decoder.tail());
    frames
}
