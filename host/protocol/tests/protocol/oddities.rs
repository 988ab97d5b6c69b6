//! Streams that are a little or very much other than the API writes them, and what clients find in what goes out of them.

use proptest::{prelude::*, sample::Index};
use sluice_protocol::{Block, Delivery, Ruling, Wants};

use crate::{
    dialect::Dialect,
    drive::{self, Judge},
    generate::{MARK, Upstream},
    properties::Holds,
    readers::{Call, Json, READERS, Reader},
};

/// Something that is done to a frame.
#[derive(Clone, Debug)]
pub(crate) struct Oddity {
    frame: Index,
    other: Index,
    place: Index,
    how: usize,
}

pub(crate) fn oddities() -> impl Strategy<Value = Vec<Oddity>> {
    let one = (
        any::<Index>(),
        any::<Index>(),
        any::<Index>(),
        0..WAYS.len(),
    );
    let one = one.prop_map(|(frame, other, place, how)| Oddity {
        frame,
        other,
        place,
        how,
    });
    prop::collection::vec(one, 1..5)
}

/// A frame, another one of the same stream, and where it is to be done.
type Way = fn(&str, &str, &Index) -> String;

const WAYS: [Way; 22] = [
    |frame, _, _| frame.replacen("event: ", "x: ", 1),
    |frame, _, _| frame.replacen("event: ", "event: x", 1),
    |frame, _, _| format!("event: ping\n{frame}"),
    |frame, _, _| format!("event: error\n{frame}"),
    |frame, _, _| frame.replacen("data: ", " data: ", 1),
    |frame, _, _| frame.replacen("data: ", "Data: ", 1),
    |frame, _, _| frame.replacen("data: ", "data:\t", 1),
    |frame, _, _| frame.replacen(',', ",\ndata: ", 1),
    |frame, _, _| frame.replace('\n', "\r"),
    |frame, _, _| format!("\u{feff}{frame}"),
    |frame, _, _| format!(": x\u{2028}{frame}"),
    |frame, other, _| {
        frame.replacen(
            '{',
            &format!("{{\"x\":\"\u{85}data: {}\u{85}\",", data(other)),
            1,
        )
    },
    |frame, other, _| {
        frame.replacen(
            '{',
            &format!("{{\"x\":\"\u{b}data: {}\u{b}\",", data(other)),
            1,
        )
    },
    // What another frame says, in this one too: ahead of its own, or behind.
    |frame, other, _| frame.replacen('{', &format!("{{{},", inner(other)), 1),
    |frame, other, _| joined(frame, inner(other)),
    |frame, other, _| joined(frame, &inner(other).to_uppercase()),
    |frame, _, place| at_a_key(frame, place, str::to_uppercase),
    |frame, _, place| at_a_key(frame, place, |key| key.replacen('e', "\\u0065", 1)),
    |frame, _, place| {
        at_a_key(frame, place, |key| {
            key.replacen('k', "\u{212a}", 1).replacen('s', "\u{17f}", 1)
        })
    },
    // Another kind of value.
    |frame, _, place| {
        at_a_string(frame, place, |string| {
            format!("[{{\"type\":\"text\",\"text\":{string}}}]")
        })
    },
    |frame, other, _| format!("{other}{frame}"),
    |frame, _, _| frame.replacen(":0,", ":1,", 1),
];

fn data(frame: &str) -> &str {
    let data = frame.split_once("data:").map_or("{}", |(_, data)| data);
    data.trim()
}

fn inner(frame: &str) -> &str {
    let data = data(frame);
    let inner = data
        .strip_prefix('{')
        .and_then(|data| data.strip_suffix('}'));
    inner.filter(|inner| !inner.is_empty()).unwrap_or("\"x\":1")
}

fn joined(frame: &str, more: &str) -> String {
    match frame.rsplit_once('}') {
        Some((front, end)) => format!("{front},{more}}}{end}"),
        None => frame.to_owned(),
    }
}

/// The strings of a frame, with their quotes.
fn strings(frame: &str) -> Vec<std::ops::Range<usize>> {
    let mut strings = Vec::new();
    let mut start = None;
    let mut escaped = false;
    for (at, byte) in frame.bytes().enumerate() {
        match (byte, start) {
            _ if escaped => escaped = false,
            (b'\\', Some(_)) => escaped = true,
            (b'"', None) => start = Some(at),
            (b'"', Some(from)) => {
                strings.push(from..at + 1);
                start = None;
            }
            _ => {}
        }
    }
    strings
}

fn at_a_key(frame: &str, place: &Index, change: fn(&str) -> String) -> String {
    change_one(frame, place, true, change)
}

fn at_a_string(frame: &str, place: &Index, change: fn(&str) -> String) -> String {
    change_one(frame, place, false, change)
}

fn change_one(frame: &str, place: &Index, is_key: bool, change: fn(&str) -> String) -> String {
    let mut places = strings(frame);
    places.retain(|place| frame[place.end..].trim_start().starts_with(':') == is_key);
    if places.is_empty() {
        return frame.to_owned();
    }
    let place = places[place.index(places.len())].clone();
    let changed = change(&frame[place.clone()]);
    format!("{}{changed}{}", &frame[..place.start], &frame[place.end..])
}

/// Keeps every second call and drops the others.
#[derive(Default)]
pub(crate) struct EverySecond {
    calls: usize,
    kept: Vec<Call>,
}

impl EverySecond {
    /// What a client may find, of a reply that an error may have ended.
    pub(crate) fn kept(self, is_cut: bool) -> Kept {
        Kept {
            calls: self.kept,
            is_cut,
        }
    }
}

/// What a client may find.
pub(crate) struct Kept {
    calls: Vec<Call>,
    /// Whether an error ended the reply, so that the last of them may be cut off. Nobody runs those.
    is_cut: bool,
}

impl Kept {
    fn has(&self, name: &str, arguments: &str) -> bool {
        self.calls.iter().any(|(kept, said)| {
            let is_cut = self.is_cut && raw(said).starts_with(arguments);
            kept == name && (is_cut || plain(said) == plain(arguments))
        })
    }
}

impl Judge for EverySecond {
    fn block(&mut self, block: &Block) -> Ruling {
        let Block::ToolCall(call) = block else {
            return Ruling::Keep;
        };
        self.calls += 1;
        if self.calls.is_multiple_of(2) {
            self.kept.push((call.name.clone(), call.arguments.clone()));
            return Ruling::Keep;
        }
        Ruling::Drop {
            notice: "[no]".to_owned(),
        }
    }
}

/// Arguments as upstream wrote them: policies see what is no object as a string.
fn raw(arguments: &str) -> String {
    match Json::parse(arguments) {
        Some(Json::String(raw)) => raw,
        _ => arguments.to_owned(),
    }
}

/// Arguments without what may differ in writing them.
fn plain(arguments: &str) -> String {
    match Json::parse(arguments) {
        Some(Json::String(raw)) if raw.trim().is_empty() => "{}".to_owned(),
        Some(Json::String(raw)) => Json::parse(&raw).map_or(raw, |json| json.written()),
        Some(json) => json.written(),
        // Servers leave them empty where there are none.
        None if arguments.trim().is_empty() => "{}".to_owned(),
        None => arguments.to_owned(),
    }
}

/// No client finds a call that was not judged, or one that was dropped, or one with other arguments.
pub(crate) fn judged_is_read<D: Dialect>(
    upstream: &Upstream,
    mut wants: Wants,
    oddities: &[Oddity],
) -> Holds {
    wants.tool_call = Delivery::Whole;
    let stream = odd(&upstream.stream, oddities);
    let mut judge = EverySecond::default();
    let outcome = drive::stream::<D>([stream.as_bytes()], wants, &mut judge);
    let kept = judge.kept(outcome.error.is_some());
    for reader in READERS {
        no_other(
            &kept,
            D::calls(&outcome.sent, &reader),
            &reader,
            &outcome.sent,
            &stream,
        )?;
    }
    let mut whole = upstream.whole.clone();
    for oddity in oddities {
        whole = odd_body(&whole, oddity);
    }
    let mut judge = EverySecond::default();
    let outcome = drive::whole::<D>(whole.as_bytes(), wants, &mut judge);
    let kept = judge.kept(false);
    let sent = String::from_utf8_lossy(&outcome.sent);
    for body in [&*sent, sent.trim_start_matches('\u{feff}')] {
        let Some(body) = Json::parse(body) else {
            continue;
        };
        for reader in READERS {
            let calls = D::calls_of_whole(&body, &reader);
            no_other(&kept, calls, &reader, &outcome.sent, &whole)?;
        }
    }
    Ok(())
}

/// A stream with something done to its frames.
pub(crate) fn odd(stream: &str, oddities: &[Oddity]) -> String {
    let frames = stream.split_inclusive("\n\n");
    let mut frames: Vec<String> = frames.map(str::to_owned).collect();
    for oddity in oddities {
        let other = frames[oddity.other.index(frames.len())].clone();
        let at = oddity.frame.index(frames.len());
        frames[at] = WAYS[oddity.how](&frames[at], &other, &oddity.place);
    }
    frames.concat()
}

/// A body with something done to it: a key or a string changed, or all that it says once more under keys of another case.
fn odd_body(body: &str, oddity: &Oddity) -> String {
    let place = &oddity.place;
    match oddity.how % 6 {
        0 => at_a_key(body, place, str::to_uppercase),
        1 => at_a_key(body, place, |key| key.replacen('e', "\\u0065", 1)),
        2 => at_a_key(body, place, |key| {
            key.replacen('t', "T", 1).replacen('s', "\u{17f}", 1)
        }),
        3 => at_a_string(body, place, |string| format!("[{string}]")),
        4 => at_a_key(body, place, |key| format!("{key}:null,{key}")),
        _ => format!(
            "\u{feff}{}",
            at_a_key(body, place, |key| format!("{}:1,{key}", key.to_uppercase()))
        ),
    }
}

/// The calls that a client found are among those that were kept.
pub(crate) fn no_other(
    kept: &Kept,
    found: Vec<Call>,
    reader: &Reader,
    sent: &[u8],
    upstream: &str,
) -> Holds {
    for (name, arguments) in found {
        if !name.contains(MARK) && !arguments.contains("command") {
            continue;
        }
        prop_assert!(
            kept.has(&name, &arguments),
            "{:?} is read by {}, not judged or not kept, in\n{}\nof\n{}",
            (name, arguments),
            reader.name,
            String::from_utf8_lossy(sent),
            upstream
        );
    }
    Ok(())
}
