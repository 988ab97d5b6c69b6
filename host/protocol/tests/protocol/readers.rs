//! Readers with the habits of real clients: what each of them finds in bytes.
//!
//! Shares no code with the crate. The habits are those of the providers' SDKs (Python and TypeScript), Vercel's `ai`,
//! go-openai, litellm, `eventsource-parser` and of programs that go through a stream line by line.

mod json;

pub(crate) use json::{Json, Keys};

/// A call as a client has it: the tool's name, and what is written as its arguments.
pub(crate) type Call = (String, String);

/// How a client reads a stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader {
    pub(crate) name: &'static str,
    lines: Lines,
    /// Whether white space around a line does not count.
    trims: bool,
    /// Whether each line of data is an event.
    by_line: bool,
    /// Whether a byte order mark is skipped.
    skips_mark: bool,
    pub(crate) keys: Keys,
    pub(crate) kind: Kind,
    pub(crate) input: Input,
    pub(crate) place: Place,
}

/// Where lines end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lines {
    /// CR, LF or both, as the WHATWG standard has it.
    Standard,
    /// LF.
    Feed,
    /// Where Unicode ends them: Python's `str.splitlines`.
    Unicode,
}

/// What tells the kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The event's name.
    Name,
    /// The `type` of its data.
    Type,
    /// The keys of its data: whatever is there is taken.
    Keys,
}

/// What a call's input is put together of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// The deltas, or what the start says where there are none.
    Deltas,
    /// What the start says, and the deltas behind it.
    Both,
}

/// Which block a delta is added to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The one at that position.
    Position,
    /// The latest with that index.
    Index,
    /// The latest.
    Latest,
}

const STANDARD: Reader = Reader {
    name: "an SDK that goes by names",
    lines: Lines::Standard,
    trims: false,
    by_line: false,
    skips_mark: false,
    keys: Keys::Last,
    kind: Kind::Name,
    input: Input::Deltas,
    place: Place::Position,
};

/// The habits that are tried.
pub(crate) const READERS: [Reader; 9] = [
    STANDARD,
    Reader {
        name: "an SDK that goes by types",
        skips_mark: true,
        kind: Kind::Type,
        ..STANDARD
    },
    Reader {
        name: "a parser of event sources",
        skips_mark: true,
        kind: Kind::Type,
        input: Input::Both,
        place: Place::Index,
        ..STANDARD
    },
    Reader {
        name: "lines where Unicode ends them",
        lines: Lines::Unicode,
        by_line: true,
        kind: Kind::Type,
        place: Place::Index,
        ..STANDARD
    },
    Reader {
        name: "lines where Unicode ends them, whatever the event",
        lines: Lines::Unicode,
        by_line: true,
        trims: true,
        kind: Kind::Keys,
        place: Place::Latest,
        ..STANDARD
    },
    Reader {
        name: "trimmed lines, and keys of any case",
        lines: Lines::Feed,
        trims: true,
        by_line: true,
        keys: Keys::Folded,
        kind: Kind::Type,
        input: Input::Both,
        place: Place::Index,
        ..STANDARD
    },
    Reader {
        name: "trimmed lines, keys of any case, whatever the event",
        lines: Lines::Feed,
        trims: true,
        by_line: true,
        keys: Keys::Folded,
        kind: Kind::Keys,
        ..STANDARD
    },
    Reader {
        name: "the first of equal keys",
        skips_mark: true,
        keys: Keys::First,
        kind: Kind::Type,
        ..STANDARD
    },
    Reader {
        name: "the first of equal keys, whatever the event",
        keys: Keys::First,
        kind: Kind::Keys,
        input: Input::Both,
        place: Place::Latest,
        ..STANDARD
    },
];

impl Reader {
    /// The names and data of the events in a stream. One that no blank line ends is none, but to a client that goes by lines.
    pub(crate) fn events(&self, bytes: &[u8]) -> Vec<(String, Json)> {
        let text = String::from_utf8_lossy(bytes);
        let text = match text.strip_prefix('\u{feff}') {
            Some(rest) if self.skips_mark => rest,
            _ => &text,
        };
        let mut events = Vec::new();
        let (mut name, mut data) = (String::new(), Vec::new());
        for line in self.lines(text) {
            let line = if self.trims { line.trim() } else { line };
            if line.is_empty() {
                if !data.is_empty() {
                    events.push((std::mem::take(&mut name), data.join("\n")));
                }
                data.clear();
                name.clear();
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => value.clone_into(&mut name),
                "data" if self.by_line => events.push((name.clone(), value.trim().to_owned())),
                "data" => data.push(value),
                _ => {}
            }
        }
        let events = events.into_iter();
        let parsed = events.filter_map(|(name, data)| Some((name, Json::parse(&data)?)));
        parsed.collect()
    }

    fn lines<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let ends = |letter: char| match self.lines {
            Lines::Standard => matches!(letter, '\n' | '\r'),
            Lines::Feed => letter == '\n',
            Lines::Unicode => matches!(
                letter,
                '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'
                    ..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
            ),
        };
        let mut lines = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(ends) {
            lines.push(&rest[..at]);
            let both = rest[at..].starts_with("\r\n") && self.lines != Lines::Feed;
            let length = rest[at..].chars().next().map_or(1, char::len_utf8);
            rest = &rest[at + if both { 2 } else { length }..];
        }
        lines.push(rest);
        lines
    }
}
