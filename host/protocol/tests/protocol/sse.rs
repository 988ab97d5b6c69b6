//! Server-sent events as a client reads them and as servers write them.

use std::fmt::Write as _;

use serde_json::Value;

use crate::generate::Dice;

/// The names and data of a stream's events. One that no blank line ends is none.
pub(crate) fn events(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(bytes)
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let mut events = Vec::new();
    let whole = text.rsplit_once("\n\n").map_or("", |(whole, _)| whole);
    for event in whole.trim_start_matches('\u{feff}').split("\n\n") {
        let field = |name: &str| -> Vec<&str> {
            let lines = event.lines().filter_map(|line| line.strip_prefix(name));
            lines
                .map(|value| value.strip_prefix(' ').unwrap_or(value))
                .collect()
        };
        let data = field("data:").join("\n");
        if !data.is_empty() {
            events.push((field("event:").concat(), data));
        }
    }
    events
}

/// Adds an event in one of the ways to write it. An empty name stands for none.
pub(crate) fn write(stream: &mut String, name: &str, data: &Value, dice: &mut Dice) {
    let line = |end: &str| match name {
        "" => String::new(),
        name => format!("event: {name}{end}"),
    };
    let written = match dice.roll(6) {
        0 => write!(stream, "{}data: {data}\r\n\r\n", line("\r\n")),
        1 => write!(stream, "{}data: {data}\n\n: note\n\n", line("\n")),
        2 => write!(stream, "id: 7\n{}data:{data}\n\n", line("\n")),
        _ => write!(stream, "{}data: {data}\n\n", line("\n")),
    };
    written.unwrap();
}
