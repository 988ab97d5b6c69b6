//! Frames that are like the one before them: that they need not be read shows in nothing.

use bytes::Bytes;
use proptest::{prelude::*, sample::Index};
use sluice_protocol::{Limits, Step, Wants};

use crate::{
    dialect::Dialect,
    drive::{self, Judge, Outcome},
    generate::{Script, Upstream},
    properties::Holds,
};

/// A frame that comes again and again, each time a little different.
#[derive(Clone, Debug)]
pub(crate) struct Repeat {
    frame: Index,
    twists: Vec<Twist>,
}

/// What is different in a frame.
#[derive(Clone, Debug)]
enum Twist {
    Nothing,
    /// Behind the quote that begins a text, or behind any quote.
    Say(Option<Index>, &'static str),
    /// Another digit, in the place of any.
    Count(Index, u8),
    Flip(Index, u8),
    Remove(Index),
    Cut(Index),
}

/// What texts begin with, or end with.
const SAID: [&str; 22] = [
    "x",
    " two words",
    "\\n",
    "\\\"",
    "\\u00e9",
    "\\ud83d",
    "\\x",
    "\\",
    "\"",
    "é",
    "\u{7f}",
    "\t",
    "\n",
    "\r",
    "role",
    "\"role\"",
    "sequence_number",
    "[DONE]",
    "\",\"x\":\"",
    "\"},\"x\":{\"",
    "as long as a block of the reader that goes by blocks, or even longer than that one",
    "\\\\as long as a block of the reader that goes by blocks, with escapes in it\\t\\\\\\\"",
];

/// The keys of texts that come in pieces.
const KEYS: [&str; 8] = [
    "\"content\":\"",
    "\"text\":\"",
    "\"thinking\":\"",
    "\"reasoning_content\":\"",
    "\"partial_json\":\"",
    "\"arguments\":\"",
    "\"delta\":\"",
    "\"obfuscation\":\"",
];

pub(crate) fn repeats() -> impl Strategy<Value = Vec<Repeat>> {
    let at = any::<Index>;
    let said = || prop::sample::select(&SAID[..]);
    let twist = prop_oneof![
        3 => Just(Twist::Nothing),
        8 => said().prop_map(|said| Twist::Say(None, said)),
        2 => (at(), said()).prop_map(|(at, said)| Twist::Say(Some(at), said)),
        2 => (at(), b'0'..=b'9').prop_map(|(at, digit)| Twist::Count(at, digit)),
        1 => (at(), any::<u8>()).prop_map(|(at, byte)| Twist::Flip(at, byte)),
        1 => at().prop_map(Twist::Remove),
        1 => at().prop_map(Twist::Cut),
    ];
    let repeat = (at(), prop::collection::vec(twist, 1..8));
    let repeat = repeat.prop_map(|(frame, twists)| Repeat { frame, twists });
    prop::collection::vec(repeat, 1..4)
}

/// Each frame is read, or those alone that are not like the one before: it comes to the same.
pub(crate) fn reading<D: Dialect>(
    upstream: &Upstream,
    wants: Wants,
    script: &Script,
    repeats: &[Repeat],
    limits: Limits,
    size: usize,
) -> Holds {
    same::<D>(
        upstream.stream.as_bytes(),
        wants,
        script,
        repeats,
        limits,
        size,
    )
}

/// The same of the streams that are recorded.
pub(crate) fn reading_recorded<D: Dialect>(
    stream: Index,
    wants: Wants,
    script: &Script,
    repeats: &[Repeat],
    limits: Limits,
    size: usize,
) -> Holds {
    let (_, stream) = D::STREAMS[stream.index(D::STREAMS.len())];
    same::<D>(stream.as_bytes(), wants, script, repeats, limits, size)
}

/// Limits that are met, some of the time.
pub(crate) fn limits() -> impl Strategy<Value = Limits> {
    let bytes = || prop_oneof![3 => Just(1 << 20), 1 => 100..3000_usize];
    (bytes(), bytes()).prop_map(|(frame, held)| Limits {
        frame,
        held,
        ..Limits::default()
    })
}

fn same<D: Dialect>(
    stream: &[u8],
    wants: Wants,
    script: &Script,
    repeats: &[Repeat],
    limits: Limits,
    size: usize,
) -> Holds {
    let stream = twisted(stream, repeats);
    let calls = Wants {
        tool_call: wants.tool_call,
        ..Wants::NOTHING
    };
    for wants in [wants, calls, Wants::NOTHING] {
        let mut reply = D::stream(wants, limits);
        let alike = drive::drive(&mut *reply, stream.chunks(size), &mut script.clone());
        let mut reply = D::stream_reading_each_frame(wants, limits);
        let read = drive::drive(&mut *reply, stream.chunks(size), &mut script.clone());
        let shown = String::from_utf8_lossy(&stream);
        prop_assert_eq!(alike, read, "{:?} of {}", wants, shown);
    }
    Ok(())
}

/// What comes of a stream, be it read frame by frame or not, whatever pieces it comes in.
pub(crate) fn either_way<D: Dialect>(
    stream: &str,
    wants: Wants,
    limits: Limits,
    judge: &mut dyn Judge,
) -> Outcome {
    let stream = stream.as_bytes();
    let mut reading = D::stream_reading_each_frame(wants, limits);
    let read = drive::drive(&mut *reading, [stream], judge);
    for size in [stream.len(), 1000, 7] {
        let mut reply = D::stream(wants, limits);
        let alike = drive::drive(&mut *reply, stream.chunks(size), judge);
        assert_eq!(alike, read, "{wants:?} in pieces of {size} bytes");
    }
    read
}

/// In how many pieces the middle of a stream goes out, of which all is there at once.
pub(crate) fn pieces_of_the_middle<D: Dialect>(
    start: &str,
    middle: &[String],
    wants: Wants,
) -> usize {
    let mut reply = D::stream(wants, Limits::default());
    reply.push(Bytes::from([start, &middle.concat()].concat()));
    let mut sent = 0;
    let mut pieces = 0;
    loop {
        match reply.next() {
            Step::Send(bytes) => {
                sent += bytes.len();
                pieces += usize::from(sent > start.len());
            }
            Step::More => break,
            step => assert!(matches!(step, Step::Observe(_)), "{step:?}"),
        }
    }
    assert_eq!(sent, start.len() + middle.concat().len());
    pieces
}

/// The stream with frames that come again.
fn twisted(stream: &[u8], repeats: &[Repeat]) -> Vec<u8> {
    let text = String::from_utf8_lossy(stream);
    let frames = text.split_inclusive("\n\n").map(str::as_bytes);
    let mut frames: Vec<Vec<u8>> = frames.map(<[u8]>::to_vec).collect();
    for Repeat { frame, twists } in repeats {
        let at = frame.index(frames.len());
        let more = twists.iter().map(|twist| frames[at].clone().twisted(twist));
        let more: Vec<Vec<u8>> = more.collect();
        frames.splice(at + 1..at + 1, more);
    }
    frames.concat()
}

trait Twisted {
    fn twisted(self, twist: &Twist) -> Self;
}

impl Twisted for Vec<u8> {
    fn twisted(mut self, twist: &Twist) -> Self {
        // A frame that was cut off may come again.
        if self.is_empty() {
            return self;
        }
        let places = |is: fn(&u8) -> bool| -> Vec<usize> {
            (0..self.len()).filter(|at| is(&self[*at])).collect()
        };
        let behind = |key: &str| {
            let at = self.windows(key.len()).position(|at| at == key.as_bytes());
            at.map(|at| at + key.len())
        };
        let pick = |places: &[usize], at: &Index| match places {
            [] => None,
            places => Some(places[at.index(places.len())]),
        };
        match twist {
            Twist::Nothing => {}
            Twist::Say(at, said) => {
                let quotes = places(|byte| *byte == b'"');
                let place = match at {
                    Some(at) => pick(&quotes, at).map(|at| at + 1),
                    None => KEYS.into_iter().find_map(behind),
                };
                if let Some(place) = place {
                    self.splice(place..place, said.bytes());
                }
            }
            Twist::Count(at, digit) => {
                if let Some(place) = pick(&places(u8::is_ascii_digit), at) {
                    self.splice(place..place, [*digit]);
                }
            }
            Twist::Flip(at, byte) => {
                let place = at.index(self.len());
                self[place] = *byte;
            }
            Twist::Remove(at) => drop(self.remove(at.index(self.len()))),
            Twist::Cut(at) => self.truncate(at.index(self.len())),
        }
        self
    }
}
